package policy

import (
	"fmt"
	"time"
)

// Order is how far ahead of its deadline a case stands in the order of work. There
// is no other way up: reach has none.
type Order struct {
	MomentOfTruth time.Duration `yaml:"moment_of_truth"` // urgency is now; default 1 hour
	BrokenPromise time.Duration `yaml:"broken_promise"`  // for each; default 30 minutes
}

// DefaultOrder holds without an order section.
var DefaultOrder = Order{MomentOfTruth: time.Hour, BrokenPromise: 30 * time.Minute}

// Ahead is the head start of a case over its deadline.
func (o Order) Ahead(urgency string, broken int) time.Duration {
	ahead := time.Duration(broken) * o.BrokenPromise
	if urgency == "now" {
		ahead += o.MomentOfTruth
	}
	return ahead
}

// Explain says why a case stands where it does.
func (o Order) Explain(urgency string, broken int) Explanation {
	e := Explanation{Decision: "priority", Outcome: "by its deadline", Rule: "default",
		Facts: map[string]any{"urgency": urgency, "broken_promises": float64(broken)},
		Text:  "It is worked on in the order of its deadline, and of two alike whoever has waited longer comes first."}
	ahead := o.Ahead(urgency, broken)
	if ahead == 0 {
		return e
	}
	e.Outcome, e.Rule = spoken(ahead)+" before its deadline", "order"
	var reasons []string
	if urgency == "now" {
		reasons = append(reasons, "the customer needs it now")
	}
	if broken == 1 {
		reasons = append(reasons, "a promise was broken")
	} else if broken > 1 {
		reasons = append(reasons, fmt.Sprintf("%d promises were broken", broken))
	}
	e.Text = fmt.Sprintf("It is worked on as if it were due %s earlier, as %s.", spoken(ahead), listed(reasons))
	return e
}

func (c *checker) order() {
	o := &c.desk.Order
	if o.MomentOfTruth == 0 {
		o.MomentOfTruth = DefaultOrder.MomentOfTruth
	}
	if o.BrokenPromise == 0 {
		o.BrokenPromise = DefaultOrder.BrokenPromise
	}
}
