//go:build !onlygo

package bootstraptest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/archive/s3/s3fake"
	"ines/shared/aws/awstest"
	"ines/shared/lambdahttp"
	"ines/shared/queue/sqs/sqsfake"
	"ines/shared/secret/ssm/ssmfake"
	"ines/shared/table/dynamo"
	"ines/shared/table/dynamo/dynamolocal"
)

// account is the AWS account of a test: DynamoDB is Amazon's own engine, the others
// are stand-ins.
type account struct {
	sqs *sqsfake.Fake
	s3  *s3fake.Fake
	ssm *ssmfake.Fake
	env map[string]string
}

const stage = "test"

func open(t *testing.T) *account {
	t.Helper()
	a := &account{s3: s3fake.New(t), ssm: ssmfake.New(t)}
	p := plan.Default()
	var names []string
	for _, q := range p.Queues {
		names = append(names, q.Name)
	}
	a.sqs = sqsfake.New(t, names...)
	endpoint := dynamolocal.Start(t)
	c := dynamo.Config{Table: "bootstraps-" + rand.Text(), Indexes: p.Table.Indexes}
	if _, err := dynamo.Create(t.Context(), dynamolocal.Config(endpoint), c); err != nil {
		t.Fatal(err)
	}
	a.env = map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up",
		"AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_ENDPOINT_URL_SQS": a.sqs.URL, "AWS_ENDPOINT_URL_S3": a.s3.URL, "AWS_ENDPOINT_URL_SSM": a.ssm.URL,
		"AWS_ENDPOINT_URL": "http://127.0.0.1:1", // nothing else may be called
		plan.EnvDesk:       plan.BundledDesk,
		plan.EnvStage:      stage, plan.EnvTable: c.Table, plan.EnvArchive: s3fake.Bucket, plan.EnvSecrets: plan.SecretsPrefix(stage), plan.EnvBus: "departments",
		plan.EnvPublicURL: "https://hooks.northline.example", plan.EnvConsoleURL: "https://desk.northline.example",
		plan.EnvIssuer: "https://sign-in.example", plan.EnvClient: "console",
	}
	for name, u := range a.sqs.URLs() {
		a.env[plan.QueueVariable(name)] = u
	}
	return a
}

// of are the variables that the plan gives a function, and Lambda's own: what a
// bootstrap reads beyond them is not there on AWS either.
func (a *account) of(t *testing.T, function string) map[string]string {
	t.Helper()
	f, ok := plan.Default().Function(function)
	if !ok {
		t.Fatalf("the plan has no %s", function)
	}
	ours := f.Variables()
	env := map[string]string{"LAMBDA_TASK_ROOT": filepath.Join(hosted, function)}
	for name, v := range a.env {
		if !strings.HasPrefix(name, "INES_") || slices.Contains(ours, name) {
			env[name] = v
		}
	}
	return env
}

func (a *account) start(t *testing.T, function string, more ...string) *process {
	t.Helper()
	env := a.of(t, function)
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return start(t, binary(t, function), function, env)
}

// batch makes of a queue's messages what an event source mapping makes of them.
func (a *account) batch(queue string) (e events.SQSEvent) {
	for _, m := range a.sqs.Take(queue) {
		attributes := map[string]string{"ApproximateReceiveCount": "1", "SentTimestamp": "1795180621210", "MessageGroupId": m.Group}
		if m.Dedupe != "" {
			attributes["MessageDeduplicationId"] = m.Dedupe
		}
		e.Records = append(e.Records, events.SQSMessage{MessageId: m.ID, ReceiptHandle: m.Receipt, Body: m.Body, Attributes: attributes,
			EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:" + queue})
	}
	return e
}

// webhook is a saved one, signed with a secret.
func webhook(t *testing.T, file, secret string) events.APIGatewayV2HTTPRequest {
	t.Helper()
	e, r, err := lambdahttp.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(r.Body)
	e.Headers["x-hub-signature-256"] = "sha256=" + hex.EncodeToString(h.Sum(nil))
	return e
}

// TestTheWayOfAMessage: a webhook goes in at receive, a case is in DynamoDB, the
// desk shows it, and every process ends when it is told to.
func TestTheWayOfAMessage(t *testing.T) {
	a := open(t)
	prefix := plan.SecretsPrefix(stage)
	a.ssm.Put(prefix+"/inbox/northline-whatsapp/secret", "rotated out")
	a.ssm.Put(prefix+"/inbox/northline-whatsapp/secret", "shared with the platform")
	a.ssm.Put(prefix+"/link/key", "a key of link tokens")
	var all []*process
	begin := func(function string) *process {
		p := a.start(t, function)
		t.Logf("%s: %.1f ms from exec to asking for an event", function, float64(p.took.Microseconds())/1000)
		all = append(all, p)
		return p
	}

	receive := begin(plan.Receive)
	for secret, want := range map[string]int{"shared with the platform": 200, "rotated out": 200, "guessed": 401} {
		var got events.APIGatewayV2HTTPResponse
		if receive.call(t, webhook(t, "../../events/whatsapp/text.json", secret), &got); got.StatusCode != want {
			t.Fatalf("signed with the secret %q: %d, want %d\n%s", secret, got.StatusCode, want, receive.log)
		}
	}
	a.sqs.Inject(awstest.Fault{Status: 500})
	var refused events.APIGatewayV2HTTPResponse
	if receive.call(t, webhook(t, "../../events/whatsapp/text.json", "rotated out"), &refused); refused.StatusCode != 503 {
		t.Fatalf("without a queue: %d", refused.StatusCode)
	}
	a.sqs.Heal()

	var failures events.SQSEventResponse
	classify := begin(plan.Classify)
	if classify.call(t, a.batch(plan.Inbound), &failures); len(failures.BatchItemFailures) > 0 {
		t.Fatalf("classify: %+v\n%s", failures, classify.log)
	}
	if keys := slices.Collect(maps.Keys(a.s3.Objects())); len(keys) != 1 || !strings.HasSuffix(keys[0], ".ndjson.gz") {
		t.Errorf("the archive has %v", keys)
	}
	casework := begin(plan.Casework)
	if casework.call(t, a.batch(plan.Cases), &failures); len(failures.BatchItemFailures) > 0 {
		t.Fatalf("casework: %+v\n%s", failures, casework.log)
	}

	var stuck events.DynamoDBEventResponse
	relay := begin(plan.Relay)
	var stream events.DynamoDBEvent
	if err := json.Unmarshal(read(t, "../../events/dynamodb/relay.json"), &stream); err != nil {
		t.Fatal(err)
	}
	if relay.call(t, stream, &stuck); len(stuck.BatchItemFailures) > 0 {
		t.Fatalf("relay: %+v\n%s", stuck, relay.log)
	}
	clock := begin(plan.Clock)
	if answer := clock.invoke(t, read(t, "../../events/schedule/clock.json")); answer.kind != "response" {
		t.Fatalf("clock: %s\n%s", answer.body, clock.log)
	}
	// The inbox has no sending credential: nothing leaves, and that is said.
	reply := begin(plan.Reply)
	var sending events.SQSEvent
	if err := json.Unmarshal(read(t, "../../events/sqs/reply.json"), &sending); err != nil {
		t.Fatal(err)
	}
	reply.call(t, sending, &failures)
	if !strings.Contains(reply.log.String(), "credential") && !strings.Contains(reply.log.String(), "ines secret put") {
		t.Errorf("reply said nothing of the missing credential: %+v\n%s", failures, reply.log)
	}

	desk := begin(plan.Desk)
	var page events.APIGatewayV2HTTPResponse
	if desk.call(t, get("/healthz", nil), &page); page.StatusCode != http.StatusOK {
		t.Fatalf("desk: %d %s\n%s", page.StatusCode, page.Body, desk.log)
	}
	if desk.call(t, get("/api/cases", nil), &page); page.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %d", page.StatusCode)
	}
	if desk.call(t, get("/api/cases", map[string]string{"custom:colleague": "ines"}), &page); page.StatusCode != http.StatusOK {
		t.Errorf("with a token: %d %s", page.StatusCode, page.Body)
	}

	var foretold events.APIGatewayV2HTTPResponse
	simulate := get("/api/simulate", map[string]string{"custom:colleague": "ines"})
	simulate.RequestContext.HTTP.Method, simulate.Headers["content-type"] = http.MethodPost, "application/json"
	simulate.Body = `{"message":{"channel":"x","inbox":"northline-x","visibility":"public","id":"1","text":"Ma valise n’est pas arrivée à Lyon, aidez-moi"}}`
	if desk.call(t, simulate, &foretold); foretold.StatusCode != http.StatusOK || !strings.Contains(foretold.Body, `"language":"fr"`) {
		t.Errorf("the desk's own models: %d %s\n%s", foretold.StatusCode, foretold.Body, desk.log)
	}

	for _, p := range all {
		if a := p.invoke(t, []byte(`["no event of any kind"]`)); a.kind != "error" || !strings.Contains(string(a.body), "errorMessage") {
			t.Errorf("%s answered nonsense with a %s: %s", p.name, a.kind, a.body)
		}
		if code := p.end(t); code != 0 {
			t.Errorf("%s ended with %d:\n%s", p.name, code, p.log)
		}
		for _, secret := range []string{"shared with the platform", "rotated out", "a key of link tokens", "made-up"} {
			if strings.Contains(p.log.String(), secret) {
				t.Errorf("%s shows a secret in its log", p.name)
			}
		}
		lines := p.log.json()
		if printed := strings.Count(p.log.String(), "\n"); printed != len(lines) {
			t.Errorf("%s: %d of %d lines are JSON:\n%s", p.name, len(lines), printed, p.log)
		}
		if !slices.ContainsFunc(lines, func(line map[string]any) bool {
			text, _ := line["message"].(string)
			return line["level"] == "ERROR" && strings.Contains(text, "cannot unmarshal")
		}) {
			t.Errorf("%s has no line about the event that it could not read:\n%s", p.name, p.log)
		}
		for _, line := range lines {
			if line["level"] == nil && line["_aws"] == nil {
				t.Errorf("%s logs %v", p.name, line)
			}
		}
	}
}

func get(path string, claims map[string]string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, Headers: map[string]string{"host": "desk.northline.example", "x-forwarded-proto": "https"}}
	e.RequestContext.HTTP.Method, e.RequestContext.TimeEpoch = http.MethodGet, time.Now().UnixMilli()
	if claims != nil {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims}}
	}
	return e
}

// TestOrigin: behind an edge nobody comes in by the back door.
func TestOrigin(t *testing.T) {
	a := open(t)
	parameter := "/aws/reference/secretsmanager/ines-test-origin"
	a.ssm.Put(parameter, "the edge's word")
	a.ssm.Put(plan.SecretsPrefix(stage)+"/inbox/northline-whatsapp/secret", "s")
	p := a.start(t, plan.Receive, plan.EnvOrigin, parameter)
	for word, want := range map[string]int{"": 403, "the word before": 503, "the edge's word": 200} {
		e := webhook(t, "../../events/whatsapp/text.json", "s")
		if word != "" {
			e.Headers[plan.OriginHeader] = word
		}
		var got events.APIGatewayV2HTTPResponse
		if p.call(t, e, &got); got.StatusCode != want {
			t.Errorf("with %q: %d, want %d\n%s", word, got.StatusCode, want, p.log)
		}
	}
	a.ssm.Inject(awstest.Fault{Status: 500})
	q := a.start(t, plan.Receive, plan.EnvOrigin, parameter)
	e := webhook(t, "../../events/whatsapp/text.json", "s")
	e.Headers[plan.OriginHeader] = "the edge's word"
	var got events.APIGatewayV2HTTPResponse
	if q.call(t, e, &got); got.StatusCode != 503 {
		t.Errorf("without knowing the word: %d, want 503", got.StatusCode)
	}
}

// TestMissing: a function that lacks a variable says which, and does not start.
func TestMissing(t *testing.T) {
	a := open(t)
	file := binary(t, plan.Clock)
	f, _ := plan.Default().Function(plan.Clock)
	for _, name := range append(f.Variables(), "AWS_REGION", "AWS_SECRET_ACCESS_KEY") {
		env := a.of(t, plan.Clock)
		delete(env, name)
		p := launch(t, file, plan.Clock, env)
		if code := p.wait(t); code != 1 || !strings.Contains(p.log.String(), name) {
			t.Errorf("without %s: exit code %d, said %s", name, code, p.log)
		}
	}
	env := a.of(t, plan.Clock)
	empty := maps.Clone(env)
	empty["LAMBDA_TASK_ROOT"] = t.TempDir()
	if p := launch(t, file, plan.Clock, empty); p.wait(t) != 1 || !strings.Contains(p.log.String(), plan.BundledZones) || !strings.Contains(p.log.String(), "make build") {
		t.Errorf("without time zones: %s", p.log)
	}
	env[plan.EnvDesk] = "absent.yaml"
	if p := launch(t, file, plan.Clock, env); p.wait(t) != 1 || !strings.Contains(p.log.String(), "absent.yaml") {
		t.Errorf("without a policy: %s", p.log)
	}
	uncompiled := maps.Clone(env)
	uncompiled[plan.EnvDesk] = plan.BundledDesk
	uncompiled["LAMBDA_TASK_ROOT"] = t.TempDir()
	if err := os.CopyFS(uncompiled["LAMBDA_TASK_ROOT"], os.DirFS(env["LAMBDA_TASK_ROOT"])); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(uncompiled["LAMBDA_TASK_ROOT"], plan.BundledPolicy)); err != nil {
		t.Fatal(err)
	}
	if p := launch(t, file, plan.Clock, uncompiled); p.wait(t) != 1 || !strings.Contains(p.log.String(), plan.BundledPolicy) || !strings.Contains(p.log.String(), "make build") {
		t.Errorf("with a policy that is not compiled: %s", p.log)
	}
	other, err := filepath.Abs("../../events/stories/how-was-it/desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	env[plan.EnvDesk] = other
	if p := launch(t, file, plan.Clock, env); p.wait(t) != 1 || !strings.Contains(p.log.String(), "how-was-it") || !strings.Contains(p.log.String(), "make build") {
		t.Errorf("with another policy than the compiled one: %s", p.log)
	}
}

// TestModels: a function that classifies has its words and models as files, and does
// not start without them.
func TestModels(t *testing.T) {
	a := open(t)
	for _, f := range plan.Default().Functions {
		laid := filepath.Join(hosted, f.Name, plan.BundledHeads)
		if _, err := os.Stat(laid); (err == nil) != f.Classifies {
			t.Errorf("%s: %v in the bundle, classifies is %v in the plan", laid, err, f.Classifies)
		}
		if !f.Classifies {
			continue
		}
		env := a.of(t, f.Name)
		for what, damage := range map[string]func(file string) error{
			"missing": os.Remove,
			"damaged": func(file string) error { return os.Truncate(file, 1000) },
			"empty":   func(file string) error { return os.Truncate(file, 0) },
		} {
			for _, name := range []string{"kind.model", plan.BundledWords} {
				bundle := t.TempDir()
				if err := os.CopyFS(bundle, os.DirFS(env["LAMBDA_TASK_ROOT"])); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(bundle, plan.BundledHeads, name)
				if name == plan.BundledWords {
					path = filepath.Join(bundle, name)
				}
				if err := damage(path); err != nil {
					t.Fatal(err)
				}
				without := maps.Clone(env)
				without["LAMBDA_TASK_ROOT"] = bundle
				if p := launch(t, binary(t, f.Name), f.Name, without); p.wait(t) != 1 || !strings.Contains(p.log.String(), name) || !strings.Contains(p.log.String(), "make build") {
					t.Errorf("%s with %s that is %s: %s", f.Name, name, what, p.log)
				}
			}
		}
	}
}
