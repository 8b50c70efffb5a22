package rule

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Where the two differ, they do on purpose: the package's doc has the reasons.
func TestWhereItDiffers(t *testing.T) {
	for _, tt := range []struct{ source, us, them string }{
		{`now()`, "refused: unknown name now", "refused: unknown name now"},
		{`$env`, "refused: unknown name $env", "rule.message"},
		{`lower`, "refused: lower is a function: lower(…)", "func(string) string, failed"},
		{`map(points, lower)`, "refused: lower is a function", "[]interface {}, failed"},
		{`find(points, false) == "x"`, "bool, bool false", "bool, failed"},
		{`findIndex(points, false) != 1`, "bool, bool true", "bool, failed"},
		{`max(customer.cases, 7.5) == 8`, "bool, bool false", "bool, failed"},
		{`customer.cases % 0`, "refused: integer divide by zero", "int, failed"},
		{`fromJSON("[1]")["a":]`, "refused: non-integer slice index string", "interface {}, failed"},
		{`keys({b: 1, a: 2, c: 3})`, `[]interface {}, []interface {} []interface {}{"a", "b", "c"}`, ""},
		{`values({b: 1, a: 2, c: 3})`, `[]interface {}, []interface {} []interface {}{2, 1, 3}`, ""},
		{`toPairs({b: 1, a: 2})`, `[]interface {}{[]interface {}{"a", 2}, []interface {}{"b", 1}}`, ""},
		{`string(groupBy(["x", "yy", "z"], len(#)))`, `"map[1:[x z] 2:[yy]]"`, ""},
		{`"cases" in customer`, "bool, bool true", "bool, bool false"},
		{`"Cases" in customer`, "bool, bool false", "bool, bool true"},
		{`type(customer)`, `"struct"`, `"ines/shared/rule.customer"`},
		{`fromJSON(toJSON(customer)).cases`, "float64 4", "<nil>"},
		{`fromJSON("\"abc\"")[0]`, "int 97", "uint8 0x61"},
		{`date("2026-11-20").wall`, "refused: type time.Time has no field wall", "uint64, failed"},
		{`date("2026-11-20").UnixNano()`, "refused: type time.Time has no method UnixNano", "int64"},
		{`"wall" in date("2026-11-20")`, "refused: invalid operation: in", "bool, bool false"},
		{`any(fromJSON("{\"a\": 1}"), true)`, "failed: map[string]interface {} is not a list", "bool true"},
	} {
		us := ours(tt.source, &stuck)
		if !strings.Contains(us.String(), tt.us) {
			t.Errorf("%s\nours: %s\nwant: %s", tt.source, us, tt.us)
		}
		if them := theirs(tt.source, &stuck, false); !strings.Contains(them.String(), tt.them) {
			t.Errorf("%s\ntheirs: %s\nwant:   %s", tt.source, them, tt.them)
		}
	}
}

// The library's optimizer answers where the language fails.
func TestWhatTheOptimizerDrops(t *testing.T) {
	for _, source := range []string{`points[9] == "x" and false`, `points[9] == "x" or true`, `first(filter([1, "a"], # > 0))`} {
		us, plain, optimized := ours(source, &stuck), theirs(source, &stuck, false), theirs(source, &stuck, true)
		if us.failed == nil || plain.failed == nil || optimized.failed != nil {
			t.Errorf("%s\nours: %s\ntheirs: %s\noptimized: %s", source, us, plain, optimized)
		}
	}
}

// Wherever the optimizer changes nothing of the language, rules as policies have
// them get the answers that they got from the library as we had it.
func TestRulesAsPoliciesHaveThem(t *testing.T) {
	for source, want := range map[string]bool{
		`topic == "baggage"`:                                               true,
		`topic in ["refund", "baggage"] and not verified`:                  false,
		`reach >= 100000 && customer.language startsWith "en"`:             true,
		`"at the gate" in points || anger > 0.9`:                           true,
		`lower(text) matches "terminal [0-9]+" && customer.cases > 3`:      true,
		`any(split(lower(text), " "), # in ["lost", "gone"])`:              true,
		`len(customer.tags) > 0 && "vulnerable" in customer.tags`:          true,
		`count(points, len(#) > 7) == 1`:                                   true,
		`let words = split(text, " "); len(words) > 5 && words[0] == "My"`: true,
		`(customer.cases > 10 ? "often" : "seldom") == "often"`:            false,
		`0.5 < anger <= 1`:              true,
		`true and topic != "" or false`: true,
	} {
		tree, err := Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Compile(tree, facts)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		held, err := p.Holds(&stuck)
		them := theirs(source, &stuck, true)
		if err != nil || held != want || them.value != any(want) {
			t.Errorf("%s: %t, %v; theirs: %s", source, held, err, them)
		}
	}
}

func TestARuleIsAQuestion(t *testing.T) {
	for source, want := range map[string]string{
		"topic": "expected bool, but got string", "reach": "expected bool, but got int64", "nil": "expected bool, but got unknown",
		"points": "expected bool, but got []string", "customer": "expected bool, but got customer",
	} {
		tree, err := Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Compile(tree, facts); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", source, err, want)
		}
	}
	// What is neither yes nor no when it runs is a no, or fails where it has to be one.
	for source, fails := range map[string]bool{`fromJSON("1")`: false, `true and fromJSON("1")`: false, `fromJSON("1") and true`: true} {
		held, err := ask(t, source, &stuck)
		if held || (err != nil) != fails {
			t.Errorf("%s: %t, %v", source, held, err)
		}
	}
}

func ask(t testing.TB, source string, on *message) (bool, error) {
	t.Helper()
	tree, err := Parse(source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	p, err := Compile(tree, facts)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return p.Holds(on)
}

// Whatever a message says, a rule ends soon: none of these would, by far.
func TestNothingTakesLong(t *testing.T) {
	on := stuck
	on.Text = strings.Repeat("a b ", 250_000)
	for source, want := range map[string]string{
		`let w = split(text, " "); any(w, any(w, # == "c"))`:                   "the rule takes too long",
		`any(split(text, " "), text contains "zz")`:                            "the rule takes too long",
		`any(split(text, " "), text matches "(x|y)z")`:                         "the rule takes too long",
		`any(split(text, " "), lower(text) == #)`:                              "memory budget exceeded",
		`all(1..999999, all(1..999999, # > 0))`:                                "memory budget exceeded",
		`replace(text, "", text) == ""`:                                        "memory budget exceeded",
		`join(split(text, ""), text) == ""`:                                    "memory budget exceeded",
		`repeat(text, 900000) == ""`:                                           "memory budget exceeded",
		`repeat(repeat("aaaaaaaaaa", 90000), 90000) == ""`:                     "memory budget exceeded",
		`len(uniq(map(1..20000, [#]))) > 0`:                                    "the rule takes too long",
		`reduce(split(text, " "), #acc + #acc, "ab") == ""`:                    "memory budget exceeded",
		`1..99999999 == []`:                                                    "memory budget exceeded",
		`any(split(text, " "), text matches # + "z")`:                          "the rule takes too long",
		`any(split(text, " "), text == text + #)`:                              "memory budget exceeded",
		`any(split(text, " "), split(text, " ") == [])`:                        "memory budget exceeded",
		`any(split(text, " "), # in split(text, "b"))`:                         "memory budget exceeded",
		`len(string(map(split(text, " "), [split(text, " ")]))) > 0`:           "memory budget exceeded",
		`let words = split(text, " "); any(words, # == "c" && words == words)`: "",
		`lower(text) contains "zz" || upper(text) matches "ZZ+"`:               "",
	} {
		begun := time.Now()
		_, err := ask(t, source, &on)
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", source, err, want)
		}
		t.Log(time.Since(begun).Round(time.Millisecond), source)
	}
}

// Deep and wide rules are refused before anything blows up.
func TestLargeRulesAreRefused(t *testing.T) {
	deep := "1"
	for range 200 {
		deep = "(1 < (" + deep + " < 2 < 3 ? 1 : 2) < 3 ? 1 : 2)"
	}
	for name, source := range map[string]string{
		"wide": "1 in [" + strings.Repeat("1,", MostNodes) + "1]", "deep": strings.Repeat("(", 4000) + "1", "negated": strings.Repeat("!", 4000) + "true",
		"chained": deep, "calls": strings.Repeat("lower(", 2000) + `"a"` + strings.Repeat(")", 2000), "members": "customer" + strings.Repeat(".a()", 900),
	} {
		begun := time.Now()
		tree, err := Parse(source)
		if err == nil {
			_, err = Compile(tree, facts)
		}
		if err == nil || strings.Contains(err.Error(), "can't be compiled") {
			t.Errorf("%s: %v", name, err)
		}
		t.Log(name, time.Since(begun).Round(time.Microsecond), err)
	}
}

func TestRulesOfOneShapeAskTheSame(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{`tone == "x" and anger>0.5`, `(tone=="x") and (anger > 0.50)`, true},
		{`a and b or c`, `(a and b) or c`, true},
		{`a and b or c`, `a and (b or c)`, false},
		{`text | lower() contains "a"`, `lower(text) contains 'a'`, true},
		{`any(points, # == "a")`, `any( points, { # == "a" } ) // the same`, true},
		{`any(points, # == "a")`, `all(points, # == "a")`, false},
		{`a?.b`, `a.b`, false},
		{`a.b`, `a["b"]`, true},
		{`a[1:]`, `a[:1]`, false},
		{`1 + 2 - 3`, `1 + (2 - 3)`, false},
		{`x not in [1]`, `not (x in [1])`, true},
		{`nil`, `"nil"`, false},
		{`#`, `1`, false},
	} {
		a, err := Parse(tt.a)
		b, wrong := Parse(tt.b)
		if tt.a == "#" {
			continue
		}
		if err != nil || wrong != nil || (a.Shape() == b.Shape()) != tt.same {
			t.Errorf("%s: %s\n%s: %s (%v, %v)", tt.a, a.Shape(), tt.b, b.Shape(), err, wrong)
		}
	}
}

// A mistake has its place in characters, as lines are counted by it.
func TestMistakesHaveAPlace(t *testing.T) {
	for source, want := range map[string]int{
		`topic == "é" && nope`: 16, "topic ==\n  1": 6, `any(points, {# == 1})`: 15, `topic == `: 8, `anger > "x"`: 6, "\"a\" ==\n'b": 9, `lower(1)`: 6,
	} {
		tree, err := Parse(source)
		if err == nil {
			_, err = Compile(tree, facts)
		}
		e, ok := err.(*Error)
		them := theirs(source, &stuck, false)
		if !ok || e.At != want || !strings.Contains(fmt.Sprint(them.refused), e.Message) {
			t.Errorf("%q: %#v, want %d; theirs: %v", source, err, want, them.refused)
		}
	}
}
