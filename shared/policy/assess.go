package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Assessment is what a message is to the desk.
type Assessment struct {
	Segment    string // "" if no segment's rule holds
	Service    Targets
	Department string
	// Skills are what whoever is given the case has to know.
	Skills []string
	// Why has one entry per decision, in this order: segment, service,
	// department, and people where the rule asks for skills.
	Why []Explanation
}

// Explanation says why a decision came out as it did.
type Explanation struct {
	Decision string `json:"decision"` // segment, service, department, people, priority, action
	Outcome  string `json:"outcome"`
	// Rule is the place in the policy, such as service[1] (counted from 0), or
	// "default".
	Rule string `json:"rule"`
	// Facts are those that the rule looks at, by the names it uses; values are
	// string, bool or float64. Of a message's words and a customer's name only
	// the use is recorded: an explanation outlives the erasure of a customer.
	Facts map[string]any `json:"facts,omitempty"`
	// Errors are rules that failed on these facts and were passed over.
	Errors []string `json:"errors,omitempty"`
	Text   string   `json:"text"` // a sentence for an agent
}

// Assess sorts a message: its segment, then the service it is owed and the
// department it goes to, both with the segment known. Reach and Verified change
// nothing in what it returns.
func (d *Desk) Assess(f Facts) Assessment {
	f = d.filled(f)
	var a Assessment

	seen := &sight{Facts: f}
	hit := first(d.Segments, seen, "segments", func(s Segment) *Rule { return s.When })
	outcome := "none"
	if hit.index >= 0 {
		a.Segment = d.Segments[hit.index].ID
		outcome = a.Segment
	}
	text := "The message belongs to no segment"
	if a.Segment != "" {
		text = "The message belongs to the segment " + a.Segment
	}
	a.Why = append(a.Why, hit.explain("segment", outcome, text, f, ""))

	seen.segment = a.Segment
	a.Service = DefaultTargets
	hit = first(d.Service, seen, "service", func(s ServiceRule) *Rule { return s.When })
	if hit.index >= 0 {
		s := d.Service[hit.index]
		a.Service = Targets{s.FirstAnswer, s.NextAnswer, s.Resolution}
	}
	outcome = fmt.Sprintf("%s / %s / %s", spoken(a.Service.FirstAnswer), spoken(a.Service.NextAnswer), spoken(a.Service.Resolution))
	text = fmt.Sprintf("A first answer is owed within %s of opening time, each next answer within %s and a resolution within %s",
		spoken(a.Service.FirstAnswer), spoken(a.Service.NextAnswer), spoken(a.Service.Resolution))
	a.Why = append(a.Why, hit.explain("service", outcome, text, f, a.Segment))

	department := d.DefaultDepartment()
	hit = first(d.Routing, seen, "routing", func(r RoutingRule) *Rule { return r.When })
	if hit.index >= 0 {
		department, _ = d.Department(d.Routing[hit.index].Department)
	}
	a.Department = department.ID
	a.Why = append(a.Why, hit.explain("department", a.Department, "The case goes to "+department.Name, f, a.Segment))
	if hit.index >= 0 && len(d.Routing[hit.index].Skills) > 0 {
		a.Skills = d.Routing[hit.index].Skills
		a.Why = append(a.Why, hit.explain("people", strings.Join(a.Skills, ", "), "Whoever gets it has to know about "+listed(a.Skills), f, a.Segment))
	}
	return a
}

// Wanting lists the departments whose wants hold, in the order of the file. A
// rule that fails on these facts doesn't hold.
func (d *Desk) Wanting(f Facts) []string {
	if !slices.ContainsFunc(d.Departments, func(p Department) bool { return p.Wants != nil }) {
		return nil
	}
	f = d.filled(f)
	seen := &sight{Facts: f}
	if hit := first(d.Segments, seen, "segments", func(s Segment) *Rule { return s.When }); hit.index >= 0 {
		seen.segment = d.Segments[hit.index].ID
	}
	var ids []string
	for _, p := range d.Departments {
		if p.Wants == nil {
			continue
		}
		if held, err := p.Wants.holds(seen); held && err == nil {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// ExplainWant says why a department wants to hear of a message, with the facts that
// its rule saw.
func (d *Desk) ExplainWant(f Facts, department string) Explanation {
	i, ok := d.departments[department]
	if !ok || d.Departments[i].Wants == nil {
		return Explanation{Decision: "wants", Outcome: department, Rule: "default", Text: department + " hears of its own cases."}
	}
	f = d.filled(f)
	segment := ""
	if hit := first(d.Segments, &sight{Facts: f}, "segments", func(s Segment) *Rule { return s.When }); hit.index >= 0 {
		segment = d.Segments[hit.index].ID
	}
	m := match{section: "departments", index: i, rule: d.Departments[i].Wants, rules: len(d.Departments)}
	e := m.explain("wants", department, d.Departments[i].Name+" wants to hear of it", f, segment)
	e.Rule += ".wants"
	return e
}

// filled adds what the inbox says.
func (d *Desk) filled(f Facts) Facts {
	if in, ok := d.Inbox(f.Inbox); ok {
		if f.Channel == "" {
			f.Channel = in.Channel
		}
		if f.Community == "" {
			f.Community = in.Community
		}
	}
	if c, ok := d.Community(f.Community); ok && f.Brand == "" {
		f.Brand = c.Brand
	}
	return f
}

// match is the first rule of a section that holds.
type match struct {
	section string
	index   int // -1: none
	rule    *Rule
	rules   int // in the section
	errors  []string
}

func first[T any](all []T, seen *sight, section string, when func(T) *Rule) match {
	m := match{section: section, index: -1, rules: len(all)}
	for i, each := range all {
		rule := when(each)
		held, err := rule.holds(seen)
		if err != nil {
			m.errors = append(m.errors, failure(fmt.Sprintf("%s[%d]", section, i), rule, err))
			continue
		}
		if held {
			m.index, m.rule = i, rule
			return m
		}
	}
	return m
}

// failure words an evaluation error. What failed on personal facts may quote them.
func failure(place string, rule *Rule, err error) string {
	for _, name := range rule.names {
		if _, ok := personal[name]; ok {
			return place + " failed on " + name
		}
	}
	return place + " failed: " + err.Error()
}

func (m match) explain(decision, outcome, text string, f Facts, segment string) Explanation {
	e := Explanation{Decision: decision, Outcome: outcome, Rule: "default", Errors: m.errors}
	switch {
	case m.index < 0 && m.rules == 0:
		e.Text = text + ": the policy has no rules for it."
	case m.index < 0:
		e.Text = text + ": no rule of " + m.section + " holds."
	default:
		e.Rule = fmt.Sprintf("%s[%d]", m.section, m.index)
		e.Text = text + ": " + e.Rule + " holds for every message that comes to it."
		if m.rule != nil && len(m.rule.names) > 0 {
			e.Facts = make(map[string]any, len(m.rule.names))
			said := make([]string, len(m.rule.names))
			for i, name := range m.rule.names {
				v := f.fact(name, segment)
				e.Facts[name] = v
				said[i] = say(name, v)
			}
			e.Text = text + ": " + e.Rule + " holds, as " + listed(said) + "."
		}
	}
	if len(m.errors) > 0 {
		e.Text += " Passed over: " + strings.Join(m.errors, "; ") + "."
	}
	return e
}

func say(name string, v any) string {
	if stand, ok := personal[name]; ok {
		return "it asks for " + strings.Trim(stand, "()")
	}
	name = strings.ReplaceAll(strings.ReplaceAll(name, "customer.", "customer's "), "_", " ")
	switch v := v.(type) {
	case string:
		if v == "" {
			return name + " is not known"
		}
		return fmt.Sprintf("%s is %q", name, v)
	case bool:
		if v {
			return name + " is true"
		}
		return name + " is false"
	}
	return fmt.Sprintf("%s is %v", name, v)
}

func listed(all []string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
}
