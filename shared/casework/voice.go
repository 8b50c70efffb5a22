package casework

import (
	"slices"
	"strings"
	"unicode"

	"ines/shared/pattern"
)

// GiveFeedback says which rule stopped a colleague. Rule may be empty.
type GiveFeedback struct{ By, Rule, Text string }

func (GiveFeedback) command() {}

// ruleName is what feedback is counted by: an erasure leaves the count, so that no
// sentence may be one. A rule's place in the policy, such as service[1], is one.
var ruleName = pattern.Late{Expr: `^[a-z0-9][a-z0-9_.\[\]-]{0,63}$`}

func (d *draft) giveFeedback(f GiveFeedback) error {
	rule := strings.ToLower(strings.TrimSpace(f.Rule))
	switch {
	case rule != "" && !ruleName.MatchString(rule):
		return refuse(CodeInvalid, "A rule is named by one word of at most 64 letters, digits, points, brackets and hyphens, such as refund-limit or service[1]. The rest belongs into the text.")
	case strings.TrimSpace(f.Text) == "":
		return refuse(CodeInvalid, "Say what the rule kept you from.")
	}
	d.emit(FeedbackGiven{Rule: rule, Text: strings.TrimSpace(f.Text)})
	return nil
}

// praise gives thanks to whom they belong: the one colleague named in the words, else
// the last who helped. Where two of one name could be meant, whoever helped is.
func (d *draft) praise(r Receive) {
	if r.About.Kind != "praise" || r.Message.Automatic {
		return
	}
	var named []string
	words := strings.FieldsFunc(r.Message.Text, func(c rune) bool { return !unicode.IsLetter(c) && c != '-' && c != '\'' })
	for _, colleague := range d.env.Policy.Colleagues {
		first, _, _ := strings.Cut(colleague.Name, " ")
		// A name is written like one: "may" is no May.
		if first != "" && slices.Contains(words, first) {
			named = append(named, colleague.ID)
		}
	}
	e := Praised{Colleague: d.c.LastHelper, Message: r.Message.ID}
	if len(named) == 1 {
		e.Colleague, e.Named = named[0], true
	} else if len(named) > 1 {
		e.Named = slices.Contains(named, d.c.LastHelper)
	}
	if e.Colleague != "" {
		d.emit(e)
	}
}
