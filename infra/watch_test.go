package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/infra/plan"
	"ines/infra/plan/model"
	"ines/shared/policy"
	"ines/shared/policy/policyfile"
	"ines/shared/queue"
)

func desk(t *testing.T) *policy.Desk {
	t.Helper()
	d, err := policyfile.Load("desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// ofInbox is the alarm on a metric of an inbox, wherever it keeps its dimensions.
func ofInbox(tpl *template, stage, inbox, metric string) *resource {
	want := fmt.Sprintf(`[{"Name":%q,"Value":%q},{"Name":%q,"Value":%q}]`, plan.DimensionInbox, inbox, plan.DimensionStage, stage)
	for _, a := range tpl.of("AWS::CloudWatch::Alarm") {
		for _, at := range [][]any{nil, {"Metrics", 0, "MetricStat", "Metric"}} {
			if a.text(append(at, "Namespace")...) == plan.MetricNamespace && a.text(append(at, "MetricName")...) == metric {
				if dimensions, _ := json.Marshal(a.get(append(at, "Dimensions")...)); string(dimensions) == want {
					return a
				}
			}
		}
	}
	return nil
}

// place is a pair of stacks.
type place struct{ stage, region string }

func regions() (all []place) {
	for name, s := range stages {
		for _, region := range s.Regions {
			all = append(all, place{name, region})
		}
	}
	return all
}

// TestSilenceIsHeard: each inbox of a stage that says what silence is has an alarm
// that goes off when nothing comes at all, in the region that its webhooks come to: in
// the others it would never end. One that can't send has one in each.
func TestSilenceIsHeard(t *testing.T) {
	homes := map[string]int{}
	for _, at := range regions() {
		name, s := at.stage, stages[at.stage]
		_, main := pair(t, name, at.region)
		for _, inbox := range desk(t).Inboxes {
			if a := ofInbox(main, name, inbox.ID, plan.MetricInboxBlocked); a == nil || a.text("Threshold") != "1" || a.text("TreatMissingData") != "notBreaching" {
				t.Errorf("%s: nobody is told when %s can't send", name, inbox.ID)
			}
			want, ok := s.Silence[inbox.ID]
			if !ok {
				want, ok = s.Silence["*"]
			}
			ok = ok && s.Home(inbox.ID) == at.region
			if ok {
				homes[at.region]++
			}
			a := ofInbox(main, name, inbox.ID, plan.MetricReceived)
			if (a != nil) != ok {
				t.Errorf("%s: %s has an alarm for silence: %v, want %v", name, inbox.ID, a != nil, ok)
			}
			if a == nil {
				continue
			}
			if a.text("TreatMissingData") != "breaching" {
				t.Errorf("%s: no data of %s is %s", name, inbox.ID, a.text("TreatMissingData"))
			}
			got := a.text("ComparisonOperator") + " " + a.text("Threshold") + " in " + a.text("Period")
			expect := fmt.Sprintf("LessThanThreshold %d in %v", want.Least, want.Within.Seconds())
			if want.Band > 0 {
				got = a.text("ComparisonOperator") + " " + a.text("Metrics", 1, "Expression") + " in " + a.text("Metrics", 0, "MetricStat", "Period")
				expect = fmt.Sprintf("LessThanLowerThreshold ANOMALY_DETECTION_BAND(seen, %g) in %v", want.Band, want.Within.Seconds())
				if a.text("ThresholdMetricId") != a.text("Metrics", 1, "Id") {
					t.Errorf("%s: the alarm of %s compares with nothing", name, inbox.ID)
				}
			}
			if got != expect {
				t.Errorf("%s: %s is silent when %s, want %s", name, inbox.ID, got, expect)
			}
		}
	}
	if homes["eu-west-1"] == 0 || homes["eu-central-1"] == 0 {
		t.Errorf("not every region has an inbox: %v", homes)
	}
	if s := stages["prod"].Silence; s["*"].Within == 0 || s["northline-x"].Band == 0 {
		t.Errorf("prod does not show both kinds of silence: %+v", s)
	}
}

// TestAlarmsAreAsPriced: the model counts them by the inboxes.
func TestAlarmsAreAsPriced(t *testing.T) {
	inboxes := len(desk(t).Inboxes)
	for _, name := range []string{"dev", "prod"} {
		_, main := pair(t, name, "eu-west-1")
		have := len(main.of("AWS::CloudWatch::Alarm"))
		silent := 0
		for _, inbox := range desk(t).Inboxes {
			if ofInbox(main, name, inbox.ID, plan.MetricReceived) != nil {
				silent++
			}
		}
		if want := model.Alarms(inboxes) - (inboxes - silent); have != want {
			t.Errorf("%s has %d alarms, %d of them for silence; the model has %d", name, have, silent, want)
		}
	}
}

// TestAlarmsCanBeEvaluated: CloudWatch looks back a day at most, in whole minutes.
func TestAlarmsCanBeEvaluated(t *testing.T) {
	for _, tpl := range templates {
		for _, a := range tpl.of("AWS::CloudWatch::Alarm") {
			period, _ := a.get("Period").(float64)
			if period == 0 {
				period, _ = a.get("Metrics", 0, "MetricStat", "Period").(float64)
			}
			periods, _ := a.get("EvaluationPeriods").(float64)
			if int(period)%60 != 0 || periods < 1 || period*periods < 60 || period*periods > (24*time.Hour).Seconds() {
				t.Errorf("%s: %s looks at %v periods of %v s", tpl.stack, a.ID, periods, period)
			}
		}
	}
}

// TestTheDoorIsWatched: errors of the API itself, throttles of the table, and a clock
// that stands still.
func TestTheDoorIsWatched(t *testing.T) {
	for name, s := range stages {
		data, main := pair(t, name, s.Regions[0])
		api := main.of("AWS::ApiGatewayV2::Api")[0]
		if a := main.find("AWS::CloudWatch::Alarm", "MetricName", "5xx"); a == nil || a.text("Dimensions", 0, "Value") != api.name() {
			t.Errorf("%s: nobody is told of 5xx", name)
		}
		if a := main.find("AWS::CloudWatch::Alarm", "MetricName", "Invocations"); a == nil || a.text("TreatMissingData") != "breaching" {
			t.Errorf("%s: nobody is told when the clock stops", name)
		}
		for _, kind := range []string{"WriteThrottleEvents", "ReadThrottleEvents"} {
			// CloudWatch's figure of the table has nothing of its indexes.
			table, told := data.of("AWS::DynamoDB::GlobalTable")[0].name(), map[string]bool{}
			for _, a := range main.of("AWS::CloudWatch::Alarm") {
				if a.text("MetricName") != kind {
					continue
				}
				var dimensions []string
				for i := range a.get("Dimensions").([]any) {
					dimensions = append(dimensions, a.text("Dimensions", i, "Name")+"="+a.text("Dimensions", i, "Value"))
				}
				told[strings.Join(dimensions, " ")] = true
			}
			if !told["TableName="+table] {
				t.Errorf("%s: nobody is told of %s of the table: %v", name, kind, told)
			}
			for _, index := range plan.Default().Table.Indexes {
				if !told["GlobalSecondaryIndexName="+index+" TableName="+table] {
					t.Errorf("%s: nobody is told of %s of the index %s: %v", name, kind, index, told)
				}
			}
		}
		for _, sub := range main.of("AWS::SNS::Subscription") {
			if !slices.Contains(s.AlarmsTo, sub.text("Endpoint")) {
				t.Errorf("%s tells %s", name, sub.text("Endpoint"))
			}
		}
		if n := len(main.of("AWS::SNS::Subscription")); n != len(s.AlarmsTo) {
			t.Errorf("%s tells %d addresses, want %d", name, n, len(s.AlarmsTo))
		}
	}
}

// TestDashboardShowsEverything: every queue, function and inbox of the plan and the
// policy is on it.
func TestDashboardShowsEverything(t *testing.T) {
	for name, s := range stages {
		_, main := pair(t, name, s.Regions[0])
		boards := main.of("AWS::CloudWatch::Dashboard")
		if len(boards) != 1 {
			t.Fatalf("%s has %d dashboards", name, len(boards))
		}
		body := boards[0].text("DashboardBody")
		if !json.Valid([]byte(body)) {
			t.Fatalf("%s: the dashboard is no JSON: %s", name, body)
		}
		p := plan.Default()
		var want []string
		for _, q := range p.Queues {
			want = append(want, "ines-"+name+"-"+q.Name, "ines-"+name+"-"+queue.Dead(q.Name))
		}
		for _, f := range p.Functions {
			want = append(want, "ines-"+name+"-"+f.Name)
		}
		for _, in := range desk(t).Inboxes {
			want = append(want, in.ID)
		}
		for _, thing := range want {
			if !strings.Contains(body, `"`+thing+`"`) {
				t.Errorf("%s: the dashboard does not show %s", name, thing)
			}
		}
	}
}
