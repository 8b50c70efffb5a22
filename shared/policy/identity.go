package policy

import (
	"fmt"
	"regexp"
	"slices"
)

// What customers state of who they are in private messages.
const (
	EvidenceEmail     = "email"
	EvidencePhone     = "phone"
	EvidenceBooking   = "booking"
	EvidenceReference = "reference" // an order, case or member number
	EvidenceLink      = "link_token"
)

// Evidences are all of them.
var Evidences = []string{EvidenceEmail, EvidencePhone, EvidenceBooking, EvidenceReference, EvidenceLink}

// Identity is what a brand takes for evidence that two customers are one person.
// Every kind counts unless it is switched off.
type Identity struct {
	Off        []string `yaml:"off"`        // kinds that count for nothing
	References []string `yaml:"references"` // patterns (RE2) of the brand's own numbers

	references *patterns
}

// Wants reports whether a kind of evidence counts.
func (i Identity) Wants(kind string) bool { return !slices.Contains(i.Off, kind) }

// Numbers are the compiled patterns; none: the usual numbers are looked for.
func (i Identity) Numbers() []*regexp.Regexp { return i.references.compiled() }

func (c *checker) identity() {
	for i := range c.desk.Brands {
		id := &c.desk.Brands[i].Identity
		for j, off := range id.Off {
			c.known(fmt.Sprintf("brands[%d].identity.off[%d]", i, j), "kind of evidence", off, Evidences)
		}
		for j, pattern := range id.References {
			re, err := regexp.Compile(pattern)
			if err != nil || re.MatchString("") {
				c.at(fmt.Sprintf("brands[%d].identity.references[%d]", i, j), fmt.Sprintf("%q is no pattern of a number", pattern), "RE2 syntax, such as NL-[0-9]{6}")
			}
		}
		id.references = patternsOf(id.References)
	}
}
