package relay

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/table"
)

func TestReplyGoesOnItsWay(t *testing.T) {
	b := newBench(t)
	b.say("1", "1", "leo", "complaint", morning)
	b.do(caseOf("1"), casework.Claim{By: "ines"}, morning)
	b.do(caseOf("1"), casework.SendReply{By: "ines", Text: "We are on it."}, morning.Add(time.Minute))
	c := b.MustLoad(caseOf("1"))
	b.twice(t)
	jobs, _ := b.jobs()
	if len(jobs) != 1 {
		t.Fatalf("%d replies were sent on", len(jobs))
	}
	job := jobs[0]
	if job.Case != c.ID || job.By != "ines" || !job.At.Equal(morning.Add(time.Minute)) || job.Reply.Text != "We are on it. ^Ines" || job.Reply.Parent != "1" || c.Sendings[job.Reply.Reply].State == "" {
		t.Errorf("job %+v", job)
	}
	if !reflect.DeepEqual(job.Thread, c.Threads[0]) {
		t.Errorf("thread %+v, the case has %+v", job.Thread, c.Threads[0])
	}
	if work := b.work(); len(work) != 0 {
		t.Errorf("work %+v", work)
	}
}

func TestTwoRepliesOfAThreadStayInOrder(t *testing.T) {
	b := newBench(t)
	b.say("1", "1", "leo", "complaint", morning)
	b.do(caseOf("1"), casework.Claim{By: "ines"}, morning)
	for i, text := range []string{"First.", "Second.", "Third."} {
		b.do(caseOf("1"), casework.SendReply{By: "ines", Text: text}, morning.Add(time.Duration(i)*time.Minute))
	}
	b.twice(t)
	jobs, groups := b.jobs()
	if len(jobs) != 3 || jobs[0].Reply.Text != "First. ^Ines" || jobs[2].Reply.Text != "Third. ^Ines" || len(slices.Compact(groups)) != 1 {
		t.Fatalf("jobs %+v in groups %v", jobs, groups)
	}
}

func TestOtherCasesAreTold(t *testing.T) {
	b := newBench(t)
	b.say("1", "1", "leo", "complaint", morning)
	b.say("2", "1", "mia", "request", morning.Add(time.Minute))
	b.do(caseOf("1"), casework.Resolve{By: "ines"}, morning.Add(time.Hour))
	later := morning.Add(100 * time.Hour)
	b.say("3", "1", "leo", "complaint", later)
	b.twice(t)
	work := b.work()
	if len(work) != 2 {
		t.Fatalf("work %+v", work)
	}
	var split, followUp docket.Work
	for _, w := range work {
		if w.Split != nil {
			split = w
		} else {
			followUp = w
		}
	}
	if split.Split == nil || split.Split.From != caseOf("1") || split.Split.Author.Handle.ID != "mia" || split.Case == "" || split.Case == caseOf("1") {
		t.Errorf("split %+v", split)
	}
	if next := casework.CaseID("x", "northline-x", "1", caseOf("1")); followUp.FollowUp == nil || followUp.Case != caseOf("1") || followUp.FollowUp.Case != next {
		t.Errorf("follow-up %+v", followUp)
	}
	if jobs, _ := b.jobs(); len(jobs) != 0 {
		t.Errorf("replies %+v", jobs)
	}
}

func TestViewsAndCountersFollow(t *testing.T) {
	b := newBench(t)
	for i := range 60 { // more than one transaction of views
		b.say(fmt.Sprint(i), fmt.Sprint(i), fmt.Sprint("author", i), "complaint", morning.Add(time.Duration(i)*time.Second))
	}
	b.say("100", "3", "author3", "complaint", morning.Add(time.Hour))
	b.do(caseOf("7"), casework.Resolve{By: "ines"}, morning.Add(time.Hour))
	b.twice(t)
	if got := b.Balance(); got["filed"] != 61 || len(got) != 1 {
		t.Errorf("outcomes %v", got)
	}
	flow, err := b.Flow(t.Context(), morning, morning.Add(2*time.Hour))
	if err != nil || flow["arrived/care"] != 60 || flow["resolved/care"] != 1 {
		t.Errorf("flow %v (%v)", flow, err)
	}
	for status, want := range map[casework.Status]int{casework.StatusOpen: 59, casework.StatusResolved: 1} {
		views, _, err := b.List(t.Context(), docket.Filter{Status: status, Limit: 200}, "")
		if err != nil || len(views) != want {
			t.Errorf("%d cases are %s (%v), want %d", len(views), status, err, want)
		}
	}
}

// What is no new commit has no effects: redactions, deletions, other items.
func TestOnlyNewCommitsCount(t *testing.T) {
	b := newBench(t)
	b.say("1", "1", "leo", "complaint", morning)
	b.do(caseOf("1"), casework.Claim{By: "ines"}, morning)
	b.do(caseOf("1"), casework.SendReply{By: "ines", Text: "We are on it."}, morning)
	fresh := b.Changes()
	quiet := map[string]func(*table.Change){
		"changed": func(c *table.Change) { c.Replaced = true },
		"deleted": func(c *table.Change) { c.Deleted = true },
		"a view":  func(c *table.Change) { c.Item.Key.Sort = "view" },
		"a snapshot": func(c *table.Change) {
			c.Item.Key.Sort = "snap#000000000001"
		},
		"an incident": func(c *table.Change) { c.Item.Key.Partition = "incident#1" },
	}
	for name, alter := range quiet {
		changes := slices.Clone(fresh)
		for i := range changes {
			alter(&changes[i])
		}
		if again := b.deliver(t, changes); again != "" {
			t.Errorf("%s: %s comes again", name, again)
		}
		if got := b.Balance(); len(got) != 0 || b.Queue.Calls() != 0 {
			t.Fatalf("%s had effects: %v, %d sends", name, got, b.Queue.Calls())
		}
	}
	if again := b.deliver(t, fresh); again != "" || b.Queue.Calls() != 1 {
		t.Fatalf("the commits themselves: %q, %d sends", again, b.Queue.Calls())
	}
}

// A deletion rewrites an old commit: the view loses the words and nothing is
// counted or sent again.
func TestRedactionHasNoEffectsOfItsOwn(t *testing.T) {
	b := newBench(t)
	b.say("1", "1", "leo", "complaint", morning)
	b.do(caseOf("1"), casework.Claim{By: "ines"}, morning)
	b.do(caseOf("1"), casework.SendReply{By: "ines", Text: "We are on it."}, morning)
	b.twice(t)
	b.withdraw("1")
	b.twice(t)
	if jobs, _ := b.jobs(); len(jobs) != 1 {
		t.Errorf("%d replies", len(jobs))
	}
	views, _, err := b.List(t.Context(), docket.Filter{}, "")
	if err != nil || len(views) != 1 || views[0].LastText != "" {
		t.Errorf("views %+v (%v)", views, err)
	}
	if got := b.Balance(); got["filed"] != 2 {
		t.Errorf("outcomes %v", got)
	}
}

// At what can't be read the stream stands, and what came before it is done.
func TestUnreadableRecordHoldsNobodyBefore(t *testing.T) {
	b := newBench(t)
	b.say("1", "1", "leo", "complaint", morning)
	b.say("2", "2", "mia", "complaint", morning)
	b.say("3", "3", "zoe", "complaint", morning)
	changes := b.Changes()
	good := changes[1].Item.Value
	changes[1].Item.Value = []byte(`{"case":"c","seq":1,"events":[{"kind":"of_tomorrow"}]}`)
	if again := b.deliver(t, changes); again != changes[1].ID {
		t.Fatalf("%q comes again, want %s", again, changes[1].ID)
	}
	if got := b.Balance(); got["filed"] != 1 {
		t.Fatalf("what came before it: %v", got)
	}
	b.Table.Plan(dockettest.Fails)
	if again := b.deliver(t, changes[:2]); again != changes[0].ID {
		t.Fatalf("%q comes again, though the table failed from %s on", again, changes[0].ID)
	}
	changes[1].Item.Value = good // a newer version of the function reads it
	if again := b.deliver(t, changes[1:]); again != "" {
		t.Fatalf("%q comes again", again)
	}
	if got := b.Balance(); got["filed"] != 3 {
		t.Fatalf("in the end: %v", got)
	}
}

func TestMalformedRecordComesAgain(t *testing.T) {
	b := newBench(t)
	text := []byte(`{"Records":[{"eventID":"7","eventName":"INSERT","dynamodb":{"SequenceNumber":"7"}}]}`)
	if again := b.handle(t, text); again != "7" {
		t.Fatalf("%q comes again", again)
	}
}

func TestEmptyBatch(t *testing.T) {
	b := newBench(t)
	if again := b.handle(t, []byte(`{"Records":[]}`)); again != "" || b.Queue.Calls() != 0 {
		t.Fatalf("%q comes again", again)
	}
}

// TestEffectsOnceWhateverFails: a few cases live their lives; then the stream tells
// of it in parts of any size, some of them again, while table and queues fail. In
// the end each reply and each word to another case was sent once, each view is at
// its case's version, each item is counted once, and each post is found by its id.
func TestEffectsOnceWhateverFails(t *testing.T) {
	b := newBench(t)
	const works, fails, lost = dockettest.Works, dockettest.Fails, dockettest.Lost
	run := 0
	b.twice(t)
	rapid.Check(t, func(rt *rapid.T) {
		run++
		before := b.Balance()
		posts, cases := b.live(rt, run)
		changes := b.Changes()
		b.Table.Lag(rapid.IntRange(0, 3).Draw(rt, "lag"))
		b.Table.Plan(dockettest.Verdicts(40, works, works, works, works, fails, lost).Draw(rt, "table")...)
		b.Queue.Plan(dockettest.Verdicts(6, works, fails, lost).Draw(rt, "queues")...)
		for at := 0; at < len(changes); {
			part := changes[at:min(len(changes), at+rapid.IntRange(1, 8).Draw(rt, "part"))]
			again := b.deliver(t, part)
			if again == "" {
				at += len(part)
				at -= rapid.SampledFrom([]int{0, 0, 0, min(at, 3)}).Draw(rt, "back") // a shard's lease moved
				if b.Table.Left()+b.Queue.Left() == 0 && at < len(changes) {
					break
				}
				continue
			}
			at = slices.IndexFunc(changes, func(c table.Change) bool { return c.ID == again })
		}
		b.Table.Plan()
		b.Queue.Plan()
		for range 2 {
			if again := b.deliver(t, changes); again != "" {
				rt.Fatalf("%s comes again", again)
			}
		}
		b.check(t, rt, cases, int64(len(posts)), before)
		b.findable(t, rt, rapid.Permutation(posts).Draw(rt, "withdrawn")[:min(2, len(posts))])
	})
}
