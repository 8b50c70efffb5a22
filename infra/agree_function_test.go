package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ines/infra/plan"
	"ines/shared/secret"
)

// functions compares the plan's functions, with their triggers and rights.
func (c *comparison) functions() {
	var have, want, routes, mappings, schedules []string
	for _, f := range c.Functions {
		want = append(want, c.name(f.Name))
		r := c.main.find("AWS::Lambda::Function", "FunctionName", c.name(f.Name))
		if r == nil {
			c.found = append(c.found, "there is no function "+f.Name)
			continue
		}
		c.same(f.Name+" may take", r.text("Timeout"), seconds(f.Timeout))
		c.same(f.Name+" has memory", r.text("MemorySize"), f.Memory)
		reserved, fed := "", f.Trigger.Queue != "" || f.Trigger.Stream
		if f.Concurrency > 0 && !fed && c.stage.Reserve {
			reserved = fmt.Sprint(c.parallel(f))
		}
		traced := ""
		if c.stage.Trace {
			traced = "Active"
		}
		c.same(f.Name+" is traced", r.text("TracingConfig", "Mode"), traced)
		c.same(f.Name+" has reserved", r.text("ReservedConcurrentExecutions"), reserved)
		deployed := filepath.Join(assembly, "asset."+strings.TrimSuffix(r.text("Code", "S3Key"), ".zip"))
		_, err := os.Stat(filepath.Join(deployed, plan.BundledHeads))
		c.same(f.Name+" is deployed with models", err == nil, f.Classifies)
		c.environment(f, r)
		c.rights(f, r)
		c.door(f, r)
		routes = append(routes, f.Trigger.Routes...)
		if !f.Trigger.Stream {
			c.same(f.Name+" has times of a stream", f.Trigger.GiveUp+f.Trigger.Late, time.Duration(0))
		}
		if !fed {
			c.same(f.Name+" takes batches", fmt.Sprint(f.Trigger.Batch, f.Trigger.Window), "0 0s")
		} else {
			mappings = append(mappings, r.name("Arn"))
			c.feed(f, r)
		}
		if f.Trigger.Schedule > 0 {
			schedules = append(schedules, r.name("Arn"))
			c.clock(f, r)
		}
	}
	for _, r := range c.main.of("AWS::Lambda::Function") {
		have = append(have, r.text("FunctionName"))
	}
	c.names("functions", have, want)
	all := func(kind string, path ...any) (all []string) {
		for _, r := range c.main.of(kind) {
			all = append(all, r.text(path...))
		}
		return all
	}
	c.names("routes", all("AWS::ApiGatewayV2::Route", "RouteKey"), routes)
	c.names("mappings", all("AWS::Lambda::EventSourceMapping", "FunctionName"), mappings)
	c.names("schedules", all("AWS::Scheduler::Schedule", "Target", "Arn"), schedules)
}

func (c *comparison) environment(f plan.Function, r *resource) {
	variables, _ := r.get("Environment", "Variables").(map[string]any)
	var have []string
	for name := range variables {
		have = append(have, name)
		if r.text("Environment", "Variables", name) == "" {
			c.found = append(c.found, f.Name+" is told nothing in "+name)
		}
	}
	want := f.Variables()
	if c.stage.Edge && len(f.Trigger.Routes) > 0 {
		want = append(want, plan.EnvOrigin)
	}
	if f.Name == plan.Desk && c.stage.SignIn != nil && c.stage.SignIn.Claim != "" {
		want = append(want, plan.EnvClaim)
	}
	c.names(f.Name+" is told", have, want)
	if f.MailBucket != "" {
		c.same(f.Name+" fetches mail from", r.text("Environment", "Variables", plan.EnvMail), f.MailBucket)
		c.same(f.Name+" fetches mail from the bucket of", r.text("Environment", "Variables", plan.EnvMailOwner), c.stage.Account)
	}
	for _, q := range c.Queues {
		if variable := plan.QueueVariable(q.Name); variables[variable] != nil {
			queue := c.main.find("AWS::SQS::Queue", "QueueName", c.name(q.Name))
			c.same(f.Name+"'s "+variable, r.text("Environment", "Variables", variable), queue.name())
		}
	}
}

// rights compares a role with what the plan allows, word for word.
func (c *comparison) rights(f plan.Function, fn *resource) {
	var role *resource
	for _, r := range c.main.of("AWS::IAM::Role") {
		if r.name("Arn") == fn.text("Role") {
			role = r
		}
	}
	if role == nil {
		c.found = append(c.found, f.Name+" has no role")
		return
	}
	var want []string
	may := func(on, actions string) {
		for action := range strings.FieldsSeq(actions) {
			want = append(want, "Allow "+action+" "+on)
		}
	}
	one := func(t *template, kind string, attribute ...string) string {
		if all := t.of(kind); len(all) == 1 {
			return all[0].name(attribute...)
		}
		return "no one " + kind
	}
	table := one(c.data, "AWS::DynamoDB::GlobalTable", "Arn")
	bucket := one(c.data, "AWS::S3::Bucket", "Arn")
	queue := func(name string) string {
		if q := c.main.find("AWS::SQS::Queue", "QueueName", c.name(name)); q != nil {
			return q.name("Arn")
		}
		return "no queue " + name
	}
	for _, access := range f.Table {
		switch access {
		case plan.Read:
			may(table, "dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query dynamodb:ConditionCheckItem")
			for _, index := range c.Table.Indexes {
				may(table+"/index/"+index, "dynamodb:Query")
			}
		case plan.Write:
			may(table, "dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:ConditionCheckItem")
		default:
			may(table, string(access))
		}
	}
	for _, access := range f.Archive {
		switch access {
		case plan.Read:
			may(bucket+"/*", "s3:GetObject")
			may(bucket, "s3:ListBucket")
		case plan.Write:
			may(bucket+"/*", "s3:PutObject")
		case plan.Delete:
			may(bucket+"/*", "s3:DeleteObject")
		default:
			may(bucket, string(access))
		}
	}
	if f.MailBucket != "" {
		may("arn:<AWS::Partition>:s3:::"+f.MailBucket+"/*", "s3:GetObject")
	}
	for _, name := range f.Sends {
		may(queue(name), "sqs:SendMessage")
	}
	if f.Trigger.Queue != "" {
		may(queue(f.Trigger.Queue), "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes")
	}
	if f.Postpones {
		may(queue(f.Trigger.Queue), "sqs:ChangeMessageVisibility")
	}
	if f.Trigger.Stream {
		may(one(c.data, "AWS::DynamoDB::GlobalTable", "StreamArn"), "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator")
		may("*", "dynamodb:ListStreams")
		may(bucket+"/aws/lambda/*", "s3:PutObject")
		may(bucket, "s3:ListBucket")
	}
	if f.Publishes {
		may(one(c.main, "AWS::Events::EventBus", "Arn"), "events:PutEvents")
	}
	account := "<AWS::AccountId>"
	if c.stage.Account != "" {
		account = c.stage.Account
	}
	region := strings.TrimPrefix(c.main.stack, "Ines-"+c.stage.Name+"-")
	here := func(service, rest string) string {
		return "arn:<AWS::Partition>:" + service + ":" + region + ":" + account + ":" + rest
	}
	for _, use := range f.Secrets {
		path := "inbox/*/" + use
		if use == string(secret.Link) {
			path = "link/key"
		}
		may(here("ssm", "parameter/ines/"+c.stage.Name+"/"+path), "ssm:GetParameter")
	}
	if c.stage.Edge && len(f.Trigger.Routes) > 0 {
		may(here("ssm", "parameter/aws/reference/secretsmanager/"+c.name("origin")), "ssm:GetParameter")
		may(one(c.main, "AWS::SecretsManager::Secret"), "secretsmanager:GetSecretValue secretsmanager:DescribeSecret")
	}
	for _, call := range f.Calls {
		service, _, _ := strings.Cut(call.Action, ":")
		switch in := cmp.Or(call.Region, region); {
		case call.Shared:
			may("arn:<AWS::Partition>:"+service+":"+in+"::"+call.Resource, call.Action)
		default:
			may("arn:<AWS::Partition>:"+service+":"+in+":"+account+":"+call.Resource, call.Action)
		}
	}
	for _, g := range c.main.of("AWS::Logs::LogGroup") {
		if g.text("LogGroupName") == "/ines/"+c.stage.Name+"/"+f.Name {
			may(g.name("Arn"), "logs:CreateLogStream logs:PutLogEvents")
		}
	}
	if c.stage.Trace {
		may("*", "xray:PutTraceSegments xray:PutTelemetryRecords")
	}
	slices.Sort(want)
	c.names("the rights of "+f.Name, role.rights(), slices.Compact(want))
}

// door compares a function's routes.
func (c *comparison) door(f plan.Function, fn *resource) {
	stages := c.main.of("AWS::ApiGatewayV2::Stage")
	groups := c.main.of("AWS::Logs::LogGroup")
	log := slices.IndexFunc(groups, func(g *resource) bool { return g.text("LogGroupClass") == plan.AccessLogClass })
	if log < 0 || len(stages) != 1 || !strings.Contains(fmt.Sprint(stages[0].get("AccessLogSettings", "DestinationArn")), groups[log].ID) {
		c.found = append(c.found, "there is no stage with access logs of their class")
		return
	}
	settings, _ := stages[0].get("RouteSettings").(map[string]any)
	for _, key := range f.Trigger.Routes {
		route := c.main.find("AWS::ApiGatewayV2::Route", "RouteKey", key)
		if route == nil {
			c.found = append(c.found, "there is no route "+key)
			continue
		}
		for _, i := range c.main.of("AWS::ApiGatewayV2::Integration") {
			if route.text("Target") == "integrations/"+i.name() {
				c.same(key+" leads to", i.text("IntegrationUri"), fn.name("Arn"))
			}
		}
		want := "NONE"
		if slices.Contains(f.Trigger.Guarded, key) {
			want = "JWT"
		}
		c.same(key+" asks for", route.text("AuthorizationType"), want)
		c.same(key+" has an authorizer", route.text("AuthorizerId") != "", want == "JWT")
		limits, _ := settings[key].(map[string]any)
		c.same(key+" lets through", limits["ThrottlingRateLimit"], f.Trigger.Rate)
		c.same(key+" lets through at once", limits["ThrottlingBurstLimit"], f.Trigger.Burst)
	}
	for _, key := range f.Trigger.Guarded {
		c.same(key+" is a route of "+f.Name, slices.Contains(f.Trigger.Routes, key), true)
	}
	if len(f.Trigger.Routes) == 0 {
		c.same(f.Name+" has limits for requests", fmt.Sprint(f.Trigger.Rate, f.Trigger.Burst), "0 0")
	}
}

// feed compares the mapping of a queue or the stream.
func (c *comparison) feed(f plan.Function, fn *resource) {
	m := c.main.find("AWS::Lambda::EventSourceMapping", "FunctionName", fn.name("Arn"))
	if m == nil {
		c.found = append(c.found, "nothing feeds "+f.Name)
		return
	}
	c.same(f.Name+" takes at once", m.text("BatchSize"), f.Trigger.Batch)
	window := ""
	if f.Trigger.Window > 0 {
		window = seconds(f.Trigger.Window)
	}
	c.same(f.Name+" waits for a batch", m.text("MaximumBatchingWindowInSeconds"), window)
	if f.Trigger.Stream {
		c.same(f.Name+" follows", m.text("EventSourceArn"), c.data.of("AWS::DynamoDB::GlobalTable")[0].name("StreamArn"))
		c.same(f.Name+" gives up after", m.text("MaximumRecordAgeInSeconds"), seconds(f.Trigger.GiveUp))
		c.same(f.Name+" retries", m.text("MaximumRetryAttempts"), -1)
		c.same(f.Name+" runs in parallel", m.text("ParallelizationFactor"), c.parallel(f))
		c.same(f.Name+" sees", m.text("FilterCriteria", "Filters", 0, "Pattern"), fmt.Sprintf(`{"dynamodb":{"Keys":{%q:{"S":[{"prefix":%q}]}}}}`, "sk", c.Table.StreamPrefix))
		c.same(f.Name+" keeps what it can't do", m.text("DestinationConfig", "OnFailure", "Destination"), c.data.of("AWS::S3::Bucket")[0].name("Arn"))
		c.same(f.Name+" is late", c.over("IteratorAge", c.name(f.Name)), f.Trigger.Late.Milliseconds())
		return
	}
	q := c.main.find("AWS::SQS::Queue", "QueueName", c.name(f.Trigger.Queue))
	if q == nil {
		c.found = append(c.found, f.Name+" is fed from "+f.Trigger.Queue+", which does not exist")
		return
	}
	c.same(f.Name+" is fed from", m.text("EventSourceArn"), q.name("Arn"))
	c.same(f.Name+" runs in parallel", m.text("ScalingConfig", "MaximumConcurrency"), c.parallel(f))
}

// parallel is what the stage says, or else the plan.
func (c *comparison) parallel(f plan.Function) int {
	if n, ok := c.stage.Concurrency[f.Name]; ok {
		return n
	}
	return f.Concurrency
}

func (c *comparison) clock(f plan.Function, fn *resource) {
	s := c.main.find("AWS::Scheduler::Schedule", "Target.Arn", "")
	for _, one := range c.main.of("AWS::Scheduler::Schedule") {
		if one.text("Target", "Arn") == fn.name("Arn") {
			s = one
		}
	}
	if s == nil {
		c.found = append(c.found, "nothing invokes "+f.Name)
		return
	}
	want := fmt.Sprintf("rate(%d minutes)", f.Trigger.Schedule/time.Minute)
	if f.Trigger.Schedule == time.Minute {
		want = "rate(1 minute)"
	}
	c.same(f.Name+" runs", s.text("ScheduleExpression"), want)
}
