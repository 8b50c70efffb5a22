package policy

import "testing"

// The sample desk cares for the stranded, the vulnerable, the fan, the frequent and
// the first-timer: by the message, the profile and the history.
func TestTheSampleDeskKnowsFiveSegments(t *testing.T) {
	d, err := Load("../../infra/desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	known := CustomerFacts{Known: true, Cases: 1}
	with := func(change func(*CustomerFacts)) CustomerFacts { c := known; change(&c); return c }
	for want, f := range map[string]Facts{
		"":            {Customer: known},
		"stranded":    {Customer: known, Urgency: "now"},
		"vulnerable":  {Customer: with(func(c *CustomerFacts) { c.Tags = []string{"fan", "vulnerable"} })},
		"fan":         {Customer: with(func(c *CustomerFacts) { c.Praised = 2 })},
		"frequent":    {Customer: with(func(c *CustomerFacts) { c.Cases = 5 })},
		"first-timer": {},
	} {
		f.Inbox = "northline-mail"
		a := d.Assess(f)
		if a.Segment != want {
			t.Errorf("%+v: %q, want %q", f.Customer, a.Segment, want)
		}
		f.Reach, f.Verified = 90_000_000, true
		if b := d.Assess(f); b.Segment != a.Segment || b.Service != a.Service || b.Department != a.Department {
			t.Errorf("fame changes %q: %+v", want, b)
		}
		// Service and routing follow the segment.
		switch want {
		case "vulnerable":
			if len(a.Skills) != 1 || a.Skills[0] != "assistance" || a.Service.FirstAnswer >= DefaultTargets.FirstAnswer || a.Why[len(a.Why)-1].Decision != "people" {
				t.Errorf("vulnerable: %+v", a)
			}
		case "stranded":
			if a.Service.FirstAnswer >= DefaultTargets.FirstAnswer {
				t.Errorf("stranded: %+v", a.Service)
			}
		}
	}
	if !d.LooksAt("customer.tags") || d.LooksAt("customer.language") {
		t.Error("which facts the sample looks at")
	}
}
