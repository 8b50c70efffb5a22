package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// setting is what every resource of a type has at a path, as text.
type setting struct {
	kind string
	path []any
	want string
}

// settings are those that neither the plan nor a stage says, and whose loss nobody
// would notice before it is too late.
var settings = []setting{
	{"AWS::SQS::Queue", []any{"MaximumMessageSize"}, "1.048576e+06"},
	{"AWS::S3::Bucket", []any{"VersioningConfiguration", "Status"}, "Enabled"},
	{"AWS::S3::Bucket", []any{"OwnershipControls", "Rules", 0, "ObjectOwnership"}, "BucketOwnerEnforced"},
	// README.md promises that what was erased is gone after that.
	{"AWS::S3::Bucket", []any{"LifecycleConfiguration", "Rules", 0, "NoncurrentVersionExpiration", "NoncurrentDays"}, "7"},
	{"AWS::KMS::Key", []any{"EnableKeyRotation"}, "true"},
	{"AWS::Cognito::UserPool", []any{"MfaConfiguration"}, "ON"},
	{"AWS::Cognito::UserPool", []any{"AdminCreateUserConfig", "AllowAdminCreateUserOnly"}, "true"},
	{"AWS::Cognito::UserPoolClient", []any{"PreventUserExistenceErrors"}, "ENABLED"},
	{"AWS::Cognito::UserPoolClient", []any{"EnableTokenRevocation"}, "true"},
	{"AWS::Lambda::Function", []any{"LoggingConfig", "ApplicationLogLevel"}, "INFO"},
	{"AWS::Lambda::Function", []any{"LoggingConfig", "SystemLogLevel"}, "WARN"}, // or each invocation pays for three lines
	{"AWS::Lambda::EventInvokeConfig", []any{"MaximumRetryAttempts"}, "0"},
	{"AWS::Scheduler::Schedule", []any{"FlexibleTimeWindow", "Mode"}, "OFF"},
	{"AWS::Scheduler::Schedule", []any{"State"}, ""},
	{"AWS::Scheduler::Schedule", []any{"Target", "RetryPolicy", "MaximumRetryAttempts"}, "2"},
	{"AWS::ApiGatewayV2::DomainName", []any{"DomainNameConfigurations", 0, "SecurityPolicy"}, "TLS_1_2"},
	{"AWS::CloudFront::Distribution", []any{"DistributionConfig", "DefaultCacheBehavior", "ViewerProtocolPolicy"}, "https-only"},
	// AWS's own policies: nothing is cached, and all headers but the host's are passed on.
	{"AWS::CloudFront::Distribution", []any{"DistributionConfig", "DefaultCacheBehavior", "CachePolicyId"}, "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"},
	{"AWS::CloudFront::Distribution", []any{"DistributionConfig", "DefaultCacheBehavior", "OriginRequestPolicyId"}, "b689b0a8-53d0-40ab-baf2-68738e2966ac"},
	{"AWS::CloudFront::Distribution", []any{"DistributionConfig", "Origins", 0, "CustomOriginConfig", "OriginProtocolPolicy"}, "https-only"},
	{"AWS::WAFv2::WebACL", []any{"Rules", 0, "Statement", "RateBasedStatement", "ScopeDownStatement", "NotStatement", "Statement", "ByteMatchStatement", "SearchString"}, "/webhooks/"},
}

func TestSettings(t *testing.T) {
	for _, s := range settings {
		n := 0
		for _, tpl := range templates {
			for _, r := range tpl.of(s.kind) {
				n++
				if got := r.text(s.path...); got != s.want {
					t.Errorf("%s: %s: %v is %q, want %q", tpl.stack, r.ID, s.path, got, s.want)
				}
			}
		}
		if n == 0 {
			t.Errorf("no stage has a %s", s.kind)
		}
	}
}

// conditions are those of a policy's statements: "effect action condition".
func conditions(r *resource) (all []string) {
	list, _ := r.get("PolicyDocument", "Statement").([]any)
	for _, one := range list {
		s := one.(map[string]any)
		all = append(all, fmt.Sprintf("%s %s %s", r.in.text(s["Effect"]), strings.Join(r.in.list(s["Action"]), " "), r.in.text(s["Condition"])))
	}
	return all
}

// TestWhoIsLetIn: old TLS is not, and AWS's services only in this account's name.
func TestWhoIsLetIn(t *testing.T) {
	for _, tpl := range templates {
		for _, p := range tpl.of("AWS::S3::BucketPolicy") {
			if all := conditions(p); !slices.Contains(all, `Deny s3:* {"s3:TlsVersion":1.2}`) && !slices.Contains(all, `Deny s3:* {"NumericLessThan":{"s3:TlsVersion":1.2}}`) {
				t.Errorf("%s: %s: %q", tpl.stack, p.ID, all)
			}
		}
		for _, p := range tpl.of("AWS::SNS::TopicPolicy") {
			if all := conditions(p); !slices.ContainsFunc(all, func(s string) bool {
				return strings.HasPrefix(s, "Allow sns:Publish ") && strings.Contains(s, "aws:SourceAccount")
			}) {
				t.Errorf("%s: no alarm reaches anybody: %q", tpl.stack, all)
			}
		}
		for _, r := range tpl.of("AWS::IAM::Role") {
			if trust := r.text("AssumeRolePolicyDocument"); strings.Contains(trust, "scheduler.amazonaws.com") && !strings.Contains(trust, "aws:SourceAccount") {
				t.Errorf("%s: anybody's schedules may take the role %s: %s", tpl.stack, r.ID, trust)
			}
		}
	}
}

// TestDeadLettersWait as long as SQS keeps anything, and those who send them may.
func TestDeadLettersWait(t *testing.T) {
	for _, tpl := range templates {
		for _, q := range tpl.of("AWS::SQS::Queue") {
			if days := q.text("MessageRetentionPeriod"); q.get("RedrivePolicy") == nil && days != "1.2096e+06" {
				t.Errorf("%s: %s keeps letters for %s s", tpl.stack, q.ID, days)
			}
		}
		for _, rule := range tpl.of("AWS::Events::Rule") {
			dead, may := rule.text("Targets", 0, "DeadLetterConfig", "Arn"), false
			for _, p := range tpl.of("AWS::SQS::QueuePolicy") {
				for i, s := range p.statements("PolicyDocument") {
					from := p.text("PolicyDocument", "Statement", i, "Condition", "ArnEquals", "aws:SourceArn")
					may = may || s.effect == "Allow" && slices.Equal(s.actions, []string{"sqs:SendMessage"}) && slices.Equal(s.resources, []string{dead}) && from == rule.name("Arn")
				}
			}
			if dead == "" || !may {
				t.Errorf("%s: what %s can't deliver is lost: its dead letters are at %q", tpl.stack, rule.ID, dead)
			}
		}
		for _, s := range tpl.of("AWS::Scheduler::Schedule") {
			if s.text("Target", "DeadLetterConfig", "Arn") == "" {
				t.Errorf("%s: what %s can't deliver is lost", tpl.stack, s.ID)
			}
		}
		for _, m := range tpl.of("AWS::Lambda::EventSourceMapping") {
			if m.get("StartingPosition") == nil {
				continue // of a queue
			}
			if got := m.text("StartingPosition") + " " + m.text("BisectBatchOnFunctionError"); got != "TRIM_HORIZON true" {
				t.Errorf("%s: %s: %s", tpl.stack, m.ID, got)
			}
		}
	}
}

// TestTheDoor: no way leads past a name of ours, the stage comes after its routes, and
// pays for no metrics that nobody looks at.
func TestTheDoor(t *testing.T) {
	for name, s := range stages {
		_, main := pair(t, name, s.Regions[0])
		if got, want := main.of("AWS::ApiGatewayV2::Api")[0].text("DisableExecuteApiEndpoint"), s.Domain != nil && !s.Edge; got != fmt.Sprint(want) {
			t.Errorf("%s: AWS's own name is switched off: %s, want %v", name, got, want)
		}
		stage := main.of("AWS::ApiGatewayV2::Stage")[0]
		for _, route := range main.of("AWS::ApiGatewayV2::Route") {
			if !slices.Contains(stage.DependsOn, route.ID) {
				t.Errorf("%s: the stage does not wait for %s, which its settings name", name, route.ID)
			}
			if metrics := stage.text("RouteSettings", route.text("RouteKey"), "DetailedMetricsEnabled"); metrics != "" && metrics != "false" {
				t.Errorf("%s: metrics of each route cost what the model knows nothing of", name)
			}
		}
		if !s.Retain {
			continue
		}
		for _, region := range s.Regions {
			if !protected(t, "Ines-"+name+"-"+region) {
				t.Errorf("%s in %s: everything but its data may be deleted", name, region)
			}
		}
	}
}
