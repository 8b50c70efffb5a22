// Package wording reads what a colleague is about to say to a customer: which
// promises are in it, and what the brand would rather not say. It is pure, knows
// English, French and German, and only ever proposes or warns: colleagues decide.
//
// It imports policy and mask; casework imports it.
package wording

import (
	"strings"

	"ines/shared/pattern"
)

var (
	fullStop = pattern.Late{Expr: `[.!?…]+(?:\s+|$)|\n+`}
	// Points that end no sentence: 5 p.m., 17.30, z. B.
	inside = pattern.Late{Expr: `(?i)(?:\b[ap]\.\s?m\.|\bno\.|\bz\. ?b\.|\bca\.|\bu\. ?a\.|\bst\.|\bm\.|\bmme\.)\s*$`}
)

// sentences cuts a text where one ends, and keeps what it ends with.
func sentences(text string) []string {
	var all []string
	from := 0
	for _, at := range fullStop.FindAllStringIndex(text, -1) {
		if inside.MatchString(text[:at[1]]) && at[1] < len(text) && !startsSentence(text[at[1]:]) {
			continue
		}
		if s := strings.TrimSpace(text[from:at[1]]); s != "" {
			all = append(all, s)
		}
		from = at[1]
	}
	if s := strings.TrimSpace(text[from:]); s != "" {
		all = append(all, s)
	}
	return all
}

func startsSentence(rest string) bool {
	for _, r := range rest {
		return strings.ToUpper(string(r)) == string(r) && strings.ToLower(string(r)) != string(r)
	}
	return false
}

// plain is lower case with the apostrophes that keyboards and programs make told
// alike.
func plain(s string) string {
	return strings.ToLower(strings.NewReplacer("’", "'", "‘", "'", "ʼ", "'", "\u00a0", " ", "\u202f", " ").Replace(s))
}
