package casework

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// fire lets the timers fall due one after the other until an hour, and lists what
// they said as "kind what who".
func (f *file) fire(until time.Time) []string {
	f.t.Helper()
	var said []string
	for {
		ts := f.c.Timers()
		if len(ts) == 0 || ts[0].At.After(until) {
			f.now = until
			return said
		}
		f.now = ts[0].At
		events := f.do("", FireTimers{})
		if len(events) == 0 {
			f.t.Fatalf("timer %v fires nothing", ts[0])
		}
		for _, e := range events {
			at := f.now.Format("15:04 ")
			switch e := e.(type) {
			case DeadlineNear:
				said = append(said, at+"near "+e.For+" "+strings.Join(e.Who, ","))
			case Escalated:
				said = append(said, at+e.Do+" "+e.For+" "+strings.Join(append(e.Who, e.From), ","))
			default:
				said = append(said, at+e.Kind())
			}
		}
	}
}

func TestServiceClockWarnsThenClimbsTheLadder(t *testing.T) {
	f := open(t)
	f.do("ines", Claim{By: "ines"})
	f.wait(25 * time.Minute)
	f.do("ines", Note{By: "ines", Text: "still looking"}) // keeps the claim
	got := f.fire(morning.Add(3 * time.Hour))
	want := []string{
		"09:50 near first_answer ines",
		"09:55 claim_expired",
		"10:00 clock_missed", "10:00 remind first_answer ", // nobody has it: the department is reminded
		"10:30 hand_over first_answer ",
		"11:00 tell_lead first_answer tom,",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if f.c.Escalation() != "tell_lead" || f.c.View().Escalation != "tell_lead" {
		t.Errorf("escalation %q", f.c.Escalation())
	}
	f.do("noor", SendReply{By: "noor", Text: "Here I am."})
	for id := range f.c.Sendings {
		f.do("", ReportReply{Reply: id, State: "sent", At: f.now})
	}
	if f.c.Escalation() != "" {
		t.Error("made good, and still escalated")
	}
}

func TestLadderHandsTheCaseBackToItsDepartment(t *testing.T) {
	f := open(t)
	f.wait(50 * time.Minute)
	f.do("ines", Claim{By: "ines"})
	f.wait(25 * time.Minute)
	f.do("", FireTimers{})
	f.do("ines", Note{By: "ines", Text: "nearly there"})
	f.wait(20 * time.Minute)
	e, _ := f.has(f.do("", FireTimers{}), "escalated").(Escalated)
	if e.Do != "hand_over" || e.From != "ines" || e.Department != "care" || f.c.Owner != "" || f.c.LastOwner != "ines" {
		t.Errorf("%+v, owner %q", e, f.c.Owner)
	}
}

func TestLadderStepsAreThoseOfThePolicy(t *testing.T) {
	f := open(t)
	f.desk = deskWith(t, `
escalation:
  - {do: tell_lead, on: [first_answer]}
  - {do: remind, on: [first_answer], after: 2h}
`)
	got := f.fire(morning.Add(4 * time.Hour))
	if want := []string{"09:50 near first_answer ", "10:00 clock_missed", "10:00 tell_lead first_answer tom,", "12:00 remind first_answer "}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// A warning that could only come with the deadline's own beginning is left out.
func TestShortDeadlinesAreNotAnnounced(t *testing.T) {
	f := open(t)
	f.do("ines", MakePromise{By: "ines", Text: "look", Due: f.now.Add(8 * time.Minute)})
	got := f.fire(morning.Add(9 * time.Minute))
	if want := []string{"09:08 promise_broken", "09:08 remind promise ines,"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
