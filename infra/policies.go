package main

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"ines/infra/plan"
	"ines/shared/secret"
)

// What a plan's words mean in AWS's. A transaction needs the rights to what it
// consists of.
var (
	tableRead    = []string{"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem"}
	tableWrite   = []string{"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"}
	streamRead   = []string{"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}
	archiveRead  = []string{"s3:GetObject"}
	archiveWrite = []string{"s3:PutObject"}
	archiveClear = []string{"s3:DeleteObject"}
	queueSend    = []string{"sqs:SendMessage"}
	queueTake    = []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
	queueDelay   = []string{"sqs:ChangeMessageVisibility"}
	secretRead   = []string{"ssm:GetParameter"}
	logWrite     = []string{"logs:CreateLogStream", "logs:PutLogEvents"}
	traceWrite   = []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
)

// grant is one right, with the reason for a resource that is not named in full.
type grant struct {
	actions   []string
	resources []string
	why       string
}

// grants are the rights of a function: what its plan names, and its own log.
func (r *regional) grants(f plan.Function, logGroup string) []grant {
	var all []grant
	table := *r.store.table.TableArn()
	has := func(access []plan.Access, a plan.Access) bool { return slices.Contains(access, a) }
	if has(f.Table, plan.Read) {
		var indexes []string
		for _, index := range r.Plan.Table.Indexes {
			indexes = append(indexes, table+"/index/"+index)
		}
		all = append(all, grant{tableRead, []string{table}, ""}, grant{[]string{"dynamodb:Query"}, indexes, ""})
	}
	if has(f.Table, plan.Write) {
		all = append(all, grant{tableWrite, []string{table}, ""})
	}
	objects := *r.store.archive.BucketArn() + "/*"
	const anyObject = "an object's key is made when it is written"
	if has(f.Archive, plan.Read) {
		all = append(all, grant{archiveRead, []string{objects}, anyObject},
			grant{[]string{"s3:ListBucket"}, []string{*r.store.archive.BucketArn()}, ""})
	}
	if has(f.Archive, plan.Write) {
		all = append(all, grant{archiveWrite, []string{objects}, anyObject})
	}
	if has(f.Archive, plan.Delete) {
		all = append(all, grant{archiveClear, []string{objects}, anyObject})
	}
	if f.MailBucket != "" {
		mail := "arn:" + *awscdk.Aws_PARTITION() + ":s3:::" + f.MailBucket + "/*"
		all = append(all, grant{archiveRead, []string{mail}, "SES names the objects that it lays mail into"})
	}
	for _, name := range f.Sends {
		all = append(all, grant{queueSend, []string{*r.queues[name].queue.QueueArn()}, ""})
	}
	if q, ok := r.queues[f.Trigger.Queue]; ok {
		all = append(all, grant{queueTake, []string{*q.queue.QueueArn()}, ""})
		if f.Postpones {
			all = append(all, grant{queueDelay, []string{*q.queue.QueueArn()}, ""})
		}
	}
	if f.Trigger.Stream {
		all = append(all, grant{streamRead, []string{*r.store.table.TableStreamArn()}, ""},
			grant{[]string{"dynamodb:ListStreams"}, []string{"*"}, "ListStreams can't be limited to a table"},
			grant{archiveWrite, []string{*r.store.archive.BucketArn() + "/" + failures + "*"}, "Lambda names the objects that it puts failed records in"},
			grant{[]string{"s3:ListBucket"}, []string{*r.store.archive.BucketArn()}, ""})
	}
	if f.Publishes {
		all = append(all, grant{[]string{"events:PutEvents"}, []string{*r.bus.bus.EventBusArn()}, ""})
	}
	for _, use := range f.Secrets {
		path, why := "inbox/*/"+use, "an inbox that is added gets its secrets without a new role"
		if use == string(secret.Link) {
			path, why = "link/key", ""
		}
		all = append(all, grant{secretRead, []string{r.arn("ssm", "parameter"+plan.SecretsPrefix(r.Stage.Name)+"/"+path)}, why})
	}
	if e := r.door.edge; e != nil && len(f.Trigger.Routes) > 0 {
		all = append(all, grant{[]string{"ssm:GetParameter"}, []string{r.arn("ssm", "parameter"+e.parameter)}, ""},
			grant{[]string{"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}, []string{*e.word.SecretArn()}, ""})
	}
	for _, c := range f.Calls {
		service, _, _ := strings.Cut(c.Action, ":")
		all = append(all, grant{[]string{c.Action}, []string{r.called(service, c)}, c.Why})
	}
	all = append(all, grant{logWrite, []string{logGroup}, "Lambda names the streams in the function's own log group"})
	if r.Stage.Trace {
		all = append(all, grant{traceWrite, []string{"*"}, "X-Ray's actions take no resource"})
	}
	return all
}

// arn names a thing of this account and region.
func (r *regional) arn(service, resource string) string {
	return "arn:" + *awscdk.Aws_PARTITION() + ":" + service + ":" + *r.main.Region() + ":" + *r.main.Account() + ":" + resource
}

// called is what a call is allowed on.
func (r *regional) called(service string, c plan.Call) string {
	region, account := *r.main.Region(), *r.main.Account()
	if c.Region != "" {
		region = c.Region
	}
	if c.Shared {
		account = ""
	}
	return "arn:" + *awscdk.Aws_PARTITION() + ":" + service + ":" + region + ":" + account + ":" + c.Resource
}

func allow(g grant) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings(g.actions...), Resources: jsii.Strings(g.resources...)})
}

func document(all []grant) awsiam.PolicyDocument {
	p := awsiam.NewPolicyDocument(nil)
	for _, g := range all {
		p.AddStatements(allow(g))
	}
	return p
}

// role is what a function may do, and nobody else has.
func (r *regional) role(f plan.Function, logGroup string) awsiam.IRole {
	all := r.grants(f, logGroup)
	role := awsiam.NewRole(r.main, jsii.String(construct(f.Name)+"Role"), &awsiam.RoleProps{
		AssumedBy:      awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		Description:    jsii.String("Ines, stage " + r.Stage.Name + ": the function " + f.Name),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"plan": document(all)},
	})
	explain(role, all)
	// What CDK would add on its own is all in the plan.
	return role.WithoutPolicyUpdates(nil)
}

// scheduler is the role of a schedule.
func (r *regional) scheduler(scope constructs.Construct, name string, all ...grant) awsiam.Role {
	return awsiam.NewRole(scope, jsii.String(name), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": r.main.Account()}}}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"invoke": document(all)},
	})
}
