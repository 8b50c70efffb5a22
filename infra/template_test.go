package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"ines/functions/classify"
	"ines/infra/plan"
	"ines/shared/policy/policyfile"
)

// The stages whose templates all tests look at: those of cdk.json, and one with
// every option there is.
var (
	stages    = map[string]Stage{}
	templates = map[string]*template{} // by stack
	assembly  string                   // where they are
)

const everything = `{"full": {"account": "111122223333", "regions": ["eu-west-1"], "retain": true, "desk": "desk.yaml", "reserve": true, "edge": true,
	"domain": {"name": "care.northline.example", "certificate": "arn:aws:acm:us-east-1:111122223333:certificate/1"},
	"signIn": {"issuer": "https://id.northline.example/", "client": "console", "claim": "employee"},
	"replicas": ["eu-central-1"], "mail": {"eu-west-1": "northline-mail-in"}, "alarmsTo": ["ops@northline.example"], "silence": {"*": {"within": "2h", "least": 3}},
	"forward": {"care": "arn:aws:sqs:eu-west-1:444455556666:care.fifo", "press": "arn:aws:events:eu-west-1:444455556666:event-bus/press"}},
	"plain": {"regions": ["eu-west-1"], "trace": false, "desk": "desk.yaml", "domain": {"name": "care.northline.example", "certificate": "arn:aws:acm:eu-west-1:111122223333:certificate/1"}},
	"edged": {"regions": ["eu-west-1"], "desk": "desk.yaml", "edge": true, "reserve": true, "concurrency": {"receive": 300, "relay": 4, "reply": 6}}}`

func TestMain(m *testing.M) {
	if _, err := exec.LookPath("node"); err != nil {
		fmt.Fprintln(os.Stderr, "The CDK runs on Node, which is not here. Install Node 20 or later (apt-get install nodejs), or run `make check`, which needs none.")
		os.Exit(1)
	}
	// The jsii client is made when the program starts and has the environment of
	// then: it has to be made anew to hear of this.
	os.Setenv("CDK_VALIDATION", "false")
	os.Setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
	jsii.Close()
	rc, err := prepare(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		rc = 1
	}
	jsii.Close()
	os.Exit(rc)
}

func prepare(m *testing.M) (rc int, err error) {
	assembly, err = os.MkdirTemp("", "ines-cdk-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(assembly)
	bundles, err := placeholders(filepath.Join(assembly, "bin"))
	if err != nil {
		return 1, err
	}
	file, err := os.ReadFile("../cdk.json")
	if err != nil {
		return 1, err
	}
	var cdk struct{ Context map[string]any }
	if err := json.Unmarshal(file, &cdk); err != nil {
		return 1, err
	}
	app := awscdk.NewApp(&awscdk.AppProps{Context: &cdk.Context, Outdir: jsii.String(assembly), AnalyticsReporting: jsii.Bool(false)})
	ours, err := json.Marshal(cdk.Context["stages"])
	if err != nil {
		return 1, err
	}
	for _, source := range []struct {
		stages string
		names  []string
	}{{string(ours), []string{"dev", "prod"}}, {everything, []string{"full", "plain", "edged"}}} {
		for _, name := range source.names {
			s, err := ReadStage(json.RawMessage(source.stages), name)
			if err != nil {
				return 1, err
			}
			s.Desk = "desk.yaml" // tests run in this folder
			a, err := Load(s, bundles)
			if err != nil {
				return 1, err
			}
			a.Plan = asking(name)
			a.Build(app)
			stages[name] = s
		}
	}
	inspect(app)
	if err := synth(app); err != nil {
		return 1, err
	}
	if err := readTemplates(); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// placeholders are bundles with something in them.
func placeholders(dir string) (string, error) {
	desk, err := os.ReadFile("desk.yaml")
	if err != nil {
		return "", err
	}
	return dir, lay(dir, desk)
}

// lay puts bundles with a policy into a folder; the models in them are real ones.
func lay(dir string, desk []byte) error {
	p, err := policyfile.Parse("desk.yaml", desk)
	if err != nil {
		return err
	}
	for _, f := range plan.Default().Functions {
		at := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(at, 0o755); err != nil {
			return err
		}
		for name, content := range map[string][]byte{"bootstrap": []byte(f.Name), plan.BundledDesk: desk, plan.BundledPolicy: p.Compiled(nil), plan.BundledZones: []byte("zones")} {
			if err := os.WriteFile(filepath.Join(at, name), content, 0o755); err != nil {
				return err
			}
		}
		if !f.Classifies {
			continue
		}
		if err := os.WriteFile(filepath.Join(at, plan.BundledWords), classify.Words(p).File(p.Hash()), 0o644); err != nil {
			return err
		}
		for from, to := range map[string]string{"../shared/classify/heads": filepath.Join(at, plan.BundledHeads), ".": at} {
			if err := copyModels(from, to); err != nil {
				return err
			}
		}
	}
	return nil
}

func copyModels(from, to string) error {
	files, err := filepath.Glob(filepath.Join(from, "*.model"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func readTemplates() error {
	files, err := filepath.Glob(filepath.Join(assembly, "*.template.json"))
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(file), ".template.json")
		t := &template{stack: name}
		if err := json.Unmarshal(text, t); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for id, r := range t.Resources {
			r.ID, r.in = id, t
		}
		templates[name] = t
	}
	return nil
}

// template is one stack as CloudFormation gets it.
type template struct {
	stack     string
	Resources map[string]*resource
	Outputs   map[string]struct{ Value any }
}

type resource struct {
	ID                                  string
	in                                  *template
	Type                                string
	Properties                          map[string]any
	DeletionPolicy, UpdateReplacePolicy string
	DependsOn                           []string
}

// of are the resources of a type, in the order of their ids.
func (t *template) of(kind string) []*resource {
	var all []*resource
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if r := t.Resources[id]; r.Type == kind {
			all = append(all, r)
		}
	}
	return all
}

// find is the resource of a type whose property has a value, or nil.
func (t *template) find(kind, property, value string) *resource {
	for _, r := range t.of(kind) {
		if r.text(property) == value {
			return r
		}
	}
	return nil
}

// get walks down the properties; nil if there is nothing.
func (r *resource) get(path ...any) any {
	var at any = r.Properties
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := at.(map[string]any)
			at = m[s]
		case int:
			l, _ := at.([]any)
			if s >= len(l) {
				return nil
			}
			at = l[s]
		}
	}
	return at
}

func (r *resource) text(path ...any) string { return r.in.text(r.get(path...)) }

// list is a property that may be one value or several, as text.
func (r *resource) list(path ...any) []string { return r.in.list(r.get(path...)) }

func (t *template) list(v any) []string {
	many, ok := v.([]any)
	if !ok {
		if v == nil {
			return nil
		}
		many = []any{v}
	}
	var all []string
	for _, one := range many {
		all = append(all, t.text(one))
	}
	return all
}

// name is how text writes a reference to the resource: its Ref, or an attribute.
func (r *resource) name(attribute ...string) string {
	return "<" + strings.Join(append([]string{r.in.stack, r.ID}, attribute...), " ") + ">"
}

// text writes a value with references replaced by what they name, also in other
// stacks.
func (t *template) text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool, float64:
		return fmt.Sprint(v)
	case map[string]any:
		if len(v) == 1 {
			for function, argument := range v {
				return t.intrinsic(function, argument)
			}
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (t *template) intrinsic(function string, argument any) string {
	list, _ := argument.([]any)
	switch function {
	case "Ref":
		if strings.HasPrefix(argument.(string), "AWS::") {
			return "<" + argument.(string) + ">"
		}
		return "<" + t.stack + " " + argument.(string) + ">"
	case "Fn::GetAtt":
		return "<" + t.stack + " " + list[0].(string) + " " + list[1].(string) + ">"
	case "Fn::Join":
		return strings.Join(t.list(list[1]), list[0].(string))
	case "Fn::GetStackOutput":
		from := argument.(map[string]any)
		other, ok := templates[from["StackName"].(string)]
		if !ok {
			return fmt.Sprintf("<no stack %v>", from["StackName"])
		}
		return other.text(other.Outputs[from["OutputName"].(string)].Value)
	}
	text, err := json.Marshal(map[string]any{function: argument})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// pair are the two stacks of a stage in a region.
func pair(t *testing.T, stage, region string) (data, main *template) {
	t.Helper()
	name := "Ines-" + stage + "-" + region
	data, main = templates[name+"-data"], templates[name]
	if data == nil || main == nil {
		t.Fatalf("no pair of stacks %s: there are %v", name, slices.Sorted(maps.Keys(templates)))
	}
	return data, main
}

// statement is one of a policy's.
type statement struct {
	effect             string
	actions, resources []string
	principal          string
}

// statements are those of a policy document at a property.
func (r *resource) statements(path ...any) []statement {
	list, _ := r.get(append(path, "Statement")...).([]any)
	var all []statement
	for _, one := range list {
		s := one.(map[string]any)
		all = append(all, statement{r.in.text(s["Effect"]), r.in.list(s["Action"]), r.in.list(s["Resource"]), r.in.text(s["Principal"])})
	}
	return all
}

// rights are what a role may do: action and resource of each statement.
func (r *resource) rights() []string {
	var all []string
	policies, _ := r.get("Policies").([]any)
	for i := range policies {
		for _, s := range r.statements("Policies", i, "PolicyDocument") {
			for _, action := range s.actions {
				for _, on := range s.resources {
					all = append(all, s.effect+" "+action+" "+on)
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// planned is what a stage of the tests has.
func planned(stage string) plan.Plan {
	p := asking(stage)
	if stage == "full" {
		p = p.Fetching("northline-mail-in") // by its setting
	}
	return p
}

// asking is the plan by a stage's policy: the fullest one asks models, too, as Load
// plans it for a policy that names one.
func asking(stage string) plan.Plan {
	if stage == "full" {
		return plan.Default().Asking("eu.amazon.nova-micro-v1:0", "").Asking("amazon.nova-lite-v1:0", "eu-central-1")
	}
	return plan.Default()
}
