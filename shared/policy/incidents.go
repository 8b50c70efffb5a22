package policy

import (
	"fmt"
	"time"
)

// Incidents says when many cases become one incident, and who does what about it.
type Incidents struct {
	Burst      int           `yaml:"burst"`       // customers within an hour, as long as there is no day of history
	Window     time.Duration `yaml:"window"`      // cases opened so long before it was noticed belong to it
	Confirm    []string      `yaml:"confirm"`     // roles
	Broadcast  []string      `yaml:"broadcast"`   // roles
	ApprovedBy []string      `yaml:"approved_by"` // roles of a second person; empty: none is needed
	Pace       int           `yaml:"pace"`        // answers a minute
}

// DefaultIncidents holds without an incidents section.
var DefaultIncidents = Incidents{Burst: 10, Window: 3 * time.Hour, Confirm: []string{"lead", "admin"}, Broadcast: []string{"lead", "admin"}, Pace: 120}

func (c *checker) incidents() {
	s := &c.desk.Incidents
	for _, roles := range []struct {
		key  string
		of   *[]string
		none []string
	}{{"confirm", &s.Confirm, DefaultIncidents.Confirm}, {"broadcast", &s.Broadcast, DefaultIncidents.Broadcast}, {"approved_by", &s.ApprovedBy, nil}} {
		for i, role := range *roles.of {
			c.known(fmt.Sprintf("incidents.%s[%d]", roles.key, i), "role", role, Roles)
		}
		if len(*roles.of) == 0 {
			*roles.of = roles.none
		}
	}
	if s.Burst == 0 {
		s.Burst = DefaultIncidents.Burst
	}
	if s.Window == 0 {
		s.Window = DefaultIncidents.Window
	}
	if s.Pace == 0 {
		s.Pace = DefaultIncidents.Pace
	}
}
