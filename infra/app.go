package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"ines/functions/classify"
	"ines/infra/plan"
	"ines/shared/policy"
	"ines/shared/policy/policyfile"
)

// App is what one stage's stacks are made from.
type App struct {
	Stage Stage
	Plan  plan.Plan
	Desk  *policy.Desk
	// Bundles is the folder of the built functions: <Bundles>/<function>/bootstrap.
	Bundles string
}

// Load reads what a stage needs beside its settings, and checks what they say about
// each other.
func Load(s Stage, bundles string) (App, error) {
	a := App{Stage: s, Plan: plan.Default(), Bundles: bundles}
	file, err := os.ReadFile(s.Desk)
	if err != nil {
		return a, fmt.Errorf("the desk policy of stage %s: %w", s.Name, err)
	}
	if a.Desk, err = policyfile.Parse(s.Desk, file); err != nil {
		return a, err
	}
	if b := a.Desk.Learning.Bedrock; b.Model != "" {
		a.Plan = a.Plan.Asking(b.Model, b.Region)
	}
	for _, inbox := range slices.Sorted(maps.Keys(s.Silence)) {
		if _, ok := a.Desk.Inbox(inbox); !ok && inbox != "*" {
			return a, fmt.Errorf("cdk.json: context.stages.%s.silence.%s: %s has no such inbox", s.Name, inbox, s.Desk)
		}
	}
	for _, region := range slices.Sorted(maps.Keys(s.Inboxes)) {
		for i, inbox := range s.Inboxes[region] {
			if _, ok := a.Desk.Inbox(inbox); !ok {
				return a, fmt.Errorf("cdk.json: context.stages.%s.inboxes.%s[%d]: %s has no inbox %q", s.Name, region, i, s.Desk, inbox)
			}
		}
	}
	if err := a.names(); err != nil {
		return a, err
	}
	for _, department := range slices.Sorted(maps.Keys(s.Forward)) {
		if !slices.ContainsFunc(a.Desk.Departments, func(d policy.Department) bool { return d.ID == department }) {
			return a, fmt.Errorf("cdk.json: context.stages.%s.forward.%s: %s has no such department", s.Name, department, s.Desk)
		}
	}
	for _, f := range a.Plan.Functions {
		if _, err := os.Stat(filepath.Join(bundles, f.Name, "bootstrap")); err != nil {
			return a, fmt.Errorf("the function %s is not built: %w; run `make build`", f.Name, err)
		}
		bundled, err := os.ReadFile(filepath.Join(bundles, f.Name, plan.BundledDesk))
		if err != nil {
			return a, fmt.Errorf("the function %s has no desk policy beside it: %w; run `make build`", f.Name, err)
		}
		if !bytes.Equal(bundled, file) {
			return a, fmt.Errorf("the function %s was built with another desk policy than %s, which stage %s names; `make synth STAGE=%s` builds it with that one",
				f.Name, s.Desk, s.Name, s.Name)
		}
		if _, err := os.Stat(filepath.Join(bundles, f.Name, plan.BundledZones)); err != nil {
			return a, fmt.Errorf("the function %s has no time zones beside it: %w; run `make build`", f.Name, err)
		}
		if err := starts(f, filepath.Join(bundles, f.Name)); err != nil {
			return a, fmt.Errorf("the function %s could not start: %w", f.Name, err)
		}
	}
	return a, nil
}

// ruleName is as long as EventBridge takes a rule's name.
const ruleName = 64

// names checks that things which are named after others get names that may be had, and
// that no two have the same.
func (a App) names() error {
	var inboxes []string
	for _, in := range a.Desk.Inboxes {
		inboxes = append(inboxes, in.ID)
	}
	departments := slices.Sorted(maps.Keys(a.Stage.Forward))
	for what, ids := range map[string][]string{"inboxes": inboxes, "departments": departments} {
		named := map[string]string{}
		for _, id := range ids {
			if other, taken := named[construct(id)]; taken {
				return fmt.Errorf("%s: the %s %s and %s have one name in alarms and rules, %s: give one of them another id", a.Stage.Desk, what, other, id, construct(id))
			}
			named[construct(id)] = id
		}
	}
	for _, department := range departments {
		if n := len((&regional{App: a}).named("for-" + department)); n > ruleName {
			return fmt.Errorf("cdk.json: context.stages.%s.forward.%s: the id is %d characters too long for a rule's name on EventBridge", a.Stage.Name, department, n-ruleName)
		}
	}
	return nil
}

// starts opens what is in a function's bundle as the function does.
func starts(f plan.Function, bundle string) error {
	desk, err := policy.Open(filepath.Join(bundle, plan.BundledDesk), filepath.Join(bundle, plan.BundledPolicy))
	if err != nil || !f.Classifies {
		return err
	}
	_, err = classify.Bundled{Policy: desk, Words: filepath.Join(bundle, plan.BundledWords), Heads: filepath.Join(bundle, plan.BundledHeads)}.Proven()
	return err
}

// Build makes a pair of stacks for each region.
func (a App) Build(app awscdk.App) {
	for _, region := range a.Stage.Regions {
		a.pair(app, region)
	}
}

// regional is one pair of stacks in the making.
type regional struct {
	App
	data, main awscdk.Stack
	store      store
	queues     map[string]mailbox
	bus        bus
	functions  map[string]function
	door       door
}

func (a App) pair(app awscdk.App, region string) *regional {
	if bucket := a.Stage.Mail[region]; bucket != "" {
		a.Plan = a.Plan.Fetching(bucket)
	}
	r := &regional{App: a}
	name := "Ines-" + a.Stage.Name + "-" + region
	env := &awscdk.Environment{Region: jsii.String(region)}
	if a.Stage.Account != "" {
		env.Account = jsii.String(a.Stage.Account)
	}
	tags := &map[string]*string{"ines:stage": jsii.String(a.Stage.Name)}
	r.data = awscdk.NewStack(app, jsii.String(name+"-data"), &awscdk.StackProps{Env: env, Tags: tags, TerminationProtection: jsii.Bool(true),
		AnalyticsReporting: jsii.Bool(false), Description: jsii.String("Ines, stage " + a.Stage.Name + ": what must not be lost")})
	r.main = awscdk.NewStack(app, jsii.String(name), &awscdk.StackProps{Env: env, Tags: tags, TerminationProtection: jsii.Bool(a.Stage.Retain),
		AnalyticsReporting: jsii.Bool(false), Description: jsii.String("Ines, stage " + a.Stage.Name + ": functions, queues and the way in")})

	r.makeStore()
	r.makeQueues()
	r.makeBus()
	r.makeDoor(app, name, env, tags)
	r.makeFunctions()
	r.openDoor()
	r.feed()
	r.schedule()
	r.watch()
	r.output()
	return r
}

// named is the name of a thing of this stage, which commands and people know it by.
func (r *regional) named(name string) string { return "ines-" + r.Stage.Name + "-" + name }

// kept is what becomes of data when its stack is deleted.
func (r *regional) kept() awscdk.RemovalPolicy {
	if r.Stage.Retain {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}

// output prints what an operator wants to know after a deployment.
func (r *regional) output() {
	out := func(name, value, what string) {
		awscdk.NewCfnOutput(r.main, jsii.String(name), &awscdk.CfnOutputProps{Value: jsii.String(value), Description: jsii.String(what)})
	}
	out("PublicURL", r.door.url, "platforms post to <PublicURL>/webhooks/<channel>/<inbox>, colleagues open it in a browser")
	out("TableName", *r.store.table.TableName(), "the table")
	out("ArchiveName", *r.store.archive.BucketName(), "the archive's bucket")
	out("Secrets", plan.SecretsPrefix(r.Stage.Name), "secrets are SSM parameters below this; ines secret put writes them")
	out("Issuer", r.door.issuer, "colleagues sign in here")
	out("Client", r.door.client, "the console's client id at the issuer")
}
