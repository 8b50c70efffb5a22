package casework

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/message"
	"ines/shared/policy"
	"ines/shared/policy/policyfile"
)

const testDesk = `
brands:
  - {id: northline, sign: "^{first_name}"}
communities:
  - {id: northline-en, brand: northline, languages: [en]}
inboxes:
  - {id: northline-x, channel: x, account: "100", community: northline-en}
  - {id: northline-mail, channel: email, provider: postmark, account: help@northline.example, community: northline-en}
departments:
  - {id: care, default: true}
  - {id: baggage}
colleagues:
  - {id: ines, name: Ines Silva, roles: [agent]}
  - {id: noor, name: Noor Haddad, roles: [agent]}
  - {id: tom, name: Tom Reed, roles: [lead]}
segments:
  - {id: stranded, when: 'urgency == "now"'}
service:
  - {when: 'segment == "stranded"', first_answer: 15m, next_answer: 30m, resolution: 4h}
  - {first_answer: 1h, next_answer: 2h, resolution: 24h}
`

var morning = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func desk(t testing.TB) *policy.Desk { t.Helper(); return deskWith(t, "") }

// deskWith is the test desk with further sections.
func deskWith(t testing.TB, sections string) *policy.Desk {
	t.Helper()
	return deskText(t, testDesk+sections)
}

func deskText(t testing.TB, text string) *policy.Desk {
	t.Helper()
	d, err := policyfile.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// file is a case with its log, as docket would keep them.
type file struct {
	t    testing.TB
	c    *Case
	log  []Commit
	desk *policy.Desk
	now  time.Time

	today int    // automatic answers that the customer has had
	token string // a link token
}

func newFile(t testing.TB) *file { return &file{t: t, c: &Case{}, desk: desk(t), now: morning} }

func (f *file) env() Env {
	return Env{Policy: f.desk, Channels: platforms{}, Now: f.now, AutomaticToday: f.today, Token: f.token}
}

// try decides and commits.
func (f *file) try(by string, cmd Command) ([]Event, error) {
	events, err := Decide(f.c, cmd, f.env())
	if err != nil || len(events) == 0 {
		return nil, err
	}
	cm := Commit{Case: "case-1", Seq: f.c.Seq + 1, At: f.now, By: by, Events: events}
	if err := f.c.Apply(cm); err != nil {
		f.t.Fatal(err)
	}
	f.log = append(f.log, cm)
	return events, nil
}

func (f *file) do(by string, cmd Command) []Event {
	f.t.Helper()
	events, err := f.try(by, cmd)
	if err != nil {
		f.t.Fatalf("%T: %v", cmd, err)
	}
	return events
}

func (f *file) refused(code, by string, cmd Command) *Refusal {
	f.t.Helper()
	_, err := f.try(by, cmd)
	var r *Refusal
	if !errors.As(err, &r) || r.Code != code {
		f.t.Fatalf("%T: got %v, want a refusal %q", cmd, err, code)
	}
	return r
}

func (f *file) wait(d time.Duration) { f.now = f.now.Add(d) }

func post(id, author, text string, at time.Time) Receive {
	h := message.Handle{Channel: "x", ID: author}
	return Receive{
		Item: "delivery-" + id, Brand: "northline", Community: "northline-en", Via: "known",
		Customer: Person{ID: CustomerID(h), Handle: h},
		About:    About{Language: "en", Kind: "complaint", Urgency: "normal"},
		Message: message.Message{Channel: "x", Inbox: "northline-x", ID: id, Thread: "1", Visibility: message.Public,
			Author: message.Author{Handle: h, Name: "name-" + author}, SentAt: at, Text: text},
	}
}

func dm(id, author, text string, at time.Time) Receive {
	r := post(id, author, text, at)
	r.Message.Thread, r.Message.Visibility, r.Via = "100-"+author, message.Private, "customer"
	return r
}

func kinds(events []Event) []string {
	names := make([]string, len(events))
	for i, e := range events {
		names[i] = e.Kind()
	}
	return names
}

func (f *file) has(events []Event, kind string) Event {
	f.t.Helper()
	for _, e := range events {
		if e.Kind() == kind {
			return e
		}
	}
	f.t.Fatalf("events are %v, want %s among them", kinds(events), kind)
	return nil
}

func open(t testing.TB) *file {
	f := newFile(t)
	f.do("", post("1", "leo", "nobody answers your phone", f.now))
	return f
}

func TestFirstMessageOpensCaseWithClocks(t *testing.T) {
	f := newFile(t)
	events := f.do("", post("1", "leo", "nobody answers your phone", f.now))
	want := []string{"case_opened", "thread_joined", "message_received", "assessed", "clock_set", "clock_set"}
	if got := kinds(events); !slices.Equal(got, want) {
		t.Fatalf("events %v, want %v", got, want)
	}
	if at, what := f.c.Due(); what != ClockFirst || !at.Equal(f.now.Add(time.Hour)) {
		t.Fatalf("due %s for %q, want the first answer in an hour", at, what)
	}
	if f.c.Department != "care" || f.c.Customer.Name != "name-leo" || len(f.c.Why) == 0 {
		t.Fatalf("department %q, customer %q, why %v", f.c.Department, f.c.Customer.Name, f.c.Why)
	}
}

func TestFriendsJoiningInAreBystanders(t *testing.T) {
	f := open(t)
	f.do("", post("2", "mia", "help him!", f.now.Add(time.Minute)))
	f.do("", post("3", "sam", "outrageous", f.now.Add(2*time.Minute)))
	if len(f.c.Bystanders) != 2 || f.c.Customer.Handle.ID != "leo" || f.c.Next.Due != (time.Time{}) {
		t.Fatalf("bystanders %v, customer %v", f.c.Bystanders, f.c.Customer)
	}
}

func TestBystanderWhoAsksForHimselfIsSplitOff(t *testing.T) {
	f := open(t)
	r := post("2", "mia", "my bag is missing too, can you find it?", f.now.Add(time.Minute))
	r.About.Kind = "request"
	split := f.has(f.do("", r), "bystander_split").(BystanderSplit)
	if split.Author.Handle.ID != "mia" || split.Case == "" || f.c.SplitTo(split.Author.Handle) != split.Case {
		t.Fatalf("split %+v, bystanders %v", split, f.c.Bystanders)
	}
	again := post("3", "mia", "please find it", f.now.Add(2*time.Minute))
	again.About.Kind = "request"
	if events := f.do("", again); slices.Contains(kinds(events), "bystander_split") {
		t.Fatal("split off twice")
	}
}

func TestRootThatArrivesLateTakesTheCaseBack(t *testing.T) {
	f := newFile(t)
	friend := post("2", "mia", "help him!", f.now.Add(time.Minute))
	f.do("", friend)
	events := f.do("", post("1", "leo", "nobody answers your phone", f.now))
	f.has(events, "customer_changed")
	if f.c.Customer.Handle.ID != "leo" || len(f.c.Bystanders) != 1 {
		t.Fatalf("customer %v, bystanders %v", f.c.Customer, f.c.Bystanders)
	}
	entries := Timeline(f.log)
	var said []string
	for _, e := range entries {
		if e.Kind == "message_received" {
			said = append(said, e.By+": "+e.Text)
		}
	}
	if want := []string{"customer: nobody answers your phone", "bystander: help him!"}; !slices.Equal(said, want) {
		t.Fatalf("timeline %q, want %q", said, want)
	}
}

func TestLateRootLeavesAnActedOnCaseAlone(t *testing.T) {
	f := newFile(t)
	f.do("", post("2", "mia", "help", f.now.Add(time.Minute)))
	f.do("ines", Claim{By: "ines"})
	f.do("", post("1", "leo", "hello", f.now))
	if f.c.Customer.Handle.ID != "mia" {
		t.Fatal("the customer changed under a colleague's hands")
	}
}

func TestClaimIsALease(t *testing.T) {
	f := open(t)
	f.do("ines", Claim{By: "ines"})
	if events := f.do("ines", Claim{By: "ines"}); len(events) != 0 {
		t.Fatalf("claiming twice made %v", kinds(events))
	}
	f.wait(10 * time.Minute)
	r := f.refused(CodeClaimed, "noor", Claim{By: "noor"})
	if holder := r.More["holder"].(map[string]string); holder["id"] != "ines" || !r.More["since"].(time.Time).Equal(morning) {
		t.Fatalf("the loser learns %v", r.More)
	}
	f.do("ines", Note{By: "ines", Text: "looking into it"})
	f.wait(25 * time.Minute) // 35 after the claim, 25 after the last act
	f.refused(CodeClaimed, "noor", Claim{By: "noor"})
	f.wait(5 * time.Minute)
	f.has(f.do("", FireTimers{}), "claim_expired")
	f.do("noor", Claim{By: "noor"})
	if f.c.Owner != "noor" {
		t.Fatalf("owner %q", f.c.Owner)
	}
	f.refused(CodeInvalid, "tom", TakeOver{By: "tom"})
	f.do("tom", TakeOver{By: "tom", Why: "Noor's shift is over"})
	f.refused(CodeNotClaimed, "noor", Release{By: "noor"})
	f.do("tom", Release{By: "tom"})
	f.refused(CodeNotAllowed, "mallory", Claim{By: "mallory"})
}

func TestReplyClaimsSignsAndStopsTheClocksWhenItIsOut(t *testing.T) {
	f := open(t)
	events := f.do("ines", SendReply{By: "ines", Text: "I'm so sorry. Please send me a DM."})
	f.has(events, "claimed")
	req := f.has(events, "reply_requested").(ReplyRequested)
	if req.Text != "I'm so sorry. Please send me a DM. ^Ines" || req.Parent != "1" || req.To.ID != "leo" {
		t.Fatalf("request %+v", req)
	}
	if !f.c.First.owed() {
		t.Fatal("the clock stopped before the answer was out")
	}
	f.wait(time.Minute)
	events = f.do("", ReportReply{Reply: req.Reply, State: "sent", Platform: "900", At: f.now})
	f.has(events, "clock_met")
	f.has(events, "clock_paused")
	if f.c.First.owed() || !f.c.Resolution.Paused {
		t.Fatalf("first %+v, resolution %+v", f.c.First, f.c.Resolution)
	}
	if again := f.do("", ReportReply{Reply: req.Reply, State: "sent", Platform: "900", At: f.now}); len(again) != 0 {
		t.Fatalf("a second report made %v", kinds(again))
	}
	f.wait(time.Hour)
	events = f.do("", dm("5", "leo", "here is my booking", f.now))
	f.has(events, "thread_joined")
	if at, what := f.c.Due(); what != ClockNext || !at.Equal(f.now.Add(2*time.Hour)) {
		t.Fatalf("due %s for %s", at, what)
	}
	if left := f.c.Resolution.Due.Sub(f.now); left != 24*time.Hour-time.Minute {
		t.Fatalf("resolution has %s left, want what it had when it was paused", left)
	}
}

func TestThanksOweNothing(t *testing.T) {
	f := answered(t)
	r := post("7", "leo", "thank you so much", f.now)
	r.About.Kind = "praise"
	f.do("", r)
	if f.c.WaitsForUs() {
		t.Fatal("thanks started a clock")
	}
	f.do("ines", Resolve{By: "ines"})
	f.do("", func() Receive { r := post("8", "leo", "you are great", f.now); r.About.Kind = "praise"; return r }())
	if f.c.Status != StatusResolved {
		t.Fatal("thanks reopened the case")
	}
	f.has(f.do("", post("9", "leo", "it happened again", f.now)), "reopened")
}

func answered(t testing.TB) *file {
	f := open(t)
	req := f.has(f.do("ines", SendReply{By: "ines", Text: "On it."}), "reply_requested").(ReplyRequested)
	f.do("", ReportReply{Reply: req.Reply, State: "sent", Platform: "900", At: f.now})
	return f
}

func TestPromiseHoldsTheCaseOpen(t *testing.T) {
	f := answered(t)
	p := f.has(f.do("ines", MakePromise{By: "ines", Text: "ring you back", Due: f.now.Add(30 * time.Minute)}), "promise_made").(PromiseMade)
	r := f.refused(CodeOpenPromise, "ines", Resolve{By: "ines"})
	if !slices.ContainsFunc(r.More["promises"].([]Promise), func(q Promise) bool { return q.ID == p.Promise }) {
		t.Fatalf("the refusal names %v", r.More)
	}
	f.wait(30 * time.Minute)
	f.has(f.do("", FireTimers{}), "promise_broken")
	if events := f.do("", FireTimers{}); slices.Contains(kinds(events), "promise_broken") {
		t.Fatal("broken twice")
	}
	f.refused(CodeOpenPromise, "ines", Resolve{By: "ines"})
	f.do("ines", MovePromise{By: "ines", Promise: p.Promise, Due: f.now.Add(time.Hour), Why: "the line is engaged"})
	kept := f.has(f.do("ines", KeepPromise{By: "ines", Promise: p.Promise}), "promise_kept").(PromiseKept)
	if kept.Late {
		t.Fatal("kept before the moved time and yet late")
	}
	f.do("ines", Resolve{By: "ines", Text: "refunded"})
	f.refused(CodeNotFound, "ines", KeepPromise{By: "ines", Promise: p.Promise})
	f.refused(CodeClosed, "ines", MakePromise{By: "ines", Text: "x", Due: f.now.Add(time.Hour)})
	f.do("ines", Reopen{By: "ines", Why: "one more thing"})
	f.refused(CodeInvalid, "ines", MakePromise{By: "ines", Text: "x", Due: f.now})
}

func TestMissedClockIsSaidOnceAndStaysOwed(t *testing.T) {
	f := open(t)
	f.wait(time.Hour)
	f.has(f.do("", FireTimers{}), "clock_missed")
	if events := f.do("", FireTimers{}); len(events) != 0 {
		t.Fatalf("again: %v", kinds(events))
	}
	if _, what := f.c.Due(); what != ClockFirst {
		t.Fatalf("due for %q, want the first answer still", what)
	}
}

func TestUrgencyTightensAndNeverLoosens(t *testing.T) {
	f := open(t)
	f.wait(5 * time.Minute)
	r := post("2", "leo", "I'm at the gate now", f.now)
	r.About.Urgency = "now"
	f.do("", r)
	if want := morning.Add(15 * time.Minute); !f.c.First.Due.Equal(want) || f.c.Segment != "stranded" {
		t.Fatalf("first answer due %s in segment %q, want %s", f.c.First.Due, f.c.Segment, want)
	}
	f.do("", post("3", "leo", "hello?", f.now))
	if f.c.About.Urgency != "now" || f.c.First.Due.After(morning.Add(15*time.Minute)) {
		t.Fatal("a calmer message gave more time")
	}
}

func TestWindowAndLengthAreCheckedBeforeAReplyIsAccepted(t *testing.T) {
	f := open(t)
	f.do("", dm("2", "leo", "details", f.now))
	f.wait(25 * time.Hour)
	r := f.refused(CodeWindow, "ines", SendReply{By: "ines", Text: "hello"})
	if alt := r.More["alternatives"].([]map[string]string); len(alt) != 2 || alt[0]["thread"] != "t1" || alt[1]["channel"] != "email" {
		t.Fatalf("alternatives %v", r.More["alternatives"])
	}
	f.refused(CodeTooLong, "ines", SendReply{By: "ines", Thread: "t1", Text: fmt.Sprintf("%0280d", 1)})
	f.refused(CodeNotFound, "ines", SendReply{By: "ines", Thread: "t9", Text: "hello"})
	f.refused(CodeInvalid, "ines", SendReply{By: "ines", Text: " \n"})
}

func TestGoingPrivateByMailJoinsTheAnswer(t *testing.T) {
	f := open(t)
	events := f.do("ines", GoPrivate{By: "ines", Channel: "email", Address: "leo@post.example", Subject: "Your ticket", Text: "Here is what happened."})
	f.has(events, "went_private")
	req := f.has(events, "reply_requested").(ReplyRequested)
	if req.Thread != "t2" || req.To.ID != "leo@post.example" || req.Subject != "Your ticket" {
		t.Fatalf("request %+v", req)
	}
	f.do("", ReportReply{Reply: req.Reply, State: "sent", Platform: "out-1@northline.example", Key: "out-1@northline.example", At: f.now})
	if f.c.Threads[1].Key != "out-1@northline.example" {
		t.Fatalf("threads %+v", f.c.Threads)
	}
	h := message.Handle{Channel: "email", ID: "leo@post.example"}
	answer := Receive{Item: "d", Via: "token", Customer: Person{ID: CustomerID(h), Handle: h}, About: About{Kind: "question"},
		Message: message.Message{Channel: "email", Inbox: "northline-mail", ID: "in-1", Thread: "out-1@northline.example",
			Visibility: message.Private, Author: message.Author{Handle: h}, SentAt: f.now, Text: "thanks, and my money?"}}
	f.has(f.do("", answer), "handle_linked")
	if !f.c.IsCustomer(h) || f.c.LastThread != "t2" {
		t.Fatalf("handles %v, last thread %s", f.c.Handles, f.c.LastThread)
	}
	again := f.do("ines", GoPrivate{By: "ines", Channel: "email", Address: "leo@post.example", Text: "More."})
	if g := f.has(again, "went_private").(WentPrivate); !g.Reused {
		t.Fatal("a second mail thread to the same address")
	}
	f.refused(CodeUnreachable, "ines", GoPrivate{By: "ines", Channel: "email", Text: "to nobody"})
	f.refused(CodeInvalid, "ines", GoPrivate{By: "ines", Channel: "line", Text: "no such inbox"})
}

func TestFailedDeliveryOwesAnAnswerAgain(t *testing.T) {
	f := answered(t)
	reply := f.c.Settled[0].Reply
	f.has(f.do("", ReportReply{Reply: reply, State: "failed", Class: "report", Why: "number blocked"}), "reply_failed")
	if !f.c.WaitsForUs() {
		t.Fatal("the customer heard nothing and nobody owes him a word")
	}
	if v := f.c.View(); !v.Unsent || f.c.Settled[0].State != "failed" {
		t.Fatalf("the list does not say so, or the reply is %+v", f.c.Settled[0])
	}
	again := f.has(f.do("ines", SendReply{By: "ines", Text: "Once more."}), "reply_requested").(ReplyRequested)
	if f.c.View().Unsent {
		t.Fatal("somebody has written since")
	}
	f.do("", ReportReply{Reply: again.Reply, State: "failed", Class: "permanent", Why: "no such number"})
	if !f.c.View().Unsent {
		t.Fatal("a reply that never went out is not told")
	}
	f.do("ines", Resolve{By: "ines"})
	if f.c.View().Unsent {
		t.Fatal("a resolved case asks for somebody")
	}
}

func TestUnconfirmedReplyIsSettledByAReport(t *testing.T) {
	f := open(t)
	req := f.has(f.do("ines", SendReply{By: "ines", Text: "On it."}), "reply_requested").(ReplyRequested)
	f.do("", ReportReply{Reply: req.Reply, State: "unconfirmed", Why: "no answer"})
	if f.c.View().Unconfirmed != 1 || !f.c.First.owed() {
		t.Fatalf("view %+v", f.c.View())
	}
	events := f.do("", ReportReply{Reply: req.Reply, State: "delivered", Platform: "900", At: f.now})
	f.has(events, "reply_sent")
	f.has(events, "reply_delivered")
	if len(f.c.Sendings) != 0 || f.c.First.owed() {
		t.Fatal("still unconfirmed")
	}
}

func TestDeletionLeavesTheFactOnTheTimeline(t *testing.T) {
	f := open(t)
	f.do("", Edit{Item: "e1", Edit: message.Edit{Channel: "x", Inbox: "northline-x", Thread: "1", ID: "1", Text: "second thoughts", At: f.now.Add(2 * time.Second)}})
	f.do("", Edit{Item: "e0", Edit: message.Edit{Channel: "x", Inbox: "northline-x", Thread: "1", ID: "1", Text: "first thoughts", At: f.now.Add(time.Second)}})
	if e := messageEntry(t, f.log, "1"); e.Text != "second thoughts" || !e.Edited {
		t.Fatalf("after an edit that overtook another: %+v", e)
	}
	f.do("", Delete{Item: "d", Delete: message.Delete{Channel: "x", Inbox: "northline-x", Thread: "1", ID: "1", At: f.now}})
	if e := messageEntry(t, f.log, "1"); e.Text != "" || !e.Deleted || f.c.LastText != "" {
		t.Fatalf("after deletion: %+v, last text %q", e, f.c.LastText)
	}
}

func messageEntry(t *testing.T, log []Commit, id string) Entry {
	t.Helper()
	for _, e := range Timeline(log) {
		if m, ok := e.Event.(MessageReceived); ok && m.Message.ID == id {
			return e
		}
	}
	t.Fatalf("no message %s on the timeline", id)
	return Entry{}
}

func TestStrangerInAMailThreadDoesNotTurnTheAnswerToHimself(t *testing.T) {
	mail := func(id, from string) Receive {
		h := message.Handle{Channel: "email", ID: from}
		return Receive{Item: "d-" + id, Via: "known", Brand: "northline", Community: "northline-en", Customer: Person{ID: CustomerID(h), Handle: h},
			About: About{Kind: "question"}, Message: message.Message{Channel: "email", Inbox: "northline-mail", ID: id, Thread: "root",
				Visibility: message.Private, Author: message.Author{Handle: h}, SentAt: morning, Text: "hello"}}
	}
	f := newFile(t)
	f.do("", mail("root", "leo@post.example"))
	f.do("", mail("second", "eve@post.example"))
	req := f.has(f.do("ines", SendReply{By: "ines", Text: "Here is your refund."}), "reply_requested").(ReplyRequested)
	if req.To.ID != "leo@post.example" || req.Parent != "root" {
		t.Fatalf("the reply goes to %q, answering %q", req.To.ID, req.Parent)
	}
}

func TestColleaguesTextsAreBounded(t *testing.T) {
	f := open(t)
	long := strings.Repeat("x", message.MaxText+1)
	for _, cmd := range []Command{Note{By: "ines", Text: long}, SendReply{By: "ines", Text: long}, LogCall{By: "ines", Number: "1", Direction: "inbound", Outcome: "answered", Text: long},
		MakePromise{By: "ines", Text: long, Due: f.now.Add(time.Hour)}, Resolve{By: "ines", Text: long}, GoPrivate{By: "ines", Channel: "email", Address: "a@b.example", Text: long}} {
		f.refused(CodeTooLong, "ines", cmd)
	}
}

// The message that a list quotes may stand in another thread than the first, and
// its deletion need not say in which.
func TestDeletedWordsLeaveTheListWhateverTheirThread(t *testing.T) {
	f := newFile(t)
	f.do("", dm("5", "leo", "hello", f.now))
	f.do("", post("6", "leo", "my number is 4242", f.now.Add(time.Second)))
	f.do("", Edit{Item: "e", Edit: message.Edit{Channel: "x", Inbox: "northline-x", ID: "6", Text: "my number is 4243", At: f.now}})
	if f.c.LastText != "my number is 4243" {
		t.Fatalf("after an edit the list quotes %q", f.c.LastText)
	}
	f.do("", Delete{Item: "d", Delete: message.Delete{Channel: "x", Inbox: "northline-x", ID: "6", At: f.now}})
	if e := messageEntry(t, f.log, "6"); f.c.LastText != "" || !e.Deleted {
		t.Fatalf("the list quotes %q, the timeline %+v", f.c.LastText, e)
	}
}
