package mask

import "unicode/utf8"

// plain is a text as the shapes are looked for in it: phones and word processors put
// blanks and dashes of other kinds between digits, and marks that nobody sees around
// them; some keyboards have digits of their own.
func plain(s string) string {
	i := 0
	for i < len(s) && s[i] < 0xC2 {
		i++
	}
	var b []byte // nil as long as s is plain
	for i < len(s) {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		as := rune(-1)
		switch {
		case r < utf8.RuneSelf, r == utf8.RuneError:
		case r == 0xA0, r >= 0x2000 && r <= 0x200A, r == 0x202F, r == 0x205F, r == 0x3000:
			as = ' '
		case r >= 0x2010 && r <= 0x2015, r == 0x2212, r == 0xFF0D:
			as = '-'
		case r == 0xFF0B:
			as = '+'
		case r == 0xFF20:
			as = '@'
		case r >= 0xFF10 && r <= 0xFF19:
			as = r - 0xFF10 + '0'
		case r >= 0x660 && r <= 0x669:
			as = r - 0x660 + '0'
		case r >= 0x6F0 && r <= 0x6F9:
			as = r - 0x6F0 + '0'
		case r == 0xAD, r == 0x200B, r == 0x200E, r == 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2064, r >= 0x2066 && r <= 0x2069, r == 0xFEFF:
			as = 0
		}
		if as >= 0 && b == nil {
			b = append(make([]byte, 0, len(s)), s[:i]...)
		}
		switch {
		case as > 0:
			b = append(b, byte(as))
		case as < 0 && b != nil:
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	if b == nil {
		return s
	}
	return string(b)
}
