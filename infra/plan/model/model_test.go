package model

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"ines/infra/plan"
)

const (
	begins = "<!-- ines model: price -->\n"
	ends   = "<!-- end -->"
)

// The README's table is the model's.
func TestReadmeHasThePrices(t *testing.T) {
	raw, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(raw), begins)
	have, _, ended := strings.Cut(rest, ends)
	if !found || !ended {
		t.Fatalf("the README has no table between %q and %q", begins, ends)
	}
	var want strings.Builder
	if err := Table(&want); err != nil {
		t.Fatal(err)
	}
	if have != want.String() {
		t.Errorf("the README has\n%s\nthe model\n%s", have, want.String())
	}
	if !strings.Contains(string(raw), PricesOf) {
		t.Errorf("the README doesn't say that the prices are of %s", PricesOf)
	}
}

// What a stack costs in which nothing happens is in the README, too.
func TestReadmeHasWhatStandsStill(t *testing.T) {
	raw, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%.2f USD a month", Total(Standing(plan.Default(), List, 15)))
	if !strings.Contains(string(raw), want) {
		t.Errorf("the README doesn't say %q", want)
	}
}

// The aim of DESIGN section 11.
func TestThePriceIsWithinItsTarget(t *testing.T) {
	if usd := Total(Bill(Mix(Full, NewCases), plan.Default(), List, true, Storm)); usd > Target {
		t.Errorf("a million messages cost %.2f USD, they may cost %.2f", usd, Target)
	}
}

func TestABillIsTheSumOfItsWork(t *testing.T) {
	only := Prices{Writes: 1}
	w := Work{"a": {Writes: 2}, "b": {Writes: 3, Reads: 9, Standard: 9, FIFO: 9, Objects: 9}}
	if got := Total(Bill(w, plan.Plan{}, only, true, Storm)); got != 5 {
		t.Errorf("5 units at 1 USD cost %v", got)
	}
	door := Total(Bill(Work{}, plan.Plan{}, Prices{HTTPAPI: 1, Fair: 2}, true, Storm))
	if inside := Total(Bill(Work{}, plan.Plan{}, Prices{HTTPAPI: 1, Fair: 2}, false, Storm)); door != 3 || inside != 0 {
		t.Errorf("the front door costs %v, and a reply, which doesn't come by it, %v", door, inside)
	}
	one := Bill(Work{plan.Receive: {Invocations: 1}}, plan.Plan{Functions: []plan.Function{{Name: plan.Receive, Memory: 1024}}}, Prices{GBSecond: 1}, false, Storm)
	if want := Milliseconds[plan.Receive].Each * 1000; math.Abs(Total(one)-want) > 1e-6 {
		t.Errorf("a million times %v ms of a GB are %v GB-seconds", Milliseconds[plan.Receive].Each, Total(one))
	}
}

func TestAMixIsBetweenItsParts(t *testing.T) {
	p := plan.Default()
	of := func(part float64) float64 { return Total(Bill(Mix(Full, part), p, List, true, Storm)) }
	if known := Total(Bill(Full[Known], p, List, true, Storm)); math.Abs(of(0)-known) > 1e-9 || !(of(0) < of(0.2) && of(0.2) < of(1)) {
		t.Errorf("%v, %v, %v", of(0), of(0.2), of(1))
	}
}

func TestALoadThatIsTooMuch(t *testing.T) {
	p := plan.Default()
	load := Load{Rate: 500, Seconds: 600, Backlog: 50000, NewCases: NewCases}
	slow := Slowest(Stages(p, load))
	for i := range p.Functions {
		if p.Functions[i].Name == slow.Name {
			p.Functions[i].Concurrency *= 10
		}
	}
	if raised := Slowest(Stages(p, load)); raised.Most <= slow.Most || raised.Name == slow.Name {
		t.Errorf("ten times the concurrency of %s: still %+v", slow.Name, raised)
	}
	for _, s := range Stages(p, Load{Rate: 1, Seconds: 60}) {
		if s.Behind != 0 || s.Drain != 0 {
			t.Errorf("a message a second: %+v", s)
		}
	}
	for _, s := range Stages(p, Load{Rate: 1e6, Seconds: 10, Backlog: 5}) {
		if s.Behind <= 0 || math.Abs(s.Drain-s.Behind/s.Most) > 1e-9 || s.Raise == "" {
			t.Errorf("a million a second: %+v", s)
		}
	}
}

// X-Ray sees one invocation a second and 5 % of the others, of each function.
func TestTraces(t *testing.T) {
	for _, c := range []struct{ invocations, rate, want float64 }{
		{1, Quiet, 1}, {1, 1, 1}, {0.1, 5, 0.1}, {1, 500, (1 + 0.05*499) / 500}, {0.1, 500, (1 + 0.05*49) / 500}, {0, 500, 0},
	} {
		if got := traces(c.invocations, c.rate); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("of %v invocations for each of %v messages a second %v are traced, want %v", c.invocations, c.rate, got, c.want)
		}
	}
	p := plan.Default()
	million := Bill(Work{plan.Receive: {Invocations: 1}}, p, Prices{Traces: List.Traces}, false, 1e9)
	if usd := Total(million); math.Abs(usd-0.25) > 0.001 {
		t.Errorf("a million invocations in one second cost %v USD of traces, at 5 USD a million and 5 %% of them", usd)
	}
}

// TestSecrets: SSM gives so many a second, whoever asks.
func TestSecrets(t *testing.T) {
	p := plan.Default()
	small, little := Secrets(p, Load{Rate: 0.1}, 15)
	many, long := Secrets(p, Load{Rate: 1e6}, 15)
	f, _ := p.Function(plan.Receive)
	if small != 1 || little != 30.0/Parameters {
		t.Errorf("a quiet day: %v copies, %v s", small, little)
	}
	if many != float64(f.Concurrency) || long != many*30/Parameters {
		t.Errorf("a storm: %v copies, %v s", many, long)
	}
	var out strings.Builder
	if err := TellSecrets(&out, p, Load{Rate: 500}, 15); err != nil || !strings.Contains(out.String(), "raise: the throughput of SSM's Parameter Store") {
		t.Errorf("%v: %s", err, &out)
	}
}
