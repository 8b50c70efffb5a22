// Package cloud opens what a function works with on AWS: the policy of its bundle,
// the table, the queues, the archive and the secrets that its environment names
// (infra/plan says by which variables), and serves it to Lambda. Only the functions'
// bootstraps import it.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"ines/infra/plan"
	"ines/shared/archive/s3"
	"ines/shared/aws"
	"ines/shared/channel/registry"
	"ines/shared/docket"
	"ines/shared/mask/slogmask"
	"ines/shared/metric"
	"ines/shared/policy"
	"ines/shared/queue/sqs"
	"ines/shared/secret"
	"ines/shared/secret/ssm"
	"ines/shared/table/dynamo"
)

// Cloud is what one function works with. What its plan gives it no right to is nil.
type Cloud struct {
	Plan    plan.Function
	AWS     aws.Config
	Policy  *policy.Desk
	Docket  *docket.Docket
	Queues  *sqs.Queues
	Archive *s3.Archive
	Secrets *ssm.Source
	Metrics *metric.Printer
	Log     *slog.Logger

	getenv func(string) string
}

// Serve makes a function's handler and serves it to Lambda until the process is told
// to end. What is missing is said on stderr, and the process exits with 1: Lambda
// then reports that the function does not start.
func Serve(function string, handler func(*Cloud) (any, error)) {
	// What a start makes is kept: there is nothing to collect, and it should not
	// share its CPU with the collector.
	collected := debug.SetGCPercent(-1)
	c, err := open(function, os.Getenv)
	var handle any
	if err == nil {
		handle, err = handler(c)
	}
	if err == nil {
		handle, err = c.guarded(handle)
	}
	if err != nil {
		logger(os.Getenv).Error("the function can't start", "function", function, "error", err.Error())
		os.Exit(1)
	}
	debug.SetGCPercent(collected)
	// Lambda's library prints the errors of invocations: as lines like ours, masked too.
	slog.SetLogLoggerLevel(slog.LevelError)
	slog.SetDefault(c.Log)
	// Nothing is kept in memory that would have to be written: what was answered
	// was durable before.
	lambda.StartWithOptions(early{lambda.NewHandler(handle)}, lambda.WithEnableSIGTERM(func() {
		c.Log.Info("told to end", "function", function)
		os.Exit(0)
	}))
}

func open(function string, getenv func(string) string) (*Cloud, error) {
	f, ok := plan.Default().Function(function)
	if !ok {
		return nil, fmt.Errorf("the plan has no function %s", function)
	}
	var missing []string
	for _, name := range f.Variables() {
		if getenv(name) == "" {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		return nil, fmt.Errorf("the environment lacks %s: infra/plan says what they are, and the CDK app sets them", strings.Join(missing, ", "))
	}
	c := &Cloud{Plan: f, getenv: getenv, Log: logger(getenv)}
	c.Metrics = metric.NewPrinter(os.Stdout, getenv(plan.EnvStage), time.Now)
	to, err := aws.FromEnvironment(getenv)
	if err != nil {
		return nil, err
	}
	if err := c.zones(); err != nil {
		return nil, err
	}
	if c.Policy, err = policy.Open(c.Bundled(getenv(plan.EnvDesk)), c.Bundled(plan.BundledPolicy)); err != nil {
		return nil, err
	}
	return c, c.drivers(to)
}

// drivers makes the clients, once for all invocations.
func (c *Cloud) drivers(to aws.Config) (err error) {
	c.AWS = to
	urls := map[string]string{}
	for _, name := range c.queues() {
		urls[name] = c.getenv(plan.QueueVariable(name))
	}
	if c.Queues, err = sqs.Open(to, urls); err != nil {
		return err
	}
	if len(c.Plan.Archive) > 0 {
		if c.Archive, err = s3.Open(to, c.getenv(plan.EnvArchive)); err != nil {
			return err
		}
	}
	if prefix := c.getenv(plan.EnvSecrets); prefix != "" || c.getenv(plan.EnvOrigin) != "" {
		if prefix == "" {
			prefix = plan.SecretsPrefix(c.getenv(plan.EnvStage))
		}
		if c.Secrets, err = ssm.Open(to, ssm.Config{Prefix: prefix}); err != nil {
			return err
		}
	}
	if len(c.Plan.Table) > 0 {
		tab, err := dynamo.Open(to, dynamo.Config{Table: c.getenv(plan.EnvTable), Indexes: plan.Default().Table.Indexes})
		if err != nil {
			return err
		}
		c.Docket = docket.New(tab, c.Policy, docket.NewChannels(c.Policy, registry.Find), c.linkKeys, docket.DefaultSettings)
	}
	return nil
}

// queues are those that the function sends to or postpones messages of.
func (c *Cloud) queues() []string {
	names := slices.Clone(c.Plan.Sends)
	if c.Plan.Postpones && !slices.Contains(names, c.Plan.Trigger.Queue) {
		names = append(names, c.Plan.Trigger.Queue)
	}
	return names
}

func (c *Cloud) linkKeys(ctx context.Context) ([]string, error) {
	if c.Secrets == nil {
		return nil, errors.New("this function has no right to the key of link tokens")
	}
	return c.Secrets.Values(ctx, secret.Link, "")
}

// URL is a variable's, without a slash at the end.
func (c *Cloud) URL(variable string) string { return strings.TrimSuffix(c.getenv(variable), "/") }

// Variable is one of the environment's.
func (c *Cloud) Variable(name string) string { return c.getenv(name) }

// Bundled is where a file is: a relative path is one of the bundle's.
func (c *Cloud) Bundled(file string) string {
	if root := c.getenv("LAMBDA_TASK_ROOT"); root != "" && !filepath.IsAbs(file) {
		return filepath.Join(root, file)
	}
	return file
}

// zones tells Go where the time zones are that rules may name: in the bundle, as
// Lambda's runtime knows none. In the program they would be 0.4 MB of it.
func (c *Cloud) zones() error {
	file := c.Bundled(plan.BundledZones)
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("the bundle has no time zones: %w; `make build` puts them there", err)
	}
	return os.Setenv("ZONEINFO", file)
}

// logger writes JSON lines in the names that Lambda's own have, with personal data
// masked. Level is what Lambda
// sets from the function's configuration.
func logger(getenv func(string) string) *slog.Logger {
	level := slog.LevelInfo
	if text := getenv("AWS_LAMBDA_LOG_LEVEL"); text != "" {
		if text == "TRACE" || level.UnmarshalText([]byte(text)) != nil {
			level = slog.LevelDebug
		}
	}
	return slog.New(slogmask.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 {
			switch a.Key {
			case slog.TimeKey:
				a.Key = "timestamp"
			case slog.MessageKey:
				a.Key = "message"
			}
		}
		return a
	}})))
}
