package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// rules compiles every rule and checks the sections in which the first that holds
// counts.
func (c *checker) rules(segments []string) {
	d := c.desk
	words := map[string][]string{
		"channel": Channels, "visibility": Visibilities, "kind": Kinds, "tone": Tones, "urgency": Urgencies, "event": Events,
		"brand": sortedKeys(d.brands), "community": sortedKeys(d.communities), "inbox": sortedKeys(d.inboxes),
		"segment": segments,
	}
	if len(d.Topics) > 0 {
		words["topic"] = sortedKeys(d.topics)
	}
	sorting := scope{facts: sortingFacts, ordered: true, words: words}
	sorted := scope{facts: sortedFacts, ordered: true, words: words}
	receiving := scope{facts: receivingFacts, words: words}

	c.ladder("segments", "when", sorting, len(d.Segments), func(i int) *Rule { return d.Segments[i].When })
	c.ladder("service", "when", sorted, len(d.Service), func(i int) *Rule { return d.Service[i].When })
	c.ladder("routing", "when", sorted, len(d.Routing), func(i int) *Rule { return d.Routing[i].When })
	for i, a := range d.Automation {
		c.compile(a.When, fmt.Sprintf("automation[%d].when", i), sorted)
	}
	for i, p := range d.Departments {
		c.compile(p.Wants, fmt.Sprintf("departments[%d].wants", i), receiving)
	}
	for i, r := range d.Routing {
		c.known(fmt.Sprintf("routing[%d].department", i), "department", r.Department, sortedKeys(d.departments))
	}
	for i := range d.Service {
		c.targets(&d.Service[i], fmt.Sprintf("service[%d]", i))
	}
}

func (c *checker) compile(rule *Rule, path string, s scope) {
	if rule == nil {
		return
	}
	for _, p := range rule.compile(s) {
		line := c.lineOf(path)
		if rule.block {
			before := []rune(rule.source)
			before = before[:min(p.from, len(before))]
			line += 1 + strings.Count(string(before), "\n")
		}
		c.line(line, path+": "+p.message, p.hint)
	}
}

// ladder checks a list of rules of which the first that holds counts: what stands
// below one that always holds, or below its own double, is never reached.
func (c *checker) ladder(section, key string, s scope, n int, rule func(i int) *Rule) {
	always := -1
	shapes := map[string]int{}
	for i := range n {
		at, r := fmt.Sprintf("%s[%d]", section, i), rule(i)
		path := join(at, key)
		c.compile(r, path, s)
		if always >= 0 {
			c.at(at, at+" is never reached", fmt.Sprintf("the rule on line %d always holds; put it last", c.lineOf(fmt.Sprintf("%s[%d]", section, always))))
			continue
		}
		if _, written := c.lines[path]; !written || r != nil && r.always {
			always = i
			continue
		}
		if r == nil || r.shape == "" {
			continue
		}
		if first, twice := shapes[r.shape]; twice {
			c.at(path, at+" is never reached", fmt.Sprintf("the rule on line %d asks the same", c.lineOf(fmt.Sprintf("%s[%d].%s", section, first, key))))
			continue
		}
		shapes[r.shape] = i
	}
}

// targets fills in what a service rule leaves to the default.
func (c *checker) targets(s *ServiceRule, path string) {
	if _, ok := c.lines[path+".first_answer"]; !ok {
		if _, ok := c.lines[path+".next_answer"]; !ok {
			if _, ok := c.lines[path+".resolution"]; !ok {
				c.at(path, path+" owes nothing", "give it first_answer, next_answer or resolution")
			}
		}
	}
	s.FirstAnswer = cmp.Or(s.FirstAnswer, DefaultTargets.FirstAnswer)
	s.NextAnswer = cmp.Or(s.NextAnswer, DefaultTargets.NextAnswer)
	s.Resolution = cmp.Or(s.Resolution, DefaultTargets.Resolution)
	before := func(name string, d time.Duration) {
		if d > s.Resolution {
			c.at(path+".resolution", fmt.Sprintf("%s: %s (%s) is later than resolution (%s)", path, name, spoken(d), spoken(s.Resolution)),
				"what a rule leaves out is 1h, 2h and 24h")
		}
	}
	before("first_answer", s.FirstAnswer)
	before("next_answer", s.NextAnswer)
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
