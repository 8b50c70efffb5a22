package classify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"ines/shared/aws"
	"ines/shared/channel"
	"ines/shared/deposit"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/queue/consume"
)

const (
	// patience is how many deliveries of an envelope wait for what somebody may be
	// putting right: some eight seconds in all.
	patience = 5
	// reserve is what of an invocation's time fetching leaves for reading.
	reserve = 18 * time.Second
	// sending is what reading leaves for passing on what was read.
	sending = 8 * time.Second
)

// late reports whether less than so much is left of an invocation's time.
func late(ctx context.Context, left time.Duration) bool {
	end, ok := ctx.Deadline()
	return ok && time.Until(end) < left
}

// Deposits is the bucket that a deployment names, or none.
func Deposits(to aws.Config, bucket, owner string) (deposit.Store, error) {
	if bucket == "" {
		return deposit.None{}, nil
	}
	return deposit.OpenBucket(to, bucket, owner)
}

// elsewhere reports whether an envelope only says where its content is, and nobody has
// fetched it: one out of the archive has it, or has why it could not be had.
func (f *Classify) elsewhere(env message.Envelope) bool {
	if env.ContentRef != "" || env.ContentLost != "" {
		return false
	}
	_, ok := f.deposited(env)
	return ok
}

// deposited asks the channel. What breaks it is said when the envelope is read.
func (f *Classify) deposited(env message.Envelope) (d channel.Deposit, ok bool) {
	in, known := f.Policy.Inbox(env.Inbox)
	if !known || in.Channel != env.Channel {
		return d, false
	}
	ch, _ := f.Find(env.Channel)
	depositor, can := ch.(channel.Depositor)
	if !can {
		return d, false
	}
	defer func() {
		if p := recover(); p != nil {
			f.Log.Error("channel could not say where the content of an envelope is", "channel", env.Channel, "envelope", env.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			d, ok = channel.Deposit{}, false
		}
	}()
	return depositor.Deposited(docket.InboxAt(in, ""), env)
}

// fetch brings into the archive what platforms laid elsewhere, and returns the letters
// that can go on, each with the key of our copy or with why there is none: what is in
// the archive then reads the same way for ever. Those that have come most often go
// first; what there is no time for comes again. One object is in memory at a time.
func (f *Classify) fetch(ctx context.Context, b *batch, letters []*letter) (ready []*letter) {
	for i, l := range letters {
		if l.env.BodyRef != "" || l.env.ContentRef != "" {
			ready = append(ready, l)
			continue
		}
		if i > 0 && late(ctx, reserve) {
			b.fail(letters[i:], &consume.Later{After: time.Second, Why: "other large messages took the time"})
			break
		}
		if err := f.bring(ctx, l); err != nil {
			b.failed[l.env.ID] = err
			continue
		}
		ready = append(ready, l)
	}
	return ready
}

func (f *Classify) bring(ctx context.Context, l *letter) error {
	d, _ := f.deposited(l.env)
	content, err := f.Deposits.Fetch(ctx, d)
	var lost *deposit.Lost
	switch {
	case err == nil && len(content) == 0:
		return l.note("content_lost", &l.env.ContentLost, "it is empty")
	case err == nil:
		key, err := f.Archive.Put(ctx, content)
		if err != nil {
			return fmt.Errorf("keep what was fetched for envelope %s: %w", l.env.ID, err)
		}
		return l.note("content_ref", &l.env.ContentRef, key)
	case !errors.As(err, &lost):
		return fmt.Errorf("fetch what envelope %s is about: %w", l.env.ID, err)
	case lost.Mendable && l.tries < patience:
		return &consume.Later{After: consume.Backoff(l.tries), Why: lost.Why}
	}
	f.Log.Error("the content of a message could not be fetched: it is filed without", "inbox", l.env.Inbox, "envelope", l.env.ID,
		"bucket", d.Bucket, "key", d.Key, "error", lost.Why)
	return l.note("content_lost", &l.env.ContentLost, lost.Why)
}

// note adds what was found to the envelope, behind what came.
func (l *letter) note(member string, field *string, value string) error {
	text, err := json.Marshal(map[string]string{member: value})
	if err != nil {
		return fmt.Errorf("envelope %s: %w", l.env.ID, err)
	}
	*field = value
	end := len(l.line) - 1
	for l.line[end] != '}' {
		end--
	}
	l.line = append(append(slices.Clone(l.line[:end]), ','), text[1:]...)
	return nil
}
