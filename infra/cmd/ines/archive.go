package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"ines/infra/plan"
	"ines/shared/archive"
	"ines/shared/queue"
)

const archiveUsage = "archive replay --from TIME [--to TIME] [--inbox I] [--dry-run] [--stage S [--region R] --archive BUCKET | --data DIR]"

// refiler puts archived webhooks on the queue that they once came through. What is
// filed already changes nothing, and what was erased is not in the archive.
type refiler struct {
	queue   queue.Sender
	archive archive.Archive
	inbox   string // "" = all
	dry     bool
	out     io.Writer
}

// aCall is how many go out together: SQS's limit of a call.
const aCall = 10

func refile(ctx context.Context, t terminal, args []string) error {
	fs := flags(t, "archive")
	var a account
	a.register(fs)
	var from, to time.Time
	moment(fs, &from, "from", "the first `time` to replay, such as 2026-11-20 or 2026-11-20T08:00:00Z")
	moment(fs, &to, "to", "the `time` to end before; the default is now")
	inbox := fs.String("inbox", "", "only what came to this `inbox`")
	dry := fs.Bool("dry-run", false, "only count")
	bucket := fs.String("archive", "", "the stage's archive `bucket`")
	data := fs.String("data", "", "the `folder` of a desk on this machine, which must not be running")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if to.IsZero() {
		to = time.Now()
	}
	switch {
	case !slices.Equal(rest, []string{"replay"}):
		return usagef("want archive replay")
	case from.IsZero():
		return usagef("--from is missing")
	case !from.Before(to):
		return usagef("--from is not before --to")
	case *data == "" && a.stage != "" && *bucket == "":
		return usagef("--archive is missing: the deployment printed the bucket as ArchiveName")
	}
	kept, closed, err := openBacklog(ctx, a, *bucket, *data)
	if err != nil {
		return err
	}
	defer closed()
	r := refiler{queue: kept.queues, archive: kept.archive, inbox: *inbox, dry: *dry, out: t.out}
	return r.run(ctx, from, to)
}

// moment is a flag for a time, in UTC where it names no zone.
func moment(fs *flag.FlagSet, at *time.Time, name, usage string) {
	fs.Func(name, usage, func(s string) (err error) {
		for _, layout := range []string{time.RFC3339, time.DateOnly} {
			if *at, err = time.Parse(layout, s); err == nil {
				return nil
			}
		}
		return errors.New("want a date or a time such as 2026-11-20T08:00:00Z")
	})
}

// run goes through the archive and tells how many of each inbox went. A damaged object
// does not stop it: it is named, and the end is an error.
func (r *refiler) run(ctx context.Context, from, to time.Time) error {
	var (
		known = map[string]bool{} // what goes comes into the archive once more
		count = map[string]int{}
		call  []queue.Message
		wrong error
	)
	send := func() (err error) {
		if len(call) > 0 && !r.dry {
			if err = r.queue.Send(ctx, plan.Inbound, call...); err != nil {
				err = fmt.Errorf("%w; some %d webhooks went: run it again, they change nothing", err, len(known)-len(call))
			}
		}
		call = call[:0]
		return err
	}
	for record, err := range r.archive.Read(ctx, from, to) {
		if err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("reading the archive: %w", err))
			continue
		}
		inbox := inboxOf(record.Data)
		if known[record.ID] || r.inbox != "" && inbox != r.inbox {
			continue
		}
		known[record.ID] = true
		count[inbox]++
		if call = append(call, queue.Message{Body: string(record.Data), Group: inbox}); len(call) < aCall {
			continue
		}
		if err := send(); err != nil {
			return errors.Join(wrong, err)
		}
	}
	if err := send(); err != nil {
		return errors.Join(wrong, err)
	}
	for _, inbox := range slices.Sorted(maps.Keys(count)) {
		fmt.Fprintf(r.out, "%s: %d\n", inbox, count[inbox])
	}
	would := ""
	if r.dry {
		would = "would be "
	}
	fmt.Fprintf(r.out, "%d webhooks %ssent to %s\n", len(known), would, plan.Inbound)
	return wrong
}
