// Package metric prints measurements as lines of CloudWatch's embedded metric
// format: CloudWatch makes metrics of what a function logs, without a call to any
// service. It imports infra/plan for the names; functions import it.
//
// The format: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package metric

import (
	"encoding/json"
	"io"
	"strconv"
	"sync"
	"time"

	"ines/infra/plan"
)

// Point is one measurement of an inbox: so many of a thing, now.
type Point struct {
	Name  string
	Stage string
	Inbox string
	Count int64
	At    time.Time
}

// Append adds the point's line to dst, with the newline that ends it.
func Append(dst []byte, p Point) []byte {
	dst = append(dst, `{"_aws":{"Timestamp":`...)
	dst = strconv.AppendInt(dst, p.At.UnixMilli(), 10)
	dst = append(dst, `,"CloudWatchMetrics":[{"Namespace":"`+plan.MetricNamespace+
		`","Dimensions":[["`+plan.DimensionStage+`","`+plan.DimensionInbox+`"]],"Metrics":[{"Name":`...)
	dst = quote(dst, p.Name)
	dst = append(dst, `,"Unit":"Count"}]}]},"`+plan.DimensionStage+`":`...)
	dst = quote(dst, p.Stage)
	dst = append(dst, `,"`+plan.DimensionInbox+`":`...)
	dst = quote(dst, p.Inbox)
	dst = append(dst, ',')
	dst = quote(dst, p.Name)
	dst = append(dst, ':')
	dst = strconv.AppendInt(dst, p.Count, 10)
	return append(dst, "}\n"...)
}

// quote adds a JSON string. Names of stages, inboxes and metrics are plain, so
// that escaping is for what nobody expects.
func quote(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c > '~' {
			quoted, err := json.Marshal(s)
			if err != nil { // a string always has a JSON form
				panic(err)
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// Printer prints points of one stage. A nil Printer prints nothing. It is safe for
// concurrent use: each line is one write.
type Printer struct {
	stage string
	now   func() time.Time
	mu    sync.Mutex
	to    io.Writer
	line  []byte
}

// NewPrinter makes a printer; to is the function's standard output. A line that
// can't be written is lost, as a log line would be.
func NewPrinter(to io.Writer, stage string, now func() time.Time) *Printer {
	return &Printer{stage: stage, now: now, to: to}
}

// Count prints that an inbox had one more of something.
func (p *Printer) Count(name, inbox string) { p.Add(name, inbox, 1) }

// Add prints that an inbox had so many more of something.
func (p *Printer) Add(name, inbox string, count int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line = Append(p.line[:0], Point{Name: name, Stage: p.stage, Inbox: inbox, Count: count, At: p.now()})
	p.to.Write(p.line)
}
