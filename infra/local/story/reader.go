package story

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader takes YAML apart and remembers every mistake with its line.
type reader struct {
	file     string
	problems problems
}

func (r *reader) at(n *yaml.Node, format string, args ...any) {
	r.problems.add(r.file, n.Line, format, args...)
}

// keys are a mapping's values by key. Unknown and repeated keys are mistakes.
func (r *reader) keys(n *yaml.Node, of string, known ...string) map[string]*yaml.Node {
	if n.Kind != yaml.MappingNode {
		r.at(n, "%s must be keys with values", of)
		return nil
	}
	values := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(known, k.Value):
			r.at(k, "%s has no %q; it may have %s", of, k.Value, strings.Join(known, ", "))
		case values[k.Value] != nil:
			r.at(k, "%q is given twice", k.Value)
		case v.Kind == yaml.ScalarNode && v.ShortTag() == "!!null":
			r.at(k, "%q is empty", k.Value)
		default:
			values[k.Value] = v
		}
	}
	return values
}

func (r *reader) list(n *yaml.Node) []*yaml.Node {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.at(n, "this must be a list: begin each entry with -")
		return nil
	}
	return n.Content
}

func (r *reader) text(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		r.at(n, "this must be a text")
		return ""
	}
	return strings.TrimSpace(n.Value)
}

func (r *reader) count(n *yaml.Node, least int) int {
	v, err := strconv.Atoi(r.text(n))
	if err != nil || v < least || v > 1000 {
		r.at(n, "this must be a whole number from %d", least)
		return least
	}
	return v
}

func has(n *yaml.Node, key string) bool { _, ok := value(n, key); return ok }

func scalar(n *yaml.Node, key string) string {
	v, ok := value(n, key)
	if !ok {
		return ""
	}
	return v.Value
}

func value(n *yaml.Node, key string) (*yaml.Node, bool) {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1], true
		}
	}
	return nil, false
}

// What an expectation may say of a case, of an entry and of a call.
var (
	caseFields = []string{"status", "owner", "customer", "brand", "community", "department", "segment", "topic", "language",
		"kind", "tone", "urgency", "threads", "bystanders", "messages", "waiting_for", "due_for"}
	entryFields = []string{"kind", "by", "author", "channel", "inbox", "visibility", "direction", "state", "role", "via",
		"clock", "outcome", "number", "for", "do", "action", "amount", "currency", "asked_by", "answer", "language", "text", "what", "why", "times"}
	callFields = []string{"channel", "inbox", "method", "url", "text", "status", "times"}
)

func (r *reader) expectation(n *yaml.Node, kind string) Expectation {
	e := Expectation{Line: n.Line}
	keys := r.keys(n, "an expectation", append([]string{"case", "cases", "timeline", "sent", "outcomes", "refused"}, caseFields...)...)
	e.Case = r.text(keys["case"])
	parts := 0
	for name, v := range keys {
		switch name {
		case "case":
			continue
		case "cases":
			count := r.count(v, 0)
			e.Cases = &count
		case "timeline":
			e.Timeline = r.match(v, "a timeline's entry", entryFields)
		case "sent":
			e.Sent = r.match(v, "a call that went out", callFields)
		case "outcomes":
			e.Outcomes = r.outcomes(v)
		case "refused":
			e.Refused = r.refused(v)
			if kind != "as" {
				r.at(n, "only what a colleague does can be refused")
			}
		default:
			if e.Is == nil {
				parts, e.Is = parts+1, map[string]string{}
			}
			e.Is[name] = r.text(v)
			continue
		}
		parts++
	}
	if parts != 1 && len(keys) > 0 {
		r.at(n, "an expectation is one thing: fields of the case, or one of cases, timeline, sent, outcomes, refused")
	}
	return e
}

func (r *reader) match(n *yaml.Node, of string, known []string) *Match {
	m := &Match{Want: map[string]string{}}
	for name, v := range r.keys(n, of, known...) {
		if name == "times" {
			times := r.count(v, 0)
			m.Times = &times
			continue
		}
		m.Want[name] = r.text(v)
	}
	if len(m.Want) == 0 {
		r.at(n, "this says nothing about %s", of)
	}
	return m
}

// outcomes may be any words: the desk has ignored:<reason> for many reasons.
func (r *reader) outcomes(n *yaml.Node) map[string]int {
	counts := map[string]int{}
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		r.at(n, "outcomes are words with numbers, such as {duplicate: 1}")
		return counts
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		counts[n.Content[i].Value] = r.count(n.Content[i+1], 0)
	}
	return counts
}

func (r *reader) refused(n *yaml.Node) *Refused {
	keys := r.keys(n, "a refusal", "code", "names")
	x := &Refused{Code: r.text(keys["code"]), Names: r.text(keys["names"])}
	if keys != nil && x.Code == "" {
		r.at(n, "a refusal has a code, such as already-claimed or open-promise")
	}
	return x
}

// words lists fields for error messages, in a stable order.
func words(want map[string]string, order []string) string {
	var parts []string
	for _, f := range order {
		if v, ok := want[f]; ok {
			parts = append(parts, fmt.Sprintf("%s %q", f, v))
		}
	}
	return strings.Join(parts, ", ")
}
