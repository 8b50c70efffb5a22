package rule

import (
	"os"
	"strings"
	"testing"
)

// FuzzRule: any text is a rule that gets the answer that the expr library gives, or
// is refused with a place in it.
func FuzzRule(f *testing.F) {
	data, err := os.ReadFile("testdata/same.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 200 || strings.Contains(source, "$env") || strings.Contains(source, "..") {
			return // theirs would make large ranges, and what they call names can be had by others
		}
		tree, err := Parse(source)
		if err == nil {
			_, err = Compile(tree, facts)
			if tree.Shape() == "" {
				t.Fatalf("%q has no shape", source)
			}
		}
		if e, ok := err.(*Error); err != nil && (!ok || e.At < 0 || e.At > len(source) || e.Message == "") {
			t.Fatalf("%q: %#v", source, err)
		}
		for _, on := range []*message{&stuck, &blank} {
			if d := differs(source, on); d != "" && !unlike(source, ours(source, on), theirs(source, on, false)) {
				t.Fatalf("%q\n%s", source, d)
			}
		}
	})
}
