package rule

import (
	"testing"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

var asked = []struct{ name, source string }{
	{"word", `topic == "baggage"`},
	{"several", `topic == "refund" || anger > 0.5 && "fan" in customer.tags`},
	{"list", `topic not in ["refund", "seat", "praise"] && customer.cases >= 2`},
	{"text", `lower(text) contains "at the gate"`},
	{"question", `any(points, # startsWith "wait")`},
}

func BenchmarkHolds(b *testing.B) {
	for _, each := range asked {
		b.Run(each.name, func(b *testing.B) {
			tree, err := Parse(each.source)
			if err != nil {
				b.Fatal(err)
			}
			p, err := Compile(tree, facts)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if held, err := p.Holds(&stuck); !held || err != nil {
					b.Fatal(held, err)
				}
			}
		})
		b.Run(each.name+"-expr", func(b *testing.B) {
			p, err := expr.Compile(each.source, expr.Env(message{}), expr.AsBool())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if held, err := vm.Run(p, stuck); held != any(true) || err != nil {
					b.Fatal(held, err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	source := asked[1].source
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			tree, _ := Parse(source)
			if _, err := Compile(tree, facts); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("expr", func(b *testing.B) {
		for b.Loop() {
			if _, err := expr.Compile(source, expr.Env(message{}), expr.AsBool()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// The rules that policies are made of need no memory.
func TestRulesNeedNoMemory(t *testing.T) {
	for _, source := range []string{asked[0].source, asked[1].source, asked[2].source, asked[4].source, `text contains "gate" && !verified || reach > 5`,
		`text matches "gate" && len(text) > 5 && points[0] == "at the gate" && customer.known`} {
		tree, err := Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Compile(tree, facts)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(200, func() { _, _ = p.Holds(&stuck) }); n > 0 {
			t.Errorf("%s: %v allocations", source, n)
		}
	}
}
