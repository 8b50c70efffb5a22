package main

import (
	"fmt"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"ines/infra/plan"
)

// function is one function of the plan.
type function struct {
	plan.Function
	fn awslambda.Function
}

func (r *regional) makeFunctions() {
	r.functions = map[string]function{}
	for _, f := range r.Plan.Functions {
		group := r.logGroup(construct(f.Name)+"Log", plan.LogGroup(r.Stage.Name, f.Name))
		p := &awslambda.FunctionProps{
			FunctionName: jsii.String(r.named(f.Name)), Description: jsii.String("Ines, stage " + r.Stage.Name + ": " + f.Name),
			Runtime: awslambda.Runtime_PROVIDED_AL2023(), Architecture: awslambda.Architecture_ARM_64(), Handler: jsii.String("bootstrap"),
			Code:    awslambda.Code_FromAsset(jsii.String(filepath.Join(r.Bundles, f.Name)), nil),
			Timeout: awscdk.Duration_Seconds(jsii.Number(f.Timeout.Seconds())), MemorySize: jsii.Number(f.Memory),
			Role: r.role(f, *group.LogGroupArn()), Environment: r.environment(f),
			LoggingFormat: awslambda.LoggingFormat_JSON, ApplicationLogLevelV2: awslambda.ApplicationLogLevel_INFO, LogGroup: group,
			// A line for each start and each report would cost more than the
			// invocations: metrics have the same.
			SystemLogLevelV2: awslambda.SystemLogLevel_WARN,
			// No chain of queues leads back to where it began: what does so goes
			// through the table's stream, and ends.
			Tracing: awslambda.Tracing_ACTIVE, RecursiveLoop: awslambda.RecursiveLoop_TERMINATE,
		}
		if !r.Stage.Trace {
			p.Tracing = awslambda.Tracing_DISABLED
		}
		if f.Trigger.Queue == "" && !f.Trigger.Stream && f.Concurrency > 0 && r.Stage.Reserve {
			p.ReservedConcurrentExecutions = jsii.Number(r.parallel(f))
		}
		if f.Trigger.Schedule > 0 {
			// The next minute sees what this one missed.
			p.RetryAttempts, p.MaxEventAge = jsii.Number(0), awscdk.Duration_Seconds(jsii.Number(f.Trigger.Schedule.Seconds()))
		}
		fn := awslambda.NewFunction(r.main, jsii.String(construct(f.Name)), p)
		accept(fn, "AwsSolutions-L1", "provided.al2023 is the runtime for Go; there is no newer one")
		r.functions[f.Name] = function{f, fn}
	}
}

// parallel is the function's concurrency: the stage's, or else the plan's.
func (r *regional) parallel(f plan.Function) int {
	if n, ok := r.Stage.Concurrency[f.Name]; ok {
		return n
	}
	return f.Concurrency
}

// environment gives a function the variables that its plan lists.
func (r *regional) environment(f plan.Function) *map[string]*string {
	known := map[string]*string{
		plan.EnvStage: jsii.String(r.Stage.Name), plan.EnvDesk: jsii.String(plan.BundledDesk), plan.EnvSecrets: jsii.String(plan.SecretsPrefix(r.Stage.Name)),
		plan.EnvTable: r.store.table.TableName(), plan.EnvArchive: r.store.archive.BucketName(), plan.EnvBus: r.bus.bus.EventBusName(),
		plan.EnvPublicURL: jsii.String(r.door.url), plan.EnvConsoleURL: jsii.String(r.door.url),
		plan.EnvIssuer: jsii.String(r.door.issuer), plan.EnvClient: jsii.String(r.door.client),
		plan.EnvMail: jsii.String(f.MailBucket), plan.EnvMailOwner: r.main.Account(),
	}
	for name, q := range r.queues {
		known[plan.QueueVariable(name)] = q.queue.QueueUrl()
	}
	env := map[string]*string{}
	for _, name := range f.Variables() {
		value, ok := known[name]
		if !ok {
			panic(fmt.Sprintf("the plan gives %s the variable %s, which the stack knows nothing of", f.Name, name))
		}
		env[name] = value
	}
	if f.Name == plan.Desk && r.Stage.SignIn != nil && r.Stage.SignIn.Claim != "" {
		env[plan.EnvClaim] = jsii.String(r.Stage.SignIn.Claim)
	}
	if len(f.Trigger.Routes) > 0 && r.door.edge != nil {
		env[plan.EnvOrigin] = jsii.String(r.door.edge.parameter)
	}
	return &env
}

// feed maps queues and the stream to their functions.
func (r *regional) feed() {
	for _, planned := range r.Plan.Functions {
		f := r.functions[planned.Name]
		switch {
		case f.Trigger.Queue != "":
			r.feedQueue(f)
		case f.Trigger.Stream:
			r.feedStream(f)
		}
	}
}

func (r *regional) feedQueue(f function) {
	p := &awslambda.CfnEventSourceMappingProps{FunctionName: f.fn.FunctionArn(), EventSourceArn: r.queues[f.Trigger.Queue].queue.QueueArn(),
		BatchSize: jsii.Number(f.Trigger.Batch), FunctionResponseTypes: jsii.Strings("ReportBatchItemFailures")}
	if f.Trigger.Window > 0 {
		p.MaximumBatchingWindowInSeconds = jsii.Number(f.Trigger.Window.Seconds())
	}
	if most := r.parallel(f.Function); most > 0 {
		p.ScalingConfig = &awslambda.CfnEventSourceMapping_ScalingConfigProperty{MaximumConcurrency: jsii.Number(most)}
	}
	awslambda.NewCfnEventSourceMapping(r.main, jsii.String(construct(f.Name)+"Feed"), p)
}

func (r *regional) feedStream(f function) {
	pattern := fmt.Sprintf(`{"dynamodb":{"Keys":{"sk":{"S":[{"prefix":%q}]}}}}`, r.Plan.Table.StreamPrefix)
	awslambda.NewCfnEventSourceMapping(r.main, jsii.String(construct(f.Name)+"Feed"), &awslambda.CfnEventSourceMappingProps{
		FunctionName: f.fn.FunctionArn(), EventSourceArn: r.store.table.TableStreamArn(),
		BatchSize: jsii.Number(f.Trigger.Batch), FunctionResponseTypes: jsii.Strings("ReportBatchItemFailures"),
		// From the oldest record: a mapping that is made anew must miss nothing.
		StartingPosition: jsii.String("TRIM_HORIZON"), BisectBatchOnFunctionError: true,
		MaximumRetryAttempts: jsii.Number(-1), MaximumRecordAgeInSeconds: jsii.Number(f.Trigger.GiveUp.Seconds()),
		ParallelizationFactor: jsii.Number(max(r.parallel(f.Function), 1)),
		FilterCriteria: &awslambda.CfnEventSourceMapping_FilterCriteriaProperty{
			Filters: []any{&awslambda.CfnEventSourceMapping_FilterProperty{Pattern: jsii.String(pattern)}}},
		// To a bucket and not to a queue: a queue would get only the records' numbers.
		DestinationConfig: &awslambda.CfnEventSourceMapping_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: r.store.archive.BucketArn()}},
	})
}
