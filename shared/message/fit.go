package message

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// What a case keeps of one message, in bytes. An item of the table holds 400 KB
// and JSON may take six bytes for one: whatever is longer stays whole in the
// archive, and the case says that it was cut.
const (
	MaxText        = 32 << 10
	MaxQuoted      = 8 << 10
	MaxSubject     = 1 << 10
	MaxAttachments = 20
	maxAddress     = 2 << 10 // of attachments, and what a channel keeps for itself
	maxID          = 1 << 10 // ids become keys of the table
	maxRefs        = 20
	// What may come many times is bounded as JSON writes it.
	maxFilesJSON = 64 << 10 // of all attachments
	maxRefsJSON  = 16 << 10
)

// Unkeyable names what about an item can be nobody's id, too long or with bytes that no
// key of the table may have; "" if nothing is. Such an item can't be filed.
func (it Item) Unkeyable() string {
	ids := map[string]string{}
	switch {
	case it.Message != nil:
		m := it.Message
		ids = map[string]string{"message id": m.ID, "thread": m.Thread, "author": m.Author.Handle.Key()}
		for _, h := range m.Also {
			if !Keyable(h.Key()) {
				ids["author"] = h.Key()
			}
		}
	case it.Edit != nil:
		ids = map[string]string{"message id": it.Edit.ID, "thread": it.Edit.Thread, "author": it.Edit.Author.Handle.Key()}
	case it.Delete != nil:
		ids = map[string]string{"message id": it.Delete.ID, "thread": it.Delete.Thread, "author": it.Delete.Author.Handle.Key()}
	case it.Consent != nil:
		ids = map[string]string{"message id": it.Consent.ID, "thread": it.Consent.Thread, "author": it.Consent.Author.Handle.Key()}
	case it.Report != nil:
		ids = map[string]string{"message id": it.Report.ID, "reply id": it.Report.ReplyID, "thread": it.Report.Thread}
	}
	for _, what := range slices.Sorted(maps.Keys(ids)) {
		switch id := ids[what]; {
		case len(id) > maxID:
			return fmt.Sprintf("a %s of %d bytes, at most %d are possible", what, len(id), maxID)
		case !Keyable(id):
			return fmt.Sprintf("a %s that is not UTF-8, or has a NUL", what)
		}
	}
	return ""
}

// Keyable reports whether an id can stand in a key of the table.
func Keyable(id string) bool {
	return len(id) <= maxID && utf8.ValidString(id) && strings.IndexByte(id, 0) < 0
}

// Fit cuts a message to what a case can keep.
func (m *Message) Fit() {
	m.Cut = m.Cut || len(m.Text) > MaxText || len(m.Quoted) > MaxQuoted || len(m.Attachments) > MaxAttachments
	m.Text, m.Quoted, m.Subject = Clip(m.Text, MaxText), Clip(m.Quoted, MaxQuoted), Clip(m.Subject, MaxSubject)
	m.Author.Name, m.Author.Username = CleanName(m.Author.Name), CleanName(m.Author.Username)
	m.Refs = slices.DeleteFunc(m.Refs, func(id string) bool { return !Keyable(id) })
	m.Refs = m.Refs[:min(len(m.Refs), maxRefs)]
	left := maxRefsJSON
	m.Refs = slices.DeleteFunc(m.Refs, func(id string) bool {
		left -= sizeJSON(id)
		return left < 0
	})
	if !Keyable(m.Parent) {
		m.Parent = ""
	}
	if !Keyable(m.Token) {
		m.Token = ""
	}
	m.Author.Locale, m.Language = Clip(m.Author.Locale, maxName), Clip(m.Language, maxName)
	m.fitFiles()
	for k, v := range m.Extra {
		if sizeJSON(v) > maxAddress {
			delete(m.Extra, k)
		}
	}
}

// fitFiles cuts what is kept of the attachments. Where all together are too long, the
// later ones lose their addresses, then themselves.
func (m *Message) fitFiles() {
	m.Attachments = m.Attachments[:min(len(m.Attachments), MaxAttachments)]
	left := maxFilesJSON
	for i := range m.Attachments {
		a := &m.Attachments[i]
		a.Type, a.MIME, a.SHA256 = Clip(a.Type, maxName), Clip(a.MIME, maxName), Clip(a.SHA256, maxName)
		a.Name, a.Alt = Clip(a.Name, maxName), Clip(a.Alt, maxName)
		if len(a.URL) > maxAddress {
			a.URL = "" // half an address leads nowhere
		}
		if !Keyable(a.Ref) {
			a.Ref = ""
		}
		address := sizeJSON(a.URL) + sizeJSON(a.Ref)
		rest := sizeJSON(a.Type) + sizeJSON(a.MIME) + sizeJSON(a.SHA256) + sizeJSON(a.Name) + sizeJSON(a.Alt)
		if address+rest > left {
			m.Cut = true
			a.URL, a.Ref, address = "", "", 0
		}
		if left -= address + rest; left < 0 {
			m.Attachments = m.Attachments[:i]
			return
		}
	}
}

// sizeJSON is how many bytes encoding/json takes at most for a text without its quotes.
func sizeJSON(s string) int {
	n := len(s)
	for _, r := range s {
		switch {
		case r < 0x20, r == '<', r == '>', r == '&':
			n += 5
		case r == '"', r == '\\':
			n++
		case r == '\u2028', r == '\u2029':
			n += 3
		case r == utf8.RuneError: // broken bytes become one
			n += 5
		}
	}
	return n
}

// Clip cuts a text to at most n bytes at a rune's edge, with an ellipsis where
// something is missing.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n = max(n-len("…"), 0)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
