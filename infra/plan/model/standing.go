package model

import (
	"fmt"
	"io"

	"ines/infra/plan"
)

// Prices that don't depend on what comes in, USD a month and piece. Sources:
// aws.amazon.com/cloudwatch/pricing (standard alarms, custom metrics, dashboards) and
// aws.amazon.com/kms/pricing.
const (
	alarmUSD     = 0.10
	metricUSD    = 0.30
	dashboardUSD = 3.00
	keyUSD       = 1.00
)

// Alarms is how many a stack has that hears of silence; a test in infra holds it against
// the templates.
func Alarms(inboxes int) int { return 34 + 2*inboxes }

const (
	minutesOfMonth = 30.4 * 24 * 60
	// While a queue is empty Lambda asks it with five long polls of 20 seconds at a time.
	pollsOfMinute = 5 * 3
)

// Idle is a minute in which nothing happens: function clock looks at what is due, and
// casework at whether many write of the same. TestCostIsAsModelled measures it.
var Idle = Work{
	plan.Clock:    {Invocations: 1, Reads: 3.5, FIFO: 1},
	plan.Casework: {Invocations: 1, Reads: 58.5, Writes: 0.02, FIFO: 2},
}

// Standing is what a stack with so many inboxes costs a month while nothing happens. The
// front door, storage and backups are free or by their use.
func Standing(p plan.Plan, prices Prices, inboxes int) []Line {
	var usd float64
	for _, l := range Bill(Idle, p, prices, false, Quiet) {
		usd += l.USD * minutesOfMonth / 1e6
	}
	polls := 0.0
	for _, q := range p.Queues {
		price := prices.Standard
		if q.FIFO {
			price = prices.FIFO
		}
		polls += pollsOfMinute * minutesOfMonth * price / 1e6
	}
	return []Line{
		{"alarms", float64(Alarms(inboxes)) * alarmUSD, fmt.Sprintf("%d, with one for the silence of each inbox", Alarms(inboxes))},
		{"metrics", float64(inboxes) * metricUSD, "what each inbox has, in the hours in which it has anything"},
		{"dashboard", dashboardUSD, "1"},
		{"key", keyUSD, "1 of KMS, for the topic of the alarms"},
		{"polling", polls, "empty queues, by Lambda"},
		{"the clock", usd, "once a minute: what is due, and whether many write of the same"},
	}
}

// TellStanding prints it.
func TellStanding(w io.Writer, p plan.Plan, inboxes int) error {
	pr := &printer{w: w}
	lines := Standing(p, List, inboxes)
	pr.f("\nA stack with %d inboxes in which nothing happens, USD a month: %.2f\n", inboxes, Total(lines))
	for _, l := range lines {
		pr.f("  %-16s %6.2f  %s\n", l.Service, l.USD, l.Why)
	}
	return pr.err
}
