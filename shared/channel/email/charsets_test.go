package email

import (
	"io"
	"strings"
	"testing"

	gocharset "github.com/emersion/go-message/charset"
)

// labels are how mail names charsets, and the same charset otherwise.
const labels = `
iso-8859-1 ISO_8859-1:1987 latin1 l1 cp819 | iso-8859-2 ISO_8859-2:1987 latin2 csISOLatin2 | iso-8859-3 latin3 | iso-8859-4 latin4 |
iso-8859-5 cyrillic csISOLatinCyrillic | iso-8859-6 arabic iso-8859-6-i | iso-8859-7 greek ECMA-118 | iso-8859-8 hebrew iso-8859-8-i |
iso-8859-9 latin5 | iso-8859-10 latin6 | iso-8859-13 | iso-8859-14 iso-celtic | iso-8859-15 Latin-9 | iso-8859-16 latin10 |
windows-1250 cp1250 x-cp1250 | windows-1251 cp1251 | windows-1252 cp1252 x-cp1252 | windows-1253 | windows-1254 | windows-1255 | windows-1256 | windows-1257 | windows-1258 |
windows-874 tis-620 iso-8859-11 | koi8-r csKOI8R koi8 | koi8-u koi8-ru | macintosh mac x-mac-roman | x-mac-cyrillic | ibm437 cp437 | ibm850 cp850 | ibm852 | ibm855 |
ibm860 | ibm862 | ibm863 | ibm865 | ibm866 cp866 | ibm037 | ibm1047 | ibm01140 | ibm00858 |
shift_jis sjis windows-31j ms_kanji x-sjis | euc-jp x-euc-jp | iso-2022-jp csISO2022JP | gbk cp936 gb2312 gb_2312-80 x-gbk GB18030 | hz-gb-2312 | big5 big5-hkscs x-x-big5 |
euc-kr ks_c_5601-1987 korean windows-949 ksc5601 | utf-8 unicode-1-1-utf-8 utf8 | utf-16be | utf-16le`

// Every label gives what the library's own index gives, letter by letter.
func TestEveryLabelIsThatOfTheIndex(t *testing.T) {
	var text []byte
	for c := byte(0x20); c < 0xff; c++ {
		if c < 0x7f || c >= 0xa0 { // ISO 8859-1 has nothing between, and is written as if
			text = append(text, c)
		}
	}
	n := 0
	for group := range strings.SplitSeq(labels, "|") {
		if strings.HasPrefix(strings.TrimSpace(group), "shift_jis") { // from here on the Asian ones
			text = []byte("abc \xb0\xa1\xb1\xa2 \x1b$B$3$1\x1b(B ~{<:Ky~} \xc9\xe2\xd8\xbb")
		}
		for _, label := range strings.Fields(group) {
			n++
			r, err := gocharset.Reader(label, strings.NewReader(string(text)))
			if err != nil {
				r, err = gocharset.Reader(strings.Fields(group)[0], strings.NewReader(string(text)))
			}
			if err != nil {
				t.Fatalf("%s: %v", label, err)
			}
			want, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := fromCharset(label, text)
			if !ok || !sameLetters(got, strings.ToValidUTF8(string(want), "\ufffd")) {
				t.Errorf("%s is read otherwise", label)
			}
		}
	}
	if n < 100 {
		t.Errorf("%d labels", n)
	}
	for _, label := range []string{"", "x-klingon", "iso-8859-99", "utf-7"} {
		if _, ok := fromCharset(label, []byte("a")); ok {
			t.Errorf("there is a charset %q", label)
		}
	}
}

// sameLetters compares texts but for the letters 0x80 to 0x9f of ISO 8859, controls
// that mean Windows's letters wherever they are written.
func sameLetters(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] && (y[i] < 0x80 || y[i] > 0x9f) {
			return false
		}
	}
	return true
}

// A file's name may be in any charset, too.
func TestAFileNameInAnotherCharset(t *testing.T) {
	m := parseMail(letter("Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"=?iso-8859-1?Q?Stra=DFe.pdf?=\"", "x"))
	if len(m.parts) != 1 || m.parts[0].name != "Straße.pdf" {
		t.Errorf("got %+v", m.parts)
	}
}
