package policy

import (
	"fmt"
	"slices"
)

// DefaultCapacity is how many cases at a time the desk gives to a colleague of
// whom the policy doesn't say.
const DefaultCapacity = 5

// Speaks reports whether a colleague can write a language: one of his, whatever
// the region. "" is not known, and one who didn't say takes all.
func (c Colleague) Speaks(language string) bool {
	return language == "" || len(c.Languages) == 0 || slices.ContainsFunc(c.Languages, func(own string) bool {
		return primary(own) == primary(language)
	})
}

// primary is a tag's language without script and region.
func primary(tag string) string {
	for i := range len(tag) {
		if tag[i] == '-' {
			return tag[:i]
		}
	}
	return tag
}

// Serves reports whether a colleague answers a community's customers.
func (c Colleague) Serves(community string) bool {
	return len(c.Communities) == 0 || slices.Contains(c.Communities, community)
}

// Lacks is the first of the skills that the colleague doesn't have, or "".
func (c Colleague) Lacks(skills []string) string {
	for _, s := range skills {
		if !slices.Contains(c.Skills, s) {
			return s
		}
	}
	return ""
}

// LooksAt reports whether any rule that sorts messages looks at a fact.
func (d *Desk) LooksAt(fact string) bool {
	looks := func(r *Rule) bool { return r != nil && slices.Contains(r.names, fact) }
	return slices.ContainsFunc(d.Segments, func(s Segment) bool { return looks(s.When) }) ||
		slices.ContainsFunc(d.Service, func(s ServiceRule) bool { return looks(s.When) }) ||
		slices.ContainsFunc(d.Routing, func(r RoutingRule) bool { return looks(r.When) }) ||
		slices.ContainsFunc(d.Departments, func(p Department) bool { return looks(p.Wants) })
}

// team checks who can do what: skills that nobody has are slips of the pen.
func (c *checker) team() {
	d := c.desk
	has := map[string]bool{}
	for i := range d.Colleagues {
		p := &d.Colleagues[i]
		for j, skill := range p.Skills {
			c.skill(fmt.Sprintf("colleagues[%d].skills[%d]", i, j), skill)
			has[skill] = true
		}
		for j, community := range p.Communities {
			c.known(fmt.Sprintf("colleagues[%d].communities[%d]", i, j), "community", community, sortedKeys(d.communities))
		}
		if p.Capacity == 0 {
			p.Capacity = DefaultCapacity
		}
	}
	for i, r := range d.Routing {
		for j, skill := range r.Skills {
			path := fmt.Sprintf("routing[%d].skills[%d]", i, j)
			c.skill(path, skill)
			if !has[skill] {
				c.at(path, fmt.Sprintf("nobody has the skill %q", skill), nearest(skill, sortedKeys(has)))
				continue
			}
			if !slices.ContainsFunc(d.Colleagues, func(p Colleague) bool {
				return slices.Contains(p.Departments, r.Department) && p.Lacks(r.Skills) == ""
			}) {
				c.at(path, fmt.Sprintf("nobody in %s has all that the rule asks for", r.Department), "give somebody there the skills")
				break
			}
		}
	}
}

func (c *checker) skill(path, skill string) {
	if skill != "" && !nameShape.MatchString(skill) {
		c.at(path, fmt.Sprintf("%q is not a skill", skill), "lower-case letters and digits, joined by single hyphens or underscores")
	}
}

// IsLanguage reports whether a tag is one that policies accept.
func IsLanguage(tag string) bool { return languageShape.MatchString(tag) }

// UpTo is what a colleague may give of an action in one case by himself, as the
// policy writes it; none: any amount, or nothing at all (see May).
func (d *Desk) UpTo(colleague, action string) []string {
	who, _ := d.Colleague(colleague)
	var limits []string
	for _, r := range d.Authority {
		if r.Action != action || !who.Has(r.Role) {
			continue
		}
		if len(r.UpTo) == 0 {
			return nil
		}
		for _, m := range r.UpTo {
			limits = append(limits, m.String())
		}
	}
	return limits
}
