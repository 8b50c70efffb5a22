package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"ines/infra/plan"
	"ines/shared/queue"
)

// metric is a number that CloudWatch keeps.
type metric struct {
	namespace, name string
	dimensions      map[string]string
	stat            string
	period          time.Duration
}

// limit is when a metric is an alarm. Without data it is none, unless silence
// itself is what is watched.
type limit struct {
	metric
	over      float64       // at or over it
	under     float64       // or, when over is 0, below it
	band      float64       // or so many standard deviations below the usual
	lasting   time.Duration // 0 is one period
	silenceIs bool          // no data is an alarm
}

// bell is whom alarms tell.
type bell struct {
	topic awssns.Topic
	*regional
}

// watch sets alarms on everything, and makes them tell one topic.
func (r *regional) watch() {
	b := bell{awssns.NewTopic(r.main, jsii.String("Alarms"), &awssns.TopicProps{TopicName: jsii.String(r.named("alarms")),
		DisplayName: jsii.String("Ines " + r.Stage.Name), MasterKey: r.store.key, EnforceSSL: jsii.Bool(true)}), r}
	speak := allow(grant{[]string{"sns:Publish"}, []string{*b.topic.TopicArn()}, ""})
	speak.AddPrincipals(awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil))
	speak.AddCondition(jsii.String("StringEquals"), map[string]any{"aws:SourceAccount": r.main.Account()})
	b.topic.AddToResourcePolicy(speak)
	for i, to := range r.Stage.AlarmsTo {
		awssns.NewCfnSubscription(r.main, jsii.String(fmt.Sprintf("AlarmsTo%d", i)), &awssns.CfnSubscriptionProps{TopicArn: b.topic.TopicArn(),
			Protocol: jsii.String("email"), Endpoint: jsii.String(to)})
	}
	b.queues()
	b.functions()
	b.table()
	b.door()
	for _, inbox := range r.Desk.Inboxes {
		b.inbox(inbox.ID)
	}
	r.dashboard()
}

func (b bell) queues() {
	for _, q := range b.Plan.Queues {
		b.alarm(construct(q.Name)+"Late", "the oldest message of "+q.Name+" waits for "+q.Late.String(),
			limit{metric: ofQueue(b.named(q.Name), "ApproximateAgeOfOldestMessage", "Maximum"), over: q.Late.Seconds(), lasting: 3 * time.Minute})
		b.dead(queue.Dead(q.Name))
	}
	if b.bus.dead != nil {
		b.dead(queue.Dead(b.Plan.Bus.Name))
	}
	for _, f := range b.Plan.Functions {
		if f.Trigger.Schedule > 0 {
			b.dead(queue.Dead(f.Name))
		}
	}
}

func (b bell) dead(queue string) {
	b.alarm(construct(queue)+"Letters", "there are dead letters in "+queue,
		limit{metric: ofQueue(b.named(queue), "ApproximateNumberOfMessagesVisible", "Maximum"), over: 1})
}

func (b bell) functions() {
	for _, f := range b.Plan.Functions {
		name := b.named(f.Name)
		b.alarm(construct(f.Name)+"Errors", f.Name+" fails", limit{metric: ofFunction(name, "Errors", "Sum", 5*time.Minute), over: 1})
		b.alarm(construct(f.Name)+"Throttles", f.Name+" is not let run: the account's concurrency is used up",
			limit{metric: ofFunction(name, "Throttles", "Sum", 5*time.Minute), over: 1, lasting: 15 * time.Minute})
		if f.Trigger.Stream {
			b.alarm(construct(f.Name)+"Late", f.Name+" is behind the table's stream for "+f.Trigger.Late.String(),
				limit{metric: ofFunction(name, "IteratorAge", "Maximum", time.Minute), over: float64(f.Trigger.Late.Milliseconds()), lasting: 3 * time.Minute})
		}
		if f.Trigger.Schedule > 0 {
			b.alarm(construct(f.Name)+"Stopped", f.Name+" does not run: nothing falls due",
				limit{metric: ofFunction(name, "Invocations", "Sum", 5*time.Minute), under: 1, silenceIs: true})
		}
	}
}

func (b bell) table() {
	for _, kind := range []string{"Write", "Read"} {
		b.alarm("Table"+kind+"Throttles", "the table refuses to "+strings.ToLower(kind)+": one of its partitions is too hot, or it grows faster than AWS follows",
			limit{metric: ofTable(*b.store.table.TableName(), kind+"ThrottleEvents"), over: 1, lasting: 15 * time.Minute})
		// The table's own figure leaves out its indexes, and one that is too hot makes the
		// table refuse.
		for _, index := range b.Plan.Table.Indexes {
			b.alarm("Table"+construct(index)+kind+"Throttles", "the table's index "+index+" refuses to "+strings.ToLower(kind)+": one of its partitions is too hot",
				limit{metric: ofIndex(*b.store.table.TableName(), index, kind+"ThrottleEvents"), over: 1, lasting: 15 * time.Minute})
		}
	}
}

func (b bell) door() {
	b.alarm("DoorErrors", "the HTTP API answers with 5xx", limit{metric: metric{"AWS/ApiGateway", "5xx",
		map[string]string{"ApiId": *b.regional.door.api.Ref()}, "Sum", 5 * time.Minute}, over: 1, lasting: 10 * time.Minute})
}

// inbox watches what comes in and what goes out at one inbox.
func (b bell) inbox(id string) {
	b.alarm(construct(id)+"Blocked", "the inbox "+id+" can't send: the platform refuses us",
		limit{metric: b.ofInbox(id, plan.MetricInboxBlocked, 5*time.Minute), over: 1})
	if b.Stage.Home(id) != *b.main.Region() {
		return // here it is always silent
	}
	s, ok := b.Stage.Silence[id]
	if !ok {
		if s, ok = b.Stage.Silence["*"]; !ok {
			return
		}
	}
	l := limit{metric: b.ofInbox(id, plan.MetricReceived, s.Within), under: float64(s.Least), band: s.Band, silenceIs: true}
	b.alarm(construct(id)+"Silent", "the inbox "+id+" is quieter than it should be", l)
}

func ofQueue(name, what, stat string) metric {
	return metric{"AWS/SQS", what, map[string]string{"QueueName": name}, stat, time.Minute}
}

func ofTable(name, what string) metric {
	return metric{"AWS/DynamoDB", what, map[string]string{"TableName": name}, "Sum", time.Minute}
}

func ofIndex(table, index, what string) metric {
	m := ofTable(table, what)
	m.dimensions["GlobalSecondaryIndexName"] = index
	return m
}

func ofFunction(name, what, stat string, period time.Duration) metric {
	return metric{"AWS/Lambda", what, map[string]string{"FunctionName": name}, stat, period}
}

func (r *regional) ofInbox(id, what string, period time.Duration) metric {
	return metric{plan.MetricNamespace, what, map[string]string{plan.DimensionStage: r.Stage.Name, plan.DimensionInbox: id}, "Sum", period}
}

// alarm makes one alarm. It tells the topic when it begins and when it is over.
func (b bell) alarm(id, what string, l limit) {
	periods := max(1, int(l.lasting/l.period))
	p := &awscloudwatch.CfnAlarmProps{AlarmName: jsii.String(b.named(id)), AlarmDescription: jsii.String("Ines, stage " + b.Stage.Name + ": " + what),
		AlarmActions: &[]any{b.topic.TopicArn()}, OkActions: &[]any{b.topic.TopicArn()}, EvaluationPeriods: jsii.Number(periods),
		TreatMissingData: jsii.String("notBreaching")}
	if l.silenceIs {
		p.TreatMissingData = jsii.String("breaching")
	}
	if l.band > 0 {
		p.ComparisonOperator, p.ThresholdMetricId = jsii.String("LessThanLowerThreshold"), jsii.String("usual")
		p.Metrics = []any{
			&awscloudwatch.CfnAlarm_MetricDataQueryProperty{Id: jsii.String("seen"), ReturnData: true, MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
				Metric: &awscloudwatch.CfnAlarm_MetricProperty{Namespace: jsii.String(l.namespace), MetricName: jsii.String(l.name), Dimensions: l.dims()},
				Period: jsii.Number(l.period.Seconds()), Stat: jsii.String(l.stat)}},
			&awscloudwatch.CfnAlarm_MetricDataQueryProperty{Id: jsii.String("usual"), ReturnData: true,
				Expression: jsii.String(fmt.Sprintf("ANOMALY_DETECTION_BAND(seen, %g)", l.band))},
		}
		awscloudwatch.NewCfnAlarm(b.main, jsii.String(id), p)
		return
	}
	p.Namespace, p.MetricName, p.Dimensions = jsii.String(l.namespace), jsii.String(l.name), l.dims()
	p.Statistic, p.Period = jsii.String(l.stat), jsii.Number(l.period.Seconds())
	if l.over > 0 {
		p.ComparisonOperator, p.Threshold = jsii.String("GreaterThanOrEqualToThreshold"), jsii.Number(l.over)
	} else {
		p.ComparisonOperator, p.Threshold = jsii.String("LessThanThreshold"), jsii.Number(l.under)
	}
	awscloudwatch.NewCfnAlarm(b.main, jsii.String(id), p)
}
