package casework

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPromiseInAReplyIsProposedAndAccepted(t *testing.T) {
	f := open(t)
	f.do("ines", Claim{By: "ines"})
	events := f.do("ines", SendReply{By: "ines", Text: "So sorry. I'll get back to you by 5."})
	p, _ := f.has(events, "promise_proposed").(PromiseProposed)
	sent, _ := f.has(events, "reply_requested").(ReplyRequested)
	if p.Reply != sent.Reply || p.Owner != "ines" || p.Text != "I'll get back to you by 5." || !p.Due.Equal(morning.Add(8*time.Hour)) {
		t.Fatalf("%+v", p)
	}
	if len(f.c.Promises) != 0 {
		t.Fatal("nobody made it a promise yet")
	}
	made, _ := f.has(f.do("ines", AcceptPromise{By: "ines", Promise: p.Promise}), "promise_made").(PromiseMade)
	if made.Promise != p.Promise || made.Owner != "ines" || made.Reply != p.Reply || !made.Due.Equal(p.Due) {
		t.Errorf("%+v", made)
	}
	f.refused(CodeInvalid, "ines", AcceptPromise{By: "ines", Promise: p.Promise})
	f.refused(CodeOpenPromise, "ines", Resolve{By: "ines"})

	again, _ := f.has(f.do("ines", SendReply{By: "ines", Text: "And I'll ring you tomorrow morning."}), "promise_proposed").(PromiseProposed)
	f.do("ines", DismissPromise{By: "ines", Promise: again.Promise})
	f.refused(CodeNotFound, "ines", AcceptPromise{By: "ines", Promise: again.Promise})
	last, _ := f.has(f.do("ines", SendReply{By: "ines", Text: "I'll write within the hour."}), "promise_proposed").(PromiseProposed)
	f.wait(2 * time.Hour)
	f.refused(CodeInvalid, "ines", AcceptPromise{By: "ines", Promise: last.Promise}) // its time has passed
	f.do("ines", AcceptPromise{By: "ines", Promise: last.Promise, Due: f.now.Add(time.Hour), Text: "Write to him"})
	if p, _ := f.c.Promise(last.Promise); p.Text != "Write to him" {
		t.Errorf("%+v", p)
	}
}

// Who records a promise and then says it to the customer made one promise.
func TestPromiseThatIsMadeAlreadyIsNotProposedAgain(t *testing.T) {
	f := open(t)
	f.do("ines", MakePromise{By: "ines", Text: "look into it", Due: f.now.Add(time.Hour)})
	f.wait(2 * time.Minute)
	for text, want := range map[string]bool{"I'll get back to you within the hour.": false, "I'll ring you tomorrow.": true} {
		events := f.do("ines", SendReply{By: "ines", Text: text})
		if got := slices.Contains(kinds(events), "promise_proposed"); got != want {
			t.Errorf("%q: proposed is %v", text, got)
		}
	}
}

func TestPromisesAreHeardInFrenchAndGerman(t *testing.T) {
	for language, text := range map[string]string{"fr": "Je reviens vers vous avant 17h.", "de": "Ich melde mich bis 17 Uhr."} {
		f := newFile(t)
		r := post("1", "leo", "…", f.now)
		r.About.Language = language
		f.do("", r)
		p, _ := f.has(f.do("ines", SendReply{By: "ines", Text: text}), "promise_proposed").(PromiseProposed)
		if p.Text != text || p.Due.Hour() != 17 {
			t.Errorf("%s: %+v", language, p)
		}
	}
}

func TestPromiseMovesAndTheCustomerIsTold(t *testing.T) {
	f := answered(t)
	f.do("ines", MakePromise{By: "ines", Text: "call Leo", Due: f.now.Add(time.Hour)})
	id := f.c.Promises[0].ID
	events := f.do("ines", MovePromise{By: "ines", Promise: id, Due: f.now.Add(3 * time.Hour), Why: "the captain is on a flight"})
	moved, _ := f.has(events, "promise_moved").(PromiseMoved)
	told, _ := f.has(events, "reply_requested").(ReplyRequested)
	if moved.Reply != told.Reply || moved.Untold != "" || !told.Notice {
		t.Fatalf("%+v %+v", moved, told)
	}
	if strings.Contains(told.Text, "captain") || strings.Contains(told.Text, "call Leo") || !strings.Contains(told.Text, "12:") || !strings.HasSuffix(told.Text, "^Ines") {
		t.Errorf("the customer reads %q", told.Text)
	}
	// It is a courtesy: it answers nothing that he waits for.
	f.do("", dm("7", "leo", "and now?", f.now))
	f.do("", ReportReply{Reply: told.Reply, State: "sent", At: f.now})
	if !f.c.WaitsForUs() {
		t.Error("the notice counts as an answer")
	}

	own, _ := f.has(f.do("ines", MovePromise{By: "ines", Promise: id, Due: f.now.Add(5 * time.Hour), Why: "still flying", Tell: "Leo, it will be five."}), "reply_requested").(ReplyRequested)
	if own.Text != "Leo, it will be five. ^Ines" {
		t.Errorf("his own words became %q", own.Text)
	}
	for _, cmd := range []MovePromise{
		{By: "ines", Promise: id, Due: f.now.Add(6 * time.Hour), Why: "x", Quiet: true},
		{By: "ines", Promise: id, Due: f.now.Add(4 * time.Hour), Why: "sooner"},
	} {
		events := f.do("ines", cmd)
		moved, _ := f.has(events, "promise_moved").(PromiseMoved)
		if len(events) != 1 || moved.Untold == "" || moved.Reply != "" {
			t.Errorf("%+v: %v", cmd, kinds(events))
		}
	}
}

// Where the customer can't be written to, the promise moves and says that he
// doesn't know; words of one's own are refused instead.
func TestMovedPromiseSaysThatTheCustomerWasNotTold(t *testing.T) {
	f := newFile(t)
	f.do("", dm("1", "leo", "help", f.now))
	f.do("ines", MakePromise{By: "ines", Text: "call", Due: f.now.Add(30 * time.Hour)})
	f.wait(26 * time.Hour)
	cmd := MovePromise{By: "ines", Promise: f.c.Promises[0].ID, Due: f.now.Add(9 * time.Hour), Why: "ill"}
	moved, _ := f.has(f.do("ines", cmd), "promise_moved").(PromiseMoved)
	if moved.Reply != "" || !strings.Contains(moved.Untold, "more than a day ago") {
		t.Errorf("%+v", moved)
	}
	cmd.Tell = "Later, sorry"
	f.refused(CodeWindow, "ines", cmd)
}

func TestPromiseSurvivesHandOversWithItsOwnerClear(t *testing.T) {
	f := open(t)
	f.do("ines", Claim{By: "ines"})
	f.do("ines", MakePromise{By: "ines", Text: "ring at noon", Due: f.now.Add(3 * time.Hour)})
	f.do("noor", MakePromise{By: "noor", Text: "ask the crew", Due: f.now.Add(3 * time.Hour)})
	owners := func() string { return f.c.Promises[0].Owner + " " + f.c.Promises[1].Owner }
	f.do("tom", TakeOver{By: "tom", Why: "Ines goes home"})
	if owners() != "tom noor" || f.c.Promises[0].MadeBy != "ines" {
		t.Fatalf("after the take-over: %+v", f.c.Promises)
	}
	f.do("tom", Transfer{By: "tom", Department: "baggage", Why: "theirs"})
	if owners() != "tom noor" {
		t.Fatalf("nobody has it yet: %+v", f.c.Promises)
	}
	e, _ := f.has(f.do("ines", Claim{By: "ines"}), "promise_handed_over").(PromiseHandedOver)
	if e.From != "tom" || e.To != "ines" || owners() != "ines noor" {
		t.Fatalf("%+v, %s", e, owners())
	}
	f.do("ines", Assign{By: "ines", Colleague: "noor"})
	if owners() != "noor noor" || len(f.c.Promises) != 2 {
		t.Fatalf("after assigning: %+v", f.c.Promises)
	}
	broken := f.fire(f.now.Add(3 * time.Hour))
	if !slices.Contains(broken, "12:00 promise_broken") || !slices.Contains(broken, "12:00 remind promise noor,") {
		t.Errorf("%q", broken)
	}
	f.refused(CodeOpenPromise, "noor", Resolve{By: "noor"})
	for _, p := range slices.Clone(f.c.Promises) {
		kept, _ := f.has(f.do("noor", KeepPromise{By: "noor", Promise: p.ID}), "promise_kept").(PromiseKept)
		if !kept.Late {
			t.Error("kept in time?")
		}
	}
	f.do("noor", Resolve{By: "noor"})
}

// An open promise is ours to keep: the time we have for the whole goes on.
func TestResolutionClockRunsWhileSomethingIsPromised(t *testing.T) {
	f := answered(t)
	if !f.c.Resolution.Paused {
		t.Fatal("it is the customer's turn")
	}
	left := f.c.Resolution.Left
	f.wait(5 * time.Hour)
	f.do("ines", MakePromise{By: "ines", Text: "call", Due: f.now.Add(time.Hour)})
	if f.c.Resolution.Paused || !f.c.Resolution.Due.Equal(f.now.Add(left)) {
		t.Errorf("%+v", f.c.Resolution)
	}
	f.wait(time.Hour / 2)
	f.do("ines", KeepPromise{By: "ines", Promise: f.c.Promises[0].ID})
	if !f.c.Resolution.Paused || f.c.Resolution.Left != left-time.Hour/2 {
		t.Errorf("%+v", f.c.Resolution)
	}
}

// The sentence about a moved promise is in the customer's language, else in the
// community's, and names the day where it isn't today.
func TestMovedPromiseIsToldInTheCustomersLanguage(t *testing.T) {
	for language, want := range map[string]string{
		"en":    "by 10:00. I need until 09:30 on 21 November",
		"de-CH": "bis 10:00 Uhr versprochen. Ich brauche noch bis zum 21. November, 09:30 Uhr",
		"fr":    "pour 10 h 00. Ce sera pour le 21 novembre à 09 h 30",
		"pt":    "by 10:00. I need until 09:30 on 21 November",
	} {
		f := newFile(t)
		r := post("1", "leo", "…", f.now)
		r.About.Language = language
		f.do("", r)
		f.do("ines", MakePromise{By: "ines", Text: "call", Due: f.now.Add(time.Hour)})
		told, _ := f.has(f.do("ines", MovePromise{By: "ines", Promise: f.c.Promises[0].ID, Due: f.now.Add(24*time.Hour + 30*time.Minute), Why: "x"}), "reply_requested").(ReplyRequested)
		if !strings.Contains(told.Text, want) {
			t.Errorf("%s: %q", language, told.Text)
		}
	}
}
