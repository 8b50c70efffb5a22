package reply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/attachment"
	"ines/shared/casework"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/queue/consume"
	"ines/shared/secret"
)

// maxFetches is how often a file is asked for that may come yet: some two hours in
// all. Links hardly live longer.
const maxFetches = 8

// receives is how often the queue has delivered a message.
func receives(m events.SQSMessage) int {
	n, _ := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
	return n
}

// fetch brings a file into the archive and tells the case. Once there is a copy it
// is not asked for again: the link may be dead by then.
func (f *Reply) fetch(ctx context.Context, job docket.FetchJob, tries int) error {
	note := casework.NoteFile{Channel: job.Channel, Inbox: job.Inbox, Conversation: job.Thread, Message: job.Of, Index: job.Index}
	c, have, err := f.Docket.FileCopy(ctx, job)
	if err != nil {
		return err
	}
	if !have {
		c, err = f.copy(ctx, job)
	}
	var failed *channel.SendError
	switch {
	case err == nil:
		note.Key, note.MIME, note.Size, note.SHA256 = c.Key, c.MIME, c.Size, c.SHA256
	case !errors.As(err, &failed):
		return err
	case failed.Class != channel.Permanent && tries < maxFetches:
		return &consume.Later{After: max(failed.Wait, consume.Backoff(tries)), Why: failed.Error()}
	default:
		f.Log.Warn("a file was not kept", "inbox", job.Inbox, "case", job.Case, "error", failed.Error())
		note.Lost = failed.Detail
		if note.Lost == "" {
			note.Lost = failed.Error()
		}
	}
	m, err := docket.Work{Case: job.Case, File: &note}.Message()
	if err != nil {
		return err
	}
	return f.Queue.Send(ctx, plan.Cases, m)
}

func (f *Reply) copy(ctx context.Context, job docket.FetchJob) (docket.Copy, error) {
	r, err := f.locate(ctx, job)
	if err != nil {
		return docket.Copy{}, err
	}
	file, err := attachment.Get(ctx, f.Files, r, job.File.MIME)
	if err != nil {
		return docket.Copy{}, err
	}
	key, err := f.Archive.Put(ctx, file.Body)
	if err != nil {
		return docket.Copy{}, fmt.Errorf("keep a file of %s: %w", job.Of, err)
	}
	sum := sha256.Sum256(file.Body)
	c := docket.Copy{Key: key, MIME: file.Type, Size: int64(len(file.Body)), SHA256: hex.EncodeToString(sum[:]), At: f.Now()}
	return c, f.Docket.KeepFile(ctx, job, c)
}

// locate finds out where a file is and with what key it is given out.
func (f *Reply) locate(ctx context.Context, job docket.FetchJob) (*http.Request, error) {
	lost := func(format string, args ...any) error {
		return &channel.SendError{Class: channel.Permanent, Detail: fmt.Sprintf(format, args...)}
	}
	in, ok := f.Policy.Inbox(job.Inbox)
	if !ok {
		return nil, lost("the inbox %s is not in the desk policy any more", job.Inbox)
	}
	ch, ok := f.Find(in.Channel)
	if !ok {
		return nil, lost("this desk does not speak %s", in.Channel)
	}
	fetcher, ok := ch.(channel.Fetcher)
	if !ok {
		return link(ctx, job.File)
	}
	token, err := f.token(ctx, in)
	if errors.Is(err, secret.ErrMissing) {
		return nil, lost("the inbox %s has no credential to ask for it: %v", in.ID, err)
	}
	if err != nil {
		return nil, err
	}
	inbox := docket.InboxAt(in, f.PublicURL)
	ctx, hangUp := context.WithTimeout(channel.WithInbox(ctx, inbox), callTimeout)
	defer hangUp()
	r, err := fetcher.Locate(ctx, channel.Outlet{HTTP: f.Files, Inbox: inbox, Token: token}, job.File)
	if err != nil {
		if why, no := attachment.Refused(err); no {
			return nil, lost("%s", why)
		}
		se := channel.AsSendError(err)
		if se.Class == channel.Unknown {
			se.Class = channel.Retry // asking where it is changes nothing over there
		}
		return nil, se
	}
	return r, nil
}

func link(ctx context.Context, a message.Attachment) (*http.Request, error) {
	if a.URL == "" {
		return nil, &channel.SendError{Class: channel.Permanent, Detail: "the platform does not say where it is"}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.URL, nil)
	if err != nil {
		return nil, &channel.SendError{Class: channel.Permanent, Detail: "its link can't be read", Err: err}
	}
	return r, nil
}
