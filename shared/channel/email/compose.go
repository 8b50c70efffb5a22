package email

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"ines/shared/channel"
	"ines/shared/pattern"
)

// outgoing is a mail that a provider's file sends. Ids are without brackets.
type outgoing struct {
	replyID    string
	messageID  string
	from, to   string // as they stand in a header
	replyTo    string
	subject    string
	text       string
	inReplyTo  string
	references []string // oldest first
	automatic  bool
}

// replyPrefix is one "Re:" or more, as mail clients of some countries write it.
var replyPrefix = pattern.Late{Expr: `(?i)^(\s*(re|aw|antw|antwort|sv|vs|res|odp)\s*(\[\d+\])?\s*:)+\s*`}

func compose(in channel.Inbox, r channel.Reply) (outgoing, error) {
	if domainOf(in.Account) == "" {
		return outgoing{}, &channel.SendError{
			Class: channel.Blocked, Code: "account", Detail: fmt.Sprintf("the inbox's account %q is not a mail address", in.Account),
		}
	}
	to := normal(r.To.ID)
	if to == "" {
		to = normal(r.Thread.With.ID)
	}
	switch {
	case strings.TrimSpace(r.Text) == "":
		return outgoing{}, refuse("empty", "there is no text to send")
	case len(r.Text) > maxText:
		return outgoing{}, refuse("too_long", fmt.Sprintf("the text has %d bytes, %d are taken", len(r.Text), maxText))
	case to == "":
		return outgoing{}, refuse("recipient", "the reply does not say to whom it goes")
	}
	m := outgoing{
		replyID:   r.ID,
		messageID: ownID(in, r.ID),
		from:      header5322(in.Name, in.Account),
		to:        to,
		replyTo:   normalCase(r.ReplyTo),
		subject:   subjectOf(r),
		text:      r.Text,
		automatic: r.Automatic,
	}
	m.references = referencesOf(r)
	if n := len(m.references); n > 0 {
		m.inReplyTo = m.references[n-1]
	}
	return m, nil
}

// replyHeader names our reply in the mail itself, for reports that return its headers.
const replyHeader = "X-Ines-Reply"

// headers are what any provider puts into the mail besides what it has fields for.
func (m outgoing) headers() headers {
	var h headers
	if m.inReplyTo != "" {
		h = append(h, header{"In-Reply-To", "<" + m.inReplyTo + ">"}, header{"References", "<" + strings.Join(m.references, "> <") + ">"})
	}
	if m.automatic {
		h = append(h, header{"Auto-Submitted", "auto-replied"}, header{"X-Auto-Response-Suppress", "All"})
	}
	return append(h, header{replyHeader, notIDText.ReplaceAllString(m.replyID, "-")})
}

func refuse(code, detail string) *channel.SendError {
	return &channel.SendError{Class: channel.Permanent, Code: code, Detail: detail}
}

// header5322 writes name and address as From does.
func header5322(name, address string) string {
	a := mail.Address{Name: oneLine(name), Address: strings.TrimSpace(address)}
	if a.Name == "" {
		return a.Address
	}
	return a.String()
}

// normalCase is the address if it is one, its letters as they are: tokens in the
// plus part may not be changed.
func normalCase(address string) string {
	if normal(address) == "" {
		return ""
	}
	return strings.TrimSpace(address)
}

// subjectOf gives an answer the subject it answers, with one "Re:".
func subjectOf(r channel.Reply) string {
	subject := r.Subject
	for _, s := range []string{r.Thread.Subject, r.Thread.Extra["subject"]} {
		if subject == "" {
			subject = s
		}
	}
	subject = oneLine(subject)
	if r.Parent == "" && r.Thread.Key == "" {
		return subject
	}
	return strings.TrimSpace("Re: " + replyPrefix.ReplaceAllString(subject, ""))
}

// referencesOf is the chain from the thread's root to the mail answered: what that
// mail referred to (also what never came to us), what we know of the thread, the mail
// itself (RFC 5322, section 3.6.4).
func referencesOf(r channel.Reply) []string {
	chain := append(strings.Fields(r.Thread.Extra["references"]), r.Refs...)
	parent := r.Parent
	if parent == "" && r.Thread.Key != "" {
		parent = r.Thread.LastID
	}
	var out []string
	for _, id := range append([]string{r.Thread.Key}, chain...) {
		id = strings.Trim(id, "<>")
		if id == "" || id == parent || strings.ContainsAny(id, " \t\r\n<>") || slices.Contains(out, id) {
			continue
		}
		out = append(out, id)
	}
	if parent = strings.Trim(parent, "<>"); parent != "" && !strings.ContainsAny(parent, " \t\r\n<>") {
		out = append(out, parent)
	}
	return bounded(out)
}
