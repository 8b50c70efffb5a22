package sqs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"ines/shared/queue"
)

// SQS's limits of one call.
const (
	maxEntries = 10
	maxBytes   = 1 << 20 // of all bodies together, and of each
	maxGroup   = 128     // characters of a group or dedupe id
)

// tries is how often entries are sent that SQS refused by its own fault.
const tries = 4

// Send implements queue.Sender: the messages go out in calls of at most ten
// messages and 1 MiB, one call after the other so that a group stays in order. What
// SQS does not take of a call is sent again, alone, before the next call.
func (q *Queues) Send(ctx context.Context, name string, messages ...queue.Message) error {
	u, err := q.url(name)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	failed := map[int]error{}
	var ready []entry
	for i, m := range messages {
		e, err := prepare(i, m, strings.HasSuffix(name, ".fifo"))
		if err != nil {
			failed[i] = err
			continue
		}
		ready = append(ready, e)
	}
	for len(ready) > 0 {
		var call []entry
		call, ready = cut(ready)
		for at, err := range q.sendAll(ctx, u, call) {
			failed[at] = err
		}
		if ctx.Err() != nil {
			for _, e := range ready {
				failed[e.at] = ctx.Err()
			}
			break
		}
	}
	switch {
	case len(failed) == 0:
		return nil
	case len(failed) == len(messages) && ctx.Err() != nil:
		return ctx.Err()
	}
	if len(failed) == len(messages) && len(messages) > 0 {
		if err, one := same(failed); one {
			return err
		}
	}
	return &queue.PartialError{Failed: failed}
}

// same is the one reason for which everything failed: the call itself.
func same(failed map[int]error) (error, bool) {
	var first error
	for _, err := range failed {
		if _, whole := err.(*failure); !whole || first != nil && err != first {
			return nil, false
		}
		first = err
	}
	return first, first != nil
}

// entry is a message as the service wants it.
type entry struct {
	at    int // its place among the caller's
	bytes int
	json  map[string]any
}

// cut takes off what fits into one call.
func cut(ready []entry) (call, rest []entry) {
	size := 0
	for i, e := range ready {
		if size += e.bytes; i == maxEntries || i > 0 && size > maxBytes {
			return ready[:i], ready[i:]
		}
	}
	return ready, nil
}

// sendAll makes one call, and further ones for the entries that SQS failed to take.
// It returns what is not stored.
func (q *Queues) sendAll(ctx context.Context, u string, call []entry) map[int]error {
	failed := map[int]error{}
	for n := 1; ; n++ {
		again, err := q.sendOnce(ctx, u, call, failed)
		if err != nil {
			for _, e := range call {
				failed[e.at] = err
			}
			return failed
		}
		if len(again) == 0 {
			return failed
		}
		if n == tries {
			return failed
		}
		if err := q.aws.Backoff(ctx, n); err != nil {
			for _, e := range again {
				failed[e.at] = err
			}
			return failed
		}
		call = again
	}
}

// sendOnce notes what failed and returns the entries that are worth another call.
func (q *Queues) sendOnce(ctx context.Context, u string, call []entry, failed map[int]error) (again []entry, err error) {
	entries := make([]map[string]any, len(call))
	for i, e := range call {
		e.json["Id"] = strconv.Itoa(e.at)
		entries[i] = e.json
	}
	var answer struct {
		Successful []struct{ Id string }
		Failed     []struct {
			Id, Code, Message string
			SenderFault       bool
		}
	}
	if err := q.call(ctx, u, "SendMessageBatch", map[string]any{"Entries": entries}, &answer); err != nil {
		return nil, err
	}
	stored := map[string]bool{}
	for _, s := range answer.Successful {
		stored[s.Id] = true
	}
	reasons := map[string]error{}
	ours := map[string]bool{}
	for _, f := range answer.Failed {
		kind := queue.ErrUnavailable
		if f.SenderFault {
			kind, ours[f.Id] = queue.ErrInvalid, true
		}
		reasons[f.Id] = fmt.Errorf("%w: SQS refused the message: %s %s", kind, f.Code, f.Message)
	}
	for _, e := range call {
		id := strconv.Itoa(e.at)
		if stored[id] {
			delete(failed, e.at)
			continue
		}
		if failed[e.at] = reasons[id]; failed[e.at] == nil {
			failed[e.at] = fmt.Errorf("%w: SQS's answer does not mention the message", queue.ErrUnavailable)
		}
		if !ours[id] {
			again = append(again, e)
		}
	}
	return again, nil
}

// prepare checks a message and puts it into the service's form.
func prepare(at int, m queue.Message, fifo bool) (entry, error) {
	refuse := func(format string, args ...any) (entry, error) {
		return entry{}, fmt.Errorf("%w: %s", queue.ErrInvalid, fmt.Sprintf(format, args...))
	}
	body, err := portable(m.Body)
	switch {
	case err != nil:
		return refuse("%v", err)
	case body == "":
		return refuse("the body is empty")
	case len(body) > queue.MaxBody:
		return refuse("the body has %d bytes, SQS takes %d", len(body), queue.MaxBody)
	case m.Delay < 0 || m.Delay > queue.MaxDelay:
		return refuse("a delay of %s, SQS allows 0 to 15 minutes", m.Delay)
	case fifo && m.Delay != 0:
		return refuse("a message of a FIFO queue can't be delayed by itself")
	case fifo && (m.Group == "" || m.Dedupe == ""):
		return refuse("a message of a FIFO queue needs a group and a dedupe id")
	}
	e := entry{at: at, bytes: len(body), json: map[string]any{"MessageBody": body}}
	if m.Group != "" {
		if !isID(m.Group) {
			return refuse("the group %q: SQS takes up to %d letters, digits and punctuation marks of ASCII", m.Group, maxGroup)
		}
		e.json["MessageGroupId"] = m.Group
	}
	if fifo {
		if !isID(m.Dedupe) {
			return refuse("the dedupe id %q: SQS takes up to %d letters, digits and punctuation marks of ASCII", m.Dedupe, maxGroup)
		}
		e.json["MessageDeduplicationId"] = m.Dedupe
	}
	if m.Delay > 0 {
		e.json["DelaySeconds"] = seconds(m.Delay)
	}
	return e, nil
}

func isID(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= maxGroup
}

// portable escapes what SQS refuses in bodies and JSON allows: U+FFFE and U+FFFF
// inside strings. Other bodies with such characters can't be carried.
func portable(body string) (string, error) {
	if !utf8.ValidString(body) {
		return "", fmt.Errorf("the body is not UTF-8")
	}
	if !strings.ContainsFunc(body, unfit) {
		return body, nil
	}
	if !json.Valid([]byte(body)) {
		i := strings.IndexFunc(body, unfit)
		return "", fmt.Errorf("the body has the character %U at byte %d, which SQS refuses, and is no JSON in which it could be escaped", []rune(body[i:])[0], i)
	}
	var b strings.Builder
	for _, r := range body {
		if unfit(r) { // JSON has it nowhere but in strings
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}

// unfit are the characters that XML 1.0 and therefore SQS excludes.
func unfit(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// plain is JSON without the escapes for HTML, which would make bodies longer.
func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}
