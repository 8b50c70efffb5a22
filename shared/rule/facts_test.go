package rule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

// message is a set of facts as the expr library takes them, and as a Source.
type message struct {
	Topic    string   `expr:"topic"`
	Text     string   `expr:"text"`
	Points   []string `expr:"points"`
	Empty    []string `expr:"empty"`
	Anger    float64  `expr:"anger"`
	Customer customer `expr:"customer"`
	Reach    int64    `expr:"reach"`
	Verified bool     `expr:"verified"`
}

type customer struct {
	Known    bool     `expr:"known"`
	Cases    int      `expr:"cases"`
	Name     string   `expr:"name"`
	Tags     []string `expr:"tags"`
	Language string   `expr:"language"`
}

var facts = NewFacts(Fact{"topic", Text}, Fact{"text", Text}, Fact{"points", Texts}, Fact{"empty", Texts}, Fact{"anger", Number},
	Fact{"customer.known", Bool}, Fact{"customer.cases", Whole}, Fact{"customer.name", Text}, Fact{"customer.tags", Texts}, Fact{"customer.language", Text},
	Fact{"reach", Long}, Fact{"verified", Bool})

func (m *message) Fact(place int) Value {
	switch place {
	case 0:
		return TextValue(m.Topic)
	case 1:
		return TextValue(m.Text)
	case 2:
		return TextsValue(&m.Points)
	case 3:
		return TextsValue(&m.Empty)
	case 4:
		return NumberValue(m.Anger)
	case 5:
		return BoolValue(m.Customer.Known)
	case 6:
		return WholeValue(m.Customer.Cases)
	case 7:
		return TextValue(m.Customer.Name)
	case 8:
		return TextsValue(&m.Customer.Tags)
	case 9:
		return TextValue(m.Customer.Language)
	case 10:
		return LongValue(m.Reach)
	}
	return BoolValue(m.Verified)
}

var (
	stuck = message{Topic: "baggage", Text: "My Suitcase is lost at the gate, Terminal 5. Ça va?", Points: []string{"at the gate", "waiting"}, Anger: 0.75,
		Customer: customer{Known: true, Cases: 4, Name: "Bo Lind", Tags: []string{"fan", "vulnerable"}, Language: "en-GB"}, Reach: 120_000, Verified: true}
	blank = message{}
)

// result is what became of an expression.
type result struct {
	typed   string
	refused error // it doesn't compile
	failed  error // it ran into an error
	value   any
}

func (r result) String() string {
	switch {
	case r.refused != nil:
		return fmt.Sprintf("refused: %v", r.refused)
	case r.failed != nil:
		return fmt.Sprintf("%s, failed: %v", r.typed, r.failed)
	}
	return fmt.Sprintf("%s, %T %#v", r.typed, r.value, r.value)
}

// theirs asks the expr library, without its optimizer unless told: that one drops
// failures that the language has.
func theirs(source string, on *message, optimize bool) (r result) {
	program, err := expr.Compile(source, expr.Env(message{}), expr.DisableBuiltin("now"), expr.MaxNodes(MostNodes), expr.Timezone("UTC"), expr.Optimize(optimize))
	if err != nil {
		return result{refused: err}
	}
	r.typed = strings.ReplaceAll(program.Node().Type().String(), "rule.customer", "customer")
	r.value, r.failed = vm.Run(program, *on)
	return r
}

func ours(source string, on *message) (r result) {
	tree, err := Parse(source)
	if err != nil {
		return result{refused: err}
	}
	p, err := compile(tree, facts)
	if err != nil {
		return result{refused: err}
	}
	r.typed = p.typed.String()
	r.value, r.failed = p.answer(on)
	return r
}

// answer is the value as Go has it.
func (p *Program) answer(source Source) (v any, err error) {
	m := newMachine(p, source)
	defer m.done(&err)
	return m.native(p.run(m)), nil
}

func (m *machine) native(v Value) any {
	switch v.kind {
	case kindUnknown:
		return nil
	case kindBool:
		return v.bits != 0
	case kindWhole:
		return int(v.bits)
	case kindLong:
		return v.bits
	case kindFloat:
		return v.float()
	case kindText:
		return v.text
	case kindTexts:
		return *v.ref.(*[]string)
	case kindWholes:
		return *v.ref.(*[]int)
	case kindDuration:
		return time.Duration(v.bits)
	case kindMonth:
		return time.Month(v.bits)
	case kindWeekday:
		return time.Weekday(v.bits)
	case kindTime:
		return v.time()
	case kindZone:
		return v.ref
	case kindMap:
		all := map[string]any{}
		for k, each := range v.ref.(map[string]Value) {
			all[k] = m.native(each)
		}
		return all
	case kindGroups:
		all := map[any][]any{}
		g := v.ref.(*groups)
		for i, k := range g.keys {
			all[m.native(k)] = m.native(g.values[i]).([]any)
		}
		return all
	case kindPairs:
		all := map[any]any{}
		g := v.ref.(*groups)
		for i, k := range g.keys {
			all[m.native(k)] = m.native(g.values[i])
		}
		return all
	case kindRecord:
		on := m.source.(*message)
		return on.Customer
	}
	parts := *v.ref.(*[]Value)
	if parts == nil {
		return []any(nil)
	}
	all := make([]any, len(parts))
	for i, part := range parts {
		all[i] = m.native(part)
	}
	return all
}

func TestFactsAreNumberedAsGiven(t *testing.T) {
	if got := fmt.Sprint(facts.Names()); got != "[anger customer.cases customer.known customer.language customer.name customer.tags empty points reach text topic verified]" {
		t.Errorf("names %s", got)
	}
	for _, twice := range [][]Fact{{{"a", Bool}, {"a", Text}}, {{"a", Bool}, {"a.b", Text}}, {{"", Bool}}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v: accepted", twice)
				}
			}()
			NewFacts(twice...)
		}()
	}
}
