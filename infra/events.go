package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"ines/shared/queue"
)

// bus tells departments what happened.
type bus struct {
	bus  awsevents.EventBus
	dead awssqs.Queue // what could not be brought to a department, nil when nobody wants any
}

func (r *regional) makeBus() {
	b := r.Plan.Bus
	r.bus.bus = awsevents.NewEventBus(r.main, jsii.String("Bus"), &awsevents.EventBusProps{EventBusName: jsii.String(r.named(b.Name)),
		Description: jsii.String("Ines, stage " + r.Stage.Name + ": what happened, for departments")})
	awsevents.NewArchive(r.main, jsii.String("BusArchive"), &awsevents.ArchiveProps{SourceEventBus: r.bus.bus,
		ArchiveName: jsii.String(r.named(b.Name)), EventPattern: &awsevents.EventPattern{Source: jsii.Strings(b.Source)},
		Retention: awscdk.Duration_Hours(jsii.Number(b.Kept.Hours()))})
	if len(r.Stage.Forward) == 0 {
		return
	}
	r.bus.dead = r.queue(queue.Dead(b.Name), false, nil)
	for _, department := range slices.Sorted(maps.Keys(r.Stage.Forward)) {
		r.forward(department, r.Stage.Forward[department])
	}
}

// forward brings a department's events to a queue or to a bus of its own. Who owns
// the queue lets this rule send to it.
func (r *regional) forward(department, arn string) {
	b := r.Plan.Bus
	id := construct(department)
	target := &awsevents.CfnRule_TargetProperty{Id: jsii.String(department), Arn: jsii.String(arn),
		DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: r.bus.dead.QueueArn()}}
	if strings.Contains(arn, ":event-bus/") {
		role := awsiam.NewRole(r.main, jsii.String(id+"ForwardRole"), &awsiam.RoleProps{
			AssumedBy: awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil),
			InlinePolicies: &map[string]awsiam.PolicyDocument{"forward": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{
				Statements: &[]awsiam.PolicyStatement{allow(grant{[]string{"events:PutEvents"}, []string{arn}, ""})}})}})
		target.RoleArn = role.RoleArn()
	} else if strings.HasSuffix(arn, ".fifo") {
		target.SqsParameters = &awsevents.CfnRule_SqsParametersProperty{MessageGroupId: jsii.String(department)}
	}
	rule := awsevents.NewCfnRule(r.main, jsii.String(id+"Forward"), &awsevents.CfnRuleProps{
		Name: jsii.String(r.named("for-" + department)), EventBusName: r.bus.bus.EventBusName(),
		EventPattern: map[string]any{"source": []string{b.Source}, "detail": map[string]any{b.Field: []string{department}}},
		Targets:      []any{target}})
	dead := allow(grant{[]string{"sqs:SendMessage"}, []string{*r.bus.dead.QueueArn()}, ""})
	dead.AddPrincipals(awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil))
	dead.AddCondition(jsii.String("ArnEquals"), map[string]any{"aws:SourceArn": rule.AttrArn()})
	r.bus.dead.AddToResourcePolicy(dead)
}

// schedule makes clocks tick.
func (r *regional) schedule() {
	for _, planned := range r.Plan.Functions {
		f := r.functions[planned.Name]
		if f.Trigger.Schedule == 0 {
			continue
		}
		dead := r.queue(queue.Dead(f.Name), false, nil)
		r.queues[f.Name] = mailbox{dead: dead}
		role := r.scheduler(r.main, construct(f.Name)+"ScheduleRole",
			grant{[]string{"lambda:InvokeFunction"}, []string{*f.fn.FunctionArn()}, ""}, grant{queueSend, []string{*dead.QueueArn()}, ""})
		awsscheduler.NewCfnSchedule(r.main, jsii.String(construct(f.Name)+"Schedule"), &awsscheduler.CfnScheduleProps{
			Name: jsii.String(r.named(f.Name)), ScheduleExpression: jsii.String(every(f.Trigger.Schedule)),
			FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
			Target: &awsscheduler.CfnSchedule_TargetProperty{Arn: f.fn.FunctionArn(), RoleArn: role.RoleArn(),
				DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: dead.QueueArn()},
				RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{MaximumRetryAttempts: jsii.Number(2),
					MaximumEventAgeInSeconds: jsii.Number(max(f.Trigger.Schedule, time.Minute).Seconds())}}})
	}
}

// every is a schedule's expression. EventBridge refuses "rate(5 minute)".
func every(d time.Duration) string {
	n := int(d / time.Minute)
	if n == 1 {
		return "rate(1 minute)"
	}
	return fmt.Sprintf("rate(%d minutes)", n)
}
