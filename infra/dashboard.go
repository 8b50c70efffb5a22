package main

import (
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"ines/infra/plan"
	"ines/shared/queue"
)

// dims are a metric's dimensions, as an alarm has them.
func (m metric) dims() []any {
	var all []any
	for _, name := range slices.Sorted(maps.Keys(m.dimensions)) {
		all = append(all, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(name), Value: jsii.String(m.dimensions[name])})
	}
	return all
}

// line is a metric as a dashboard has it.
func (m metric) line() []any {
	all := []any{m.namespace, m.name}
	for _, name := range slices.Sorted(maps.Keys(m.dimensions)) {
		all = append(all, name, m.dimensions[name])
	}
	return append(all, map[string]any{"stat": m.stat, "period": m.period.Seconds()})
}

// dashboard shows the way of a message from left to right: what comes in, what
// waits, what fails, what goes wrong at the edges.
func (r *regional) dashboard() {
	var received, blocked, age, waiting, dead, errors, slow, throttled [][]any
	for _, in := range r.Desk.Inboxes {
		received = append(received, r.ofInbox(in.ID, plan.MetricReceived, 5*time.Minute).line())
		blocked = append(blocked, r.ofInbox(in.ID, plan.MetricInboxBlocked, 5*time.Minute).line())
	}
	for _, q := range r.Plan.Queues {
		age = append(age, ofQueue(r.named(q.Name), "ApproximateAgeOfOldestMessage", "Maximum").line())
		waiting = append(waiting, ofQueue(r.named(q.Name), "ApproximateNumberOfMessagesVisible", "Maximum").line())
		dead = append(dead, ofQueue(r.named(queue.Dead(q.Name)), "ApproximateNumberOfMessagesVisible", "Maximum").line())
	}
	for _, f := range r.Plan.Functions {
		name := r.named(f.Name)
		errors = append(errors, ofFunction(name, "Errors", "Sum", time.Minute).line())
		throttled = append(throttled, ofFunction(name, "Throttles", "Sum", time.Minute).line())
		slow = append(slow, ofFunction(name, "Duration", "p99", time.Minute).line())
		if f.Trigger.Stream {
			age = append(age, ofFunction(name, "IteratorAge", "Maximum", time.Minute).line())
		}
	}
	api := func(what, stat string) []any {
		return metric{"AWS/ApiGateway", what, map[string]string{"ApiId": *r.door.api.Ref()}, stat, time.Minute}.line()
	}
	var table [][]any
	for _, what := range []string{"ConsumedWriteCapacityUnits", "ConsumedReadCapacityUnits", "WriteThrottleEvents", "ReadThrottleEvents"} {
		table = append(table, ofTable(*r.store.table.TableName(), what).line())
	}
	for _, index := range r.Plan.Table.Indexes {
		table = append(table, ofIndex(*r.store.table.TableName(), index, "WriteThrottleEvents").line(), ofIndex(*r.store.table.TableName(), index, "ReadThrottleEvents").line())
	}
	var widgets []any
	for i, w := range []struct {
		title string
		lines [][]any
	}{
		{"Received, by inbox", received}, {"At the door", [][]any{api("Count", "Sum"), api("4xx", "Sum"), api("5xx", "Sum")}}, {"At the door, ms", [][]any{api("Latency", "p99")}},
		{"Oldest message, s (stream: ms)", age}, {"Waiting", waiting}, {"Dead letters", dead},
		{"Functions: errors", errors}, {"Functions: p99, ms", slow}, {"Functions: throttled", throttled},
		{"The table", table}, {"Inboxes that can't send", blocked},
	} {
		widgets = append(widgets, map[string]any{"type": "metric", "x": i % 3 * 8, "y": i / 3 * 6, "width": 8, "height": 6,
			"properties": map[string]any{"title": w.title, "metrics": w.lines, "region": *r.main.Region(), "view": "timeSeries"}})
	}
	body := r.main.ToJsonString(map[string]any{"start": "-PT6H", "widgets": widgets}, nil)
	awscloudwatch.NewCfnDashboard(r.main, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: jsii.String(r.named(*r.main.Region())), DashboardBody: body})
}
