package email

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"

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

// Open takes any mail address. The thread's key is known after sending only.
func (Channel) Open(in channel.Inbox, address string, known message.Handle) (channel.Thread, error) {
	id := ""
	if address = strings.TrimSpace(address); address != "" {
		a, err := mail.ParseAddress(address)
		if err != nil {
			return channel.Thread{}, fmt.Errorf("%q is not a mail address", address)
		}
		if id = normal(a.Address); id == "" {
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
