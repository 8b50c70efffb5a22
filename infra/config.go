package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"ines/infra/plan"
)

// Stage is one stage's settings: what differs between a trial and production. They
// are read from context.stages of cdk.json, and each mistake is named with the key
// and with what to write there.
type Stage struct {
	Name    string
	Account string   // twelve digits; "" is the account of whoever deploys
	Regions []string // one pair of stacks each
	// Retain keeps table, archive, keys and user pool whatever happens to the
	// stacks.
	Retain bool
	// Desk is the desk policy's file. Its inboxes get alarms, and it must be the
	// one in the bundles.
	Desk string
	// Concurrency replaces the plan's number of parallel invocations: the bound where
	// a queue feeds the function, that of each shard where the stream does, and what
	// is set aside where the HTTP API does.
	Concurrency map[string]int
	// Reserve sets aside the concurrency that the plan reserves. A new account's
	// quota is too small for that, and AWS then refuses the deployment.
	Reserve bool
	// Trace has X-Ray look at the functions. Lambda decides how often.
	Trace       bool
	LogDays     int // logs are kept so long
	ArchiveDays int // raw webhooks are kept so long; 0 is for ever
	// AlarmsTo are the e-mail addresses that alarms go to. Each has to confirm.
	AlarmsTo []string
	// Silence says when an inbox is quieter than it should be, by inbox; "*" is
	// for those that are not named.
	Silence map[string]Silence
	// Inboxes are those whose webhooks come to a region, by region. The others' come to
	// the first.
	Inboxes map[string][]string
	// SignIn is the issuer that colleagues sign in at; nil makes a Cognito user
	// pool.
	SignIn *SignIn
	// Domain is the name under which platforms and browsers reach the stage; nil
	// leaves the one that AWS gives.
	Domain *Domain
	// Edge puts CloudFront and a web application firewall in front.
	Edge bool
	// Replicas are further regions that hold a copy of the table.
	Replicas []string
	// Forward says where a department's events go, by department: the ARN of a
	// queue or of another event bus.
	Forward map[string]string
	// Mail is the bucket that SES lays mail into which is too large for a
	// notification, by region.
	Mail map[string]string
}

// Home is the region that an inbox's webhooks come to.
func (s Stage) Home(inbox string) string {
	for region, inboxes := range s.Inboxes {
		if slices.Contains(inboxes, inbox) {
			return region
		}
	}
	return s.Regions[0]
}

// Silence is what makes an inbox silent: fewer than Least webhooks Within that
// time or, with a Band, fewer than so many standard deviations under what is usual
// at this time of the week.
type Silence struct {
	Within time.Duration
	Least  int
	Band   float64
}

// SignIn is an OIDC issuer.
type SignIn struct {
	Issuer string // its URL, as in the iss claim
	Client string // the console's client id, which has no client secret
	// Claim names the colleague; "" is the desk's own rule (see plan.EnvClaim).
	Claim string
}

// Domain is a name of ours. Whoever runs its zone points it at the stack's output
// PointAt.
type Domain struct {
	Name        string
	Certificate string // ARN in ACM: of the stage's region, or of us-east-1 with an edge
}

var (
	region   = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	account  = regexp.MustCompile(`^([0-9]{12})?$`)
	address  = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	bucket   = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	hostName = regexp.MustCompile(`^([a-z0-9-]+\.)+[a-z]{2,}$`)
	reserved = regexp.MustCompile(`aws|amazon|cognito`)
	target   = regexp.MustCompile(`^arn:aws[a-z-]*:(sqs:[a-z0-9-]+:[0-9]{12}:|events:[a-z0-9-]+:[0-9]{12}:event-bus/)[A-Za-z0-9._/-]+$`)
)

// logDays are the retentions that CloudWatch Logs knows, up to ten years.
var logDays = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// ReadStage takes one stage out of context.stages, in JSON.
func ReadStage(stages json.RawMessage, name string) (Stage, error) {
	const path = "context.stages"
	var all map[string]json.RawMessage
	if json.Unmarshal(stages, &all) != nil || len(all) == 0 {
		return Stage{}, fmt.Errorf(`cdk.json: %s: write an object with a member for each stage, such as {"dev": {"regions": ["eu-west-1"]}}`, path)
	}
	names := strings.Join(slices.Sorted(maps.Keys(all)), ", ")
	if name == "" {
		return Stage{}, fmt.Errorf("which stage? Say it as in `make synth STAGE=dev` (cdk: -c stage=dev); cdk.json has %s", names)
	}
	raw, ok := all[name]
	if !ok {
		return Stage{}, fmt.Errorf("cdk.json: %s has no stage %q; it has %s", path, name, names)
	}
	if !plan.IsStage(name) {
		return Stage{}, fmt.Errorf("cdk.json: %s.%s: write a name of up to 20 small letters, digits and hyphens", path, name)
	}
	s := Stage{Name: name, Desk: "infra/desk.yaml", LogDays: 30, ArchiveDays: 730, Trace: true}
	r := reader{path: path + "." + name}
	var silence map[string]json.RawMessage
	var signIn, domain json.RawMessage
	r.object(raw, []field{
		{"account", &s.Account, `the account's twelve digits, or "" for the account of whoever deploys`},
		{"regions", &s.Regions, `at least one region, such as ["eu-west-1"]`},
		{"retain", &s.Retain, "true where the data must outlive the stacks, else false"},
		{"desk", &s.Desk, `the desk policy's file, such as "infra/desk.yaml"`},
		{"concurrency", &s.Concurrency, `parallel invocations by function, such as {"casework": 50}`},
		{"reserve", &s.Reserve, "true or false"},
		{"trace", &s.Trace, "true or false"},
		{"logDays", &s.LogDays, fmt.Sprintf("one of %v", logDays)},
		{"archiveDays", &s.ArchiveDays, howLong},
		{"alarmsTo", &s.AlarmsTo, `e-mail addresses, such as ["ops@northline.example"]`},
		{"silence", &silence, `by inbox, such as {"*": {"within": "6h"}, "northline-x": {"within": "1h", "band": 3}}`},
		{"inboxes", &s.Inboxes, `by region, the inboxes whose webhooks come to it, such as {"eu-central-1": ["northline-mail"]}`},
		{"signIn", &signIn, `{"issuer": "https://…", "client": "…"}, or leave it out for a Cognito user pool`},
		{"domain", &domain, `{"name": "care.northline.example", "certificate": "arn:aws:acm:…"}, or leave it out`},
		{"edge", &s.Edge, "true for CloudFront and a firewall in front, else false"},
		{"replicas", &s.Replicas, `further regions, such as ["eu-central-1"]`},
		{"forward", &s.Forward, `by department, the ARN of a queue or an event bus`},
		{"mail", &s.Mail, `by region, the bucket that SES lays large mail into, such as {"eu-west-1": "northline-mail-in"}`},
	})
	s.Silence = r.silence(silence)
	s.SignIn, s.Domain = r.signIn(signIn), r.domain(domain)
	r.check(s)
	return s, r.err
}

// check is what a type can't say.
func (r *reader) check(s Stage) {
	r.want(account.MatchString(s.Account), "account", `the account's twelve digits, or "" for the account of whoever deploys`)
	r.want(len(s.Regions) > 0, "regions", `at least one region, such as ["eu-west-1"]`)
	for list, regions := range map[string][]string{"regions": s.Regions, "replicas": s.Replicas} {
		for i, name := range regions {
			at := fmt.Sprintf("%s[%d]", list, i)
			r.want(region.MatchString(name), at, `a region's name, such as "eu-west-1"`)
			r.want(!slices.Contains(regions[:i], name), at, "each region once")
		}
	}
	for i, name := range s.Replicas {
		r.want(!slices.Contains(s.Regions, name), fmt.Sprintf("replicas[%d]", i), "a region that has no table of its own: "+name+" is in regions")
	}
	r.want(s.Domain == nil || len(s.Regions) == 1, "domain", "no domain where there are several regions: a name leads to one of them")
	r.want(s.Desk != "", "desk", `the desk policy's file, such as "infra/desk.yaml"`)
	r.want(slices.Contains(logDays, s.LogDays), "logDays", fmt.Sprintf("one of %v", logDays))
	r.want(s.ArchiveDays >= 0 && s.ArchiveDays <= 36500, "archiveDays", howLong)
	r.concurrency(s)
	for i, to := range s.AlarmsTo {
		at := fmt.Sprintf("alarmsTo[%d]", i)
		r.want(address.MatchString(to), at, "an e-mail address")
		r.want(!slices.Contains(s.AlarmsTo[:i], to), at, "each address once")
	}
	home := map[string]string{}
	for _, in := range slices.Sorted(maps.Keys(s.Inboxes)) {
		r.want(slices.Contains(s.Regions, in), "inboxes."+in, "one of the stage's regions: "+strings.Join(s.Regions, ", "))
		for i, inbox := range s.Inboxes[in] {
			r.want(home[inbox] == "", fmt.Sprintf("inboxes.%s[%d]", in, i), "each inbox once: "+inbox+" is of "+home[inbox]+" already")
			home[inbox] = in
		}
	}
	for in, name := range s.Mail {
		r.want(slices.Contains(s.Regions, in), "mail."+in, "one of the stage's regions: "+strings.Join(s.Regions, ", "))
		r.want(bucket.MatchString(name), "mail."+in, "a bucket's name, such as \"northline-mail-in\"")
	}
	for department, arn := range s.Forward {
		r.want(target.MatchString(arn), "forward."+department, "the ARN of an SQS queue or of an event bus")
	}
	r.reach(s)
}

const howLong = "a number of days up to 36500, or 0 to keep raw webhooks for ever"

// concurrency checks what may be set of which functions.
func (r *reader) concurrency(s Stage) {
	var may []string
	for _, f := range plan.Default().Functions {
		if f.Trigger.Schedule == 0 && f.Concurrency > 0 {
			may = append(may, f.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Concurrency)) {
		n, key := s.Concurrency[name], "concurrency."+name
		f, _ := plan.Default().Function(name)
		switch {
		case !slices.Contains(may, name):
			r.want(false, key, "one of "+strings.Join(may, ", "))
		case f.Trigger.Queue != "":
			r.want(n >= 2 && n <= 1000, key, "2 to 1000, which is what AWS allows")
		case f.Trigger.Stream:
			r.want(n >= 1 && n <= 10, key, "1 to 10, which is what AWS allows of each shard")
		default:
			r.want(s.Reserve, key, "nothing where reserve is not true: nothing is set aside for it")
			r.want(n >= 1, key, "1 or more")
		}
	}
}

// reach checks what CloudFormation would find only in the middle of a deployment:
// where things have to be to reach each other.
func (r *reader) reach(s Stage) {
	in := func(arn string) string {
		if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 {
			return parts[3]
		}
		return ""
	}
	if s.Domain != nil && len(s.Regions) == 1 {
		want := s.Regions[0]
		if s.Edge {
			want = edgeRegion
		}
		r.want(in(s.Domain.Certificate) == want, "domain.certificate", "the ARN of a certificate in "+want)
	}
	for _, name := range s.Regions {
		r.want(!s.Edge || !strings.HasPrefix(name, "cn-") && !strings.HasPrefix(name, "us-gov-"), "edge", "false: CloudFront can't stand before "+name)
		for _, department := range slices.Sorted(maps.Keys(s.Forward)) {
			arn := s.Forward[department]
			r.want(!strings.Contains(arn, ":sqs:") || in(arn) == name, "forward."+department,
				"the ARN of an event bus: the queue is in "+in(arn)+", and no rule of "+name+" reaches it")
		}
	}
	r.want(s.SignIn != nil || !reserved.MatchString(s.Name), "signIn",
		"an issuer of your own: Cognito makes no sign-in pages for a stage with aws, amazon or cognito in its name")
}

// reader collects the first mistake.
type reader struct {
	path string
	err  error
}

// want notes that a key should hold something else.
func (r *reader) want(ok bool, key, write string) {
	if !ok && r.err == nil {
		r.err = fmt.Errorf("cdk.json: %s.%s: write %s", r.path, key, write)
	}
}

type field struct {
	key   string
	into  any
	write string
}

// object reads an object that has no keys but these.
func (r *reader) object(raw json.RawMessage, fields []field) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		if r.err == nil {
			r.err = fmt.Errorf("cdk.json: %s: write an object", r.path)
		}
		return
	}
	var known []string
	for _, f := range fields {
		known = append(known, f.key)
		if value, ok := members[f.key]; ok {
			r.want(!bytes.Equal(value, []byte("null")) && json.Unmarshal(value, f.into) == nil, f.key, f.write)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(known, key) && r.err == nil {
			r.err = fmt.Errorf("cdk.json: %s.%s: there is no such setting; known are %s", r.path, key, strings.Join(known, ", "))
		}
	}
}

// within reads a nested object and gives its mistakes their full path.
func (r *reader) within(key string, raw json.RawMessage, fields []field) *reader {
	inner := &reader{path: r.path + "." + key, err: r.err}
	inner.object(raw, fields)
	return inner
}

func (r *reader) silence(raw map[string]json.RawMessage) map[string]Silence {
	all := map[string]Silence{}
	for _, inbox := range slices.Sorted(maps.Keys(raw)) {
		one, within := Silence{Least: 1}, ""
		inner := r.within("silence."+inbox, raw[inbox], []field{
			{"within", &within, `a time of 1m to 24h, such as "6h"`},
			{"least", &one.Least, "how many webhooks are too few, 1 or more"},
			{"band", &one.Band, "standard deviations under the usual, such as 3"},
		})
		d, err := time.ParseDuration(within)
		one.Within = d
		inner.want(err == nil && d >= time.Minute && d <= 24*time.Hour && d%time.Minute == 0, "within", `a time of 1m to 24h, such as "6h"`)
		inner.want(one.Least >= 1, "least", "how many webhooks are too few, 1 or more")
		inner.want(one.Band >= 0 && one.Band <= 10, "band", "standard deviations under the usual, such as 3")
		inner.want(one.Band == 0 || one.Least == 1, "least", "nothing beside a band")
		r.err, all[inbox] = inner.err, one
	}
	return all
}

func (r *reader) signIn(raw json.RawMessage) *SignIn {
	if raw == nil {
		return nil
	}
	var s SignIn
	inner := r.within("signIn", raw, []field{
		{"issuer", &s.Issuer, "the issuer's URL, https://…"},
		{"client", &s.Client, "the console's client id at the issuer"},
		{"claim", &s.Claim, "the claim that names the colleague"},
	})
	at, err := url.Parse(s.Issuer)
	inner.want(err == nil && at.Scheme == "https" && at.Hostname() != "" && at.RawQuery == "" && at.Fragment == "" && !strings.ContainsAny(s.Issuer, " \t\n"),
		"issuer", "the issuer's URL, https://…")
	inner.want(s.Client != "" && !strings.ContainsAny(s.Client, " \t\n"), "client", "the console's client id at the issuer")
	r.err = inner.err
	return &s
}

func (r *reader) domain(raw json.RawMessage) *Domain {
	if raw == nil {
		return nil
	}
	var d Domain
	inner := r.within("domain", raw, []field{
		{"name", &d.Name, "a host name, such as care.northline.example"},
		{"certificate", &d.Certificate, "the ARN of its certificate in ACM"},
	})
	inner.want(hostName.MatchString(d.Name), "name", "a host name, such as care.northline.example")
	inner.want(strings.HasPrefix(d.Certificate, "arn:") && strings.Contains(d.Certificate, ":acm:"), "certificate", "the ARN of its certificate in ACM")
	r.err = inner.err
	return &d
}
