package meta

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"ines/shared/channel/lenient"
	"ines/shared/message"
)

// said is a message of a conversation.
type said struct {
	MID           Text            `json:"mid"`
	Text          Text            `json:"text"`
	Attachments   []attachment    `json:"attachments"`
	IsEcho        bool            `json:"is_echo"`
	IsDeleted     bool            `json:"is_deleted"`
	IsUnsupported bool            `json:"is_unsupported"`
	Metadata      Text            `json:"metadata"`
	StickerID     Text            `json:"sticker_id"`
	NLP           json.RawMessage `json:"nlp"`
	Referral      json.RawMessage `json:"referral"`
	QuickReply    struct {
		Payload Text `json:"payload"`
	} `json:"quick_reply"`
	ReplyTo struct {
		MID   Text `json:"mid"`
		Story *struct {
			ID  Text `json:"id"`
			URL Text `json:"url"`
		} `json:"story"`
	} `json:"reply_to"`
}

type attachment struct {
	Type    Text            `json:"type"`
	Title   Text            `json:"title"`
	URL     Text            `json:"url"`
	Payload json.RawMessage `json:"payload"` // an object, or a string of the sender's
}

type filePayload struct {
	URL         Text `json:"url"`
	Title       Text `json:"title"`
	StickerID   Text `json:"sticker_id"`
	Coordinates *struct {
		Lat  Text `json:"lat"`
		Long Text `json:"long"`
	} `json:"coordinates"`
	Product struct {
		Elements []struct {
			ID       Text `json:"id"`
			Title    Text `json:"title"`
			Subtitle Text `json:"subtitle"`
			ImageURL Text `json:"image_url"`
		} `json:"elements"`
	} `json:"product"`
}

// language is what the Page's built-in language detection says, if it is on.
func (m said) language() string {
	var nlp struct {
		Locales []struct {
			Locale Text `json:"locale"`
		} `json:"detected_locales"`
	}
	if !decoded(m.NLP, &nlp) || len(nlp.Locales) == 0 {
		return ""
	}
	code, _, _ := strings.Cut(string(nlp.Locales[0].Locale), "_")
	if len(code) < 2 || len(code) > 3 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return code
}

// ref is the word after ?ref= of the link that brought the customer here.
func (m said) ref() string {
	var r struct {
		Ref Text `json:"ref"`
	}
	if !decoded(m.Referral, &r) {
		return ""
	}
	return string(r.Ref)
}

// files lists what came with a message. Posts, stories and reels that somebody shares
// are of type "link": they are not the customer's files, and Meta forbids keeping
// copies of stories. What Meta does not hand out is "unsupported", so that a person
// can say so.
func (m said) files() []message.Attachment {
	var out []message.Attachment
	for i, a := range m.Attachments {
		out = append(out, a.files(fmt.Sprintf("%s/%d", m.MID, i), m.StickerID != "")...)
	}
	if s := m.ReplyTo.Story; s != nil {
		a := message.Attachment{Type: "link", Name: "story", Alt: "answers our story " + string(s.ID), URL: Web(s.URL)}
		if a.URL == "" {
			a.Ref = "story/" + string(s.ID)
		}
		out = append(out, a)
	}
	if m.IsUnsupported {
		out = append(out, message.Attachment{Type: "unsupported", Name: "unknown", Ref: string(m.MID)})
	}
	return out
}

// files gives the attachments that one member of attachments is; ref is its name
// where it has no address.
func (a attachment) files(ref string, sticker bool) []message.Attachment {
	var p filePayload
	if !decoded(a.Payload, &p) {
		p = filePayload{}
	}
	if c := p.Coordinates; c != nil {
		if place := lenient.Geo(c.Lat, c.Long); place != "" {
			return []message.Attachment{{Type: "location", Name: string(a.Title), URL: place}}
		}
	}
	if len(p.Product.Elements) > 0 {
		var out []message.Attachment
		for i, e := range p.Product.Elements {
			f := message.Attachment{Type: "link", Name: string(e.Title), Alt: string(e.Subtitle), URL: Web(e.ImageURL)}
			if f.URL == "" {
				f.Ref = fmt.Sprintf("%s/%d", ref, i)
			}
			out = append(out, f)
		}
		return out
	}
	f := message.Attachment{Name: string(a.Title), URL: Web(p.URL)}
	if f.URL == "" {
		f.URL = Web(a.URL)
	}
	if f.Name == "" {
		f.Name = string(p.Title)
	}
	switch a.Type {
	case "image", "video", "audio", "file", "sticker":
		f.Type = string(a.Type)
		if sticker || p.StickerID != "" {
			f.Type = "sticker"
		}
	case "unsupported_type", "ephemeral", "":
		f.Type = "unsupported"
	default:
		f.Type = "link"
		if f.Name == "" {
			f.Name = string(a.Type)
		}
	}
	if f.URL == "" {
		f.Ref = ref
		if f.Type != "link" {
			f.Type = "unsupported"
			if f.Name == "" {
				f.Name = string(a.Type)
			}
		}
	}
	return []message.Attachment{f}
}

// Web is an address of the web, or "".
func Web(address Text) string {
	u, err := url.Parse(string(address))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return string(address)
}
