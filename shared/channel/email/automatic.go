package email

import (
	"strings"

	"ines/shared/channel"
	"ines/shared/pattern"
)

// machineSender is a local part that no person writes from.
var machineSender = pattern.Late{Expr: `^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([-+._].*)?$`}

// automatic reports whether a machine wrote the mail, or whether an automatic
// answer could start a loop (RFC 3834).
func (m incoming) automatic(in channel.Inbox, from string) bool {
	h := m.header
	word := func(name string) string {
		v, _, _ := strings.Cut(strings.ToLower(h.get(name)), ";")
		return strings.TrimSpace(v)
	}
	if h.has("Return-Path") && strings.Trim(word("Return-Path"), "<> ") == "" || m.sender == "<>" {
		return true
	}
	if v := word("Auto-Submitted"); v != "" && v != "no" {
		return true
	}
	switch word("Precedence") {
	case "bulk", "junk", "list", "auto_reply":
		return true
	}
	for _, name := range []string{"List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autoreply-From", "X-Mail-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Loop"} {
		if h.has(name) {
			return true
		}
	}
	for v := range strings.SplitSeq(strings.ToLower(h.get("X-Auto-Response-Suppress")), ",") {
		switch strings.TrimSpace(v) {
		case "all", "autoreply", "oof", "dr":
			return true
		}
	}
	if word("Content-Type") == "multipart/report" {
		return true
	}
	local, _ := cutAddress(from)
	return machineSender.MatchString(local) || !m.addressed(in)
}

// addressed reports whether To or Cc names us. A forwarded alias counts: any
// address at our domain, and the one the provider got the mail for. A mail whose
// recipients the provider doesn't list is given the benefit of the doubt.
func (m incoming) addressed(in channel.Inbox) bool {
	if len(m.to) == 0 {
		return true
	}
	for _, t := range m.to {
		a := normal(t.address)
		if a == "" {
			continue
		}
		plain, _ := withoutTag(a)
		recipient, _ := withoutTag(normal(m.recipient))
		if ours(in, a) || domainOf(a) == domainOf(in.Account) || plain == recipient {
			return true
		}
	}
	return false
}
