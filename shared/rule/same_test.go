package rule

import (
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
)

// differs says how the two disagree about an expression, or "".
func differs(source string, on *message) string {
	us, them := ours(source, on), theirs(source, on, false)
	for _, err := range []error{us.refused, us.failed} {
		if err != nil && (strings.HasPrefix(err.Error(), "the rule broke") || strings.HasPrefix(err.Error(), "the rule can't be compiled")) {
			return "ours: " + us.String()
		}
	}
	switch {
	case (us.refused != nil) != (them.refused != nil),
		us.typed != them.typed && !(us.typed == "unknown" && them.typed == "interface {}"),
		(us.failed != nil) != (them.failed != nil),
		us.failed == nil && !alike(us.value, them.value):
		return "ours:   " + us.String() + "\ntheirs: " + them.String()
	}
	return ""
}

// alike is equality in which NaN is like NaN, and a byte of a text a whole number
// like others.
func alike(a, b any) bool {
	if c, ok := b.(byte); ok {
		b = int(c)
	}
	x, ok := a.(float64)
	y, also := b.(float64)
	if ok && also && math.IsNaN(x) && math.IsNaN(y) {
		return true
	}
	if m, ok := a.(map[string]any); ok {
		n, ok := b.(map[string]any)
		if !ok || len(m) != len(n) {
			return false
		}
		for k := range m {
			if _, ok := n[k]; !ok || !alike(m[k], n[k]) {
				return false
			}
		}
		return true
	}
	v, w := reflect.ValueOf(a), reflect.ValueOf(b)
	if v.IsValid() && w.IsValid() && v.Kind() == reflect.Slice && w.Kind() == reflect.Slice && v.Type() == w.Type() && v.IsNil() == w.IsNil() && v.Len() == w.Len() {
		for i := range v.Len() {
			if !alike(v.Index(i).Interface(), w.Index(i).Interface()) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// Each line of testdata/same.txt gets the same answer from the expr library, as does
// each of its parts that is an expression by itself.
func TestTheLanguageIsThatOfExpr(t *testing.T) {
	data, err := os.ReadFile("testdata/same.txt")
	if err != nil {
		t.Fatal(err)
	}
	n, refused, failed := 0, 0, 0
	for line := range strings.SplitSeq(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "##") {
			continue
		}
		n++
		for _, on := range []*message{&stuck, &blank} {
			if d := differs(line, on); d != "" {
				t.Errorf("%s\n%s", line, d)
			}
		}
		if r := ours(line, &stuck); r.refused != nil {
			refused++
		} else if r.failed != nil {
			failed++
		}
	}
	if n < 500 || refused < 60 || failed < 25 {
		t.Errorf("%d expressions, of which %d are refused and %d fail", n, refused, failed)
	}
}
