package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ines/shared/rule"
)

// Rule is a compiled condition on facts, in the expr language as package rule
// speaks it.
type Rule struct {
	source   string
	block    bool     // written as a literal block, whose lines can be told apart
	names    []string // the facts it looks at, sorted
	constant bool     // it looks at none
	always   bool     // constant and true
	shape    string   // the source without differences of layout
	program  *rule.Program
}

// String is the rule as it was written.
func (r *Rule) String() string {
	if r == nil {
		return ""
	}
	return strings.TrimSpace(r.source)
}

// Mentions lists the facts that the rule looks at, sorted, such as topic or
// customer.cases.
func (r *Rule) Mentions() []string {
	if r == nil {
		return nil
	}
	return slices.Clone(r.names)
}

// longestRule is how many bytes a rule may have: a reader must be able to follow it.
const longestRule = 4096

// scope is what one kind of rule may look at.
type scope struct {
	facts   *rule.Facts
	ordered bool // the rule enters the order of work
	// words are the values that a fact can have, where they are known.
	words map[string][]string
}

// barred are the names under which reach is known, here and elsewhere.
var barred = []string{"reach", "verified", "followers", "follower_count"}

// ruleProblem is a mistake at an offset (in characters) of a rule.
type ruleProblem struct {
	from          int
	message, hint string
}

// compile checks the rule and makes it ready to run.
func (r *Rule) compile(s scope) []ruleProblem {
	if len(r.source) > longestRule {
		return []ruleProblem{{message: fmt.Sprintf("the rule is longer than %d characters", longestRule), hint: "split it up"}}
	}
	tree, err := rule.Parse(r.source)
	if err != nil {
		return []ruleProblem{s.explain(err)}
	}
	v := &visitor{scope: s, names: s.facts.Names()}
	tree.Walk(v.visit)
	if v.problems != nil {
		return v.problems
	}
	r.names = v.facts()
	r.shape = tree.Shape()
	r.program, err = rule.Compile(tree, s.facts)
	if err != nil {
		return []ruleProblem{s.explain(err)}
	}
	if r.constant = len(v.seen) == 0; r.constant {
		r.always, err = r.holds(&sight{})
		if err == nil && !r.always {
			return []ruleProblem{{message: "the rule can never hold", hint: "it looks at no fact"}}
		}
		if err != nil {
			return []ruleProblem{s.explain(err)}
		}
	}
	return nil
}

// holds evaluates the rule. A nil rule always holds.
func (r *Rule) holds(seen *sight) (bool, error) {
	if r == nil {
		return true, nil
	}
	return r.program.Holds(seen)
}

// explain says where a mistake is and what to do about it.
func (s scope) explain(err error) ruleProblem {
	p := ruleProblem{message: err.Error()}
	var at *rule.Error
	if errors.As(err, &at) {
		p.from = at.At
	}
	name, isName := strings.CutPrefix(p.message, "unknown name ")
	switch {
	case isName && name == "now":
		p.message = "rules can't ask for the time"
		p.hint = "the same message must always be sorted the same way"
	case isName:
		p.message = fmt.Sprintf("unknown fact %q", name)
		p.hint = nearest(name, s.facts.Names())
	case strings.HasPrefix(p.message, "expected bool"):
		p.hint = `a rule is a question with yes or no, such as topic == "baggage"`
	}
	return p
}

// visitor finds what a rule looks at and what it must not.
type visitor struct {
	scope
	names    []string // of the facts, sorted
	seen     map[string]bool
	problems []ruleProblem
}

func (v *visitor) problem(n *rule.Node, message, hint string) {
	v.problems = append(v.problems, ruleProblem{n.At, message, hint})
}

func (v *visitor) saw(name string) {
	if v.seen == nil {
		v.seen = map[string]bool{}
	}
	v.seen[name] = true
}

// visit looks at one node; its parts come before it.
func (v *visitor) visit(n *rule.Node) {
	switch n.Kind {
	case rule.KindName:
		switch {
		case n.Text == "$env":
			v.problem(n, "$env is not accepted", "name the facts that the rule looks at")
		case v.ordered && slices.Contains(barred, n.Text):
			v.problem(n, fmt.Sprintf("the rule looks at %s: reach never enters the order of work", n.Text),
				"only a department's wants may look at it")
		case slices.Contains(barred[2:], n.Text):
			v.problem(n, fmt.Sprintf("unknown fact %q", n.Text), `did you mean "reach"?`)
		case slices.Contains(v.names, n.Text) || n.Text == "customer":
			v.saw(n.Text)
		}
	case rule.KindMember:
		of, field := n.Parts[0], n.Parts[1]
		if of.Kind != rule.KindName || of.Text != "customer" {
			return
		}
		name := "customer."
		if field.Kind == rule.KindText {
			name += field.Text
		}
		if field.Kind != rule.KindText || !slices.Contains(v.names, name) {
			v.problem(n, fmt.Sprintf("unknown fact %q", name), nearest(name, v.names))
			return
		}
		v.saw(name)
	case rule.KindPredicate:
		loops := -1 // itself
		n.Walk(func(inner *rule.Node) {
			if inner.Kind == rule.KindPredicate {
				loops++
			}
		})
		if loops > 0 {
			v.problem(n, "a loop within a loop", "a long message would make it slow")
		}
	case rule.KindBinary:
		left, right := n.Parts[0], n.Parts[1]
		switch n.Text {
		case "..":
			v.problem(n, "a range (..)", "compare with >= and <=")
		case "==", "!=":
			v.compared(left, right)
			v.compared(right, left)
		case "in":
			if right.Kind == rule.KindList {
				for _, item := range right.Parts {
					v.compared(left, item)
				}
			}
		}
	}
}

// compared checks a word that a fact is compared with against those it can have:
// a misspelt one would make a rule that silently never holds.
func (v *visitor) compared(fact, with *rule.Node) {
	if fact.Kind != rule.KindName || with.Kind != rule.KindText || with.Text == "" {
		return
	}
	words, known := v.words[fact.Text]
	if known && !slices.Contains(words, with.Text) {
		v.problem(with, fmt.Sprintf("%s is never %q", fact.Text, with.Text), nearest(with.Text, words))
	}
}

// facts are the names seen; customer as a whole stands for all it holds.
func (v *visitor) facts() []string {
	parts := slices.DeleteFunc(slices.Clone(v.names), func(name string) bool { return !strings.HasPrefix(name, "customer.") })
	named := slices.ContainsFunc(parts, func(p string) bool { return v.seen[p] })
	var names []string
	for name := range v.seen {
		if name != "customer" {
			names = append(names, name)
		}
	}
	if v.seen["customer"] && !named {
		names = append(names, parts...)
	}
	slices.Sort(names)
	return names
}
