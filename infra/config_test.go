package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ines/infra/plan"
	"ines/infra/plan/model"
	"ines/shared/policy"
)

func TestReadStage(t *testing.T) {
	s, err := ReadStage([]byte(everything), "full")
	if err != nil {
		t.Fatal(err)
	}
	if s.Account != "111122223333" || !s.Retain || !s.Edge || !s.Reserve || !s.Trace || s.LogDays != 30 || s.ArchiveDays != 730 || s.Domain.Name != "care.northline.example" ||
		s.SignIn.Claim != "employee" || s.Silence["*"] != (Silence{Within: 2 * time.Hour, Least: 3}) || s.Forward["press"] == "" || s.Replicas[0] != "eu-central-1" ||
		s.Mail["eu-west-1"] != "northline-mail-in" {
		t.Errorf("%+v", s)
	}
}

// TestMistakesAreNamed: every mistake says its key and what to write there.
func TestMistakesAreNamed(t *testing.T) {
	for settings, want := range map[string]string{
		`{}`:                       `regions: write at least one region, such as ["eu-west-1"]`,
		`[]`:                       `context.stages.x: write an object`,
		`null`:                     `context.stages.x: write an object`,
		`{"regions": []}`:          `x.regions: write at least one region`,
		`{"regions": "eu-west-1"}`: `x.regions: write at least one region, such as ["eu-west-1"]`,
		`{"regions": null}`:        `x.regions: write at least one region`,
		`{"regions": ["Ireland"]}`: `x.regions[0]: write a region's name`,
		`{"regions": ["eu-west-1", "eu-west-1"]}`:                                                                                              `x.regions[1]: write each region once`,
		`{"regions": ["eu-west-1"], "region": "eu-west-1"}`:                                                                                    `x.region: there is no such setting; known are account, regions`,
		`{"regions": ["eu-west-1"], "retain": "yes"}`:                                                                                          `x.retain: write true where the data must outlive the stacks, else false`,
		`{"regions": ["eu-west-1"], "account": 111122223333}`:                                                                                  `x.account: write the account's twelve digits`,
		`{"regions": ["eu-west-1"], "account": "1111"}`:                                                                                        `x.account: write the account's twelve digits`,
		`{"regions": ["eu-west-1"], "logDays": 8}`:                                                                                             `x.logDays: write one of [1 3 5 7`,
		`{"regions": ["eu-west-1"], "logDays": 7.5}`:                                                                                           `x.logDays: write one of`,
		`{"regions": ["eu-west-1"], "archiveDays": -1}`:                                                                                        `x.archiveDays: write a number of days`,
		`{"regions": ["eu-west-1"], "desk": ""}`:                                                                                               `x.desk: write the desk policy's file`,
		`{"regions": ["eu-west-1"], "edge": 1}`:                                                                                                `x.edge: write true`,
		`{"regions": ["eu-west-1"], "alarmsTo": ["ops"]}`:                                                                                      `x.alarmsTo[0]: write an e-mail address`,
		`{"regions": ["eu-west-1"], "replicas": ["eu-west-1"]}`:                                                                                `x.replicas[0]: write a region that has no table of its own`,
		`{"regions": ["eu-west-1"], "concurrency": {"desk": 5}}`:                                                                               `x.concurrency.desk: write one of receive, classify, casework, relay, reply`,
		`{"regions": ["eu-west-1"], "concurrency": {"clock": 1}}`:                                                                              `x.concurrency.clock: write one of receive`,
		`{"regions": ["eu-west-1"], "concurrency": {"relay": 11}}`:                                                                             `x.concurrency.relay: write 1 to 10`,
		`{"regions": ["eu-west-1"], "concurrency": {"receive": 50}}`:                                                                           `x.concurrency.receive: write nothing where reserve is not true`,
		`{"regions": ["eu-west-1"], "reserve": true, "concurrency": {"receive": 0}}`:                                                           `x.concurrency.receive: write 1 or more`,
		`{"regions": ["eu-west-1"], "archiveDays": 1000000000000}`:                                                                             `x.archiveDays: write a number of days up to 36500`,
		`{"regions": ["eu-west-1"], "alarmsTo": ["o@x.example", "o@x.example"]}`:                                                               `x.alarmsTo[1]: write each address once`,
		`{"regions": ["eu-west-1"], "signIn": {"issuer": "https://", "client": "c"}}`:                                                          `x.signIn.issuer: write the issuer's URL`,
		`{"regions": ["eu-west-1"], "signIn": {"issuer": "https://id.example/ x", "client": "c"}}`:                                             `x.signIn.issuer: write the issuer's URL`,
		`{"regions": ["eu-west-1"], "signIn": {"issuer": "https://id.example", "client": " "}}`:                                                `x.signIn.client: write the console's client id`,
		`{"regions": ["us-gov-west-1"], "edge": true}`:                                                                                         `x.edge: write false: CloudFront can't stand before us-gov-west-1`,
		`{"regions": ["eu-west-1"], "domain": {"name": "care.example", "certificate": "arn:aws:acm:us-east-1:1:certificate/1"}}`:               `x.domain.certificate: write the ARN of a certificate in eu-west-1`,
		`{"regions": ["eu-west-1"], "edge": true, "domain": {"name": "care.example", "certificate": "arn:aws:acm:eu-west-1:1:certificate/1"}}`: `x.domain.certificate: write the ARN of a certificate in us-east-1`,
		`{"regions": ["eu-west-1", "eu-west-2"], "forward": {"press": "arn:aws:sqs:eu-west-1:111122223333:press"}}`:                            `x.forward.press: write the ARN of an event bus: the queue is in eu-west-1, and no rule of eu-west-2`,
		`{"regions": ["eu-west-1"], "concurrency": {"reply": 1}}`:                                                                              `x.concurrency.reply: write 2 to 1000`,
		`{"regions": ["eu-west-1"], "forward": {"press": "press"}}`:                                                                            `x.forward.press: write the ARN`,
		`{"regions": ["eu-west-1"], "mail": "northline-mail-in"}`:                                                                              `x.mail: write by region, the bucket`,
		`{"regions": ["eu-west-1"], "mail": {"eu-west-2": "northline-mail-in"}}`:                                                               `x.mail.eu-west-2: write one of the stage's regions: eu-west-1`,
		`{"regions": ["eu-west-1"], "mail": {"eu-west-1": "s3://northline"}}`:                                                                  `x.mail.eu-west-1: write a bucket's name`,
		`{"regions": ["eu-west-1"], "mail": {"eu-west-1": ""}}`:                                                                                `x.mail.eu-west-1: write a bucket's name`,
		`{"regions": ["eu-west-1"], "mail": {"eu-west-1": {"bucket": "b"}}}`:                                                                   `x.mail: write by region`,
		`{"regions": ["eu-west-1"], "inboxes": {"eu-west-2": ["a"]}}`:                                                                          `x.inboxes.eu-west-2: write one of the stage's regions: eu-west-1`,
		`{"regions": ["eu-west-1"], "inboxes": {"eu-west-1": ["a", "a"]}}`:                                                                     `x.inboxes.eu-west-1[1]: write each inbox once`,
		`{"regions": ["eu-west-1", "eu-west-2"], "inboxes": {"eu-west-1": ["a"], "eu-west-2": ["a"]}}`:                                         `x.inboxes.eu-west-2[0]: write each inbox once: a is of eu-west-1 already`,
		`{"regions": ["eu-west-1"], "inboxes": ["a"]}`:                                                                                         `x.inboxes: write by region, the inboxes`,
		`{"regions": ["eu-west-1"], "silence": {"*": {}}}`:                                                                                     `x.silence.*.within: write a time of 1m to 24h`,
		`{"regions": ["eu-west-1"], "silence": {"*": {"within": "2 hours"}}}`:                                                                  `x.silence.*.within: write a time`,
		`{"regions": ["eu-west-1"], "silence": {"*": {"within": "48h"}}}`:                                                                      `x.silence.*.within: write a time`,
		`{"regions": ["eu-west-1"], "silence": {"*": {"within": "1h", "least": 0}}}`:                                                           `x.silence.*.least: write how many`,
		`{"regions": ["eu-west-1"], "silence": {"*": {"within": "1h", "band": -1}}}`:                                                           `x.silence.*.band: write standard deviations`,
		`{"regions": ["eu-west-1"], "silence": {"*": {"within": "1h", "band": 2, "least": 5}}}`:                                                `x.silence.*.least: write nothing beside a band`,
		`{"regions": ["eu-west-1"], "silence": {"*": {"after": "1h"}}}`:                                                                        `x.silence.*.after: there is no such setting`,
		`{"regions": ["eu-west-1"], "signIn": {"issuer": "http://id.example", "client": "c"}}`:                                                 `x.signIn.issuer: write the issuer's URL, https://…`,
		`{"regions": ["eu-west-1"], "signIn": {"issuer": "https://id.example"}}`:                                                               `x.signIn.client: write the console's client id`,
		`{"regions": ["eu-west-1"], "signIn": {"issuer": "https://id.example", "client": "c", "secret": "s"}}`:                                 `x.signIn.secret: there is no such setting`,
		`{"regions": ["eu-west-1"], "domain": {"name": "https://care.example", "certificate": "arn:aws:acm:x"}}`:                               `x.domain.name: write a host name`,
		`{"regions": ["eu-west-1"], "domain": {"name": "care.example", "certificate": "mine"}}`:                                                `x.domain.certificate: write the ARN`,
		`{"regions": ["eu-west-1", "eu-west-2"], "domain": {"name": "care.example", "certificate": "arn:aws:acm:x"}}`:                          `x.domain: write no domain where there are several regions`,
	} {
		_, err := ReadStage([]byte(`{"x": `+settings+`}`), "x")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "cdk.json: context.stages.x") {
			t.Errorf("%s\n got %v\nwant …%s", settings, err, want)
		}
	}
	for _, tc := range []struct{ stages, name, want string }{
		{`null`, "dev", "context.stages: write an object with a member for each stage"},
		{`{"dev": {}, "prod": {}}`, "", "make synth STAGE=dev"},
		{`{"dev": {}, "prod": {}}`, "test", `no stage "test"; it has dev, prod`},
		{`{"aws-trial": {"regions": ["eu-west-1"]}}`, "aws-trial", "context.stages.aws-trial.signIn: write an issuer of your own"},
		{`{"Big One": {}}`, "Big One", "write a name of up to 20 small letters"},
	} {
		if _, err := ReadStage([]byte(tc.stages), tc.name); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("stage %q of %s: %v", tc.name, tc.stages, err)
		}
	}
}

// TestWhatTheModelRaisesCanBeRaised: where `ines model` names cdk.json, cdk.json takes it.
func TestWhatTheModelRaisesCanBeRaised(t *testing.T) {
	named := map[string]bool{}
	for _, s := range model.Stages(plan.Default(), model.Load{Rate: 10000, Seconds: 600}) {
		of, ok := strings.CutSuffix(s.Raise, " in cdk.json")
		if !ok {
			continue
		}
		function := strings.TrimPrefix(of, "concurrency of ")
		named[function] = true
		f, _ := plan.Default().Function(function)
		settings := fmt.Sprintf(`{"x": {"regions": ["eu-west-1"], "reserve": true, "concurrency": {%q: %d}}}`, function, 2*f.Concurrency)
		if _, err := ReadStage([]byte(settings), "x"); err != nil {
			t.Errorf("%q: %v", s.Raise, err)
		}
	}
	for _, function := range []string{plan.Receive, plan.Classify, plan.Casework, plan.Relay} {
		if !named[function] {
			t.Errorf("the model never raises %s: %v", function, named)
		}
	}
}

// TestLoadChecksWhatBelongsTogether: settings, desk policy and bundles.
func TestLoadChecksWhatBelongsTogether(t *testing.T) {
	bundles, err := placeholders(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	good := Stage{Name: "x", Regions: []string{"eu-west-1"}, Desk: "desk.yaml"}
	for want, change := range map[string]func(*Stage){
		"":                                       func(*Stage) {},
		"nowhere.yaml":                           func(s *Stage) { s.Desk = "nowhere.yaml" },
		"config.go":                              func(s *Stage) { s.Desk = "config.go" },
		"x.silence.lobby: desk.yaml has no such": func(s *Stage) { s.Silence = map[string]Silence{"lobby": {}} },
		`x.inboxes.eu-west-1[0]: desk.yaml has no inbox "lobby"`: func(s *Stage) { s.Inboxes = map[string][]string{"eu-west-1": {"lobby"}} },
		"x.forward.lobby: desk.yaml has no such":                 func(s *Stage) { s.Forward = map[string]string{"lobby": ""} },
	} {
		s := good
		change(&s)
		if _, err := Load(s, bundles); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	head := filepath.Join(bundles, plan.Desk, plan.BundledHeads, "mood.model")
	whole, err := os.ReadFile(head)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(whole)
	damaged[len(damaged)/2] ^= 1
	for what, each := range map[string][]byte{"damaged": damaged, "cut off": whole[:len(whole)-1], "empty": {}} {
		if err := os.WriteFile(head, each, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(good, bundles); err == nil || !strings.Contains(err.Error(), "the function desk could not start") || !strings.Contains(err.Error(), "mood.model") {
			t.Errorf("a %s model in a bundle: %v", what, err)
		}
	}
	if err := os.Remove(head); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(good, bundles); err == nil || !strings.Contains(err.Error(), "mood.model") || !strings.Contains(err.Error(), "make build") {
		t.Errorf("a bundle without a model: %v", err)
	}
	if err := os.WriteFile(head, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	for function, name := range map[string]string{plan.Clock: plan.BundledPolicy, plan.Classify: plan.BundledWords} {
		made := filepath.Join(bundles, function, name)
		if err := os.Rename(made, made+".away"); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(good, bundles); err == nil || !strings.Contains(err.Error(), "the function "+function+" could not start") || !strings.Contains(err.Error(), "make build") {
			t.Errorf("a bundle without %s: %v", name, err)
		}
		if err := os.Rename(made+".away", made); err != nil {
			t.Fatal(err)
		}
	}
	zones := filepath.Join(bundles, plan.Relay, plan.BundledZones)
	if err := os.Rename(zones, zones+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(good, bundles); err == nil || !strings.Contains(err.Error(), "the function relay has no time zones") || !strings.Contains(err.Error(), "make build") {
		t.Errorf("a bundle without time zones: %v", err)
	}
	if err := os.Rename(zones+".away", zones); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bundles, plan.Clock, plan.BundledDesk), []byte("brands: []\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(good, bundles); err == nil || !strings.Contains(err.Error(), "make synth STAGE=x") {
		t.Errorf("another policy in a bundle: %v", err)
	}
	if _, err := Load(good, t.TempDir()); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("no bundles: %v", err)
	}
}

// TestNamesAreHad: what is told apart by a hyphen alone in the policy has one name on AWS,
// and rules have short names.
func TestNamesAreHad(t *testing.T) {
	for want, a := range map[string]App{
		"": {Desk: &policy.Desk{Inboxes: []policy.Inbox{{ID: "sms-1"}, {ID: "sms-12"}, {ID: "sms"}}}, Stage: Stage{Name: "x", Forward: map[string]string{"care": ""}}},
		"the inboxes sms-1 and sms1 have one name in alarms and rules, Sms1": {Desk: &policy.Desk{Inboxes: []policy.Inbox{{ID: "sms-1"}, {ID: "sms1"}}}},
		"the departments care-2 and care2 have one name":                     {Desk: &policy.Desk{}, Stage: Stage{Forward: map[string]string{"care2": "", "care-2": ""}}},
		"x.forward." + strings.Repeat("c", 60) + ": the id is 7 characters too long": {Desk: &policy.Desk{},
			Stage: Stage{Name: "x", Forward: map[string]string{strings.Repeat("c", 60): ""}}},
	} {
		if err := a.names(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want …%s", err, want)
		}
	}
}
