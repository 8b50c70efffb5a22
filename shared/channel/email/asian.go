package email

import (
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// asianTables are what the charsets of East Asia are decoded by: golang.org/x/text's
// tables without those for encoding, which no mail of ours needs and which are twice
// as large. As a string, which nothing but the reader below names, they are only in the
// programs that decode mail. `go test ./shared/channel/email -run Asian -tables` makes the file.
//
//go:embed asian.bin.gz
var asianTables string

// The characters of two bytes: 126 first bytes from 0x81 on, 191 second ones from 0x40.
const (
	firstLow, secondLow = 0x81, 0x40
	firsts, seconds     = 126, 191
	square              = 94 // first and second bytes of JIS X 0212
)

// Tables are in the file in this order, three bytes a character; then come the
// ranges of GB 18030's four bytes.
const (
	tableGBK = iota
	tableBig5
	tableKorean
	tableShiftJIS
	tables
)

// unpacked is the file's content. What the program carries can't be damaged.
func unpacked() []byte {
	unpacking.Do(func() { unpackedTables = unpack() })
	return unpackedTables
}

var (
	unpacking      sync.Once
	unpackedTables []byte
)

func unpack() []byte {
	r, err := gzip.NewReader(strings.NewReader(asianTables))
	if err != nil {
		panic(err)
	}
	all, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return all
}

func char(at int) rune {
	all := unpacked()
	return rune(all[3*at])<<16 | rune(all[3*at+1])<<8 | rune(all[3*at+2])
}

// pair is the character of two bytes, 0 if there is none.
func pair(table int, first, second byte) rune {
	i, j := int(first)-firstLow, int(second)-secondLow
	if i < 0 || i >= firsts || j < 0 || j >= seconds {
		return 0
	}
	return char((table*firsts+i)*seconds + j)
}

// supplementary is a character of JIS X 0212.
func supplementary(first, second byte) rune {
	i, j := int(first)-0xa1, int(second)-0xa1
	if i < 0 || i >= square || j < 0 || j >= square {
		return 0
	}
	return char(tables*firsts*seconds + i*square + j)
}

// fourBytes is a character of GB 18030 that has no two bytes.
func fourBytes(b []byte) rune {
	if b[0] < 0x81 || b[0] > 0xfe || b[1]-'0' > 9 || b[2] < 0x81 || b[2] > 0xfe || b[3]-'0' > 9 {
		return 0
	}
	n := ((int(b[0]-0x81)*10+int(b[1]-'0'))*126+int(b[2]-0x81))*10 + int(b[3]-'0')
	if n >= 189_000 {
		if r := rune(n - 189_000 + 0x10000); r <= utf8.MaxRune {
			return r
		}
		return 0
	}
	ranges := unpacked()[3*(tables*firsts*seconds+square*square):]
	found := rune(0)
	for ; len(ranges) >= 4; ranges = ranges[4:] {
		from := int(binary.BigEndian.Uint16(ranges))
		if from > n {
			break
		}
		if found = rune(binary.BigEndian.Uint16(ranges[2:])); found > 0 {
			found += rune(n - from)
		}
	}
	return found
}

// halfKatakana is a letter of one byte of the Japanese charsets.
func halfKatakana(b byte) rune { return rune(b) - 0xa1 + 0xff61 }

// asianText decodes text of a charset that has characters of several bytes. read
// gives the character that some bytes begin with, 0 if there is none, and its bytes.
func asianText(text []byte, read func(b []byte) (r rune, size int)) string {
	var out strings.Builder
	out.Grow(len(text) * 3 / 2)
	for len(text) > 0 {
		r, size := rune(text[0]), 1
		if r >= 0x80 {
			if r, size = read(text); r == 0 {
				r, size = utf8.RuneError, 1
				if len(text) > 1 && text[1] >= 0x80 { // what begins a character that isn't there
					size = 2
				}
			}
		}
		out.WriteRune(r)
		text = text[size:]
	}
	return out.String()
}

func second(b []byte) byte {
	if len(b) < 2 {
		return 0
	}
	return b[1]
}

func gb18030(b []byte) (rune, int) {
	if b[0] == 0x80 {
		return '€', 1
	}
	if len(b) > 3 && b[1] < 0x40 {
		return fourBytes(b), 4
	}
	return pair(tableGBK, b[0], second(b)), 2
}

func big5(b []byte) (rune, int) { return pair(tableBig5, b[0], second(b)), 2 }

func eucKR(b []byte) (rune, int) { return pair(tableKorean, b[0], second(b)), 2 }

func shiftJIS(b []byte) (rune, int) {
	switch {
	case b[0] == 0x80:
		return 0x80, 1
	case b[0] >= 0xa1 && b[0] <= 0xdf:
		return halfKatakana(b[0]), 1
	}
	return pair(tableShiftJIS, b[0], second(b)), 2
}

func eucJP(b []byte) (rune, int) {
	switch {
	case b[0] == 0x8e && second(b) >= 0xa1 && second(b) <= 0xdf:
		return halfKatakana(b[1]), 2
	case b[0] == 0x8f && len(b) > 2:
		return supplementary(b[1], b[2]), 3
	}
	return jis(b[0], second(b)), 2
}

// jis is a character of JIS X 0208 by its bytes with the high bits set: Shift JIS
// has the same, two rows in one.
func jis(first, second byte) rune {
	if first < 0xa1 || first > 0xfe || second < 0xa1 || second > 0xfe {
		return 0
	}
	row, cell := first-0xa1, second-0xa1
	lead := row/2 + 0x81
	if lead > 0x9f {
		lead += 0x40
	}
	trail := cell + 0x40
	if trail >= 0x7f {
		trail++
	}
	if row%2 == 1 {
		trail = cell + 0x9f
	}
	return pair(tableShiftJIS, lead, trail)
}

func gb2312(first, second byte) rune { return pair(tableGBK, first, second) }

// sevenBits is the character that text begins with where characters are two bytes
// without their high bits. A space or a control after the first byte is none of its:
// an escape that ends the characters must be seen, or all that follows is garbled.
func sevenBits(text []byte, read func(first, second byte) rune) (r rune, size int) {
	size = 1
	if second(text) > 0x20 {
		size = 2
		r = read(text[0]|0x80, text[1]|0x80)
	}
	if r == 0 {
		r = utf8.RuneError
	}
	return r, size
}

// iso2022JP switches between sets of characters by escapes.
func iso2022JP(text []byte) string {
	var out strings.Builder
	double, kana := false, false
	for len(text) > 0 {
		if text[0] == 0x1b && len(text) > 2 {
			set := string(text[1:3])
			if set == "(B" || set == "(J" || set == "(I" || set == "$@" || set == "$B" {
				double, kana = set[0] == '$', set == "(I"
				text = text[3:]
				continue
			}
		}
		r, size := rune(text[0]), 1
		switch {
		case r >= 0x80:
			r = utf8.RuneError
		case r <= 0x20:
		case kana && r < 0x60:
			r = halfKatakana(text[0] | 0x80)
		case double:
			r, size = sevenBits(text, jis)
		}
		out.WriteRune(r)
		text = text[size:]
	}
	return out.String()
}

// hz switches to GB 2312 and back by ~{ and ~}.
func hz(text []byte) string {
	var out strings.Builder
	double := false
	for len(text) > 0 {
		if text[0] == '~' && len(text) > 1 {
			switch text[1] {
			case '{', '}':
				double = text[1] == '{'
				text = text[2:]
				continue
			case '~':
				out.WriteByte('~')
				text = text[2:]
				continue
			case '\n':
				text = text[2:]
				continue
			}
		}
		r, size := rune(text[0]), 1
		switch {
		case r >= 0x80:
			r = utf8.RuneError
		case double && r > 0x20:
			r, size = sevenBits(text, gb2312)
		}
		out.WriteRune(r)
		text = text[size:]
	}
	return out.String()
}
