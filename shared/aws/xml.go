package aws

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Element is one of an XML answer's that has text and no elements in it.
type Element struct {
	Parent, Name, Text string
}

// Elements lists them in the order of the answer. It reads what S3 writes, elements
// and text, and no more of XML than that: encoding/xml would be 0.1 MB of every
// function. An answer that breaks off is an error.
func Elements(answer string) ([]Element, error) {
	var found []Element
	open := []string{""}
	text, leaf, any := "", false, false
	for rest := answer; ; {
		before, tag, ok := strings.Cut(rest, "<")
		text += before
		if !ok {
			if len(open) > 1 || !any || strings.TrimSpace(before) != "" {
				return nil, errors.New("the answer is no whole XML")
			}
			return found, nil
		}
		tag, after, ok := strings.Cut(tag, ">")
		if !ok {
			return nil, errors.New("the answer breaks off within an XML tag")
		}
		rest = after
		name, _, _ := strings.Cut(strings.TrimSuffix(tag, "/"), " ")
		switch {
		case strings.HasPrefix(tag, "?"): // the declaration
		case strings.HasPrefix(tag, "!") || name == "":
			return nil, fmt.Errorf("the answer has the XML tag <%s>", tag)
		case strings.HasPrefix(tag, "/"):
			last := len(open) - 1
			if tag[1:] != open[last] || last == 0 {
				return nil, fmt.Errorf("the XML tag <%s> closes nothing", tag)
			}
			if leaf {
				said, err := unescape(text)
				if err != nil {
					return nil, err
				}
				found = append(found, Element{open[last-1], open[last], said})
			}
			open, leaf = open[:last], false
		case strings.HasSuffix(tag, "/"):
			found = append(found, Element{open[len(open)-1], name, ""})
			leaf, any = false, true
		default:
			open = append(open, name)
			leaf, any = true, true
		}
		text = ""
	}
}

// unescape resolves the references that stand for letters.
func unescape(text string) (string, error) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "&")
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		name, after, ok := strings.Cut(rest, ";")
		letter, known := map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"', "apos": '\''}[name]
		if number, isNumber := strings.CutPrefix(name, "#"); isNumber {
			base := 10
			if hex, isHex := strings.CutPrefix(number, "x"); isHex {
				number, base = hex, 16
			}
			n, err := strconv.ParseUint(number, base, 21)
			letter, known = rune(n), err == nil && utf8.ValidRune(rune(n))
		}
		if !ok || !known {
			return "", fmt.Errorf("the answer has the XML reference &%.10s", name)
		}
		b.WriteRune(letter)
		text = after
	}
}
