package casework

import (
	"testing"
	"time"
)

// two are two cases of one brand.
func two(t *testing.T) (f, g *file) {
	f, g = open(t), newFile(t)
	r := dm("9", "mia", "and my bag", g.now)
	r.About.Urgency = "now"
	g.do("", r)
	g.c.ID = "case-2"
	return f, g
}

// mergeInto commits both sides, as docket does in one transaction.
func mergeInto(t *testing.T, from, into *file) {
	t.Helper()
	before := from.c.Clone()
	from.do("ines", Merge{By: "ines", Into: into.c.ID, Target: into.c})
	into.do("ines", Absorb{By: "ines", From: before})
}

func TestMergeInheritsWhatIsOwed(t *testing.T) {
	f, g := two(t)
	f.do("ines", SendReply{By: "ines", Text: "hello"})
	for id := range f.c.Sendings {
		f.do("", ReportReply{Reply: id, State: "sent", At: f.now})
	}
	if f.c.WaitsForUs() || !f.c.Resolution.Paused {
		t.Fatal("answered")
	}
	f.do("ines", Snooze{By: "ines", Until: f.now.Add(time.Hour)})
	g.do("noor", MakePromise{By: "noor", Text: "look", Due: g.now.Add(time.Hour)})
	mergeInto(t, g, f)
	if !f.c.Next.Due.Equal(g.c.First.Due) || f.c.Status != StatusOpen || f.c.Resolution.Paused || f.c.About.Urgency != "now" || f.c.About.UrgencyIn != "9" || len(f.c.Promises) != 1 {
		t.Errorf("%+v", f.c)
	}
	if len(g.c.Timers()) != 0 || len(g.c.Promises) != 0 {
		t.Errorf("the case that ended still has %v", g.c.Timers())
	}
	f.refused(CodeOpenPromise, "ines", Resolve{By: "ines"})
	// Mia is heard as a customer now, in either thread.
	f.do("", post("20", "mia", "hm", f.now))
	if len(f.c.Bystanders) != 0 {
		t.Errorf("%v", f.c.Bystanders)
	}
}

func TestMergeIsRefusedWhereSomethingHangs(t *testing.T) {
	f, g := two(t)
	f.do("ines", SendReply{By: "ines", Text: "hello"})
	f.refused(CodeInvalid, "ines", Merge{By: "ines", Into: "case-2", Target: g.c})
	g.do("noor", Claim{By: "noor"})
	g.refused(CodeClaimed, "ines", Merge{By: "ines", Into: "case-1", Target: f.c})
	g.do("noor", Act{By: "noor", Action: "refund", Amount: pounds(t, "5"), Text: "x"})
	g.refused(CodeOpenApproval, "noor", Merge{By: "noor", Into: "case-1", Target: f.c})
	other := f.c.Clone()
	other.Brand = "southline"
	f.refused(CodeInvalid, "ines", Merge{By: "ines", Into: "case-2", Target: other})
	other.Brand, other.MergedInto = "northline", "case-7"
	if r := f.refused(CodeMerged, "ines", Merge{By: "ines", Into: "case-2", Target: other}); r.More["into"] != "case-7" {
		t.Errorf("%+v", r)
	}
	other.MergedInto, other.Status = "", StatusResolved
	f.refused(CodeClosed, "ines", Merge{By: "ines", Into: "case-2", Target: other})
}

// Thread ids are never given twice, whatever came and went.
func TestThreadIDsAreNeverReused(t *testing.T) {
	f, g := two(t)
	mergeInto(t, g, f)
	f.do("ines", UndoAbsorb{By: "ines", From: "case-2", Why: "no"})
	f.do("ines", GoPrivate{By: "ines", Channel: "email", Address: "leo@post.example", Text: "hello"})
	if got := f.c.Threads[len(f.c.Threads)-1].ID; len(f.c.Threads) != 2 || got != "t3" {
		t.Errorf("%+v", f.c.Threads)
	}
}

func TestSnoozeIsUndoneByWaking(t *testing.T) {
	f := open(t)
	f.do("ines", Snooze{By: "ines", Until: f.now.Add(time.Hour)})
	e, _ := f.has(f.do("ines", Wake{By: "ines"}), "woken").(Woken)
	if f.c.Status != StatusOpen || e.Why != "Ines Silva took it up again" {
		t.Errorf("%s, %+v", f.c.Status, e)
	}
	if events := f.do("ines", Wake{By: "ines"}); len(events) != 0 {
		t.Errorf("%v", kinds(events))
	}
}
