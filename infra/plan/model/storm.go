package model

import (
	"fmt"
	"io"

	"ines/infra/plan"
)

// Quotas of an account and a table that nobody raised. Sources: the services' quota
// pages; DynamoDB's is what a new on-demand table takes at once.
const (
	APIRequests       = 10000 // requests a second to all APIs of a region
	LambdaConcurrency = 1000
	FIFORequests      = 19000 // a second and queue in high-throughput mode, in the regions with the least of the large ones
	TableWrites       = 4000  // units a second
	TableReads        = 12000
	Parameters        = 40 // requests a second to SSM's parameters, all functions together
	StreamShards      = 4  // of a new table, one for each 1,000 write units
)

// Load is a storm, and a backlog that is there when it begins.
type Load struct {
	Rate     float64 // messages a second
	Seconds  float64
	Backlog  float64 // messages
	NewCases float64 // the part of them that open a case
}

// Stage is how fast a part of the pipeline is.
type Stage struct {
	Name   string
	Most   float64 // messages a second
	Bound  string  // by what
	Raise  string  // what to raise
	Behind float64 // messages that wait before it when the storm ends
	Drain  float64 // seconds from then until none does
}

// Stages says how each part of the pipeline takes a load. The backlog waits in the
// first queue.
func Stages(p plan.Plan, l Load) []Stage {
	work := Mix(Full, l.NewCases)
	var writes, reads float64
	for _, u := range work {
		writes, reads = writes+u.Writes, reads+u.Reads
	}
	perSecond := func(name string, batch, parallel float64) float64 {
		ms := Milliseconds[name]
		return parallel * batch / ((ms.Each + ms.Message*batch) / 1000)
	}
	workers := func(name string) (batch, parallel float64, bound, raise string) {
		f, _ := p.Function(name)
		parallel, bound = float64(f.Concurrency), fmt.Sprintf("%d invocations at a time", f.Concurrency)
		if parallel == 0 {
			parallel, bound = LambdaConcurrency, fmt.Sprintf("the account's %d invocations at a time", LambdaConcurrency)
		}
		return float64(max(f.Trigger.Batch, 1)), parallel, bound, fmt.Sprintf("concurrency of %s in cdk.json", name)
	}
	stages := []Stage{{Name: "front door", Most: APIRequests, Bound: "the API's quota of requests", Raise: "API Gateway's throttle quota"}}
	for _, name := range []string{plan.Receive, plan.Classify, plan.Casework} {
		batch, parallel, bound, raise := workers(name)
		stages = append(stages, Stage{Name: name, Most: perSecond(name, batch, parallel), Bound: bound, Raise: raise})
	}
	f, _ := p.Function(plan.Relay)
	stages = append(stages,
		Stage{Name: "cases.fifo", Most: FIFORequests / (work[plan.Casework].FIFO + work[plan.Classify].FIFO), Bound: "high-throughput FIFO requests", Raise: "SQS's quota of the region"},
		Stage{Name: plan.Relay, Most: perSecond(plan.Relay, float64(f.Trigger.Batch), StreamShards*float64(max(f.Concurrency, 1))),
			Bound: fmt.Sprintf("%d shards × %d", StreamShards, max(f.Concurrency, 1)), Raise: "concurrency of relay in cdk.json"},
		Stage{Name: "table, writing", Most: TableWrites / writes, Bound: fmt.Sprintf("%d units a second at first", TableWrites), Raise: "warm throughput of the table"},
		Stage{Name: "table, reading", Most: TableReads / reads, Bound: fmt.Sprintf("%d units a second at first", TableReads), Raise: "warm throughput of the table"})
	for i := range stages {
		s := &stages[i]
		s.Behind = max(0, (l.Rate-s.Most)*l.Seconds) // before the first queue: turned away, and sent again
		if i >= 2 {
			s.Behind = max(0, l.Backlog+(l.Rate-s.Most)*l.Seconds)
		}
		s.Drain = s.Behind / s.Most
	}
	return stages
}

// Slowest is the part behind the first queue that decides how long it takes.
func Slowest(stages []Stage) Stage {
	slowest := stages[2]
	for _, s := range stages[2:] {
		if s.Most < slowest.Most {
			slowest = s
		}
	}
	return slowest
}

// Secrets is how long, in seconds, SSM takes to give all copies of receive that a storm
// starts the secrets of so many inboxes: two versions of each.
func Secrets(p plan.Plan, l Load, inboxes int) (copies, seconds float64) {
	f, _ := p.Function(plan.Receive)
	ms := Milliseconds[plan.Receive]
	copies = max(1, l.Rate*(ms.Each+ms.Message)/1000)
	if f.Concurrency > 0 {
		copies = min(copies, float64(f.Concurrency))
	}
	return copies, copies * 2 * float64(inboxes) / Parameters
}

// TellSecrets prints it.
func TellSecrets(w io.Writer, p plan.Plan, l Load, inboxes int) error {
	pr := &printer{w: w}
	copies, seconds := Secrets(p, l, inboxes)
	pr.f("\nWhen it begins %.0f copies of receive ask SSM for the secrets of %d inboxes, %d requests a second: all have them after %s.\n",
		copies, inboxes, Parameters, span(seconds))
	pr.f("Until then some webhooks wait, or are answered 503 and come again. To be faster raise: the throughput of SSM's Parameter Store.\n")
	return pr.err
}

// Tell prints how a load goes and what it costs.
func Tell(w io.Writer, p plan.Plan, l Load) error {
	stages := Stages(p, l)
	slowest := Slowest(stages)
	pr := &printer{w: w}
	pr.f("%.0f messages a second for %s, %.0f waiting before, %.0f %% open a case; default quotas, full batches\n\n",
		l.Rate, span(l.Seconds), l.Backlog, l.NewCases*100)
	pr.f("%-15s %12s  %s\n", "", "messages/s", "bound by")
	for _, s := range stages {
		note := ""
		if s.Most < l.Rate {
			note = "  ← too slow; raise: " + s.Raise
		}
		pr.f("%-15s %12.0f  %s%s\n", s.Name, s.Most, s.Bound, note)
	}
	pr.f("\nslowest: %s. When the storm ends %.0f messages wait; they are done %s later. To be faster raise: %s.\n",
		slowest.Name, slowest.Behind, span(slowest.Drain), slowest.Raise)
	pr.f("\nPrice per million inbound messages (%s):\n", PricesOf)
	bill := Bill(Mix(Full, l.NewCases), p, List, true, l.Rate)
	for _, line := range bill {
		pr.f("  %-16s %6.2f  %s\n", line.Service, line.USD, line.Why)
	}
	pr.f("  %-16s %6.2f  (%.2f with batches of one; the target is %.2f)\n", "all", Total(bill), Total(Bill(Mix(Single, l.NewCases), p, List, true, Quiet)), Target)
	pr.f("A million replies, as many a second, cost %.2f more. Assumed, not measured: times on Lambda.\n", Total(Bill(Single[Reply], p, List, false, l.Rate)))
	return pr.err
}

// Target is what DESIGN section 11 wants a million inbound messages to cost.
const Target = 4.50

type printer struct {
	w   io.Writer
	err error
}

func (p *printer) f(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

func span(seconds float64) string {
	if seconds < 120 {
		return fmt.Sprintf("%.0f s", seconds)
	}
	return fmt.Sprintf("%.1f min", seconds/60)
}
