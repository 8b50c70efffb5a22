package reply

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/queue/consume"
	"ines/shared/secret"
)

// maxAsks is how often a platform is asked how somebody is called while it doesn't
// answer, and askFor for how long: shorter than a reply may wait before the alarm is
// raised. Then he keeps his id; with his next case it is tried again.
const (
	maxAsks = 12
	askFor  = 20 * time.Minute
)

// name finds out how the platform calls somebody, and tells the case. Once it has
// answered, also that it doesn't tell, it is not asked for him again.
func (f *Reply) name(ctx context.Context, job docket.NameJob, tries int) error {
	who, asked, err := f.Docket.Called(ctx, job.Handle, f.Now())
	if err != nil {
		return err
	}
	if !asked {
		wanted, err := f.Docket.Unnamed(ctx, job)
		if err != nil || !wanted {
			return err
		}
		who, err = f.ask(ctx, job)
		var failed *channel.SendError
		if err != nil && !errors.As(err, &failed) {
			return err
		}
		if failed != nil && failed.Class != channel.Permanent { // which is an answer
			wait := max(failed.Wait, consume.Backoff(tries))
			if failed.Class != channel.Blocked && tries < maxAsks && f.Now().Add(wait).Sub(job.At) < askFor {
				return &consume.Later{After: wait, Why: hidden(failed, job)}
			}
			f.Log.Warn("somebody's name was not found", "inbox", job.Inbox, "case", job.Case, "class", string(failed.Class), "error", hidden(failed, job))
			return nil
		}
	}
	return f.Docket.TellName(ctx, job, who, !asked, f.Now())
}

// hidden is an error without the person's id, which platforms quote.
func hidden(e *channel.SendError, job docket.NameJob) string {
	return strings.ReplaceAll(e.Error(), job.Handle.ID, "…")
}

// ask makes the call. What it can't ask for is Blocked: that says nothing of the
// person.
func (f *Reply) ask(ctx context.Context, job docket.NameJob) (message.Author, error) {
	blocked := func(format string, args ...any) (message.Author, error) {
		return message.Author{}, &channel.SendError{Class: channel.Blocked, Detail: fmt.Sprintf(format, args...)}
	}
	in, ok := f.Policy.Inbox(job.Inbox)
	if !ok {
		return blocked("the inbox %s is not in the desk policy any more", job.Inbox)
	}
	ch, _ := f.Find(in.Channel)
	namer, ok := ch.(channel.Namer)
	if !ok {
		return blocked("%s can't be asked who somebody is", in.Channel)
	}
	token, err := f.token(ctx, in)
	if errors.Is(err, secret.ErrMissing) {
		return blocked("the inbox %s has no credential to ask with: %v", in.ID, err)
	}
	if err != nil {
		return message.Author{}, err
	}
	// Answers come first: while they have to wait, nobody asks.
	now := f.Now()
	h, err := f.Docket.Hold(ctx, in.ID)
	if err != nil {
		return message.Author{}, err
	}
	if !h.Open(now) {
		return message.Author{}, &channel.SendError{Class: channel.Throttled, Wait: min(max(h.Until.Sub(now), time.Second), longestHold), Detail: "the inbox is " + h.State}
	}
	inbox := docket.InboxAt(in, f.PublicURL)
	ctx, hangUp := context.WithTimeout(channel.Asking(channel.WithInbox(ctx, inbox)), callTimeout)
	defer hangUp()
	who, err := namer.Named(ctx, channel.Outlet{HTTP: f.HTTP, Inbox: inbox, Token: token, Now: now},
		channel.Thread{Channel: in.Channel, Inbox: in.ID, Key: job.Thread}, job.Handle)
	if err != nil {
		return who, channel.AsSendError(err)
	}
	return who, nil
}
