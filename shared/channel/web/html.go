package web

import (
	"strings"

	"golang.org/x/net/html" // the standard one keeps its tables in every function that knows this channel
)

// Elements that begin a new line, and those whose content nobody reads.
var (
	breaking = map[string]bool{"br": true, "p": true, "div": true, "li": true, "tr": true, "h1": true, "h2": true, "h3": true, "h4": true, "ul": true, "ol": true, "table": true, "blockquote": true, "hr": true}
	unseen   = map[string]bool{"script": true, "style": true, "head": true, "title": true, "template": true}
)

var lineEnds = strings.NewReplacer("\r", " ", "\n", " ")

// tagStarts is what may follow the "<" of a tag.
const tagStarts = "/!?abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// plainText is what a person would read of an HTML fragment such as a form sends.
// The result is text and must be escaped again wherever it is shown.
func plainText(s string) string {
	var out strings.Builder
	for s != "" {
		before, rest, tag := strings.Cut(s, "<")
		// Line ends in HTML are blanks; runs of them are shortened below.
		out.WriteString(lineEnds.Replace(before))
		if !tag {
			break
		}
		if rest == "" || !strings.ContainsRune(tagStarts, rune(rest[0])) { // a "<" that is none
			out.WriteByte('<')
			s = rest
			continue
		}
		if strings.HasPrefix(rest, "!--") {
			_, s, _ = strings.Cut(rest, "-->")
			continue
		}
		inside, after, closed := strings.Cut(rest, ">")
		if !closed {
			out.WriteString("<" + lineEnds.Replace(rest))
			break
		}
		element, _, _ := strings.Cut(strings.ToLower(strings.Trim(inside, "/ ")), " ")
		s = after
		switch {
		case unseen[element] && !strings.HasPrefix(inside, "/"):
			if i := strings.Index(strings.ToLower(after), "</"+element); i >= 0 {
				s = after[i:]
			} else {
				s = ""
			}
		case breaking[element]:
			out.WriteByte('\n')
		}
	}
	lines := strings.Split(html.UnescapeString(out.String()), "\n")
	kept := lines[:0]
	for _, l := range lines {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}
