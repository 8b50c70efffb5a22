package x

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"ines/shared/message"
)

// The only characters that X escapes. One pass: "&amp;lt;" is "&lt;".
var unescape = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// readable is a text as people see it: without the mentions that X puts before a
// reply, links in full, characters unescaped, links to the post's own pictures
// gone (they are attachments).
//
// Of the display range only the beginning is used, and only to cut mentions: X
// is not at one with itself on whether the range counts escaped characters.
func readable(text string, rng []count, ents ...entities) string {
	if len(rng) == 2 && rng[0] > 0 {
		text = cutMentions(text, int64(rng[0]))
	}
	var pairs []string
	for _, e := range ents {
		for _, m := range e.Media {
			text = cutLink(text, m.URL)
		}
		for _, u := range e.URLs {
			if u.MediaKey != "" {
				text = cutLink(text, u.URL)
				continue
			}
			if u.URL != "" && u.Expanded != "" {
				pairs = append(pairs, u.URL, u.Expanded)
			}
		}
	}
	text = unescape.Replace(text)
	if len(pairs) > 0 {
		text = strings.NewReplacer(pairs...).Replace(text)
	}
	return strings.TrimSpace(text)
}

// cutMentions cuts the first n code points if they are mentions and nothing else.
func cutMentions(text string, n int64) string {
	at := 0
	for range n {
		if at >= len(text) {
			return text
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	for word := range strings.FieldsSeq(text[:at]) {
		if !strings.HasPrefix(word, "@") {
			return text
		}
	}
	return text[at:]
}

// cutLink takes the link to a picture off the end.
func cutLink(text, url string) string {
	if url == "" {
		return text
	}
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), url))
}

// mention reports whether one of the ids is mentioned.
func (e entities) mention(own []string) bool {
	for _, list := range [][]person{e.Mentions, e.UserMentions} {
		for _, p := range list {
			for _, o := range own {
				if string(p.flat().ID) == o {
					return true
				}
			}
		}
	}
	return false
}

// leadingMention reports whether the text begins with mentions one of which names
// us: that is how X marks an answer to our post, where it sends no entities.
func leadingMention(text string, names []string) bool {
	for word := range strings.FieldsSeq(text) {
		if !strings.HasPrefix(word, "@") {
			return false
		}
		for _, n := range names {
			if n != "" && strings.EqualFold(word[1:], n) {
				return true
			}
		}
	}
	return false
}

// attachments looks the keys up in the includes; one that isn't there is kept as
// a reference, whose number says what it is.
func (in includes) attachments(keys []string) []message.Attachment {
	var out []message.Attachment
	for _, key := range keys {
		found := media{Key: key}
		for _, m := range in.Media {
			if m.Key == key {
				found = m
			}
		}
		out = appendMedia(out, found)
	}
	return out
}

func appendMedia(to []message.Attachment, m media) []message.Attachment {
	a := message.Attachment{Type: "file", Alt: m.Alt + m.OldAlt}
	if m.Alt != "" {
		a.Alt = m.Alt
	}
	switch {
	case m.Type == "photo", m.Type == "" && strings.HasPrefix(m.Key, "3_"):
		a.Type = "image"
	case m.Type == "video", m.Type == "animated_gif", m.Type == "" && (strings.HasPrefix(m.Key, "7_") || strings.HasPrefix(m.Key, "13_") || strings.HasPrefix(m.Key, "16_")):
		a.Type = "video"
	}
	best := count(-1)
	for _, v := range m.Variants {
		if v.Type == "video/mp4" && v.BitRate > best && v.URL != "" {
			a.URL, a.MIME, best = v.URL, v.Type, v.BitRate
		}
	}
	for _, v := range m.VideoInfo.Variants {
		if v.Type == "video/mp4" && v.BitRate > best && v.URL != "" {
			a.URL, a.MIME, best = v.URL, v.Type, v.BitRate
		}
	}
	switch {
	case a.URL != "":
	case m.HTTPS != "":
		a.URL = m.HTTPS
	case m.Key != "" && m.URL != "":
		a.URL = m.URL
	case m.Preview != "":
		a.URL = m.Preview
	case m.Key != "":
		a.Ref = m.Key
	case m.ID != "":
		a.Ref = string(m.ID)
	default:
		return to // nothing to fetch
	}
	return append(to, a)
}

// quoted shows a platform's word in a reason, short.
func quoted(s string) string {
	if len(s) > 60 {
		s = s[:60]
	}
	return strconv.Quote(strings.ToValidUTF8(s, "?"))
}
