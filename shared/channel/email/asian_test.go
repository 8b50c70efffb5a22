package email

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"flag"
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"pgregory.net/rapid"
)

var tablesAnew = flag.Bool("tables", false, "write asian.bin.gz and letters.txt anew")

// one is the character that bytes are in an encoding, 0 if they are none.
func oneOf(t *testing.T, enc encoding.Encoding, b ...byte) rune {
	t.Helper()
	out, err := enc.NewDecoder().Bytes(b)
	r, size := utf8.DecodeRune(out)
	if err != nil || size != len(out) || r == utf8.RuneError {
		return 0
	}
	return r
}

// The tables are those of golang.org/x/text.
func TestTheAsianTablesAreThoseOfTheLibrary(t *testing.T) {
	var want []byte
	add := func(r rune) { want = append(want, byte(r>>16), byte(r>>8), byte(r)) }
	for _, enc := range []encoding.Encoding{simplifiedchinese.GB18030, traditionalchinese.Big5, korean.EUCKR, japanese.ShiftJIS} {
		for i := range firsts {
			for j := range seconds {
				add(oneOf(t, enc, byte(firstLow+i), byte(secondLow+j)))
			}
		}
	}
	for i := range square {
		for j := range square {
			add(oneOf(t, japanese.EUCJP, 0x8f, byte(0xa1+i), byte(0xa1+j)))
		}
	}
	last, from := rune(-1), 0
	for n := range 39_420 { // the rest has no characters
		r := oneOf(t, simplifiedchinese.GB18030, byte(0x81+n/12_600), byte('0'+n/1260%10), byte(0x81+n/10%126), byte('0'+n%10))
		if r == 0 && last == 0 || r > 0 && last > 0 && r-last == rune(n-from) {
			continue
		}
		last, from = r, n
		want = binary.BigEndian.AppendUint16(want, uint16(n))
		want = binary.BigEndian.AppendUint16(want, uint16(r))
	}
	want = append(want, 0x99, 0xfc, 0, 0)
	if *tablesAnew {
		var packed bytes.Buffer
		w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(want); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("asian.bin.gz", packed.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	r, err := gzip.NewReader(strings.NewReader(asianTables))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
		t.Errorf("asian.bin.gz is not that of the library (%d bytes, it %d, %v): run the test with -asian", len(got), len(want), err)
	}
}

// Whatever can be written in such a charset is read as it was.
func TestAsianTextsAreRead(t *testing.T) {
	for label, enc := range map[string]encoding.Encoding{
		"gb18030": simplifiedchinese.GB18030, "gbk": simplifiedchinese.GBK, "hz-gb-2312": simplifiedchinese.HZGB2312, "big5": traditionalchinese.Big5,
		"euc-kr": korean.EUCKR, "shift_jis": japanese.ShiftJIS, "euc-jp": japanese.EUCJP, "iso-2022-jp": japanese.ISO2022JP,
	} {
		letters := []rune("azAZ09 .,-()\n")
		for r := rune(0xa0); r < 0x2ffff; r++ {
			if label == "gb18030" && r%97 != 0 { // it has all
				continue
			}
			raw, err := enc.NewEncoder().Bytes([]byte(string(r)))
			if err == nil && utf8.ValidRune(r) && r != utf8.RuneError {
				if back, err := enc.NewDecoder().Bytes(raw); err == nil && string(back) == string(r) {
					letters = append(letters, r)
				}
			}
		}
		if len(letters) < 1500 {
			t.Fatalf("%s has %d letters", label, len(letters))
		}
		for len(letters) > 0 {
			n := min(len(letters), 500)
			text := string(letters[:n])
			letters = letters[n:]
			raw, err := enc.NewEncoder().Bytes([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := fromCharset(label, raw); !ok || got != text {
				for i, r := range []rune(text) {
					if rs := []rune(got); i >= len(rs) || rs[i] != r {
						t.Errorf("%s: %q at %d of %d", label, r, i, n)
						break
					}
				}
			}
		}
	}
}

// Broken text is read to its end, with marks where it is broken.
func TestBrokenAsianText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.SampledFrom([]string{"gb18030", "hz-gb-2312", "big5", "euc-kr", "shift_jis", "euc-jp", "iso-2022-jp"}).Draw(t, "label")
		raw := rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("\x1b$B(J~{}\x8e\x8f\x81\xa10"))), 0, 30).Draw(t, "raw")
		got, ok := fromCharset(label, append(raw, "\x1b(B ~} end"...))
		if !ok || !utf8.ValidString(got) || !strings.HasSuffix(got, "end") {
			t.Fatalf("%q", got)
		}
	})
}

// Half a character swallows nothing: neither what ends the characters nor a line's end.
func TestHalfAnAsianCharacter(t *testing.T) {
	for _, c := range []struct{ label, raw, want string }{
		{"iso-2022-jp", "\x1b$B$\x1b(B end", "\ufffd end"},
		{"iso-2022-jp", "\x1b$B$\"$\n$$\x1b(B end", "あ\ufffd\nい end"},
		{"hz-gb-2312", "~{VP5\n~} end", "中\ufffd\n end"},
		{"shift_jis", "\x82\n end", "\ufffd\n end"},
		{"big5", "\xa4 end", "\ufffd end"},
		{"euc-jp", "\x8f\xb0 end", "\ufffd end"},
		{"gb18030", "\x810 end", "\ufffd0 end"},
	} {
		if got, ok := fromCharset(c.label, []byte(c.raw)); !ok || got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.label, c.raw, got, c.want)
		}
	}
}
