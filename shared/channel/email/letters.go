package email

import (
	_ "embed"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// lettersOf has a charset of one byte a letter on each line: its name, and the letters of
// its last bytes as Go quotes them. They are golang.org/x/text's, whose package makes
// tables of all of them, 90 KB, when a program starts that does no more than import
// it; these are only in the programs that decode mail.
// `go test ./shared/channel/email -run Letters -tables` makes the file.
//
//go:embed letters.txt
var lettersOf string

// oneByte decodes the charset of that name in letters.txt. The bytes that have no letters
// there are those of ASCII.
func oneByte(name string) func([]byte) string {
	_, rest, _ := strings.Cut("\n"+lettersOf, "\n"+name+" ")
	quoted, _, _ := strings.Cut(rest, "\n")
	said, _ := strconv.Unquote(quoted) // a test reads all of them
	letters := []rune(said)
	ascii := 256 - len(letters)
	return func(text []byte) string {
		var out strings.Builder
		out.Grow(len(text) * 3 / 2)
		for _, c := range text {
			if int(c) < ascii {
				out.WriteByte(c)
			} else {
				out.WriteRune(letters[int(c)-ascii])
			}
		}
		return out.String()
	}
}

// utf8Text is text in which each byte that is no letter is marked.
func utf8Text(text []byte) string { return string([]rune(string(text))) }

// utf16Text is text in the order of bytes that its mark says, else in the usual one.
func utf16Text(text []byte, usual binary.ByteOrder) string {
	order := usual
	if len(text) >= 2 {
		switch binary.BigEndian.Uint16(text) {
		case 0xfeff:
			order, text = binary.BigEndian, text[2:]
		case 0xfffe:
			order, text = binary.LittleEndian, text[2:]
		}
	}
	units := make([]uint16, 0, len(text)/2+1)
	for ; len(text) >= 2; text = text[2:] {
		units = append(units, order.Uint16(text))
	}
	if len(text) > 0 { // half a letter
		units = append(units, utf8.RuneError)
	}
	return string(utf16.Decode(units))
}
