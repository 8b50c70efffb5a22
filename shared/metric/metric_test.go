package metric

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/infra/plan"
)

var at = time.Date(2026, 11, 22, 9, 0, 0, 5e6, time.UTC)

// TestLineIsTheEmbeddedFormat checks a line against the format's own rules: each
// dimension and metric that _aws announces is a member beside it, dimensions are
// strings and metrics numbers.
func TestLineIsTheEmbeddedFormat(t *testing.T) {
	for _, inbox := range []string{"northline-x", `say "hi" \ there`, "žluťoučký\n", ""} {
		line := Append(nil, Point{Name: plan.MetricReceived, Stage: "prod", Inbox: inbox, Count: 3, At: at})
		if n := bytes.Count(line, []byte("\n")); n != 1 || line[len(line)-1] != '\n' {
			t.Errorf("%q has %d line ends", line, n)
		}
		var got struct {
			AWS struct {
				Timestamp         int64
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []struct{ Name, Unit string }
				}
			} `json:"_aws"`
		}
		var members map[string]any
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := json.Unmarshal(line, &members); err != nil {
			t.Fatal(err)
		}
		if got.AWS.Timestamp != at.UnixMilli() || len(got.AWS.CloudWatchMetrics) != 1 {
			t.Fatalf("%s", line)
		}
		m := got.AWS.CloudWatchMetrics[0]
		if m.Namespace != plan.MetricNamespace || !reflect.DeepEqual(m.Dimensions, [][]string{{plan.DimensionStage, plan.DimensionInbox}}) {
			t.Errorf("%s", line)
		}
		want := map[string]any{"_aws": members["_aws"], plan.DimensionStage: "prod", plan.DimensionInbox: inbox, m.Metrics[0].Name: 3.0}
		if m.Metrics[0].Name != plan.MetricReceived || m.Metrics[0].Unit != "Count" || !reflect.DeepEqual(members, want) {
			t.Errorf("%s\nwant %v", line, want)
		}
	}
}

func TestPrinterWritesWholeLines(t *testing.T) {
	var out bytes.Buffer
	p := NewPrinter(&out, "prod", func() time.Time { return at })
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { p.Count(plan.MetricReceived, "northline-x") })
	}
	all.Wait()
	want := strings.Repeat(string(Append(nil, Point{Name: plan.MetricReceived, Stage: "prod", Inbox: "northline-x", Count: 1, At: at})), 20)
	if out.String() != want {
		t.Errorf("printed\n%s", out.String())
	}
	var none *Printer
	none.Count(plan.MetricReceived, "northline-x")
}

func TestPrinterAllocatesNothing(t *testing.T) {
	var out bytes.Buffer
	p := NewPrinter(&out, "prod", func() time.Time { return at })
	p.Count(plan.MetricReceived, "northline-x")
	if n := testing.AllocsPerRun(100, func() { out.Reset(); p.Count(plan.MetricReceived, "northline-x") }); n != 0 {
		t.Errorf("%v allocations a line", n)
	}
}
