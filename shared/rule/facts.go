package rule

import (
	"slices"
	"strings"
)

// Fact is one thing that rules may look at. A name with a dot, such as
// customer.cases, is a field of the record that stands before the dot.
type Fact struct {
	Name string
	Type Type
}

// Facts are what one kind of rule may look at. They are numbered in the order in
// which they were given.
type Facts struct {
	all     []Fact
	places  map[string]int
	records map[string]*record
}

// record is a group of facts that a rule can also take as a whole.
type record struct {
	name   string
	fields []int // places of the facts, in their order
	facts  *Facts
}

// NewFacts numbers the facts. A name that is given twice, or that is both a fact
// and a record, is a mistake of the program and panics.
func NewFacts(all ...Fact) *Facts {
	f := &Facts{all: slices.Clone(all), places: make(map[string]int, len(all)), records: map[string]*record{}}
	for i, fact := range all {
		if _, twice := f.places[fact.Name]; twice || fact.Name == "" {
			panic("rule: the fact " + fact.Name + " is given twice")
		}
		f.places[fact.Name] = i
		group, _, isField := strings.Cut(fact.Name, ".")
		if !isField {
			continue
		}
		r := f.records[group]
		if r == nil {
			r = &record{name: group, facts: f}
			f.records[group] = r
		}
		r.fields = append(r.fields, i)
	}
	for name := range f.records {
		if _, twice := f.places[name]; twice {
			panic("rule: " + name + " is a fact and a record")
		}
	}
	return f
}

// Names lists the facts, sorted.
func (f *Facts) Names() []string {
	names := make([]string, len(f.all))
	for i, fact := range f.all {
		names[i] = fact.Name
	}
	slices.Sort(names)
	return names
}

// field is the place of a record's field.
func (r *record) field(name string) (place int, ok bool) {
	place, ok = r.facts.places[r.name+"."+name]
	return place, ok
}

// label is a field's name without the record's.
func (r *record) label(place int) string {
	return r.facts.all[place].Name[len(r.name)+1:]
}

// Source gives the values of facts to a rule while it runs, by their place in the
// Facts that the rule was compiled against. What it gives must be of the fact's
// type, and must not change before the rule has run.
type Source interface {
	Fact(place int) Value
}
