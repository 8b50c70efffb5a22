package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ines/infra/plan"
	"ines/shared/archive"
	"ines/shared/archive/dir"
	"ines/shared/archive/s3"
	"ines/shared/docket"
	"ines/shared/queue"
	"ines/shared/queue/sqlite"
	"ines/shared/queue/sqs"
	"ines/shared/sqlitefile"
)

const redriveUsage = "redrive inbound|cases.fifo|replies.fifo [--dry-run] [--stage S [--region R] [--archive BUCKET] | --data DIR]"

// exchange is what dead letters are taken from and sent to.
type exchange interface {
	queue.Sender
	queue.Receiver
}

// backlog is what a desk has kept: its queues and its archive.
type backlog struct {
	queues  exchange
	archive archive.Archive // nil: unknown
	now     func() time.Time
}

// redriver sends dead letters back. What was to be filed in a case goes back as the
// envelope that it came from, through classify, so that it is read by the code of
// today; the timeline is in the platform's order whatever comes first. Everything
// may come twice: filing knows what it has, and the ledger lets no reply out twice.
type redriver struct {
	backlog
	dry bool
	out io.Writer

	back, reread int
	sent         map[string]bool // envelopes that went back
	done         map[string]bool // letters that went back, by id
}

func redrive(ctx context.Context, t terminal, args []string) error {
	fs := flags(t, "redrive")
	var a account
	a.register(fs)
	dry := fs.Bool("dry-run", false, "say what would be done; the letters looked at come back to their queue after its visibility timeout")
	bucket := fs.String("archive", "", "the archive's `bucket`, to send back whole envelopes of cases.fifo")
	data := fs.String("data", "", "the `folder` of a desk on this machine, which must not be running")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("name one queue: the one that the letters came from")
	}
	if _, ok := plan.Default().Queue(rest[0]); !ok {
		return usagef("there is no queue %q", rest[0])
	}
	kept, closed, err := openBacklog(ctx, a, *bucket, *data)
	if err != nil {
		return err
	}
	defer closed()
	r := redriver{backlog: kept, dry: *dry, out: t.out, sent: map[string]bool{}, done: map[string]bool{}}
	err = r.run(ctx, rest[0])
	would := ""
	if r.dry {
		would = "would be "
	}
	fmt.Fprintf(t.out, "%d letters %ssent back to %s, %d of them as the envelopes that they came from\n", r.back, would, rest[0], r.reread)
	if r.dry && strings.HasSuffix(rest[0], ".fifo") {
		fmt.Fprintln(t.out, "There may be more: of a group the queue shows no more than ten at a time.")
	}
	return err
}

// openBacklog opens that of a folder on this machine or, without one, of a deployed
// desk, its archive only if the bucket is named.
func openBacklog(ctx context.Context, a account, bucket, data string) (r backlog, closed func(), err error) {
	r.now, closed = time.Now, func() {}
	switch {
	case data != "":
		closed, err = r.local(data)
	case a.stage != "":
		err = r.deployed(ctx, a, bucket)
	default:
		err = usagef("say where: --stage for a deployed desk, --data for one on this machine")
	}
	return r, closed, err
}

func (r *backlog) local(data string) (closed func(), err error) {
	db, err := sqlitefile.Open(filepath.Join(data, "ines.db"))
	if err != nil {
		return nil, err
	}
	o := sqlite.Options{Now: r.now}
	for _, q := range plan.Default().Queues {
		o.Queues = append(o.Queues, sqlite.Queue{Name: q.Name, FIFO: q.FIFO, Visibility: q.Visibility, MaxReceives: q.MaxReceives})
	}
	if r.queues, err = sqlite.New(db, o); err == nil {
		r.archive, err = dir.New(filepath.Join(data, "archive"))
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return func() { _ = db.Close() }, nil // everything was committed
}

func (r *backlog) deployed(ctx context.Context, a account, bucket string) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	urls := map[string]string{}
	for _, q := range plan.Default().Queues {
		for _, name := range []string{q.Name, queue.Dead(q.Name)} {
			if urls[name], err = sqs.Locate(ctx, c, "ines-"+a.stage+"-"+name); err != nil {
				return err
			}
		}
	}
	if bucket != "" {
		if r.archive, err = s3.Open(c, bucket); err != nil {
			return err
		}
	}
	r.queues, err = sqs.Open(c, urls)
	return err
}

// run takes the dead letters in their order, and deletes each batch once what it
// became is in a queue. A letter that comes again has been looked at or, where the
// work on its batch took longer than the queue hides letters, only has to be deleted.
func (r *redriver) run(ctx context.Context, name string) error {
	dead := queue.Dead(name)
	for {
		letters, err := r.queues.Receive(ctx, dead, 10)
		if err != nil || len(letters) == 0 {
			return err
		}
		var receipts []string
		before := r.back
		for _, l := range letters {
			if !r.done[l.ID] {
				if err := r.one(ctx, name, l); err != nil {
					err = fmt.Errorf("after %d letters, at %s: %w", r.back, l.ID, err)
					if r.dry || len(receipts) == 0 {
						return err
					}
					return errors.Join(err, r.end(ctx, dead, receipts))
				}
				r.done[l.ID] = true
				r.back++
			}
			receipts = append(receipts, l.Receipt)
		}
		if r.dry {
			if r.back == before { // only such as were looked at
				return nil
			}
			continue
		}
		if err := r.end(ctx, dead, receipts); err != nil {
			return err
		}
	}
}

// ending is how long who stops it waits at most.
const ending = 10 * time.Second

// end deletes letters that went back, even if who sent them has had enough: they would
// go back once more the next time.
func (r *redriver) end(ctx context.Context, dead string, receipts []string) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), ending)
	defer done()
	return r.queues.Delete(ctx, dead, receipts...)
}

// one sends a letter back.
func (r *redriver) one(ctx context.Context, name string, l queue.Received) error {
	to, m := name, queue.Message{Body: l.Body, Group: l.Group}
	how := "as it is"
	if strings.HasSuffix(name, ".fifo") {
		// The old id may still be remembered, and would make it vanish.
		m.Dedupe = "again/" + l.ID + "/" + r.now().UTC().Format("20060102T150405")
	}
	if name == plan.Cases {
		env, id, err := r.envelope(ctx, l.Body)
		if err != nil {
			return err
		}
		if env != nil {
			to, m, how = plan.Inbound, queue.Message{Body: string(env), Group: inboxOf(env)}, "as envelope "+id
			r.reread++
			if r.sent[id] { // several items of one envelope
				fmt.Fprintf(r.out, "%s: %s, which goes back already\n", l.ID, how)
				return nil
			}
			r.sent[id] = true
		}
	}
	fmt.Fprintf(r.out, "%s: to %s %s\n", l.ID, to, how)
	if r.dry {
		return nil
	}
	return r.queues.Send(ctx, to, m)
}

// envelope finds what an item came from in the archive; nil when the letter is no
// item or the archive is not known.
func (r *redriver) envelope(ctx context.Context, body string) (env []byte, id string, err error) {
	var w docket.Work
	if r.archive == nil || json.Unmarshal([]byte(body), &w) != nil || w.Item == nil {
		return nil, "", nil
	}
	record, err := r.archive.Find(ctx, w.Item.Envelope, w.Item.At)
	switch {
	case errors.Is(err, archive.ErrNotFound):
		return nil, "", nil
	case err != nil:
		return nil, "", fmt.Errorf("reading the archive: %w", err)
	}
	return slices.Clone(record.Data), record.ID, nil
}

func inboxOf(env []byte) string {
	var e struct {
		Inbox string `json:"inbox"`
	}
	_ = json.Unmarshal(env, &e) // it was archived as JSON
	return e.Inbox
}
