package docket_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/channel/registry"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
)

const pages = `
brands: [{id: northline, sign: "^{first_name}"}]
communities: [{id: northline-en, brand: northline, languages: [en], hours: {zone: Europe/London, mon-sun: ["00:00-24:00"]}}]
inboxes:
  - {id: page, channel: facebook, account: "100", community: northline-en}
  - {id: messages, channel: messenger, account: "100", community: northline-en}
  - {id: other, channel: messenger, account: "200", community: northline-en}
  - {id: gram, channel: instagram, account: "178", community: northline-en}
departments: [{id: care, default: true}]
colleagues: [{id: ines, name: Ines Silva, roles: [agent], departments: [care], languages: [en]}]
`

// A comment may be answered privately, once, through the Page's inbox or that of its
// messages. Nothing else may be written first, and no part of it may follow.
func TestPrivateReplyToAComment(t *testing.T) {
	lena := message.Handle{Channel: "facebook", Scope: "100", ID: "603"}
	commented := func(extra map[string]string) *casework.Case {
		return &casework.Case{ID: "c", Seq: 1, Status: casework.StatusOpen, Brand: "northline", Community: "northline-en", LastThread: "t1",
			Customer: casework.Person{ID: "p", Handle: lena, Name: "Lena"},
			Threads: []casework.Thread{{ID: "t1", Channel: "facebook", Inbox: "page", Key: "100_1", Visibility: message.Public, With: lena,
				LastID: "1_7", LastInbound: morning, Extra: extra}}}
	}
	desk := dockettest.Policy(t, pages)
	env := casework.Env{Policy: desk, Channels: docket.NewChannels(desk, registry.Find), Now: morning.Add(time.Hour)}
	comment := map[string]string{"private": "comment_id"}
	tests := []struct {
		name, channel, inbox, address, text string
		extra                               map[string]string
		after                               time.Duration
		code                                string
	}{
		{"by the page", "facebook", "", "", "Here?", comment, time.Hour, ""},
		{"by its messages", "messenger", "messages", "", "Here?", comment, time.Hour, ""},
		{"on the last day", "facebook", "", "", "Here?", comment, 7*24*time.Hour - time.Second, ""},
		{"a week later", "facebook", "", "", "Here?", comment, 7 * 24 * time.Hour, casework.CodeWindow},
		{"by another page", "messenger", "other", "", "Here?", comment, time.Hour, casework.CodeUnreachable},
		{"on another platform", "instagram", "", "", "Here?", comment, time.Hour, casework.CodeUnreachable},
		{"to somebody typed in", "messenger", "messages", "603", "Here?", comment, time.Hour, casework.CodeUnreachable},
		{"to a mention", "facebook", "", "", "Here?", nil, time.Hour, casework.CodeUnreachable},
		{"too long for one message", "facebook", "", "", strings.Repeat("x ", 1200), comment, time.Hour, casework.CodeTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env.Now = morning.Add(tt.after)
			events, err := casework.Decide(commented(tt.extra), casework.GoPrivate{By: "ines", Channel: tt.channel, Inbox: tt.inbox, Address: tt.address, Text: tt.text}, env)
			var no *casework.Refusal
			if errors.As(err, &no) != (tt.code != "") || no != nil && (no.Code != tt.code || no.Detail == "") {
				t.Fatalf("%v, want %q", err, tt.code)
			}
			if tt.code != "" {
				return
			}
			i := slices.IndexFunc(events, func(e casework.Event) bool { return e.Kind() == "thread_joined" })
			th := events[i].(casework.ThreadJoined).Thread
			if th.Key != "" || th.With.ID != "603" || th.With.Channel != tt.channel || th.Extra["comment_id"] != "1_7" || !th.LastInbound.IsZero() {
				t.Errorf("thread %+v", th)
			}
		})
	}
}

// Where a public answer is not allowed, the private one is named if there can be one.
func TestAPrivateReplyIsNamedWhereThePublicOneIsClosed(t *testing.T) {
	bea := message.Handle{Channel: "instagram", Scope: "178", ID: "561"}
	desk := dockettest.Policy(t, pages)
	env := casework.Env{Policy: desk, Channels: docket.NewChannels(desk, registry.Find), Now: morning.Add(time.Minute)}
	for private, want := range map[string]int{"comment_id": 1, "": 0} {
		c := &casework.Case{ID: "c", Seq: 1, Status: casework.StatusOpen, Brand: "northline", Community: "northline-en", LastThread: "t1",
			Customer: casework.Person{ID: "p", Handle: bea},
			Threads: []casework.Thread{{ID: "t1", Channel: "instagram", Inbox: "gram", Key: "9", Visibility: message.Public, With: bea, LastID: "17",
				LastInbound: morning, Extra: map[string]string{"live": "true", "private": private}}}}
		_, err := casework.Decide(c, casework.SendReply{By: "ines", Text: "Louder it is."}, env)
		var no *casework.Refusal
		if !errors.As(err, &no) || no.Code != casework.CodeWindow {
			t.Fatalf("a public answer to a live comment: %v", err)
		}
		other, _ := no.More["alternatives"].([]map[string]string)
		if len(other) != want || want == 1 && (other[0]["inbox"] != "gram" || other[0]["by"] != "private") {
			t.Errorf("private %q: alternatives %v", private, other)
		}
	}
}

// Who answers privately is the one we wrote to, whatever id the platform gives him
// there: it said so when it took our message.
func TestTheAnswerToAPrivateReplyIsTheCustomers(t *testing.T) {
	desk := dockettest.Policy(t, pages)
	b := &bench{dockettest.Open(t, dockettest.Setup{Policy: desk}), t, docket.DefaultSettings}
	say := func(n int, thread string, who message.Handle, v message.Visibility, extra map[string]string) docket.Incoming {
		return b.Deliver(message.Message{Channel: "facebook", Inbox: "page", ID: fmt.Sprint("1_", n), Thread: thread, Author: message.Author{Handle: who},
			Visibility: v, SentAt: morning.Add(time.Duration(n) * time.Minute), Text: "Where is my bag?", Extra: extra}, complaint, morning.Add(time.Duration(n)*time.Minute))
	}
	b.MustFile(say(1, "100_1", message.Handle{Channel: "facebook", Scope: "100", ID: "603"}, message.Public, map[string]string{"private": "comment_id"}))
	c := b.only()
	_, events := b.MustDo(c.ID, "ines", casework.GoPrivate{By: "ines", Channel: "facebook", Text: "Your reference?"}, morning.Add(2*time.Minute))
	reply := events[len(events)-1].(casework.ReplyRequested).Reply
	psid := message.Handle{Channel: "facebook", Scope: "100", ID: "9001"}
	again := func(when string, reused bool, after time.Duration) {
		t.Helper()
		cmd := casework.GoPrivate{By: "ines", Channel: "facebook", Text: "And again."}
		events, err := casework.Decide(b.MustLoad(c.ID), cmd, casework.Env{Policy: desk, Channels: docket.NewChannels(desk, registry.Find), Now: morning.Add(after)})
		if !reused {
			if err == nil {
				t.Errorf("%s a second private reply goes out: %v", when, events)
			}
			return
		}
		if err != nil || slices.ContainsFunc(events, func(e casework.Event) bool { return e.Kind() == "thread_joined" }) {
			t.Errorf("%s there is another thread: %v, %v", when, events, err)
		}
	}
	b.MustDo(c.ID, "", casework.ReportReply{Reply: reply, State: "sent", Platform: "m_1", Key: "100:9001", With: psid, At: morning.Add(3 * time.Minute)}, morning.Add(3*time.Minute))
	again("before the customer answered", false, 4*time.Minute)
	b.MustFile(say(4, "100:9001", psid, message.Private, nil))
	c = b.only()
	if th := c.Threads[1]; !c.IsCustomer(psid) || c.LastThread != "t2" || th.LastInbound.IsZero() || th.With != psid {
		t.Errorf("thread %+v, last %s, handles %v", th, c.LastThread, c.Handles)
	}
	again("after the answer", true, 5*time.Minute)
	if _, _, err := b.Do(b.ctx(), docket.Order{Case: c.ID, Cause: casework.Cause{Kind: "test", ID: "1"}, Now: morning.Add(5 * time.Minute),
		Command: casework.SendReply{By: "ines", Text: "Thank you."}}); err != nil {
		t.Errorf("the conversation does not go on: %v", err)
	}
}

// A receipt that names only a conversation and a time: what was said by then is
// read, what came later is not, and each receipt counts once.
func TestReceiptByTime(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(dockettest.DM("1", "leo", "hello", morning), complaint, morning))
	c := b.only()
	say := func(n int, at time.Time) string {
		t.Helper()
		_, events := b.MustDo(c.ID, "ines", casework.SendReply{By: "ines", Text: fmt.Sprint("answer ", n)}, at)
		reply := events[len(events)-1].(casework.ReplyRequested).Reply
		b.MustDo(c.ID, "", casework.ReportReply{Reply: reply, State: "sent", Platform: fmt.Sprint("m", n), At: at.Add(time.Second)}, at.Add(time.Second))
		return reply
	}
	first, second := say(1, morning.Add(time.Minute)), say(2, morning.Add(10*time.Minute))
	report := func(n int, thread string, state message.ReportState, at time.Time) docket.Incoming {
		return docket.Incoming{Envelope: fmt.Sprint("w", n), Items: 1, At: at, Item: message.Item{Kind: message.KindReport,
			Report: &message.Report{Channel: "x", Inbox: "northline-x", Thread: thread, State: state, At: at}}}
	}
	states := func() string {
		at := map[string]string{}
		for _, s := range b.MustLoad(c.ID).Settled {
			at[s.Reply] = s.State
		}
		return at[first] + " " + at[second]
	}
	key := c.Threads[0].Key
	steps := []struct {
		in   docket.Incoming
		want string
	}{
		{report(1, key, "read", morning.Add(30*time.Second)), "sent sent"},
		{report(2, key, "delivered", morning.Add(time.Minute+500*time.Millisecond)), "delivered sent"},
		{report(3, key, "read", morning.Add(5*time.Minute)), "read sent"},
		{report(3, key, "read", morning.Add(5*time.Minute)), "read sent"},
		{report(4, key, "delivered", morning.Add(time.Hour)), "read delivered"},
		{report(5, "somebody else's", "read", morning.Add(time.Hour)), "read delivered"},
		{report(6, key, "failed", morning.Add(time.Hour)), "read delivered"},
	}
	for i, s := range steps {
		b.MustFile(s.in)
		if got := states(); got != s.want {
			t.Errorf("after step %d the replies are %q, want %q", i+1, got, s.want)
		}
	}
	b.CatchUp()
	if got := b.Balance(); got[docket.OutcomeReport] != 6 {
		t.Errorf("outcomes %v, want each of the 6 reports once", got)
	}
}

// What an echo proved to have arrived is read later by the platform's id alone.
func TestReadAfterTheEchoSettledIt(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(dockettest.DM("1", "leo", "hello", morning), complaint, morning))
	id := b.only().ID
	_, events := b.MustDo(id, "ines", casework.SendReply{By: "ines", Text: "hi"}, morning)
	reply := events[len(events)-1].(casework.ReplyRequested).Reply
	if _, err := b.WriteLedger(b.ctx(), docket.Ledger{Reply: reply, Case: id, Thread: "t1", State: docket.LedgerUnconfirmed}, "x", "northline-x"); err != nil {
		t.Fatal(err)
	}
	for n, r := range []message.Report{{ReplyID: reply, State: "sent"}, {State: "read"}} {
		r.Channel, r.Inbox, r.ID, r.At = "x", "northline-x", "m_900", morning
		b.MustFile(docket.Incoming{Envelope: fmt.Sprint("e", n), Items: 1, At: morning, Item: message.Item{Kind: message.KindReport, Report: &r}})
	}
	if s := b.only().Settled; len(s) != 1 || s[0].State != "read" || s[0].Platform != "m_900" {
		t.Errorf("settled %+v", s)
	}
}
