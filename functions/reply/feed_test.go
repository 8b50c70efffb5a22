package reply

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"ines/shared/casework"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/feed"
	"ines/shared/message"
	"ines/shared/secret"
	"ines/shared/verify"
)

const toldDesk = `
brands: [{id: northline}]
communities: [{id: northline-en, brand: northline, languages: [en]}]
inboxes:
  - {id: northline-x, channel: x, account: "100", community: northline-en}
  - {id: northline-slack, channel: slack, account: U1, community: northline-en}
departments:
  - {id: care, default: true}
  - {id: press, feed: {webhook: "https://press.example/ines"}}
  - {id: quality, feed: {slack: northline-slack, channel: C7}}
colleagues: [{id: ines, name: Ines Silva}]
`

const pressKey = "whsec_bWFkZSB1cCBmb3IgdGhlIHByZXNzIGRlcGFydG1lbnQ="

// target is a department's end: each call takes the next of its answers, the last
// for ever.
type target struct {
	answers []int
	calls   []*http.Request
	bodies  [][]byte
}

func (h *target) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	h.calls, h.bodies = append(h.calls, r), append(h.bodies, body)
	status := h.answers[0]
	if len(h.answers) > 1 {
		h.answers = h.answers[1:]
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewBufferString("ok")), Request: r}, nil
}

func newTelling(t *testing.T, answers ...int) (*bench, *target) {
	t.Helper()
	b, h := newBench(t, false), &target{answers: answers}
	b.Reply.Policy = dockettest.Policy(t, toldDesk)
	b.HTTP = &http.Client{Transport: h}
	b.Secrets = secret.Static{"token/feed-press": {pressKey}, "token/northline-slack": {"t"}}
	return b, h
}

var happened = feed.Entry{ID: "c1/7", At: dockettest.Morning, Departments: []string{"press"}, Case: feed.Summary{ID: "c1", Department: "care", Topic: "baggage"},
	Events: casework.Events{casework.MessageReceived{Message: message.Message{Channel: "x", Text: "You lost my bag", Author: message.Author{Name: "Leo"}}}, casework.PromiseBroken{Promise: "p"}}}

func (b *bench) tellIt(t *testing.T, department string, e feed.Entry) (again bool) {
	t.Helper()
	m, err := docket.FeedJob{Department: department, Entry: e}.Message()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := b.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", Body: m.Body, Attributes: map[string]string{"MessageGroupId": m.Group}}}})
	if err != nil {
		t.Fatal(err)
	}
	return len(resp.BatchItemFailures) > 0
}

func TestADepartmentsWebhookIsSignedAndTriedUntilItTakesIt(t *testing.T) {
	b, h := newTelling(t, 500, 429, 204)
	for range 2 {
		if !b.tellIt(t, "press", happened) {
			t.Fatal("an entry that was not taken is dropped")
		}
	}
	if b.tellIt(t, "press", happened) {
		t.Fatal("it comes again though it was taken")
	}
	header := map[string]string{}
	for k := range h.calls[2].Header {
		header[strings.ToLower(k)] = h.calls[2].Header.Get(k)
	}
	if err := verify.StandardWebhooks(header, h.bodies[2], []string{pressKey}, b.Register.Now()); err != nil || h.calls[2].URL.String() != "https://press.example/ines" {
		t.Errorf("%v to %s", err, h.calls[2].URL)
	}
	if header["webhook-id"] != "c1-7" || h.calls[0].Header.Get("Webhook-Id") != "c1-7" {
		t.Errorf("ids %q, %q", h.calls[0].Header.Get("Webhook-Id"), header["webhook-id"])
	}
	var got struct {
		Type string
		Data feed.Entry
	}
	if err := json.Unmarshal(h.bodies[2], &got); err != nil || got.Type != "case.event" || got.Data.ID != "c1/7" || len(got.Data.Events) != 2 {
		t.Errorf("body %s, %v", h.bodies[2], err)
	}
}

func TestAnEntryThatATargetRefusesKeepsNoOtherWaiting(t *testing.T) {
	b, h := newTelling(t, 422)
	if b.tellIt(t, "press", happened) || len(h.calls) != 1 {
		t.Fatal("it comes again")
	}
	b.Secrets = secret.Static{}
	if !b.tellIt(t, "press", happened) || len(h.calls) != 1 {
		t.Fatal("without a key it must wait, and not be sent unsigned")
	}
}

func TestADepartmentIsToldInSlack(t *testing.T) {
	b, _ := newTelling(t, 200)
	b.Find = func(string) (channel.Channel, bool) { return b.platform, true }
	if b.tellIt(t, "quality", happened) {
		t.Fatal("it comes again")
	}
	r := b.platform.calls[0]
	if r.Thread.Key != ":C7" || r.Text != "Leo, x: You lost my bag\npromise broken\n[case c1, care: baggage]" {
		t.Errorf("posted %+v", r)
	}
	quiet := happened
	quiet.Events = casework.Events{casework.NoteAdded{Text: "n"}}
	if b.tellIt(t, "quality", quiet) || len(b.platform.calls) != 1 {
		t.Error("a chat is told of everything")
	}
	if b.tellIt(t, "care", happened) || b.tellIt(t, "nowhere", happened) || len(b.platform.calls) != 1 {
		t.Error("told without a target")
	}
}

// TestWhatWaitsForADepartmentIsNotToldOnceHeIsErased: the target was down when he
// wrote, and comes back when he is forgotten.
func TestWhatWaitsForADepartmentIsNotToldOnceHeIsErased(t *testing.T) {
	b, h := newTelling(t, 503, 204)
	b.Register.MustFile(docket.Incoming{Envelope: "e1", Items: 1, At: dockettest.Morning, Item: message.Item{Kind: message.KindMessage, Message: &message.Message{
		ID: "m1", Channel: "x", Inbox: "northline-x", Thread: "100-7", Visibility: message.Private, SentAt: dockettest.Morning, Text: "my zither is lost",
		Author: message.Author{Handle: message.Handle{Channel: "x", ID: "7"}, Name: "Leo"}}}})
	c := b.Register.CatchUp()[0].Case
	e := happened
	e.ID, e.Case.ID, e.Case.Version = c.ID+"/1", c.ID, 1
	if !b.tellIt(t, "press", e) || len(h.calls) != 1 {
		t.Fatal("it does not wait for its target")
	}
	erasure, err := b.Register.StartErasure(t.Context(), c.Customer.ID, "ines", "asked", dockettest.Morning)
	if err == nil {
		err = b.Register.EraseFromTable(t.Context(), &erasure)
	}
	if err != nil {
		t.Fatal(err)
	}
	if b.tellIt(t, "press", e) || len(h.calls) != 1 {
		t.Errorf("told after he was erased, %d calls", len(h.calls))
	}
	e.Case.Version, e.Events = 2, casework.Events{casework.Erased{}}
	if b.tellIt(t, "press", e) || len(h.calls) != 2 {
		t.Errorf("that he was erased is not told, %d calls", len(h.calls))
	}
}
