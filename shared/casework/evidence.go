package casework

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"ines/shared/mask"
	"ines/shared/message"
	"ines/shared/pattern"
	"ines/shared/policy"
)

// The kinds of evidence.
const (
	EvidenceEmail     = policy.EvidenceEmail
	EvidencePhone     = policy.EvidencePhone
	EvidenceBooking   = policy.EvidenceBooking
	EvidenceReference = policy.EvidenceReference
	EvidenceLink      = policy.EvidenceLink
)

// What somebody has to do with it.
const (
	evidenceWrote  = "wrote"
	evidenceSender = "writes_from"
	evidenceCame   = "came_with"
	evidenceShown  = "was_shown"
)

// Statement is what a message says of who its author is: nobody has verified it.
type Statement struct {
	Kind  string
	Value string // in normal form, for comparing
	// Sender: it is what he writes from, and stands in no text of his.
	Sender bool
	// Handles are those that would be his, too, if it is true.
	Handles []message.Handle
}

// maxStatements bounds how many of one message are looked at.
const maxStatements = 4

// Statements are those of a message that is about to be filed in c. What is said in
// public never counts, nor what is quoted or what a machine wrote.
func Statements(c *Case, r Receive, desk *policy.Desk) (all []Statement) {
	m := r.Message
	if m.Visibility != message.Private || m.Automatic || r.Again || r.Deleted || m.Author.Handle.IsZero() {
		return nil
	}
	if slices.ContainsFunc(desk.Colleagues, func(c policy.Colleague) bool {
		return m.Author.Handle.Channel == "email" && strings.EqualFold(c.Email, m.Author.Handle.ID)
	}) {
		return nil // one of us, in copy
	}
	brand, _ := desk.Brand(r.Brand)
	_, known := c.ThreadOf(m.Channel, m.Inbox, m.Thread)
	if !known {
		if r.Via == "token" && c.Exists() {
			if role, _, _ := c.roleOf(r, Thread{Visibility: m.Visibility}); role == RoleParticipant {
				all = append(all, Statement{Kind: EvidenceLink})
			}
		}
		for _, h := range append([]message.Handle{m.Author.Handle}, m.Also...) {
			all = keepStatement(all, sender(h))
		}
	}
	text := m.Text
	if len(m.Refs) == 0 && m.Parent == "" {
		text = m.Subject + "\n" + text // the subject of an answer may be ours
	}
	for _, s := range stated(unquoted(text), brand.Identity.Numbers()) {
		if !ours(s, desk) && !slices.Contains(s.Handles, m.Author.Handle) {
			all = keepStatement(all, s)
		}
	}
	all = slices.DeleteFunc(all, func(s Statement) bool { return !brand.Identity.Wants(s.Kind) })
	return all[:min(len(all), maxStatements)]
}

func keepStatement(all []Statement, s Statement) []Statement {
	if s.Kind == "" || slices.ContainsFunc(all, func(o Statement) bool { return o.Kind == s.Kind && o.Value == s.Value }) {
		return all
	}
	return append(all, s)
}

// sender is what a handle says by itself: a mail address, a phone number.
func sender(h message.Handle) Statement {
	switch h.Channel {
	case "email":
		return Statement{Kind: EvidenceEmail, Value: strings.ToLower(h.ID), Sender: true}
	case "sms", "voice", "whatsapp":
		id := strings.TrimPrefix(h.ID, "whatsapp:")
		if h.Channel == "whatsapp" {
			id = "+" + id
		}
		if international.MatchString(id) {
			return phone(id, true)
		}
	}
	return Statement{}
}

// international is a number that means the same everywhere. One without its country
// could be anybody's.
var international = pattern.Late{Expr: `^\+[1-9][0-9]{7,14}$`}

func phone(number string, sender bool) Statement {
	bare := number[1:]
	return Statement{Kind: EvidencePhone, Value: number, Sender: sender, Handles: []message.Handle{{Channel: "sms", ID: number},
		{Channel: "sms", ID: "whatsapp:" + number}, {Channel: "voice", ID: number}, {Channel: "whatsapp", ID: bare}}}
}

// stated finds mail addresses, phone numbers and references in what somebody wrote.
func stated(text string, numbers []*regexp.Regexp) (all []Statement) {
	for _, f := range mask.Find(text) {
		switch f.What {
		case mask.Email:
			address := strings.ToLower(f.Text)
			all = append(all, Statement{Kind: EvidenceEmail, Value: address, Handles: []message.Handle{{Channel: "email", ID: address}}})
		case mask.Phone:
			if number := dialled(f.Text); number != "" {
				all = append(all, phone(number, false))
			}
		case mask.Booking:
			all = append(all, Statement{Kind: EvidenceBooking, Value: strings.ToUpper(f.Text)})
		}
	}
	if !strings.ContainsAny(text, "0123456789") && len(numbers) == 0 {
		return all
	}
	for _, f := range mask.Find(strings.ToUpper(text)) { // many write it small
		if f.What == mask.Booking && strings.ContainsAny(f.Text, "0123456789") {
			all = keepStatement(all, Statement{Kind: EvidenceBooking, Value: f.Text})
		}
	}
	if len(numbers) == 0 {
		for _, n := range orderNumbers(text) {
			all = keepStatement(all, Statement{Kind: EvidenceReference, Value: n})
		}
	}
	for _, re := range numbers {
		for _, n := range re.FindAllString(text, maxStatements) {
			all = keepStatement(all, Statement{Kind: EvidenceReference, Value: strings.ToUpper(n)})
		}
	}
	return all
}

// dialled is a number as it is dialled from abroad, "" for one without its country.
func dialled(text string) string {
	number := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, strings.Replace(text, "(0)", "", 1)) // +44 (0)20 …: that one is dialled at home only
	if rest, ok := strings.CutPrefix(number, "00"); ok {
		number = "+" + rest
	}
	if !international.MatchString(number) {
		return ""
	}
	return number
}

// orderCues announce a number of the company's own, in the languages of most desks.
var orderCues = []string{"order", "customer", "member", "membership", "invoice", "case",
	"bestellung", "bestellnummer", "auftrag", "auftragsnummer", "kundennummer", "rechnung", "rechnungsnummer",
	"commande", "client", "facture", "pedido", "cliente", "factura", "fattura", "ordine", "encomenda", "fatura",
	"bestelling", "klantnummer", "factuur"}

var orderLinks = []string{"number", "no", "nr", "id", "is", "my", "nummer", "ist", "lautet", "numéro", "est", "de", "n", "número", "numero", "es", "è", "é"}

var orderNumber = pattern.Late{Expr: `^[A-Z]{0,4}-?[0-9]{6,14}$`}

// orderNumbers are numbers that stand behind a word for one.
func orderNumbers(text string) (all []string) {
	cue := false
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n,;:#()°º", r) }) {
		ends := strings.ContainsAny(w[len(w)-1:], ".!?")
		w = strings.Trim(w, ".!?\"'")
		low := strings.ToLower(w)
		switch {
		case slices.Contains(orderCues, low):
			cue = true
		case cue && orderNumber.MatchString(strings.ToUpper(w)):
			all, cue = append(all, strings.ToUpper(w)), false
		case !slices.Contains(orderLinks, low):
			cue = false
		}
		cue = cue && (!ends || low == "no" || low == "nr")
	}
	return all
}

// unquoted drops lines that are quoted in the way of mail.
func unquoted(text string) string {
	if !strings.Contains(text, ">") {
		return text
	}
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), ">") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// ours reports whether it is an address or a number of the desk, which says nothing
// of anybody.
func ours(s Statement, desk *policy.Desk) bool {
	if s.Kind == EvidenceEmail {
		local, domain, _ := strings.Cut(s.Value, "@")
		local, _, _ = strings.Cut(local, "+")
		bare := local + "@" + domain
		return slices.ContainsFunc(desk.Inboxes, func(in policy.Inbox) bool { return strings.EqualFold(in.Account, bare) }) ||
			slices.ContainsFunc(desk.Colleagues, func(c policy.Colleague) bool { return strings.EqualFold(c.Email, s.Value) })
	}
	return slices.ContainsFunc(s.Handles, func(h message.Handle) bool {
		return slices.ContainsFunc(desk.Inboxes, func(in policy.Inbox) bool { return in.Channel == h.Channel && in.Account == h.ID })
	})
}

// Shown is a value as an explanation names it: enough to find it in the messages,
// and of no use without them.
func (s Statement) Shown() string {
	if s.Kind == EvidenceEmail {
		local, domain, _ := strings.Cut(s.Value, "@")
		return clipped(local, 1) + "@" + clipped(domain, 1)
	}
	if s.Value == "" {
		return ""
	}
	_, n := utf8.DecodeLastRuneInString(s.Value)
	return clipped(s.Value, 2) + s.Value[len(s.Value)-n:]
}

// clipped are the first n characters.
func clipped(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i] + "…"
		}
	}
	return s + "…"
}
