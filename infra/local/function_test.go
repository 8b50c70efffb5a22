package local

import (
	"bytes"
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/infra/plan"
)

// slowly lets others run while it is read.
type slowly struct{ text string }

func (a *slowly) UnmarshalJSON(b []byte) error {
	before := bytes.Clone(b)
	for range 20 {
		runtime.Gosched()
	}
	if a.text = string(b); !bytes.Equal(before, b) {
		a.text = "changed while it was read"
	}
	return nil
}

// Functions are invoked side by side: nobody's answer is another's.
func TestEachInvocationHasItsOwnAnswer(t *testing.T) {
	echo := func(_ context.Context, event string) (string, error) { return event, nil }
	f := host(plan.Function{Name: "echo", Timeout: time.Minute}, echo, newRequestIDs(), new(activity))
	var all sync.WaitGroup
	for i := range 16 {
		said := strings.Repeat(string(rune('a'+i)), 1000)
		all.Go(func() {
			for range 200 {
				var got slowly
				if err := f.invoke(t.Context(), said, &got); err != nil || got.text != `"`+said+`"` {
					t.Errorf("whoever said %.10s… got %.30s… (%v)", said, got.text, err)
					return
				}
			}
		})
	}
	all.Wait()
}
