package whatsapp

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"ines/shared/channel/lenient"
	"ines/shared/message"
)

// said is a message's content in the normal form.
type said struct {
	text        string
	attachments []message.Attachment
	extra       map[string]string
}

// ignoreMark begins a reason of read that is an ignored item's.
const ignoreMark = "ignored:"

// read gives what a message says. A reason that is not "" tells why it can't be
// filed: a sentence, or ignoreMark and a word. id is the message's.
func (c content) read(id string) (said, string) {
	switch c.Type {
	case "text":
		return said{text: string(c.Text.Body)}, ""
	case "button":
		s := said{text: string(c.Button.Text)}
		if c.Button.Payload != "" {
			s.extra = map[string]string{"payload": string(c.Button.Payload)}
		}
		return s, ""
	case "interactive":
		return c.interactive()
	case "image", "video", "audio", "voice", "document", "sticker":
		return c.file()
	case "location":
		return c.place()
	case "contacts":
		return c.cards(id), ""
	case "order":
		return c.order(), ""
	case "unsupported", "unknown":
		// A person said something that WhatsApp won't show us. It is filed, so
		// that someone can say so.
		kind := string(c.Unsupported.Type)
		if kind == "" {
			kind = "unknown"
		}
		return said{
			attachments: []message.Attachment{{Type: "unsupported", Name: kind, Ref: id}},
			extra:       map[string]string{"unsupported": kind},
		}, ""
	}
	return said{}, fmt.Sprintf("The message type %.80q is unknown.", c.Type)
}

func (c content) interactive() (said, string) {
	pick := func(ch choice) (said, string) {
		return said{text: string(ch.Title), extra: map[string]string{"payload": string(ch.ID)}}, ""
	}
	switch c.Interactive.Type {
	case "button_reply":
		return pick(c.Interactive.ButtonReply)
	case "list_reply":
		return pick(c.Interactive.ListReply)
	case "nfm_reply": // a form was filled in
		f := c.Interactive.NFMReply
		return said{text: string(f.Body), extra: map[string]string{"response_json": string(f.ResponseJSON)}}, ""
	case "call_permission_reply":
		return said{}, ignoreMark + "call_permission_reply"
	}
	return said{}, fmt.Sprintf("The interactive type %.80q is unknown.", c.Interactive.Type)
}

func (c content) file() (said, string) {
	var m media
	kind := string(c.Type)
	switch c.Type {
	case "image":
		m = c.Image
	case "video":
		m = c.Video
	case "audio":
		m = c.Audio
	case "voice":
		m, kind = c.Voice, "audio"
	case "document":
		m, kind = c.Document, "file"
	case "sticker":
		m = c.Sticker
	}
	if m.ID == "" {
		return said{}, fmt.Sprintf("A message of type %s has no media id.", c.Type)
	}
	return said{
		text: string(m.Caption),
		attachments: []message.Attachment{{
			Type:   kind,
			MIME:   string(m.MIME),
			Name:   string(m.Filename),
			Ref:    string(m.ID),
			SHA256: hexSum(string(m.SHA256)),
		}},
	}, ""
}

// hexSum turns WhatsApp's base64 checksum into hex.
func hexSum(sum string) string {
	b, err := base64.StdEncoding.DecodeString(sum)
	if err == nil && len(b) == 32 {
		return hex.EncodeToString(b)
	}
	if b, err = hex.DecodeString(sum); err == nil && len(b) == 32 {
		return strings.ToLower(sum)
	}
	return ""
}

func (c content) place() (said, string) {
	l := c.Location
	address := lenient.Geo(l.Latitude, l.Longitude)
	if address == "" {
		return said{}, "A location has no coordinates."
	}
	var words []string
	for _, w := range []text{l.Name, l.Address} {
		if w != "" {
			words = append(words, string(w))
		}
	}
	label := strings.Join(words, ", ")
	return said{
		text: label,
		attachments: []message.Attachment{{
			Type: "location",
			Name: string(l.Name),
			Alt:  label,
			URL:  address,
		}},
	}, ""
}

func (c content) cards(id string) said {
	var s said
	var lines []string
	for i, card := range c.Contacts {
		a := message.Attachment{Type: "contact", Name: string(card.Name.FormattedName)}
		line := []string{a.Name}
		for _, p := range card.Phones {
			line = append(line, string(p.Phone))
		}
		for _, m := range card.Emails {
			line = append(line, string(m.Email))
		}
		a.Alt = strings.TrimSpace(strings.Join(line, " "))
		switch {
		case len(card.Phones) > 0 && card.Phones[0].Phone != "":
			a.URL = "tel:" + strings.ReplaceAll(string(card.Phones[0].Phone), " ", "")
		case len(card.Emails) > 0 && card.Emails[0].Email != "":
			a.URL = "mailto:" + string(card.Emails[0].Email)
		default:
			a.Ref = fmt.Sprintf("%s/contacts/%d", id, i)
		}
		s.attachments = append(s.attachments, a)
		if a.Alt != "" {
			lines = append(lines, a.Alt)
		}
	}
	s.text = strings.Join(lines, "\n")
	return s
}

func (c content) order() said {
	var lines []string
	if c.Order.Text != "" {
		lines = append(lines, string(c.Order.Text))
	}
	for _, i := range c.Order.Items {
		lines = append(lines, fmt.Sprintf("%s × %s", i.Quantity, i.Product))
	}
	return said{text: strings.Join(lines, "\n")}
}
