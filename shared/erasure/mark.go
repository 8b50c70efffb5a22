package erasure

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"ines/shared/docket"
	"ines/shared/message"
)

// Mark is how somebody is recognised in what platforms sent and were sent: by his
// handles on their channel, and by the ids of his messages and conversations. What
// departments were told is known by the cases it is about.
type Mark struct {
	handles map[string][][]byte // by channel
	ids     [][]byte
	entries [][]byte // how the ids of his cases' feed entries begin
	Words   []string // his names
}

// MarkOf is the mark of an erasure.
func MarkOf(e docket.Erasure) Mark {
	m := Mark{handles: map[string][][]byte{}, Words: e.Words}
	if e.Whole {
		for _, h := range e.People {
			m.handles[h.Channel] = append(m.handles[h.Channel], spellings(h.ID)...)
		}
	}
	for _, id := range e.Marks {
		m.ids = append(m.ids, spellings(id)...)
	}
	for _, id := range slices.Concat(e.Cases, e.Others) {
		m.entries = append(m.entries, []byte(`"`+id+`/`))
	}
	return m
}

// Told reports whether a call told a department of one of the person's cases: such
// a line may have his words and no id of his at all, only that of its entry.
func (m Mark) Told(body []byte) bool {
	return slices.ContainsFunc(m.entries, func(begin []byte) bool { return bytes.Contains(body, begin) })
}

// spellings are how an id stands in a body: as it is, in a form, in JSON.
func spellings(id string) (all [][]byte) {
	low := strings.ToLower(id)
	add := func(s string) {
		for _, known := range all {
			if string(known) == s {
				return
			}
		}
		all = append(all, []byte(s))
	}
	add(low)
	add(strings.ToLower(url.QueryEscape(id)))
	if raw, err := json.Marshal(id); err == nil {
		add(strings.ToLower(string(raw[1 : len(raw)-1])))
	}
	return all
}

// Envelope reports whether a delivery is about the person.
func (m Mark) Envelope(env message.Envelope) bool {
	if m.Text(env.Channel, env.Body) || m.Text(env.Channel, []byte(env.Query)) {
		return true
	}
	for _, v := range env.Header {
		if m.Text(env.Channel, []byte(v)) {
			return true
		}
	}
	return false
}

// Text reports whether a text of a channel has one of the person's handles, or the id
// of one of his messages, standing by itself.
func (m Mark) Text(channel string, text []byte) bool {
	text = bytes.ToLower(text)
	for _, h := range m.handles[channel] {
		if stands(text, h) {
			return true
		}
	}
	for _, id := range m.ids {
		if stands(text, id) {
			return true
		}
	}
	return false
}

// stands finds an id that is no part of a longer one.
func stands(text, id []byte) bool {
	for from := 0; len(id) > 0; {
		i := bytes.Index(text[from:], id)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(id)
		if (i == 0 || !alphanumeric(text[i-1]) || !alphanumeric(id[0]) || escaped(text[:i])) && (end == len(text) || !alphanumeric(text[end])) {
			return true
		}
		from = i + 1
	}
	return false
}

// escaped reports whether text ends with a form's escape, such as %3D.
func escaped(text []byte) bool { return len(text) >= 3 && text[len(text)-3] == '%' }

func alphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 0x80
}
