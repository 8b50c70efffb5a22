package casework

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"ines/shared/message"
	"ines/shared/policy"

	"pgregory.net/rapid"
)

var actors = []string{"ines", "noor", "tom", "mallory"}

// anyCommand draws a command that may or may not make sense for the case.
func anyCommand(t *rapid.T, c *Case, now time.Time, n int) (string, Command) {
	by := rapid.SampledFrom(actors).Draw(t, "by")
	text := rapid.SampledFrom([]string{"", "hello", "a longer text", "4, thanks"}).Draw(t, "text")
	promise := "none"
	if len(c.Promises) > 0 {
		promise = rapid.SampledFrom(c.Promises).Draw(t, "promise").ID
	}
	reply := "none"
	for id := range c.Sendings {
		reply = max(reply, id)
	}
	if len(c.Settled) > 0 && rapid.Bool().Draw(t, "settled") {
		reply = c.Settled[0].Reply
	}
	due := now.Add(time.Duration(rapid.IntRange(-60, 600).Draw(t, "minutes")) * time.Minute)
	proposal, approval := "none", "none"
	if len(c.Proposals) > 0 {
		proposal = rapid.SampledFrom(c.Proposals).Draw(t, "proposal").ID
	}
	if len(c.Approvals) > 0 {
		approval = rapid.SampledFrom(c.Approvals).Draw(t, "approval").ID
	}
	switch rapid.IntRange(0, 24).Draw(t, "command") {
	case 0, 1, 2:
		author := rapid.SampledFrom([]string{"leo", "mia", "sam"}).Draw(t, "author")
		make := post
		if rapid.Bool().Draw(t, "private") {
			make = dm
		}
		r := make(fmt.Sprint(n), author, text, now.Add(-time.Duration(rapid.IntRange(0, 300).Draw(t, "late"))*time.Second))
		r.About.Kind = rapid.SampledFrom([]string{"request", "praise", "complaint"}).Draw(t, "kind")
		r.About.Urgency = rapid.SampledFrom([]string{"normal", "high", "now"}).Draw(t, "urgency")
		return "", r
	case 3:
		return by, Claim{By: by}
	case 4:
		return by, Release{By: by}
	case 5:
		return by, TakeOver{By: by, Why: text}
	case 6:
		return by, Assign{By: by, Colleague: rapid.SampledFrom(actors).Draw(t, "to")}
	case 7:
		return by, Transfer{By: by, Department: rapid.SampledFrom([]string{"care", "baggage", "nowhere"}).Draw(t, "to"), Why: text}
	case 8:
		text = rapid.SampledFrom([]string{text, "I'll ring you within the hour.", "NO NO NEVER!!"}).Draw(t, "words")
		return by, SendReply{By: by, Text: text, Thread: rapid.SampledFrom([]string{"", "t1", "t2", "t9"}).Draw(t, "thread")}
	case 9:
		return by, GoPrivate{By: by, Channel: rapid.SampledFrom([]string{"x", "email", "line"}).Draw(t, "channel"), Address: rapid.SampledFrom([]string{"", "leo@post.example"}).Draw(t, "address"), Text: text}
	case 10:
		return by, MakePromise{By: by, Text: text, Due: due}
	case 11:
		return by, KeepPromise{By: by, Promise: promise}
	case 12:
		return by, MovePromise{By: by, Promise: promise, Due: due, Why: text, Quiet: rapid.Bool().Draw(t, "quiet")}
	case 13:
		return by, Resolve{By: by}
	case 14:
		return by, Reopen{By: by, Why: text}
	case 15:
		return by, Snooze{By: by, Until: due}
	case 16:
		state := rapid.SampledFrom([]string{"sent", "delivered", "read", "delayed", "unconfirmed", "failed", "odd"}).Draw(t, "state")
		return "", ReportReply{Reply: reply, State: state, Platform: "p" + reply, At: now}
	case 17:
		return by, AcceptPromise{By: by, Promise: proposal}
	case 18:
		return by, DismissPromise{By: by, Promise: proposal}
	case 19, 20:
		amount := policy.Money{Units: rapid.Int64Range(0, 3_000_000).Draw(t, "amount"), Currency: rapid.SampledFrom([]string{"GBP", "EUR"}).Draw(t, "currency")}
		if amount.Units == 0 {
			amount = policy.Money{}
		}
		return by, Act{By: by, Action: rapid.SampledFrom([]string{"refund", "rebook", "fly"}).Draw(t, "action"), Amount: amount, Text: text}
	case 21:
		return by, Approve{By: by, Approval: approval, Text: text}
	case 23:
		return by, Wake{By: by}
	case 22:
		return by, Decline{By: by, Approval: approval, Text: text}
	}
	return "", FireTimers{}
}

// TestGuaranteesHoldUnderAnyCommands is the model test: whatever many actors do in
// whatever order, the guarantees about a case's state hold.
func TestGuaranteesHoldUnderAnyCommands(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFile(t)
		f.desk = deskWith(t, limits+asks)
		f.do("", post("0", "leo", "help", f.now))
		var middle []byte
		at := 0
		for n := range rapid.IntRange(1, 40).Draw(rt, "commands") {
			f.wait(time.Duration(rapid.IntRange(0, 90).Draw(rt, "wait")) * time.Minute)
			before := mustJSON(rt, f.c)
			by, cmd := anyCommand(rt, f.c, f.now, n+1)
			held, promises := f.c.HeldBy(f.now), slices.Clone(f.c.Promises)
			waiting := slices.Clone(f.c.Approvals)
			events, err := Decide(f.c, cmd, f.env())
			if string(before) != string(mustJSON(rt, f.c)) {
				rt.Fatalf("Decide(%T) changed the state", cmd)
			}
			if again, err2 := Decide(f.c, cmd, f.env()); !reflect.DeepEqual(events, again) || (err == nil) != (err2 == nil) {
				rt.Fatalf("Decide(%T) twice gives two answers", cmd)
			}
			if err != nil {
				var r *Refusal
				if !errors.As(err, &r) || r.Code == "" || r.Detail == "" {
					rt.Fatalf("Decide(%T): %v is no refusal that a person can read", cmd, err)
				}
				continue
			}
			if _, err := f.try(by, cmd); err != nil {
				rt.Fatal(err)
			}
			if by == "mallory" && len(events) > 0 {
				rt.Fatalf("a stranger did %v", kinds(events))
			}
			if f.c.Status == StatusResolved && len(f.c.Promises)+len(f.c.Approvals) > 0 {
				rt.Fatalf("resolved by %T with %v, %v open", cmd, f.c.Promises, f.c.Approvals)
			}
			withinAuthority(rt, f, by, cmd, events, waiting)
			if owner := f.c.HeldBy(f.now); held != "" && by != "" && owner != held && owner != "" {
				// A claim in force moves only by an explicit act.
				switch cmd.(type) {
				case TakeOver, Assign, Transfer:
				default:
					rt.Fatalf("%T moved the claim from %s to %s", cmd, held, owner)
				}
			}
			for _, p := range promises {
				if _, still := f.c.Promise(p.ID); !still {
					if _, kept := cmd.(KeepPromise); !kept {
						rt.Fatalf("%T made the promise %q vanish", cmd, p.Text)
					}
				}
			}
			if _, fired := cmd.(FireTimers); fired {
				if ts := f.c.Timers(); len(ts) > 0 && !ts[0].At.After(f.now) {
					rt.Fatalf("%v is still due after the timers fired at %s", ts[0], f.now)
				}
			}
			if rapid.IntRange(0, 9).Draw(rt, "snapshot") == 0 {
				middle, at = mustJSON(rt, f.c), len(f.log)
			}
		}
		ratedOnce(rt, f)
		folded, err := Fold(nil, wire(rt, f.log))
		if err != nil {
			rt.Fatal(err)
		}
		if got, want := mustJSON(rt, folded), mustJSON(rt, f.c); string(got) != string(want) {
			rt.Fatalf("the log folds to\n%s\nwant\n%s", got, want)
		}
		for _, cm := range f.log { // told again, it changes nothing
			if err := folded.Apply(cm); err != nil {
				rt.Fatal(err)
			}
		}
		if got, want := mustJSON(rt, folded), mustJSON(rt, f.c); string(got) != string(want) {
			rt.Fatalf("the log twice folds to\n%s\nwant\n%s", got, want)
		}
		if middle == nil {
			return
		}
		snap := &Case{}
		if err := json.Unmarshal(middle, snap); err != nil {
			rt.Fatal(err)
		}
		resumed, err := Fold(snap, wire(rt, f.log[at:]))
		if err != nil {
			rt.Fatal(err)
		}
		if got, want := mustJSON(rt, resumed), mustJSON(rt, f.c); string(got) != string(want) {
			rt.Fatalf("from a snapshot the log folds to\n%s\nwant\n%s", got, want)
		}
	})
}

// ratedOnce: the customer is asked once at most, after the case was resolved and in
// private, and his first number stays.
func ratedOnce(t *rapid.T, f *file) {
	asked, rated := 0, 0
	for _, e := range flat(f.log) {
		switch e := e.(type) {
		case RatingAsked:
			asked++
			if th, _ := f.c.Thread(e.Thread); th.Visibility != message.Private {
				t.Fatalf("asked in public: %+v", e)
			}
		case Rated:
			if rated++; e.Score != f.c.Rated.Score {
				t.Fatalf("rated %+v, kept %+v", e, f.c.Rated)
			}
		}
	}
	if asked > 1 || rated > 1 {
		t.Fatalf("asked %d times, rated %d times", asked, rated)
	}
}

// withinAuthority: what is done for a customer is what the policy gives to who did
// it, or somebody else who may said yes to it.
func withinAuthority(t *rapid.T, f *file, by string, cmd Command, events []Event, waiting []Approval) {
	for _, e := range events {
		a, ok := e.(ActionTaken)
		if !ok {
			continue
		}
		switch cmd.(type) {
		case Act:
			if a.Action == "refund" && (by != "tom" && f.c.Given["refund GBP"].Units > 1_500_000 || a.Currency != "GBP") {
				t.Fatalf("%s refunds by himself: %+v, the case has had %v", by, a, f.c.Given)
			}
		case Approve:
			i := slices.IndexFunc(waiting, func(w Approval) bool { return w.ID == a.Approval })
			if i < 0 || waiting[i].By == by || a.Asked != waiting[i].By || a.Action == "refund" && by != "tom" || f.c.Given["refund GBP"].Units > 10_000_000 {
				t.Fatalf("%s approves %+v of %+v", by, a, waiting)
			}
		default:
			t.Fatalf("%T does %+v", cmd, a)
		}
	}
}

// wire takes a log through its JSON, as the table does.
func wire(t *rapid.T, log []Commit) []Commit {
	var out []Commit
	if err := json.Unmarshal(mustJSON(t, log), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func mustJSON(t *rapid.T, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAnyArrivalGivesOneTimeline: the messages of a public thread in any order,
// each of them any number of times, give one customer and one timeline.
func TestAnyArrivalGivesOneTimeline(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		authors := rapid.SliceOfN(rapid.SampledFrom([]string{"mia", "sam", "leo"}), 1, 8).Draw(rt, "authors")
		script := []Receive{post("1", "leo", "text 1", morning)}
		for i, a := range authors {
			script = append(script, post(fmt.Sprint(i+2), a, fmt.Sprint("text ", i+2), morning.Add(time.Duration(i/2)*time.Second)))
		}
		tell := func(order []Receive) (string, []string) {
			f := newFile(t)
			for _, r := range order {
				if f.c.Seen.Look(r.Message.ID, "another delivery", r.Message.SentAt) == SightDuplicate {
					continue // as docket does
				}
				f.do("", r)
			}
			var said []string
			for _, e := range Timeline(f.log) {
				if e.Kind == "message_received" {
					said = append(said, e.By+" "+e.Author+" "+e.Text)
				}
			}
			return f.c.Customer.Handle.ID, said
		}
		wantWho, want := tell(script)
		shuffled := rapid.Permutation(append(slices.Clone(script), script...)).Draw(rt, "order")
		who, got := tell(shuffled)
		if who != wantWho || !slices.Equal(got, want) {
			rt.Fatalf("customer %s, timeline %q\nwant %s, %q", who, got, wantWho, want)
		}
	})
}

// TestReachChangesNothing: followers and badges are recorded with the message and
// change no decision and no place in the order of work.
func TestReachChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plain := post("1", "leo", rapid.String().Draw(rt, "text"), morning)
		plain.About.Urgency = rapid.SampledFrom([]string{"normal", "high", "now"}).Draw(rt, "urgency")
		famous := plain
		famous.Message.Author.Reach = rapid.Int64Range(0, 1<<40).Draw(rt, "reach")
		famous.Message.Author.Verified = rapid.Bool().Draw(rt, "verified")
		tell := func(r Receive) View {
			f := newFile(t)
			f.do("", r)
			return f.c.View()
		}
		if a, b := tell(plain), tell(famous); !reflect.DeepEqual(a, b) {
			rt.Fatalf("with reach %d the case is\n%+v\nwithout\n%+v", famous.Message.Author.Reach, b, a)
		}
	})
}

// FuzzDecide feeds Decide states that no log ever made.
func FuzzDecide(f *testing.F) {
	seed := open(f)
	seed.do("ines", SendReply{By: "ines", Text: "x"})
	state, _ := json.Marshal(seed.c)
	f.Add(state, "t1", "text")
	f.Add([]byte(`{"seq":1,"status":"odd","threads":[{"id":"t1"}],"promises":[{}],"approvals":[{"id":"t9","amount":"x"}],"proposals":[{"id":"t9"}],"first":{"due":"2026-01-01T00:00:00Z","missed":true,"rung":9,"next_rung":"2026-01-01T00:00:00Z"}}`), "t9", "")
	desk := desk(f)
	f.Fuzz(func(t *testing.T, state []byte, id, text string) {
		var c Case
		if json.Unmarshal(state, &c) != nil {
			return
		}
		env := Env{Policy: desk, Channels: platforms{}, Now: morning}
		for _, cmd := range []Command{post("9", id, text, morning), dm("8", id, text, morning), Claim{By: "ines"}, Release{By: "ines"},
			TakeOver{By: "tom", Why: text}, Assign{By: "tom", Colleague: "noor"}, Transfer{By: "tom", Department: "baggage", Why: text},
			Note{By: "ines", Text: text}, SendReply{By: "ines", Text: text, Thread: id}, GoPrivate{By: "ines", Channel: "x", Text: text},
			MakePromise{By: "ines", Text: text, Due: morning.Add(1)}, KeepPromise{By: "ines", Promise: id}, Resolve{By: "ines"},
			Reopen{By: "ines", Why: text}, Split{By: "ines", Author: id}, FireTimers{}, ReportReply{Reply: id, State: text}, ReportThread{Channel: "x", Inbox: "northline-x", Key: id, State: text, At: env.Now},
			AcceptPromise{By: "ines", Promise: id},
			DismissPromise{By: "ines", Promise: id}, MovePromise{By: "ines", Promise: id, Why: "x", Due: morning.Add(1)}, Act{By: "ines", Action: "refund", Text: "x"},
			Act{By: "ines", Action: "rebook", Text: text}, Approve{By: "tom", Approval: id}, Decline{By: "tom", Approval: id},
			Merge{By: "ines", Into: id, Target: &c}, Merge{By: "ines", Into: id}, Absorb{By: "ines", From: &c}, Unmerge{By: "ines", Why: "x", Target: &c}, UndoAbsorb{By: "ines", From: id}, Wake{By: "ines"},
			JoinCustomers{By: "ines", Others: c.Handles, Mine: []string{id}, Theirs: []string{c.Customer.ID}}, PartCustomers{By: "ines", Theirs: []string{id, c.Customer.ID}},
			DeclineIdentity{By: "ines", Mine: []string{id}, Theirs: []string{id}}, Receive{Message: message.Message{Text: text, Visibility: message.Private}, Same: []string{c.Customer.ID}},
			Edit{Edit: message.Edit{ID: id}}, Delete{Delete: message.Delete{ID: id}}, NoteFollowUp{Case: id},
			NoteName{Author: message.Author{Handle: c.Customer.Handle, Name: text}}} {
			events, err := Decide(&c, cmd, env)
			if err != nil {
				continue
			}
			next := c.Clone()
			if err := next.Apply(Commit{Seq: c.Seq + 1, At: morning, Events: events}); err != nil && c.Seq < 1<<62 {
				t.Fatalf("%T made events that don't apply: %v", cmd, err)
			}
			next.View()
		}
	})
}
