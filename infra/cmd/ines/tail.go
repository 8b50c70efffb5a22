package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"ines/infra/plan"
	"ines/shared/aws"
)

const tailUsage = "tail [FUNCTION…] --stage S [--region R] [--since 10m] [--inbox I] [--case C] [--once]"

const (
	tailPause = 2 * time.Second
	// tailOverlap is how far back each look goes: CloudWatch shows lines some
	// seconds after they were written, and not in order.
	tailOverlap = 30 * time.Second
)

// tailer follows the logs of a stage's functions.
type tailer struct {
	aws    aws.Config
	t      terminal
	groups map[string]string // log groups by function
	filter string
	seen   map[string]time.Time // lines that were printed, by id
	pause  func(context.Context) error
	now    func() time.Time
}

func tail(ctx context.Context, t terminal, args []string) error {
	fs := flags(t, "tail")
	var a account
	a.register(fs)
	since := fs.Duration("since", 10*time.Minute, "how far back to begin")
	inbox := fs.String("inbox", "", "only lines that name this `inbox`")
	kase := fs.String("case", "", "only lines that name this `case`")
	once := fs.Bool("once", false, "print what is there and end")
	functions, err := parse(fs, args)
	switch {
	case err != nil:
		return err
	case a.stage == "":
		return usagef("--stage is missing; a desk on this machine logs to the terminal that ines run is in")
	case *since <= 0:
		return usagef("--since is %s", *since)
	}
	if len(functions) == 0 {
		for _, f := range plan.Default().Functions {
			functions = append(functions, f.Name)
		}
	}
	f := tailer{t: t, groups: map[string]string{}, filter: pattern(*inbox, *kase), seen: map[string]time.Time{}, now: time.Now, pause: func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(tailPause):
			return nil
		}
	}}
	for _, name := range functions {
		if _, ok := plan.Default().Function(name); !ok {
			return usagef("there is no function %q", name)
		}
		f.groups[name] = plan.LogGroup(a.stage, name)
	}
	if f.aws, err = a.open(ctx); err != nil {
		return err
	}
	err = f.follow(ctx, functions, f.now().Add(-*since), *once)
	if ctx.Err() != nil {
		return nil // the reader has seen enough
	}
	return err
}

// pattern is CloudWatch's filter for lines with all of the words.
func pattern(words ...string) string {
	var quoted []string
	for _, w := range words {
		if w != "" {
			quoted = append(quoted, `"`+strings.ReplaceAll(w, `"`, "")+`"`)
		}
	}
	return strings.Join(quoted, " ")
}

func (f *tailer) follow(ctx context.Context, functions []string, from time.Time, once bool) error {
	for {
		begun, missed := f.now(), false
		for _, name := range functions {
			err := f.look(ctx, name, from)
			if err != nil && (once || ctx.Err() != nil || !passing(err)) {
				return err
			}
			if err != nil { // CloudWatch answers few requests a second, to all together
				fmt.Fprintf(f.t.err, "ines tail: %s: %v; it goes on\n", name, err)
				missed = true
			}
		}
		if once {
			return nil
		}
		if err := f.pause(ctx); err != nil {
			return err
		}
		if next := begun.Add(-tailOverlap).Truncate(time.Millisecond); next.After(from) && !missed {
			from = next
		}
		for id, at := range f.seen {
			if at.Before(from) {
				delete(f.seen, id)
			}
		}
	}
}

// passing reports whether the next look may well succeed.
func passing(err error) bool {
	var refused *aws.Error
	var network net.Error
	return errors.As(err, &refused) && refused.Temporary() || errors.As(err, &network)
}

// look prints the lines of one function since a time that were not printed yet.
func (f *tailer) look(ctx context.Context, name string, from time.Time) error {
	for token := ""; ; {
		in := map[string]any{"logGroupName": f.groups[name], "startTime": from.UnixMilli()}
		if f.filter != "" {
			in["filterPattern"] = f.filter
		}
		if token != "" {
			in["nextToken"] = token
		}
		var out struct {
			Events []struct {
				EventID   string `json:"eventId"`
				Message   string `json:"message"`
				Timestamp int64  `json:"timestamp"`
			} `json:"events"`
			NextToken string `json:"nextToken"`
		}
		err := f.aws.JSON(ctx, aws.Logs, "1.1", "Logs_20140328.FilterLogEvents", in, &out)
		var refused *aws.Error
		if errors.As(err, &refused) && refused.Code == "ResourceNotFoundException" {
			return fmt.Errorf("there is no log group %s in %s: is the stage deployed there?", f.groups[name], f.aws.Region)
		}
		if err != nil {
			return err
		}
		for _, e := range out.Events {
			if _, printed := f.seen[e.EventID]; printed {
				continue
			}
			at := time.UnixMilli(e.Timestamp)
			f.seen[e.EventID] = at
			fmt.Fprintf(f.t.out, "%s %-8s %s\n", at.UTC().Format("15:04:05.000"), name, strings.TrimRight(e.Message, "\n"))
		}
		if token = out.NextToken; token == "" {
			return nil
		}
	}
}
