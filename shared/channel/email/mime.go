package email

import (
	"bytes"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	gomessage "github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"
)

// The bounds on a mail's structure: nobody writes deeper or into more parts, and a
// hostile mail should cost no more than its length.
const (
	deepest      = 24
	mostParts    = 300
	mostFields   = 1000     // of a header
	longestField = 64 << 10 // bytes; References of a long thread take some thousands
)

// parseMail reads a raw mail (RFC 5322, MIME). Broken mail is common: what can't be
// understood is kept as text or as a file, and nothing fails.
func parseMail(raw []byte) incoming {
	h, body := splitHeader(raw)
	m := incoming{header: h.header()}
	if from := mailboxes(m.header.get("From")); len(from) > 0 {
		m.from = from[0]
	} else if sender := mailboxes(m.header.get("Sender")); len(sender) > 0 {
		m.from = sender[0]
	}
	m.to = append(mailboxes(m.header.get("To")), mailboxes(m.header.get("Cc"))...)
	m.subject, m.date = m.header.get("Subject"), m.header.get("Date")
	t := tree{m: &m}
	t.read(h, body, 0)
	m.text, m.html = strings.Join(t.plain, "\n"), strings.Join(t.rich, "\n")
	return m
}

// tree walks the parts of a mail.
type tree struct {
	m           *incoming
	plain, rich []string
	seen        int
}

func (t *tree) read(h rawHeader, body []byte, depth int) {
	if t.seen++; t.seen > mostParts {
		return
	}
	kind, params := h.contentType()
	if boundary := params["boundary"]; strings.HasPrefix(kind, "multipart/") && boundary != "" && depth < deepest {
		parts := splitParts(body, boundary)
		for _, p := range parts {
			ph, pbody := splitHeader(p)
			if len(ph) == 0 && kind == "multipart/digest" {
				ph = rawHeader{{"Content-Type", "message/rfc822"}}
			}
			t.read(ph, pbody, depth+1)
		}
		if len(parts) > 0 {
			return
		}
		kind = "text/plain" // the boundary never comes: all of it is text
		h = nil
	}
	disposition, name := h.file()
	text := (kind == "text/plain" || kind == "text/html") && disposition != "attachment" && name == ""
	content := h.decode(body, kind)
	switch {
	case text && kind == "text/plain":
		s := asUTF8(content, params["charset"])
		if strings.EqualFold(params["format"], "flowed") {
			s = unflow(s, strings.EqualFold(params["delsp"], "yes"))
		}
		t.plain = append(t.plain, s)
	case text:
		t.rich = append(t.rich, asUTF8(content, params["charset"]))
	case depth == 0 && strings.HasPrefix(kind, "multipart/"): // no boundary given
		t.plain = append(t.plain, asUTF8(content, ""))
	default:
		t.m.parts = append(t.m.parts, part{name: name, mime: kind, contentID: strings.Trim(h.get("Content-Id"), "<> "),
			size: int64(len(content)), content: func() []byte { return content }})
	}
}

// splitParts cuts a multipart body at its boundary. A last delimiter that is
// missing and bare line feeds are forgiven.
func splitParts(body []byte, boundary string) [][]byte {
	var parts [][]byte
	mark := []byte("--" + boundary)
	start := -1
	for at := 0; at < len(body) && len(parts) < mostParts; {
		end := len(body)
		if n := bytes.IndexByte(body[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		line := bytes.TrimRight(body[at:end], " \t\r\n")
		if rest, ok := bytes.CutPrefix(line, mark); ok && (len(rest) == 0 || string(rest) == "--") {
			if start >= 0 {
				parts = append(parts, withoutLineEnd(body[start:at]))
			}
			if start = end; len(rest) > 0 {
				return parts
			}
		}
		at = end
	}
	if start >= 0 && start < len(body) {
		parts = append(parts, body[start:])
	}
	return parts
}

// withoutLineEnd drops the line end that belongs to the delimiter below.
func withoutLineEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}

// rawHeader are header fields as they came, unfolded.
type rawHeader headers

// splitHeader parts a mail, or a part of one, into header and body. Lines that are
// no header fields (an mbox mark, a broken line) are passed over; a text that has no
// header field at all is all body.
func splitHeader(raw []byte) (rawHeader, []byte) {
	var h rawHeader
	for at := 0; at < len(raw); {
		end := len(raw)
		if n := bytes.IndexByte(raw[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		line := bytes.TrimRight(raw[at:end], "\r\n")
		switch name, value, ok := bytes.Cut(line, []byte(":")); {
		case len(bytes.TrimRight(line, " \t")) == 0:
			return h, raw[end:]
		case line[0] == ' ' || line[0] == '\t':
			if n := len(h); n > 0 && len(h[n-1].value) < longestField {
				h[n-1].value += " " + strings.TrimSpace(string(line))
			}
		case ok && fieldName(name):
			if len(h) == mostFields {
				break
			}
			h = append(h, header{name: strings.TrimSpace(string(name)), value: strings.TrimSpace(string(value))})
		case len(h) == 0 && at > 0 || at == 0 && !bytes.HasPrefix(line, []byte("From ")) && !bytes.HasPrefix(line, []byte(">From ")):
			return nil, raw
		}
		at = end
	}
	return h, nil
}

func fieldName(name []byte) bool {
	name = bytes.TrimRight(name, " \t")
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return len(name) > 0 && len(name) < 128
}

func (h rawHeader) get(name string) string {
	for _, x := range h {
		if strings.EqualFold(x.name, name) {
			return x.value
		}
	}
	return ""
}

// header is the same in UTF-8: 8-bit header fields are in the mail's charset, if
// that is anything.
func (h rawHeader) header() headers {
	_, params := h.contentType()
	out := make(headers, 0, len(h))
	for _, x := range h {
		out = append(out, header{name: x.name, value: asUTF8([]byte(x.value), params["charset"])})
	}
	return out
}

// entity are the fields that say how a part is written.
func (h rawHeader) entity() gomessage.Header {
	var g gomessage.Header
	for _, x := range h {
		if len(x.name) >= 8 && strings.EqualFold(x.name[:8], "content-") {
			g.Add(x.name, strings.ToValidUTF8(x.value, "?"))
		}
	}
	return g
}

func (h rawHeader) contentType() (kind string, params map[string]string) {
	value := h.get("Content-Type")
	if value == "" {
		return "text/plain", nil
	}
	kind, params, err := mime.ParseMediaType(value)
	if err == nil && strings.Contains(kind, "/") {
		return kind, params
	}
	// A parameter is written wrongly: read what can be read.
	fields := strings.Split(value, ";")
	kind = strings.ToLower(strings.TrimSpace(fields[0]))
	if !strings.Contains(kind, "/") {
		return "text/plain", nil
	}
	params = map[string]string{}
	for _, f := range fields[1:] {
		if k, v, ok := strings.Cut(f, "="); ok {
			params[strings.ToLower(strings.TrimSpace(k))] = strings.Trim(strings.TrimSpace(v), `"'`)
		}
	}
	return kind, params
}

// file is how a part wants to be shown, and its file name.
func (h rawHeader) file() (disposition, name string) {
	if len(h) == 0 {
		return "", ""
	}
	a := gomail.AttachmentHeader{Header: h.entity()}
	name, _ = a.Filename() // what it can't decode it gives as it is
	disposition, _, _ = strings.Cut(strings.ToLower(h.get("Content-Disposition")), ";")
	return strings.TrimSpace(disposition), decoded(name)
}

// decode undoes the transfer encoding; text stays in its charset. Where the encoding
// is broken, what was read stays and the rest follows as it is.
func (h rawHeader) decode(body []byte, kind string) []byte {
	encoding := strings.ToLower(strings.TrimSpace(h.get("Content-Transfer-Encoding")))
	if encoding == "" || encoding == "7bit" || encoding == "8bit" || encoding == "binary" || strings.HasPrefix(kind, "multipart/") {
		return body
	}
	var g gomessage.Header
	g.Set("Content-Type", "application/octet-stream") // no charset: that is ours to guess
	g.Set("Content-Transfer-Encoding", encoding)
	left := bytes.NewReader(body)
	entity, err := gomessage.New(g, left)
	if err != nil {
		return body // an encoding that nobody knows
	}
	out, err := io.ReadAll(entity.Body)
	if err == nil {
		return out
	}
	if encoding == "base64" {
		return looseBase64(body)
	}
	if len(out) == 0 {
		return body
	}
	rest := make([]byte, left.Len())
	_, _ = left.Read(rest) // of memory: it gives all of it
	return append(out, rest...)
}

// unflow joins the lines that a client broke softly (RFC 3676): those that end with
// a blank, within one depth of quoting.
func unflow(text string, dropBlank bool) string {
	var out []string
	open := -1 // the quote depth of a line that goes on, or -1
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		bare := strings.TrimLeft(line, ">")
		depth := len(line) - len(bare)
		bare = strings.TrimPrefix(bare, " ")
		soft := strings.HasSuffix(bare, " ") && bare != "-- "
		whole := bare
		if soft && dropBlank {
			whole = bare[:len(bare)-1]
		}
		if open == depth && bare != "-- " && len(out) > 0 {
			out[len(out)-1] += whole
		} else {
			if depth > 0 {
				whole = strings.Repeat(">", depth) + " " + whole
			}
			out = append(out, whole)
		}
		if open = -1; soft {
			open = depth
		}
	}
	return strings.Join(out, "\n")
}

// asUTF8 brings text of a charset into UTF-8. Text that is UTF-8 whatever it says
// of itself, stays; what can't be read otherwise is taken for Windows's Western.
func asUTF8(text []byte, charset string) string {
	label := strings.ToLower(strings.TrimSpace(charset))
	wide := strings.HasPrefix(label, "iso-2022") || strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf-32") || label == "hz-gb-2312"
	if utf8.Valid(text) && !wide {
		return string(text)
	}
	if label != "" && label != "us-ascii" && label != "utf-8" {
		if s, ok := fromCharset(label, text); ok {
			return s
		}
	}
	if label == "utf-8" && mostlyUTF8(text) {
		return strings.ToValidUTF8(string(text), "\ufffd")
	}
	s, _ := fromCharset("windows-1252", text)
	return s
}

// mostlyUTF8 tells a text cut or broken in one place from another charset's.
func mostlyUTF8(text []byte) bool {
	good, bad := 0, 0
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && n <= 1:
			bad++
		case n > 1:
			good++
		}
		text = text[max(n, 1):]
	}
	return good > bad
}
