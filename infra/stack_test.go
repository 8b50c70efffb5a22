package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The tests below look at every resource of every template.

func TestEveryQueueHasDeadLettersAndAlarms(t *testing.T) {
	for _, tpl := range templates {
		alarms := map[string][]string{} // metrics by queue
		for _, a := range tpl.of("AWS::CloudWatch::Alarm") {
			if a.text("Namespace") == "AWS/SQS" {
				queue := a.text("Dimensions", 0, "Value")
				alarms[queue] = append(alarms[queue], a.text("MetricName"))
			}
		}
		dead := map[string]bool{}
		for _, q := range tpl.of("AWS::SQS::Queue") {
			if arn := q.text("RedrivePolicy", "deadLetterTargetArn"); arn != "" {
				dead[arn] = true
			}
		}
		// What takes what could not be delivered, without a queue before it.
		for _, kind := range []string{"AWS::Scheduler::Schedule", "AWS::Events::Rule"} {
			for _, r := range tpl.of(kind) {
				for _, path := range [][]any{{"Target", "DeadLetterConfig", "Arn"}, {"Targets", 0, "DeadLetterConfig", "Arn"}} {
					if arn := r.text(path...); arn != "" {
						dead[arn] = true
					}
				}
			}
		}
		for _, q := range tpl.of("AWS::SQS::Queue") {
			name := q.text("QueueName")
			want := "ApproximateAgeOfOldestMessage"
			if dead[q.name("Arn")] {
				want = "ApproximateNumberOfMessagesVisible"
			} else if q.get("RedrivePolicy") == nil {
				t.Errorf("%s: %s has no dead letters and holds none", tpl.stack, name)
			}
			if !slices.Contains(alarms[name], want) {
				t.Errorf("%s: nobody is told of %s of %s", tpl.stack, want, name)
			}
			if q.text("SqsManagedSseEnabled") != "true" || !requiresTLS(tpl, q.name()) {
				t.Errorf("%s: %s is not encrypted at rest and on the way", tpl.stack, name)
			}
		}
	}
}

func requiresTLS(tpl *template, queue string) bool {
	for _, p := range tpl.of("AWS::SQS::QueuePolicy") {
		if !slices.Contains(p.list("Queues"), queue) {
			continue
		}
		for _, s := range p.statements("PolicyDocument") {
			if s.effect == "Deny" && slices.Contains(s.actions, "sqs:*") {
				return true
			}
		}
	}
	return false
}

func TestEveryMappingReportsBatchFailures(t *testing.T) {
	n := 0
	for _, tpl := range templates {
		timeouts := map[string]float64{} // by function's ARN
		for _, f := range tpl.of("AWS::Lambda::Function") {
			timeouts[f.name("Arn")] = f.get("Timeout").(float64)
		}
		visible := map[string]float64{} // by queue's ARN
		for _, q := range tpl.of("AWS::SQS::Queue") {
			visible[q.name("Arn")], _ = q.get("VisibilityTimeout").(float64)
		}
		for _, m := range tpl.of("AWS::Lambda::EventSourceMapping") {
			n++
			if !slices.Equal(m.list("FunctionResponseTypes"), []string{"ReportBatchItemFailures"}) {
				t.Errorf("%s: %s does not report batch failures", tpl.stack, m.ID)
			}
			timeout, known := timeouts[m.text("FunctionName")]
			if !known {
				t.Errorf("%s: %s feeds no function", tpl.stack, m.ID)
			}
			if hidden, isQueue := visible[m.text("EventSourceArn")]; isQueue {
				if hidden < 6*timeout {
					t.Errorf("%s: %s: messages are hidden for %v s, the function may take %v", tpl.stack, m.ID, hidden, timeout)
				}
				if m.get("ScalingConfig", "MaximumConcurrency") == nil {
					t.Errorf("%s: %s has no bound on its concurrency", tpl.stack, m.ID)
				}
			} else if m.get("DestinationConfig", "OnFailure", "Destination") == nil || m.get("MaximumRecordAgeInSeconds") == nil {
				t.Errorf("%s: %s: what fails for good is not kept", tpl.stack, m.ID)
			}
		}
	}
	if n == 0 {
		t.Error("there are no mappings")
	}
}

func TestEveryFunction(t *testing.T) {
	n := 0
	for _, tpl := range templates {
		topics := map[string]bool{}
		for _, topic := range tpl.of("AWS::SNS::Topic") {
			topics[topic.name()] = true
		}
		alarms := map[string][]string{} // metrics by function
		for _, a := range tpl.of("AWS::CloudWatch::Alarm") {
			if a.text("Namespace") == "AWS/Lambda" && topics[a.text("AlarmActions", 0)] {
				name := a.text("Dimensions", 0, "Value")
				alarms[name] = append(alarms[name], a.text("MetricName"))
			}
		}
		roles, groups := map[string]string{}, map[string]string{}
		for _, f := range tpl.of("AWS::Lambda::Function") {
			n++
			name := f.text("FunctionName")
			if !slices.Equal(f.list("Architectures"), []string{"arm64"}) || f.text("Runtime") != "provided.al2023" || f.text("Handler") != "bootstrap" {
				t.Errorf("%s: %s runs on %v, %s", tpl.stack, name, f.list("Architectures"), f.text("Runtime"))
			}
			role, group := f.text("Role"), f.text("LoggingConfig", "LogGroup")
			if roles[role] != "" || groups[group] != "" {
				t.Errorf("%s: %s shares a role with %q and a log group with %q", tpl.stack, name, roles[role], groups[group])
			}
			roles[role], groups[group] = name, name
			if !kept(tpl, group) {
				t.Errorf("%s: %s logs into %s, which has no retention", tpl.stack, name, group)
			}
			if f.text("LoggingConfig", "LogFormat") != "JSON" || f.text("RecursiveLoop") != "Terminate" {
				t.Errorf("%s: %s: %v %v", tpl.stack, name, f.get("LoggingConfig"), f.get("RecursiveLoop"))
			}
			for _, metric := range []string{"Errors", "Throttles"} {
				if !slices.Contains(alarms[name], metric) {
					t.Errorf("%s: nobody is told of %s of %s", tpl.stack, metric, name)
				}
			}
		}
	}
	if n == 0 {
		t.Error("there are no functions")
	}
}

func kept(tpl *template, group string) bool {
	for _, g := range tpl.of("AWS::Logs::LogGroup") {
		if g.name() == group {
			days, _ := g.get("RetentionInDays").(float64)
			return days > 0
		}
	}
	return false
}

func TestEveryLogGroupEnds(t *testing.T) {
	for _, tpl := range templates {
		for _, g := range tpl.of("AWS::Logs::LogGroup") {
			if !kept(tpl, g.name()) {
				t.Errorf("%s: %s is kept for ever", tpl.stack, g.ID)
			}
		}
	}
}

// TestEveryAlarmTellsSomebody: an alarm that nobody hears is none.
func TestEveryAlarmTellsSomebody(t *testing.T) {
	for _, tpl := range templates {
		var topics []string
		for _, topic := range tpl.of("AWS::SNS::Topic") {
			topics = append(topics, topic.name())
			if topic.text("KmsMasterKeyId") == "" {
				t.Errorf("%s: %s is not encrypted", tpl.stack, topic.ID)
			}
		}
		for _, a := range tpl.of("AWS::CloudWatch::Alarm") {
			for _, when := range []string{"AlarmActions", "OKActions"} {
				if to := a.list(when); len(to) != 1 || !slices.Contains(topics, to[0]) {
					t.Errorf("%s: %s: %s go to %v", tpl.stack, a.ID, when, to)
				}
			}
			if a.text("ActionsEnabled") == "false" {
				t.Errorf("%s: %s is mute", tpl.stack, a.ID)
			}
		}
	}
}

// lone are the only grants on everything, each with its reason.
var lone = map[string]string{
	"xray:PutTraceSegments":         "X-Ray's actions take no resource",
	"xray:PutTelemetryRecords":      "X-Ray's actions take no resource",
	"dynamodb:ListStreams":          "ListStreams can't be limited to a table",
	"kms:* of a key":                "in a key's own policy, * is the key; without this nobody could administer it",
	"kms:Decrypt of a key":          "in a key's own policy, * is the key",
	"kms:GenerateDataKey* of a key": "in a key's own policy, * is the key; SNS asks for the key with and without its plaintext",
}

func TestNobodyMayDoEverything(t *testing.T) {
	used := map[string]bool{}
	for _, tpl := range templates {
		for _, id := range slices.Sorted(maps.Keys(tpl.Resources)) {
			r := tpl.Resources[id]
			for _, path := range documents(r.Properties, nil) {
				for _, s := range r.statements(path...) {
					if s.effect != "Allow" {
						continue
					}
					for _, action := range s.actions {
						name := action
						if r.Type == "AWS::KMS::Key" {
							name += " of a key"
						}
						if strings.Contains(action, "*") && lone[name] == "" {
							t.Errorf("%s: %s allows %s", tpl.stack, id, action)
						}
						if slices.Contains(s.resources, "*") {
							used[name] = true
							if lone[name] == "" {
								t.Errorf("%s: %s allows %s on everything", tpl.stack, id, action)
							}
						}
					}
					if s.principal == "*" || strings.Contains(s.principal, `"*"`) {
						t.Errorf("%s: %s allows everybody %v", tpl.stack, id, s.actions)
					}
				}
			}
			if len(r.list("ManagedPolicyArns")) > 0 {
				t.Errorf("%s: %s has managed policies, which say more than the plan does", tpl.stack, id)
			}
		}
	}
	for name := range lone {
		if !used[name] {
			t.Errorf("nobody needs %s on everything any more", name)
		}
	}
}

// documents are the paths to all policy documents below v.
func documents(v any, at []any) (all [][]any) {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["Statement"]; ok && v["Version"] != nil {
			all = append(all, at)
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, documents(v[key], append(slices.Clone(at), key))...)
		}
	case []any:
		for i := range v {
			all = append(all, documents(v[i], append(slices.Clone(at), i))...)
		}
	}
	return all
}

// TestDataOutlivesItsStack: with retain, nothing in a data stack goes when the
// stack goes, or when CloudFormation wants to replace it. What holds nothing may.
func TestDataOutlivesItsStack(t *testing.T) {
	empty := []string{"AWS::S3::BucketPolicy"}
	retained := 0
	for name, s := range stages {
		for _, region := range s.Regions {
			data, main := pair(t, name, region)
			for id, r := range data.Resources {
				switch {
				case slices.Contains(empty, r.Type):
				case s.Retain && (r.DeletionPolicy != "Retain" || r.UpdateReplacePolicy != "Retain"):
					t.Errorf("%s: %s goes with the stack", data.stack, id)
				case !s.Retain && r.DeletionPolicy == "Retain":
					t.Errorf("%s: %s stays behind", data.stack, id)
				case s.Retain:
					retained++
				}
			}
			for _, table := range data.of("AWS::DynamoDB::GlobalTable") {
				replicas, _ := table.get("Replicas").([]any)
				if len(replicas) != 1+len(s.Replicas) {
					t.Errorf("%s: the table is in %d regions", data.stack, len(replicas))
				}
				for i := range replicas {
					if table.text("Replicas", i, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") != "true" ||
						table.text("Replicas", i, "DeletionProtectionEnabled") != strconv.FormatBool(s.Retain) {
						t.Errorf("%s: replica %v", data.stack, replicas[i])
					}
				}
			}
			for _, pool := range data.of("AWS::Cognito::UserPool") {
				if (pool.text("DeletionProtection") == "ACTIVE") != s.Retain {
					t.Errorf("%s: user pool: deletion protection %s", data.stack, pool.text("DeletionProtection"))
				}
			}
			for _, kind := range []string{"AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Cognito::UserPool"} {
				if len(main.of(kind)) > 0 {
					t.Errorf("%s: %s belongs in the data stack", main.stack, kind)
				}
			}
			if !protected(t, data.stack) {
				t.Errorf("%s is not protected from being deleted", data.stack)
			}
		}
	}
	if retained == 0 {
		t.Error("no stage retains anything")
	}
}

func manifest(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(assembly, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ Artifacts map[string]any }
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m.Artifacts
}

func protected(t *testing.T, stack string) bool {
	artifact, _ := manifest(t)[stack].(map[string]any)
	properties, _ := artifact["properties"].(map[string]any)
	return properties["terminationProtection"] == true
}

// TestNothingToWarnOf: make synth takes a warning of the CDK for an error, whatever a
// stage is made of.
func TestNothingToWarnOf(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(assembly, "*.metadata.json"))
	if err != nil || len(files) < len(templates) {
		t.Fatalf("%d stacks have %d files of metadata: %v", len(templates), len(files), err)
	}
	for _, file := range append(files, filepath.Join(assembly, "manifest.json")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"aws:cdk:warning", "aws:cdk:error"} {
			if _, about, found := strings.Cut(string(text), kind); found {
				t.Errorf("%s: %s%.300s", filepath.Base(file), kind, about)
			}
		}
	}
}

// TestTheArchiveIsPrivate: nobody outside and nobody without TLS reads what
// customers wrote.
func TestTheArchiveIsPrivate(t *testing.T) {
	for _, tpl := range templates {
		for _, b := range tpl.of("AWS::S3::Bucket") {
			for _, what := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
				if b.text("PublicAccessBlockConfiguration", what) != "true" {
					t.Errorf("%s: %s: %s is off", tpl.stack, b.ID, what)
				}
			}
			if b.text("BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "SSEAlgorithm") != "AES256" {
				t.Errorf("%s: %s: encryption %v", tpl.stack, b.ID, b.get("BucketEncryption"))
			}
			if b.get("LifecycleConfiguration", "Rules") == nil {
				t.Errorf("%s: %s grows for ever", tpl.stack, b.ID)
			}
			secure := false
			for _, p := range tpl.of("AWS::S3::BucketPolicy") {
				for _, s := range p.statements("PolicyDocument") {
					secure = secure || p.text("Bucket") == b.name() && s.effect == "Deny" && slices.Contains(s.actions, "s3:*")
				}
			}
			if !secure {
				t.Errorf("%s: %s lets be read without TLS", tpl.stack, b.ID)
			}
		}
	}
}

// TestRegionsAreDisjoint: what happens in one region's pair is no business of
// another's.
func TestRegionsAreDisjoint(t *testing.T) {
	s := stages["prod"]
	if len(s.Regions) != 2 {
		t.Fatalf("prod has the regions %v", s.Regions)
	}
	for i, region := range s.Regions {
		other := s.Regions[1-i]
		data, main := pair(t, "prod", region)
		for _, tpl := range []*template{data, main} {
			text, err := json.Marshal(tpl)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), other) {
				t.Errorf("%s mentions %s", tpl.stack, other)
			}
		}
		artifacts := manifest(t)
		for _, tpl := range []*template{data, main} {
			artifact, _ := artifacts[tpl.stack].(map[string]any)
			if env := artifact["environment"]; env != "aws://unknown-account/"+region {
				t.Errorf("%s goes to %v", tpl.stack, env)
			}
			for _, on := range artifact["dependencies"].([]any) {
				if strings.Contains(on.(string), other) {
					t.Errorf("%s waits for %s", tpl.stack, on)
				}
			}
		}
		if depends := artifacts[main.stack].(map[string]any)["dependencies"].([]any); !slices.Contains(depends, any(data.stack)) {
			t.Errorf("%s does not wait for %s: %v", main.stack, data.stack, depends)
		}
	}
}

// TestNothingSecretInTemplates: what is secret is named, never told. The word
// between edge and API is a reference that CloudFormation resolves.
func TestNothingSecretInTemplates(t *testing.T) {
	suspicious := regexp.MustCompile(`(?i)(password|secret|token|apikey|api_key|private)`)
	fine := regexp.MustCompile(`^(INES_SECRETS|GenerateSecret|GenerateSecretString|EnableTokenRevocation|PasswordPolicy|PasswordLength|AccessTokenValidity|IdTokenValidity|RefreshTokenValidity|TemporaryPasswordValidityDays|UserPoolAddOns)$`)
	key := regexp.MustCompile(`AKIA[0-9A-Z]{16}|-----BEGIN|whsec_|xox[abp]-`)
	for _, tpl := range templates {
		var look func(path string, v any)
		look = func(path string, v any) {
			switch v := v.(type) {
			case map[string]any:
				for name, inner := range v {
					if strings.HasSuffix(path, ".TokenValidityUnits") {
						continue // of time
					}
					if _, isText := inner.(string); isText && suspicious.MatchString(name) && !fine.MatchString(name) {
						t.Errorf("%s: %s.%s = %v", tpl.stack, path, name, inner)
					}
					look(path+"."+name, inner)
				}
			case []any:
				for i, inner := range v {
					look(path+"."+strconv.Itoa(i), inner)
				}
			case string:
				if key.MatchString(v) {
					t.Errorf("%s: %s = %s", tpl.stack, path, v)
				}
			}
		}
		for id, r := range tpl.Resources {
			look(id, r.Properties)
		}
		for _, d := range tpl.of("AWS::CloudFront::Distribution") {
			if v := d.text("DistributionConfig", "Origins", 0, "OriginCustomHeaders", 0, "HeaderValue"); !strings.HasPrefix(v, "{{resolve:secretsmanager:") {
				t.Errorf("%s: the edge says %q", tpl.stack, v)
			}
		}
	}
}
