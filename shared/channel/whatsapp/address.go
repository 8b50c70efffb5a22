package whatsapp

import (
	"errors"
	"fmt"
	"strings"

	"ines/shared/channel"
	"ines/shared/channel/meta"
	"ines/shared/message"
	"ines/shared/pattern"
)

var (
	phonePattern = pattern.Late{Expr: `^[1-9][0-9]{6,14}$`}
	// A business-scoped user id: country, then opaque; "ENT" marks ids shared
	// by a group of businesses.
	userIDPattern = pattern.Late{Expr: `^[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{4,128}$`}
	typedNoise    = strings.NewReplacer(" ", "", "\u00a0", "", "-", "", "(", "", ")", "", ".", "", "/", "")
)

// Open takes a phone number in international form ("+44 7700 900123"; blanks,
// dashes and brackets don't matter) or a business-scoped user id.
func (Channel) Open(in channel.Inbox, address string, known message.Handle) (channel.Thread, error) {
	id := known.ID
	if address = strings.TrimSpace(address); address != "" {
		var err error
		if id, err = parseAddress(address); err != nil {
			return channel.Thread{}, err
		}
	} else if known.Channel != name || id == "" {
		return channel.Thread{}, errors.New("whose WhatsApp? Give a phone number in international form, such as +44 7700 900123")
	}
	with := message.Handle{Channel: name, ID: id}
	return channel.Thread{
		Channel:    name,
		Inbox:      in.ID,
		Key:        meta.ThreadKey(in.Account, id),
		Visibility: message.Private,
		With:       with,
	}, nil
}

func parseAddress(address string) (string, error) {
	if userIDPattern.MatchString(address) {
		return address, nil
	}
	number := typedNoise.Replace(address)
	if digits, ok := strings.CutPrefix(number, "+"); ok {
		number = digits
	} else if digits, ok := strings.CutPrefix(number, "00"); ok {
		number = digits
	}
	if strings.HasPrefix(number, "0") {
		return "", fmt.Errorf("%q has no country code: give the number in international form, such as +44 7700 900123", address)
	}
	if !phonePattern.MatchString(number) {
		return "", fmt.Errorf("%q is not a phone number: give it in international form, such as +44 7700 900123", address)
	}
	return number, nil
}

// isPhone reports whether a handle's id is a phone number and not a user id.
func isPhone(id string) bool { return phonePattern.MatchString(id) }
