package email

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"ines/shared/channel"
	"ines/shared/message"
)

// mailbox is an address with its display name.
type mailbox struct{ name, address string }

// normal is the address in the form that handles have: trimmed, lower-case. ""
// if it can't be an address.
func normal(address string) string {
	a := strings.ToLower(strings.Trim(strings.TrimSpace(address), "<>"))
	local, domain := cutAddress(a)
	if local == "" || domain == "" || strings.ContainsAny(a, " \t\r\n<>,;\x00") {
		return ""
	}
	return a
}

func cutAddress(a string) (local, domain string) {
	at := strings.LastIndexByte(a, '@')
	if at < 0 {
		return "", ""
	}
	return a[:at], a[at+1:]
}

func domainOf(a string) string {
	_, domain := cutAddress(normal(a))
	return domain
}

// withoutTag is the address without its plus part, and the plus part.
func withoutTag(a string) (plain, tag string) {
	local, domain := cutAddress(a)
	local, tag, _ = strings.Cut(local, "+")
	return local + "@" + domain, tag
}

// ours reports whether a is the inbox's address, with or without a plus part.
func ours(in channel.Inbox, a string) bool {
	plain, _ := withoutTag(normal(a))
	account, _ := withoutTag(normal(in.Account))
	return plain == account && account != "@"
}

// tokenFrom finds the link token in the plus part of the first recipient at our
// domain that has one.
func tokenFrom(in channel.Inbox, recipients []string) string {
	for _, r := range recipients {
		a := strings.Trim(strings.TrimSpace(r), "<>")
		if _, tag := withoutTag(a); tag != "" && domainOf(a) != "" && domainOf(a) == domainOf(in.Account) {
			return tag
		}
	}
	return ""
}

// typed is the address in what a person types, alone or in angle brackets behind a name:
// "" if nobody can be there. Some providers give out addresses with dots where there
// should be none. But who types what an address has only in quotation marks (RFC 5322,
// section 3.2.3) means something else, as with "mailto:", and what nobody can see was
// copied with the address.
func typed(text string) string {
	if _, inside, ok := strings.Cut(text, "<"); ok {
		if text, ok = strings.CutSuffix(inside, ">"); !ok {
			return ""
		}
	}
	if strings.ContainsAny(text, "<>") {
		return ""
	}
	a := normal(text)
	local, domain := cutAddress(a)
	if strings.ContainsAny(local, `@()[]:\"`) || strings.ContainsAny(domain, `()\"`) || strings.Contains("."+domain+".", "..") {
		return ""
	}
	if strings.ContainsFunc(a, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }) {
		return ""
	}
	return a
}

// Open takes any mail address. The thread's key is known after sending only.
func (Channel) Open(in channel.Inbox, address string, known message.Handle) (channel.Thread, error) {
	id := ""
	if address = strings.TrimSpace(address); address != "" {
		if id = typed(address); id == "" {
			return channel.Thread{}, fmt.Errorf("%q is not a mail address that can be written to", address)
		}
	} else if known.Channel == name {
		id = known.ID
	}
	if id == "" {
		return channel.Thread{}, errors.New("to whom? Give a mail address")
	}
	if ours(in, id) {
		return channel.Thread{}, fmt.Errorf("%s is our own address", id)
	}
	return channel.Thread{
		Channel:    name,
		Inbox:      in.ID,
		Visibility: message.Private,
		With:       message.Handle{Channel: name, ID: id},
	}, nil
}

// mailboxes reads an address list as it stands in a header. What is no list by the
// book is taken apart at its commas.
func mailboxes(value string) []mailbox {
	value = strings.TrimSpace(value)
	if value == "" {
		return nil
	}
	parser := mail.AddressParser{WordDecoder: &words}
	var out []mailbox
	if list, err := parser.ParseList(value); err == nil {
		for _, a := range list {
			out = append(out, mailbox{name: a.Name, address: a.Address})
		}
		return out
	}
	for _, one := range outsideQuotes(value) {
		if m, ok := looseMailbox(one); ok {
			out = append(out, m)
		}
	}
	return out
}

// looseMailbox finds the address in one member of a broken list.
func looseMailbox(one string) (mailbox, bool) {
	one = strings.TrimSpace(decoded(one))
	if open := strings.LastIndexByte(one, '<'); open >= 0 {
		address, _, _ := strings.Cut(one[open+1:], ">")
		if normal(address) != "" {
			return mailbox{name: strings.Trim(strings.TrimSpace(one[:open]), `"'`), address: strings.TrimSpace(address)}, true
		}
	}
	for _, word := range strings.Fields(one) {
		if word = strings.Trim(word, `<>()[]"';`); normal(word) != "" {
			return mailbox{name: strings.Trim(strings.TrimSpace(strings.Replace(one, word, "", 1)), `<>"'; `), address: word}, true
		}
	}
	return mailbox{}, false
}

// outsideQuotes splits at the commas and semicolons that are not within quotes.
func outsideQuotes(s string) []string {
	var out []string
	quoted, from := false, 0
	for i := range len(s) {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ',', ';':
			if !quoted {
				out, from = append(out, s[from:i]), i+1
			}
		}
	}
	return append(out, s[from:])
}
