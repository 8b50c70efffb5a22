package model

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"ines/infra/plan"
	"ines/shared/metric"
)

// Prices are USD per million of what the names say, but for GBSecond and the last two:
// a GB of log lines, and one of those that are rarely looked at.
type Prices struct {
	HTTPAPI, Invocations, Standard, FIFO, Fair, Writes, Reads, Objects, Traces float64
	GBSecond, LogGB, RareLogGB                                                 float64
}

// PricesOf is the region and the date of List.
const PricesOf = "us-east-1, list prices as of November 2026, without free tiers"

// List are the list prices. Sources: aws.amazon.com/api-gateway/pricing (HTTP API,
// first 300 million), aws.amazon.com/lambda/pricing (arm64), aws.amazon.com/sqs/pricing
// (Fair: on top of standard for messages with a group), aws.amazon.com/dynamodb/pricing
// (on demand since November 2024), aws.amazon.com/s3/pricing (PUT),
// aws.amazon.com/cloudwatch/pricing (log ingestion, Standard and Infrequent Access), aws.amazon.com/xray/pricing
// (traces recorded).
var List = Prices{
	HTTPAPI: 1.00, Invocations: 0.20, Standard: 0.40, FIFO: 0.50, Fair: 0.10, Writes: 0.625, Reads: 0.125, Objects: 5.00, Traces: 5.00,
	GBSecond: 0.0000133334, LogGB: 0.50, RareLogGB: 0.25,
}

// What is logged where nothing is wrong: a line of accesses for each webhook, and a
// line of metrics for each batch of classify's. Lambda's own reports are not: the
// stack has its system logs at WARN.
var (
	accessBytes = func() (n int) {
		line := map[string]string{}
		for _, f := range plan.AccessLog {
			line[f.Name] = f.Typical
		}
		text, err := json.Marshal(line)
		if err != nil {
			panic(err) // strings always have a JSON form
		}
		return len(text)
	}()
	metricBytes = len(metric.Append(nil, metric.Point{Name: plan.MetricReceived, Stage: "prod", Inbox: "northline-app", Count: 100, At: time.UnixMilli(1763796286123)}))
)

// Lambda decides itself which of a function's invocations X-Ray sees, and can't be told
// otherwise: so many a second, and this part of the others. What rarely runs is traced
// always. docs.aws.amazon.com/lambda/latest/dg/services-xray.html
const (
	tracedEach = 1
	tracedPart = 0.05
)

// Storm is the load that the README's table is of, in messages a second; Quiet is one in
// which seconds pass between any two.
const (
	Storm = 500
	Quiet = 0
)

// traces are how many of a function's invocations are traced, by message, where so many
// are made for each of so many messages a second.
func traces(invocations, rate float64) float64 {
	if n := invocations * rate; n > tracedEach {
		return (tracedEach + tracedPart*(n-tracedEach)) / rate
	}
	return invocations
}

// Line is what one service costs.
type Line struct {
	Service string
	USD     float64 // per million messages
	Why     string
}

// Bill prices the work of a million messages, of which so many come a second; inbound
// ones come through the front door.
func Bill(w Work, p plan.Plan, prices Prices, inbound bool, rate float64) []Line {
	var sum Use
	var gbms, traced float64
	for name, u := range w {
		sum = sum.plus(u, 1)
		f, _ := p.Function(name)
		traced += traces(u.Invocations, rate)
		ms := Milliseconds[name]
		gbms += float64(f.Memory) / 1024 * (u.Invocations*ms.Each + ms.Message)
	}
	logs, rare := w[plan.Classify].Invocations*float64(metricBytes), 0.0
	var lines []Line
	if inbound {
		rare = float64(accessBytes)
		lines = append(lines, Line{"API Gateway", prices.HTTPAPI, "1 request to the HTTP API"})
	}
	fair := 0.0
	if inbound {
		fair = prices.Fair
	}
	return append(lines,
		Line{"Lambda", sum.Invocations*prices.Invocations + gbms*1000*prices.GBSecond, fmt.Sprintf("%.2f invocations, %.1f MB-seconds (assumed)", sum.Invocations, gbms*1.024)},
		Line{"SQS", sum.Standard*prices.Standard + sum.FIFO*prices.FIFO + fair, fmt.Sprintf("%.1f standard and %.1f FIFO requests", sum.Standard, sum.FIFO)},
		Line{"DynamoDB writes", sum.Writes * prices.Writes, fmt.Sprintf("%.2f units", sum.Writes)},
		Line{"DynamoDB reads", sum.Reads * prices.Reads, fmt.Sprintf("%.2f units", sum.Reads)},
		Line{"S3", sum.Objects * prices.Objects, fmt.Sprintf("%.3f objects", sum.Objects)},
		Line{"CloudWatch Logs", (logs*prices.LogGB + rare*prices.RareLogGB) / 1000, fmt.Sprintf("%.0f bytes", logs+rare)},
		Line{"X-Ray", traced * prices.Traces, fmt.Sprintf("%.3f traces", traced)})
}

// Total is the sum of a bill.
func Total(lines []Line) (usd float64) {
	for _, l := range lines {
		usd += l.USD
	}
	return usd
}

// Table writes the bills of a storm and of a quiet day as the README has them.
func Table(w io.Writer) error {
	p := plan.Default()
	columns := [][]Line{
		Bill(Full[Known], p, List, true, Storm),
		Bill(Mix(Full, NewCases), p, List, true, Storm),
		Bill(Full[NewCase], p, List, true, Storm),
		Bill(Mix(Single, NewCases), p, List, true, Quiet),
	}
	var b strings.Builder
	share := fmt.Sprintf("%.0f %% open a case", NewCases*100)
	fmt.Fprintf(&b, "| USD per million | in known threads | %s | all open a case | %s, batches of one |\n|---|---|---|---|---|\n", share, share)
	for i, l := range columns[0] {
		fmt.Fprintf(&b, "| %s |", l.Service)
		for _, c := range columns {
			fmt.Fprintf(&b, " %.2f |", c[i].USD)
		}
		b.WriteString("\n")
	}
	b.WriteString("| **all** |")
	for _, c := range columns {
		fmt.Fprintf(&b, " **%.2f** |", Total(c))
	}
	b.WriteString("\n\n| part of the messages that open a case |")
	for _, share := range Shares {
		fmt.Fprintf(&b, " %.0f %% |", share*100)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(Shares)) + "\n| USD per million |")
	for _, share := range Shares {
		fmt.Fprintf(&b, " %.2f |", Total(Bill(Mix(Full, share), p, List, true, Storm)))
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}
