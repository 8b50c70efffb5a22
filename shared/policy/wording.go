package policy

import (
	"fmt"
	"regexp"
	"slices"
	"sync"
)

// The checks that warn a colleague before a text goes out under a brand.
const (
	CheckTicketNumber   = "ticket_number"
	CheckDoNotReply     = "do_not_reply"
	CheckShouting       = "shouting"
	CheckPersonalData   = "personal_data"
	CheckUndatedPromise = "undated_promise"
)

// Checks are all of them.
var Checks = []string{CheckTicketNumber, CheckDoNotReply, CheckShouting, CheckPersonalData, CheckUndatedPromise}

// Wording is how a brand wants to sound. Every check is on unless it is switched
// off.
type Wording struct {
	Off     []string `yaml:"off"`     // checks that the brand doesn't want
	Tickets []string `yaml:"tickets"` // patterns (RE2) of the brand's own ticket numbers

	tickets *patterns
}

// Wants reports whether a check is on.
func (w Wording) Wants(check string) bool { return !slices.Contains(w.Off, check) }

// TicketNumbers are the compiled patterns.
func (w Wording) TicketNumbers() []*regexp.Regexp { return w.tickets.compiled() }

// patterns are those of a brand, which are known to be good. They are compiled when
// they are first looked for: most functions never do.
type patterns struct {
	exprs []string
	once  sync.Once
	all   []*regexp.Regexp
}

func patternsOf(exprs []string) *patterns {
	if len(exprs) == 0 {
		return nil
	}
	return &patterns{exprs: exprs}
}

func (p *patterns) compiled() []*regexp.Regexp {
	if p == nil {
		return nil
	}
	p.once.Do(func() {
		for _, expr := range p.exprs {
			p.all = append(p.all, regexp.MustCompile(expr))
		}
	})
	return p.all
}

func (c *checker) wording() {
	for i := range c.desk.Brands {
		w := &c.desk.Brands[i].Wording
		for j, off := range w.Off {
			c.known(fmt.Sprintf("brands[%d].wording.off[%d]", i, j), "check", off, Checks)
		}
		for j, pattern := range w.Tickets {
			if _, err := regexp.Compile(pattern); err != nil {
				c.at(fmt.Sprintf("brands[%d].wording.tickets[%d]", i, j), fmt.Sprintf("%q is no pattern", pattern), "RE2 syntax, such as NL-[0-9]{6}")
			}
		}
		w.tickets = patternsOf(w.Tickets)
	}
}
