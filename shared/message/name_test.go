package message

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestCleanName(t *testing.T) {
	for name, want := range map[string]string{
		"":                                      "",
		"Leo Kant":                              "Leo Kant",
		"  Leo \t\n Kant\u00a0":                 "Leo Kant",
		"\u3000 \u2028\u200b\u2060":             "",
		"\u3164":                                "",
		"\u200d \u200c":                         "",
		"Mara\x00\x1b[31m Quill":                "Mara [31m Quill",
		"\u202eevil\u202c Ann":                  "evil Ann",
		"\u2066Ann\u2069 \u200fLee":             "Ann Lee",
		"\ufeffAnn \U000e0041Lee":               "Ann Lee",
		"Ann\xff Lee":                           "Ann Lee",
		"نیما رضا":                              "نیما رضا",
		"می\u200cخواهم":                         "می\u200cخواهم",
		"Rui 👩‍🚀":                               "Rui 👩‍🚀",
		strings.Repeat("n", 10_000):             strings.Repeat("n", 253) + "…",
		strings.Repeat(" ", 10_000) + "late":    "",
		strings.Repeat("\u202e", 200) + "early": "early",
	} {
		if got := CleanName(name); got != want {
			t.Errorf("%.40q became %.40q, want %.40q", name, got, want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	for _, s := range []string{"Leo Kant", "\u202e\u200d", "\xff\xfe", strings.Repeat("é ", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := CleanName(name)
		if len(got) > maxName || !utf8.ValidString(got) || strings.TrimSpace(got) != got || strings.Contains(got, "  ") {
			t.Fatalf("%q became %q", name, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("%q has %q", got, r)
			}
		}
		if again := CleanName(got); again != got {
			t.Fatalf("%q, cleaned again, is %q", got, again)
		}
	})
}
