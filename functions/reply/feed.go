package reply

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/feed"
	"ines/shared/policy"
	"ines/shared/queue/consume"
	"ines/shared/secret"
	"ines/shared/verify"
)

// tell brings an entry to a department's target. The target may get it twice, with
// the same id; it gets them in order, so that one which can't be delivered is tried
// until the queue gives it up.
func (f *Reply) tell(ctx context.Context, job docket.FeedJob) error {
	department, ok := f.Policy.Department(job.Department)
	if !ok || department.Feed.IsZero() {
		return nil // the policy wants it no more
	}
	if erased, err := f.erasedSince(ctx, job.Entry); erased || err != nil {
		return err
	}
	ctx, hangUp := context.WithTimeout(ctx, callTimeout)
	defer hangUp()
	var err error
	if department.Feed.Webhook != "" {
		err = f.webhook(ctx, department, job.Entry)
	} else {
		err = f.slack(ctx, department, job.Entry)
	}
	if err == nil {
		return nil
	}
	failed := channel.AsSendError(err)
	f.Log.Error("a department was not told", "department", department.ID, "entry", job.Entry.ID, "class", string(failed.Class), "error", failed.Error())
	if failed.Class == channel.Permanent {
		return nil // it refuses this entry: those behind it must not wait for ever
	}
	if failed.Wait > 0 {
		return &consume.Later{After: failed.Wait, Why: failed.Error()}
	}
	return failed
}

// erasedSince reports whether somebody was erased from the case after the entry was
// made. What waited here meanwhile may still have his words: nobody is told them.
func (f *Reply) erasedSince(ctx context.Context, e feed.Entry) (bool, error) {
	news, err := f.Docket.Log(ctx, e.Case.ID, e.Case.Version)
	if err != nil {
		return false, err
	}
	for _, cm := range news {
		for _, ev := range cm.Events {
			switch ev.(type) {
			case casework.Erased, casework.AuthorErased:
				return true, nil
			}
		}
	}
	return false, nil
}

// webhook posts the entry as Standard Webhooks are signed. https://www.standardwebhooks.com
func (f *Reply) webhook(ctx context.Context, d policy.Department, e feed.Entry) error {
	blocked := func(what string, err error) error {
		return &channel.SendError{Class: channel.Blocked, Detail: what, Err: err}
	}
	name := policy.FeedSecret(d.ID)
	keys, err := f.Secrets.Values(ctx, secret.Token, name)
	if errors.Is(err, secret.ErrMissing) {
		return blocked("the webhook of the department "+d.ID+" has no key", err)
	}
	if err != nil {
		return err
	}
	now := f.Now()
	body, err := json.Marshal(map[string]any{"type": "case.event", "timestamp": now.UTC().Format(time.RFC3339), "data": e})
	if err != nil {
		return fmt.Errorf("feed entry %s: %w", e.ID, err)
	}
	signed, err := verify.SignStandardWebhooks(strings.ReplaceAll(e.ID, "/", "-"), now, body, keys[0])
	if err != nil {
		return blocked("the key of the department "+d.ID+"'s webhook", err)
	}
	r, err := http.NewRequestWithContext(channel.WithInbox(ctx, channel.Inbox{ID: name, Channel: "feed"}), http.MethodPost, d.Feed.Webhook, bytes.NewReader(body))
	if err != nil {
		return blocked("the address of the department "+d.ID+"'s webhook", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "ines/1")
	for k, v := range signed {
		r.Header.Set(k, v)
	}
	resp, err := f.HTTP.Do(r)
	if err != nil {
		return channel.NetworkError(err)
	}
	words, err := channel.ReadAnswer(resp)
	if err != nil {
		return err
	}
	return accepted(resp, words)
}

func accepted(resp *http.Response, words []byte) error {
	e := &channel.SendError{Class: channel.Retry, Code: resp.Status, Detail: strings.ToValidUTF8(string(words[:min(len(words), 200)]), "?"), Wait: channel.RetryAfter(resp.Header)}
	switch {
	case resp.StatusCode < 300:
		return nil
	case resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusRequestEntityTooLarge || resp.StatusCode == http.StatusUnprocessableEntity:
		e.Class = channel.Permanent // about this entry; everything else may be mended
	}
	return e
}

// slack posts a line about each entry that people would want to read.
func (f *Reply) slack(ctx context.Context, d policy.Department, e feed.Entry) error {
	text := line(e)
	if text == "" {
		return nil
	}
	in, ok := f.Policy.Inbox(d.Feed.Slack)
	if !ok {
		return &channel.SendError{Class: channel.Blocked, Detail: "the inbox " + d.Feed.Slack + " is not in the desk policy any more"}
	}
	ch, ok := f.Find(in.Channel)
	if !ok {
		return &channel.SendError{Class: channel.Blocked, Detail: "this desk does not speak " + in.Channel}
	}
	tokens, err := f.Secrets.Values(ctx, secret.Token, in.ID)
	if errors.Is(err, secret.ErrMissing) {
		return &channel.SendError{Class: channel.Blocked, Detail: "the inbox " + in.ID + " has no sending credential", Err: err}
	}
	if err != nil {
		return err
	}
	inbox := docket.InboxAt(in, f.PublicURL)
	_, err = ch.Send(channel.WithInbox(ctx, inbox), channel.Outlet{HTTP: f.HTTP, Inbox: inbox, Token: tokens[0]},
		channel.Reply{ID: e.ID, Thread: channel.Thread{Channel: in.Channel, Inbox: in.ID, Key: ":" + d.Feed.Channel}, Text: text, Automatic: true})
	return err
}

// maxLine is how much of a message a line quotes, in characters.
const maxLine = 500

// line tells people in a chat what happened: what somebody said, and what they may
// have to act on. "" for the rest.
func line(e feed.Entry) string {
	var lines []string
	for _, ev := range e.Events {
		if r, ok := ev.(casework.MessageReceived); ok {
			text := []rune(r.Message.Text)
			if len(text) > maxLine {
				text = append(text[:maxLine], '…')
			}
			lines = append(lines, fmt.Sprintf("%s, %s: %s", r.Message.Author.Label(), r.Message.Channel, string(text)))
			continue
		}
		if telling[ev.Kind()] {
			lines = append(lines, strings.ReplaceAll(ev.Kind(), "_", " "))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	c := e.Case
	about := strings.Trim(strings.Join([]string{c.Topic, c.Urgency, c.Segment}, ", "), ", ")
	return strings.Join(lines, "\n") + "\n[case " + c.ID + ", " + c.Department + strings.TrimSuffix(": "+about, ": ") + "]"
}

// telling are the events that a chat is told of beside messages.
var telling = map[string]bool{"case_opened": true, "clock_missed": true, "promise_broken": true, "transferred": true, "resolved": true, "reopened": true,
	"reply_unconfirmed": true, "reply_failed": true}
