package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ines/infra/local"
	"ines/shared/aws"
	"ines/shared/channel/registry"
	"ines/shared/table/dynamo"
)

const root = "../../.."

// ines runs a command line in this process.
func ines(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = dispatch(t.Context(), terminal{&stdout, &stderr}, args)
	return code, stdout.String(), stderr.String()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNoCDK(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dep := range strings.Lines(string(out)) {
		if strings.Contains(dep, "aws-cdk") || strings.Contains(dep, "jsii") || strings.Contains(dep, "constructs-go") {
			t.Errorf("the operator's command depends on %s", dep)
		}
	}
}

func TestCommandLine(t *testing.T) {
	for _, tt := range []struct {
		args []string
		code int
		says string
	}{
		{nil, 2, "ines run"},
		{[]string{"help"}, 0, "ines replay"},
		{[]string{"fly"}, 2, `"fly"`},
		{[]string{"check"}, 2, "usage: ines check FILE"},
		{[]string{"check", "no-such-file.yaml"}, 1, "no-such-file.yaml"},
		{[]string{"run", "--port", "80"}, 2, "-port"},
		{[]string{"run", "somewhere"}, 2, "somewhere"},
		{[]string{"run", "--table", "paper", "--desk", root + "/infra/desk.yaml"}, 2, "sqlite and dynamodb"},
		{[]string{"run", "--mail", "no-such-folder", "--desk", root + "/infra/desk.yaml", "--secrets", root + "/infra/desk.secrets.env"}, 1, "no-such-folder"},
		{[]string{"replay", "x.json"}, 2, "--to"},
		{[]string{"replay", "--to", "localhost", "x.json"}, 2, "localhost"},
		{[]string{"replay", "--to", "http://127.0.0.1:1"}, 2, "name files"},
		{[]string{"invoke", "receive"}, 2, "usage: ines invoke"},
		{[]string{"invoke", "fly", "x.json"}, 2, "receive, classify"},
	} {
		code, out, err := ines(t, tt.args...)
		if code != tt.code || !strings.Contains(out+err, tt.says) {
			t.Errorf("ines %v: %d %s%s, want %d saying %q", tt.args, code, out, err, tt.code, tt.says)
		}
	}
}

func TestCheck(t *testing.T) {
	good := root + "/infra/desk.yaml"
	if code, out, errs := ines(t, "check", good); code != 0 || out != good+": ok\n" {
		t.Errorf("%d %q %q", code, out, errs)
	}
	bad := write(t, "desk.yaml", "brands:\n  - id: northline\n    colour: red\ncommunities: []\n")
	code, out, _ := ines(t, "check", bad)
	if code != 1 || !strings.Contains(out, bad+":3: ") {
		t.Errorf("%d %q, want the line of the unknown key", code, out)
	}
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	model, err := os.ReadFile(root + "/infra/desk.topics.model")
	if err != nil {
		t.Fatal(err)
	}
	alone := write(t, "desk.yaml", string(text)) // its model stands beside it
	beside := filepath.Join(filepath.Dir(alone), "desk.topics.model")
	if err := os.WriteFile(beside, model[:len(model)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := ines(t, "check", alone); code != 1 || !strings.HasPrefix(out, alone+": the topic model that the policy names: ") {
		t.Errorf("half a model: %d %q", code, out)
	}
	if err := os.Remove(beside); err != nil {
		t.Fatal(err)
	}
	if code, out, notes := ines(t, "check", alone); code != 0 || out != alone+": ok\n" || !strings.Contains(notes, "ines train makes it") {
		t.Errorf("no model: %d %q %q", code, out, notes)
	}
	if code, out, _ = ines(t, "run", "--desk", bad, "--data", t.TempDir()); code != 1 || !strings.Contains(out, bad+":3: ") {
		t.Errorf("run with a bad policy: %d %q", code, out)
	}
}

// desk serves the sample desk and returns where.
func desk(t *testing.T) string {
	t.Helper()
	s := source{desk: root + "/infra/desk.yaml"}
	policy, err := s.load(t.Output())
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	host, err := local.Open(local.Config{Data: t.TempDir(), Desk: policy, Secrets: secrets, Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- host.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	return host.URL()
}

// Every saved event of every channel is taken, freshened and signed anew.
func TestReplayEverything(t *testing.T) {
	url := desk(t)
	args := []string{"replay", "--to", url, "--desk", root + "/infra/desk.yaml"}
	files := 0
	for _, ch := range registry.All() {
		dir := filepath.Join(root, "events", ch.Name())
		saved, err := filepath.Glob(dir + "/*.json")
		if err != nil || len(saved) == 0 {
			t.Fatalf("%s: no saved events, %v", dir, err)
		}
		files += len(saved)
		args = append(args, dir)
	}
	code, out, err := ines(t, args...)
	if code != 0 || strings.Count(out, " 200 OK") != files || !strings.Contains(out, "\nitems +") {
		t.Errorf("%d, %d of %d files were taken:\n%s%s", code, strings.Count(out, " 200 OK"), files, out, err)
	}
}

func TestReplayRefused(t *testing.T) {
	url := desk(t)
	dir := t.TempDir()
	for name, text := range map[string]string{"story.yaml": "title: x", "package.json": "{}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	event, err := os.ReadFile(root + "/events/web/message_created.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "event.json"), event, 0o600); err != nil {
		t.Fatal(err)
	}
	base := []string{"replay", dir, "--to", url, "--desk", root + "/infra/desk.yaml"}
	code, out, notes := ines(t, base...)
	if code != 0 || !strings.Contains(notes, "story.yaml: passed over") || !strings.Contains(notes, "package.json: passed over") || !strings.Contains(out, "filed +1") {
		t.Errorf("%d %s%s", code, out, notes)
	}
	// As it was saved its timestamp is long past, with another secret its signature
	// is wrong.
	if code, out, _ = ines(t, append(base, "--as-saved")...); code != 1 || !strings.Contains(out, "401") {
		t.Errorf("as saved: %d %s", code, out)
	}
	other := write(t, "secrets.env", "INES_SECRET_NORTHLINE_APP=whsec_b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3Q=")
	if code, out, _ = ines(t, append(base, "--secrets", other)...); code != 1 || !strings.Contains(out, "401") {
		t.Errorf("another secret: %d %s", code, out)
	}
	if code, _, notes = ines(t, "replay", "--to", url, "--desk", root+"/infra/desk.yaml", filepath.Join(dir, "package.json")); code != 1 || !strings.Contains(notes, "package.json") {
		t.Errorf("a named file that is no event: %d %s", code, notes)
	}
}

func TestInvoke(t *testing.T) {
	common := []string{"--data", t.TempDir(), "--desk", root + "/infra/desk.yaml"}
	run := func(function, file string) (int, string, string) {
		return ines(t, append([]string{"invoke", function, file}, common...)...)
	}
	code, out, err := run("receive", root+"/events/x/mention.json")
	var answer struct{ StatusCode int }
	if e := json.Unmarshal([]byte(out), &answer); code != 0 || e != nil || answer.StatusCode != 200 || !strings.Contains(out, "\n  ") {
		t.Errorf("receive: %d %s%s", code, out, err)
	}
	// The saved samples of the other triggers name what they are for.
	for _, trigger := range []string{"sqs", "dynamodb", "schedule"} {
		samples, err := filepath.Glob(filepath.Join(root, "events", trigger, "*.json"))
		if err != nil || len(samples) == 0 {
			t.Fatalf("no saved events of %s, %v", trigger, err)
		}
		for _, file := range samples {
			function := strings.TrimSuffix(filepath.Base(file), ".json")
			code, out, says := run(function, file)
			if code != 0 || !json.Valid([]byte(out)) {
				t.Errorf("%s: %d %s%s", file, code, out, says)
			}
		}
	}
	batch := write(t, "batch.json", `{"Records":[{"messageId":"m1","receiptHandle":"1.1","body":"not an envelope","attributes":{"ApproximateReceiveCount":"1"},"eventSource":"aws:sqs"}]}`)
	if code, out, err = run("classify", batch); code != 0 || !strings.Contains(out, `"itemIdentifier": "m1"`) {
		t.Errorf("classify: %d %s%s", code, out, err)
	}
	if code, _, err = run("clock", write(t, "bad.json", `[1]`)); code != 1 || err == "" {
		t.Errorf("a wrong shape: %d %s", code, err)
	}
	if code, _, err = run("clock", write(t, "worse.json", `{`)); code != 1 || !strings.Contains(err, "not JSON") {
		t.Errorf("no JSON: %d %s", code, err)
	}
}

// A missing table is made at an endpoint of one's own, and on AWS only when told to.
func TestWhichTablesAreMade(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		asked = append(asked, operation)
		switch {
		case operation == "DescribeTable" && len(asked) == 1:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}`)
		case operation == "DescribeTable":
			fmt.Fprint(w, `{"Table":{"TableStatus":"ACTIVE"}}`)
		default:
			fmt.Fprint(w, `{}`)
		}
	}))
	defer server.Close()
	environment := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
	getenv := func(name string) string { return environment[name] }
	here := func() storage { return storage{kind: inDynamoDB, name: "ines"} }

	var said bytes.Buffer
	s := here()
	if err := s.make(t.Context(), &said, aws.Config{}, dynamo.ErrMissing); err == nil || !strings.Contains(err.Error(), "--create-table") || len(asked) > 0 {
		t.Errorf("on AWS: %v, asked %v", err, asked)
	}
	for name, variable := range map[string]string{"all": "AWS_ENDPOINT_URL", "its own": "AWS_ENDPOINT_URL_DYNAMODB"} {
		t.Run(name, func(t *testing.T) {
			asked = nil
			environment[variable] = server.URL
			defer delete(environment, variable)
			d, err := s.open(t.Context(), &said, getenv)
			if err != nil || !slices.Equal(asked, []string{"DescribeTable", "CreateTable", "DescribeTable", "UpdateTimeToLive"}) {
				t.Fatalf("%v, asked %v", err, asked)
			}
			if d.AWS.URL(aws.DynamoDB) != server.URL || d.AWS.URL(aws.Streams) != server.URL {
				t.Errorf("the table is at %s, its stream at %s", d.AWS.URL(aws.DynamoDB), d.AWS.URL(aws.Streams))
			}
		})
	}
	environment["AWS_ENDPOINT_URL"] = server.URL // where there is another table of that name now
	if _, err := s.open(t.Context(), &said, getenv); err == nil || !strings.Contains(err.Error(), "the table ines at "+server.URL+" is none of ines: its key is") {
		t.Errorf("somebody else's table: %v", err)
	}
	delete(environment, "AWS_REGION")
	if _, err := s.open(t.Context(), &said, getenv); err == nil || !strings.Contains(err.Error(), "AWS_REGION") {
		t.Errorf("without a region: %v", err)
	}
}

func TestModelLoad(t *testing.T) {
	if code, out, notes := ines(t, "model", "--rate", "10000", "--minutes", "1"); code != 0 || !strings.Contains(out, "slowest:") || notes != "" {
		t.Errorf("%d %q %q", code, out, notes)
	}
	for _, args := range [][]string{{"--rate", "0"}, {"--rate", "-5"}, {"--rate", "NaN"}, {"--rate", "Inf"}, {"--rate", "1e300"}, {"--minutes", "0"}, {"--minutes", "Inf"},
		{"--backlog", "-1"}, {"--backlog", "1e18"}, {"--new-cases", "1.1"}, {"--inboxes", "-1"}, {"--inboxes", "1000000"}, {"500"}} {
		if code, out, notes := ines(t, append([]string{"model"}, args...)...); code != 2 || out != "" || !strings.Contains(notes, "usage: ines model") {
			t.Errorf("%v: %d %q %q", args, code, out, notes)
		}
	}
}
