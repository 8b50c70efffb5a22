package clock

import (
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
)

// A deletion that came before its message is looked at twice, with time between for
// whoever was filing the message when it came.
func TestChangesThatCameTooEarlyAreLookedAtAgain(t *testing.T) {
	b := newBench(t)
	b.MustFile(dockettest.Deletion(b.Envelope(), "7"))
	var waited []time.Duration
	for minute := range 10 {
		if err := b.Handle(t.Context(), events.EventBridgeEvent{}); err != nil {
			t.Fatal(err)
		}
		work, _ := dockettest.Take[docket.Work](b.Register, plan.Cases)
		for _, w := range work {
			if w.Watch != nil {
				continue
			}
			if w.Again == nil || w.Again.Channel != "x" || w.Again.Inbox != "northline-x" || w.Again.Message != "7" {
				t.Fatalf("on cases.fifo: %+v", w)
			}
			waited = append(waited, time.Duration(minute)*time.Minute)
			if err := b.LookAgain(t.Context(), *w.Again, b.Now()); err != nil {
				t.Fatal(err)
			}
		}
		b.Advance(time.Minute)
	}
	if len(waited) != 2 || waited[0] != 0 || waited[1] < time.Minute || waited[1] > 5*time.Minute {
		t.Errorf("looked at after %v", waited)
	}
}
