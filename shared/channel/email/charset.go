package email

import (
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"strings"
)

// words decodes encoded words.
var words = mime.WordDecoder{CharsetReader: func(label string, r io.Reader) (io.Reader, error) {
	decode := charset(label)
	if decode == nil {
		return nil, fmt.Errorf("no charset %q", label)
	}
	text, err := io.ReadAll(r)
	return strings.NewReader(decode(text)), err
}}

// decoded resolves encoded words ("=?iso-8859-15?Q?J=F6rg?="). What can't be
// decoded stays as it is.
func decoded(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	out, err := words.DecodeHeader(s)
	if err != nil {
		return s
	}
	return strings.ToValidUTF8(out, "\ufffd")
}

// fromCharset decodes text. False: there is no such charset.
func fromCharset(label string, text []byte) (string, bool) {
	decode := charset(label)
	if decode == nil {
		return strings.ToValidUTF8(string(text), "\ufffd"), false
	}
	return strings.ToValidUTF8(decode(text), "\ufffd"), true
}

// looseBase64 decodes base64 up to where it ends or breaks.
func looseBase64(text []byte) []byte {
	clean := make([]byte, 0, len(text))
loop:
	for _, c := range text {
		switch {
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/':
			clean = append(clean, c)
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			break loop
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out, _ := base64.RawStdEncoding.DecodeString(string(clean)) // only letters of the alphabet are left
	return out
}
