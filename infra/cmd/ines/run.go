package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"ines/infra/local"
	"ines/infra/local/story"
	"ines/infra/plan"
	"ines/shared/aws"
	"ines/shared/deposit"
	"ines/shared/mask/slogmask"
	"ines/shared/policy"
)

const runUsage = "run [--addr 127.0.0.1:8080] [--data .ines] [--desk FILE] [--secrets FILE] [--play DIR] [--mail DIR] [--live]" +
	" [--table dynamodb [--table-name ines] [--create-table]] [-v] [--json]"

// run serves the desk until it is told to stop.
func run(ctx context.Context, t terminal, args []string) error {
	fs := flags(t, "run")
	var s source
	s.register(fs)
	addr := fs.String("addr", "127.0.0.1:8080", "`host:port` to serve on; port 0 picks a free one")
	data := fs.String("data", ".ines", "the `folder` of the database and the archive")
	play := fs.String("play", "", "a story's `folder`: played when the desk has no cases yet")
	mail := fs.String("mail", "", "the `folder` whose subfolders stand for the buckets that SES lays large mail into: events/buckets has a sample")
	live := fs.Bool("live", false, "send replies to the real platforms; without it a sink answers like them")
	var where storage
	where.register(fs)
	verbose := fs.Bool("v", false, "log everything")
	asJSON := fs.Bool("json", false, "log as JSON")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("%q is too much", rest[0])
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(local.GCPercent)
	}
	desk, err := s.load(t.out)
	if err != nil {
		return err
	}
	secrets, err := s.open()
	if err != nil {
		return err
	}
	c := local.Config{Data: *data, Desk: desk, Secrets: secrets, Addr: *addr, PublicURL: os.Getenv("INES_PUBLIC_URL"),
		Live: *live, Log: logger(t.err, *verbose, *asJSON)}
	if c.DynamoDB, err = where.open(ctx, t.err, os.Getenv); err != nil {
		return err
	}
	if c.Deposits, err = deposits(*mail, t.err, os.Getenv); err != nil {
		return err
	}
	c.Bedrock = opinions(desk, *live, t.err, os.Getenv)
	var tale *story.Story
	if *play != "" {
		if *live {
			return usagef("--play is for the sink: it would send a story's replies to real people")
		}
		if tale, err = story.Load(*play); err != nil {
			return err
		}
		c.StartAt = begins(tale)
	}
	host, err := local.Open(c)
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- host.Run(serving) }()
	fmt.Fprintf(t.out, "ready %s\n", host.URL())
	var played error
	if tale != nil {
		if played = playOnce(ctx, t, host, desk, secrets, tale); played != nil && ctx.Err() == nil {
			stop()
		}
	}
	err = <-ended
	if ctx.Err() != nil {
		played = nil // told to stop in the middle of a story
	}
	return errors.Join(played, err, host.Close())
}

// logger writes to the terminal: what needs somebody's attention, or everything.
func logger(w io.Writer, verbose, asJSON bool) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelWarn}
	if verbose {
		o.Level = slog.LevelDebug
	}
	if asJSON {
		return slog.New(slogmask.New(slog.NewJSONHandler(w, o)))
	}
	return slog.New(slogmask.New(slog.NewTextHandler(w, o)))
}

// deposits is where large mail is: in a folder, or in the bucket that the environment
// names. nil: nowhere.
func deposits(folder string, warn io.Writer, getenv func(string) string) (deposit.Store, error) {
	bucket := getenv(plan.EnvMail)
	switch {
	case folder != "" && bucket != "":
		return nil, usagef("large mail is in the folder that --mail names or in the bucket of %s, not in both", plan.EnvMail)
	case folder != "":
		return deposit.OpenFolder(folder)
	case bucket != "":
		c, err := aws.FromEnvironment(getenv)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", plan.EnvMail, err)
		}
		fmt.Fprintf(warn, "large mail is fetched from the bucket %s\n", bucket)
		return deposit.OpenBucket(c, bucket, getenv(plan.EnvMailOwner))
	}
	return nil, nil
}

// opinions is how to reach the model that the policy names for second opinions. A
// desk that is played with asks nobody, unless a stand-in is there to ask.
func opinions(desk *policy.Desk, live bool, warn io.Writer, getenv func(string) string) *aws.Config {
	if desk.Learning.Bedrock.Model == "" {
		return nil
	}
	c, err := aws.FromEnvironment(getenv)
	switch {
	case err != nil:
		fmt.Fprintf(warn, "nobody gives second opinions on topics: %v\n", err)
		return nil
	case !live && !c.Custom(aws.Bedrock):
		fmt.Fprintln(warn, "nobody gives second opinions on topics: only --live asks Amazon Bedrock, or AWS_ENDPOINT_URL_BEDROCK_RUNTIME names a stand-in")
		return nil
	}
	return &c
}
