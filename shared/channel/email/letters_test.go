package email

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

// library has the charsets of letters.txt as golang.org/x/text decodes them, by name.
var library = map[string]*charmap.Charmap{
	"windows-1250": charmap.Windows1250, "windows-1251": charmap.Windows1251, "windows-1252": charmap.Windows1252, "windows-1253": charmap.Windows1253,
	"windows-1254": charmap.Windows1254, "windows-1255": charmap.Windows1255, "windows-1256": charmap.Windows1256, "windows-1257": charmap.Windows1257,
	"windows-1258": charmap.Windows1258, "windows-874": charmap.Windows874,
	"iso-8859-2": charmap.ISO8859_2, "iso-8859-3": charmap.ISO8859_3, "iso-8859-4": charmap.ISO8859_4, "iso-8859-5": charmap.ISO8859_5,
	"iso-8859-6": charmap.ISO8859_6, "iso-8859-7": charmap.ISO8859_7, "iso-8859-8": charmap.ISO8859_8, "iso-8859-10": charmap.ISO8859_10,
	"iso-8859-13": charmap.ISO8859_13, "iso-8859-14": charmap.ISO8859_14, "iso-8859-15": charmap.ISO8859_15, "iso-8859-16": charmap.ISO8859_16,
	"koi8-r": charmap.KOI8R, "koi8-u": charmap.KOI8U, "macintosh": charmap.Macintosh, "x-mac-cyrillic": charmap.MacintoshCyrillic,
	"ibm037": charmap.CodePage037, "ibm437": charmap.CodePage437, "ibm850": charmap.CodePage850, "ibm852": charmap.CodePage852, "ibm855": charmap.CodePage855,
	"ibm858": charmap.CodePage858, "ibm860": charmap.CodePage860, "ibm862": charmap.CodePage862, "ibm863": charmap.CodePage863, "ibm865": charmap.CodePage865,
	"ibm866": charmap.CodePage866, "ibm1047": charmap.CodePage1047, "ibm1140": charmap.CodePage1140,
}

// The file's letters are those of golang.org/x/text, byte by byte.
func TestTheLettersAreThoseOfTheLibrary(t *testing.T) {
	var file strings.Builder
	for _, name := range slices.Sorted(maps.Keys(library)) {
		said := make([]rune, 0, 256)
		first := 0x80
		for c := range 256 {
			r := library[name].DecodeByte(byte(c))
			if said = append(said, r); c < 0x80 && r != rune(c) {
				first = 0
			}
		}
		fmt.Fprintf(&file, "%s %q\n", name, string(said[first:]))
	}
	if *tablesAnew {
		if err := os.WriteFile("letters.txt", []byte(file.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if file.String() != lettersOf {
		t.Error("letters.txt is not what the library says: go test ./shared/channel/email -run Letters -tables")
	}
	all := make([]byte, 256)
	for c := range all {
		all[c] = byte(c)
	}
	for name, enc := range library {
		want, err := enc.NewDecoder().Bytes(all)
		if err != nil {
			t.Fatal(err)
		}
		if got := oneByte(name)(all); got != string(want) {
			t.Errorf("%s is read as %q, want %q", name, got, want)
		}
	}
}

// Every charset that a label names is in the file.
func TestEveryCharsetHasLetters(t *testing.T) {
	named := map[string]bool{}
	for _, label := range strings.Fields(strings.ReplaceAll(labels, "|", " ")) {
		key := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(label))
		key = strings.TrimPrefix(strings.TrimPrefix(key, "cs"), "x")
		named[western(key)], named[eastern(key)] = true, true
	}
	delete(named, "")
	for name := range named {
		if library[name] == nil {
			t.Errorf("%s is no charset of letters.txt", name)
		}
	}
	if len(named) < len(library)-6 { // a few have labels that only the code knows
		t.Errorf("only %d of %d charsets are named", len(named), len(library))
	}
}

// letters are those of a text without what stands for bytes that are none.
func letters(text string) []byte { return []byte(strings.ReplaceAll(text, "\ufffd", "")) }

// Unicode is decoded as the library does, whatever the bytes.
func TestUnicodeIsThatOfTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte{0xfe, 0xff, 0xd8, 0xdc, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98}))).Draw(t, "text")
		for label, enc := range map[string]encoding.Encoding{"utf-8": unicode.UTF8, "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)} {
			want, err := enc.NewDecoder().Bytes(text)
			if err != nil {
				t.Fatal(err)
			}
			got := charset(label)(text)
			if strings.Contains(got, "\ufffd") { // how many there are in a row is a matter of taste
				want, got = letters(string(want)), string(letters(got))
			}
			if got != string(want) {
				t.Fatalf("%x in %s is read as %q, want %q", text, label, got, want)
			}
		}
	})
}
