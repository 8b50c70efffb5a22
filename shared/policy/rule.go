package policy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// Rule is a compiled condition on facts, in the expr language.
type Rule struct {
	source   string
	block    bool     // written as a literal block, whose lines can be told apart
	names    []string // the facts it looks at, sorted
	constant bool     // it looks at none
	always   bool     // constant and true
	shape    string   // the source without differences of layout
	program  *vm.Program
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

// Bounds on a rule: a reader must be able to follow it. With the loops that
// visitor refuses they also make its evaluation end soon.
const (
	longestRule = 4096 // bytes
	mostNodes   = 1000
)

// scope is what one kind of rule may look at.
type scope struct {
	env     any      // a value of the environment's type
	names   []string // the facts in it
	ordered bool     // the rule enters the order of work
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
	tree, err := parser.Parse(r.source)
	if err != nil {
		return []ruleProblem{s.explain(err)}
	}
	v := &visitor{scope: s}
	ast.Walk(&tree.Node, v)
	if v.problems != nil {
		return v.problems
	}
	r.names = v.facts()
	r.shape = tree.Node.String()
	r.program, err = compile(r.source, s.env)
	if err != nil {
		return []ruleProblem{s.explain(err)}
	}
	if r.constant = len(v.seen) == 0; r.constant {
		r.always, err = r.holds(s.env)
		if err == nil && !r.always {
			return []ruleProblem{{message: "the rule can never hold", hint: "it looks at no fact"}}
		}
		if err != nil {
			return []ruleProblem{s.explain(err)}
		}
	}
	return nil
}

// compile is expr.Compile for rules: strict, boolean, and without the one
// function that would make a replayed archive decide otherwise.
func compile(source string, env any) (program *vm.Program, err error) {
	// The compiler of a policy file must not be able to bring a function down.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the rule can't be compiled: %v", p)
		}
	}()
	return expr.Compile(source, expr.Env(env), expr.AsBool(), expr.MaxNodes(mostNodes),
		expr.DisableBuiltin("now"), expr.Timezone("UTC"))
}

// holds evaluates the rule; env must be of the type it was compiled with. A nil
// rule always holds.
func (r *Rule) holds(env any) (bool, error) {
	if r == nil {
		return true, nil
	}
	out, err := expr.Run(r.program, env)
	if err != nil {
		return false, err
	}
	held, _ := out.(bool)
	return held, nil
}

var unknownName = regexp.MustCompile(`^unknown name (\S+)`)

// explain turns an error of the expr language into our words.
func (s scope) explain(err error) ruleProblem {
	var at *file.Error
	p := ruleProblem{message: firstLine(err.Error())}
	if errors.As(err, &at) {
		p = ruleProblem{from: at.From, message: at.Message}
	}
	switch m := unknownName.FindStringSubmatch(p.message); {
	case m != nil && m[1] == "now":
		p.message = "rules can't ask for the time"
		p.hint = "the same message must always be sorted the same way"
	case m != nil:
		p.message = fmt.Sprintf("unknown fact %q", m[1])
		p.hint = nearest(m[1], s.names)
	case strings.HasPrefix(p.message, "expected bool"):
		p.hint = `a rule is a question with yes or no, such as topic == "baggage"`
	}
	return p
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// visitor finds what a rule looks at and what it must not.
type visitor struct {
	scope
	seen     map[string]bool
	problems []ruleProblem
}

func (v *visitor) problem(n ast.Node, message, hint string) {
	v.problems = append(v.problems, ruleProblem{n.Location().From, message, hint})
}

func (v *visitor) saw(name string) {
	if v.seen == nil {
		v.seen = map[string]bool{}
	}
	v.seen[name] = true
}

// Visit implements ast.Visitor; children come before their parents.
func (v *visitor) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		switch {
		case n.Value == "$env":
			v.problem(n, "$env is not accepted", "name the facts that the rule looks at")
		case v.ordered && slices.Contains(barred, n.Value):
			v.problem(n, fmt.Sprintf("the rule looks at %s: reach never enters the order of work", n.Value),
				"only a department's wants may look at it")
		case slices.Contains(barred[2:], n.Value):
			v.problem(n, fmt.Sprintf("unknown fact %q", n.Value), `did you mean "reach"?`)
		case slices.Contains(v.names, n.Value) || n.Value == "customer":
			v.saw(n.Value)
		}
	case *ast.MemberNode:
		of, _ := n.Node.(*ast.IdentifierNode)
		field, ok := n.Property.(*ast.StringNode)
		if of == nil || of.Value != "customer" {
			return
		}
		name := "customer."
		if ok {
			name += field.Value
		}
		if !ok || !slices.Contains(v.names, name) {
			v.problem(n, fmt.Sprintf("unknown fact %q", name), nearest(name, v.names))
			return
		}
		v.saw(name)
	case *ast.PredicateNode:
		inner := loops(0)
		ast.Walk(&n.Node, &inner)
		if inner > 0 {
			v.problem(n, "a loop within a loop", "a long message would make it slow")
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "..":
			v.problem(n, "a range (..)", "compare with >= and <=")
		case "==", "!=":
			v.compared(n.Left, n.Right)
			v.compared(n.Right, n.Left)
		case "in":
			if list, ok := n.Right.(*ast.ArrayNode); ok {
				for _, item := range list.Nodes {
					v.compared(n.Left, item)
				}
			}
		}
	}
}

// loops counts the loops in a part of a rule.
type loops int

// Visit implements ast.Visitor.
func (l *loops) Visit(node *ast.Node) {
	if _, ok := (*node).(*ast.PredicateNode); ok {
		*l++
	}
}

// compared checks a word that a fact is compared with against those it can have:
// a misspelt one would make a rule that silently never holds.
func (v *visitor) compared(fact, with ast.Node) {
	name, ok := fact.(*ast.IdentifierNode)
	word, isText := with.(*ast.StringNode)
	if !ok || !isText || word.Value == "" {
		return
	}
	words, known := v.words[name.Value]
	if known && !slices.Contains(words, word.Value) {
		v.problem(word, fmt.Sprintf("%s is never %q", name.Value, word.Value), nearest(word.Value, words))
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
