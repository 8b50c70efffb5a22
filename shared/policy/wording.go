package policy

import (
	"fmt"
	"regexp"
	"slices"
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

	tickets []*regexp.Regexp
}

// Wants reports whether a check is on.
func (w Wording) Wants(check string) bool { return !slices.Contains(w.Off, check) }

// TicketNumbers are the compiled patterns.
func (w Wording) TicketNumbers() []*regexp.Regexp { return w.tickets }

func (c *checker) wording() {
	for i := range c.desk.Brands {
		w := &c.desk.Brands[i].Wording
		for j, off := range w.Off {
			c.known(fmt.Sprintf("brands[%d].wording.off[%d]", i, j), "check", off, Checks)
		}
		for j, pattern := range w.Tickets {
			re, err := regexp.Compile(pattern)
			if err != nil {
				c.at(fmt.Sprintf("brands[%d].wording.tickets[%d]", i, j), fmt.Sprintf("%q is no pattern", pattern), "RE2 syntax, such as NL-[0-9]{6}")
				continue
			}
			w.tickets = append(w.tickets, re)
		}
	}
}
