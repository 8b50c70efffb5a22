package story

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// check waits until everything that the step expects is true.
func (p *player) check(ctx context.Context, s Step) error {
	for _, e := range s.Then {
		if e.Refused != nil {
			continue // seen in the answer already
		}
		if err := p.eventually(ctx, func() error { return p.holds(ctx, e) }); err != nil {
			return fmt.Errorf("line %d is not true: %w", e.Line, err)
		}
	}
	return nil
}

func (p *player) holds(ctx context.Context, e Expectation) error {
	switch {
	case e.Cases != nil:
		own, err := p.cases(ctx)
		if err == nil && len(own) != *e.Cases {
			err = fmt.Errorf("there are %d cases, not %d", len(own), *e.Cases)
		}
		return err
	case e.Sent != nil:
		m, err := e.Sent.filled(p.values)
		if err != nil {
			return err
		}
		return p.wasSent(ctx, m)
	case e.Outcomes != nil:
		return p.ended(ctx, e.Outcomes)
	}
	c, err := p.caseOf(ctx, e.Case)
	if err != nil {
		return err
	}
	t, err := p.api.told(ctx, c.ID, p.reader)
	if err != nil {
		return err
	}
	if e.Timeline != nil {
		m, err := e.Timeline.filled(p.values)
		if err != nil {
			return err
		}
		return m.inTimeline(t.Timeline)
	}
	return t.Case.is(e.Is)
}

// nobody and nothing are how stories say "".
func said(v string) string {
	if v == "nobody" || v == "nothing" {
		return ""
	}
	return v
}

// is compares the case's fields. threads may be a number or a list of names.
func (c Case) is(want map[string]string) error {
	have := map[string]string{
		"status": c.Status, "owner": c.Owner, "customer": c.Customer.Name, "brand": c.Brand, "community": c.Community,
		"department": c.Department, "segment": c.Segment, "topic": c.Topic, "language": c.Language, "kind": c.Kind,
		"tone": c.Tone, "urgency": c.Urgency, "waiting_for": c.WaitingFor, "due_for": c.DueFor,
		"bystanders": strconv.Itoa(c.Bystanders), "messages": strconv.Itoa(c.Messages), "threads": strings.Join(c.threadNames(), ", "),
	}
	var errs []error
	for _, f := range caseFields {
		v, asked := want[f]
		if !asked || have[f] == said(v) || f == "threads" && v == strconv.Itoa(len(c.Threads)) {
			continue
		}
		errs = append(errs, fmt.Errorf("%s is %q, not %q", f, have[f], said(v)))
	}
	return errors.Join(errs...)
}

func (m Match) inTimeline(entries []Entry) error {
	n := 0
	for _, e := range entries {
		if m.fits(e.Text) {
			n++
		}
	}
	return m.counted(n, "entries of the timeline", entryFields)
}

// filled puts what earlier steps left into the texts.
func (m Match) filled(values map[string]string) (Match, error) {
	want := make(map[string]string, len(m.Want))
	for name, v := range m.Want {
		text, err := fill(v, values)
		if err != nil {
			return m, err
		}
		want[name] = text
	}
	return Match{Want: want, Times: m.Times}, nil
}

// fits compares the fields of one thing.
func (m Match) fits(field func(name string) string) bool {
	for name, want := range m.Want {
		have := field(name)
		switch name {
		case "text", "what", "why", "url":
			if !contains(have, want) {
				return false
			}
		default:
			if have != said(want) {
				return false
			}
		}
	}
	return true
}

func (m Match) counted(n int, of string, order []string) error {
	switch {
	case m.Times == nil && n == 0:
		return fmt.Errorf("no %s with %s", of, words(m.Want, order))
	case m.Times != nil && n != *m.Times:
		return fmt.Errorf("%d %s with %s, not %d", n, of, words(m.Want, order), *m.Times)
	}
	return nil
}

func (p *player) wasSent(ctx context.Context, m Match) error {
	sent, err := p.api.sent(ctx)
	if err != nil {
		return err
	}
	n := 0
	for _, c := range sent[min(p.before.sent, len(sent)):] {
		if m.fits(c.field) {
			n++
		}
	}
	return m.counted(n, "calls went out", callFields)
}

func (c call) field(name string) string {
	switch name {
	case "channel":
		return c.Channel
	case "inbox":
		return c.Inbox
	case "method":
		return c.Method
	case "url":
		return c.URL
	case "status":
		return strconv.Itoa(c.Status)
	}
	return spoken(c.Body)
}

// spoken is every text in a JSON body, escapes undone; other bodies are taken as
// they are.
func spoken(body string) string {
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return body
	}
	var texts []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			texts = append(texts, v)
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			for _, one := range v {
				walk(one)
			}
		}
	}
	walk(v)
	return strings.Join(texts, "\n")
}

func (p *player) ended(ctx context.Context, want map[string]int) error {
	now, err := p.api.outcomes(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for outcome, n := range want {
		if since := now[outcome] - p.before.outcomes[outcome]; since != n {
			errs = append(errs, fmt.Errorf("%d items ended as %s, not %d", since, outcome, n))
		}
	}
	return errors.Join(errs...)
}

// contains compares texts as people do: line breaks and runs of blanks are one
// blank, and case doesn't matter.
func contains(text, part string) bool {
	flat := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	return strings.Contains(flat(text), flat(part))
}
