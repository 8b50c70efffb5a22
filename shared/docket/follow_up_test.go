package docket_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
)

// TestOneMatterHasOneFollowUp: whichever of an old case's threads the customer comes
// back in, it is one case that goes on, and the old one is not opened beside it.
func TestOneMatterHasOneFollowUp(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(post("1", "leo", "my bag is gone", morning), complaint, morning))
	dm := dockettest.DM("2", "leo", "the tag is 4471", morning)
	b.MustFile(b.Deliver(dm, complaint, morning))
	old := b.only()
	b.MustDo(old.ID, "ines", casework.Resolve{By: "ines"}, morning.Add(time.Hour))
	later := morning.Add(100 * time.Hour)
	b.MustFile(b.Deliver(dockettest.DM("3", "leo", "still no bag", later), complaint, later))
	b.CatchUp()
	ids := slices.DeleteFunc(b.cases(), func(id string) bool { return id == old.ID })
	if len(ids) != 1 {
		t.Fatalf("follow-ups %v", ids)
	}
	followUp := ids[0]
	b.MustDo(old.ID, "", casework.NoteFollowUp{Case: followUp}, later) // as relay asks for
	for _, in := range []docket.Incoming{b.Deliver(post("4", "leo", "and nobody answers", later), complaint, later),
		b.Deliver(post("1", "leo", "my bag is gone", morning), complaint, later)} { // and a late duplicate of the old case's
		b.MustFile(in)
	}
	b.CatchUp()
	if c := b.MustLoad(followUp); len(b.cases()) != 2 || c.Messages != 2 || len(c.Threads) != 2 || c.FollowsUp != old.ID {
		t.Fatalf("%d cases; the follow-up has %d messages in %d threads", len(b.cases()), c.Messages, len(c.Threads))
	}
	if got := b.Balance(); got[docket.OutcomeFiled] != 4 || got[docket.OutcomeDuplicate] != 1 {
		t.Fatalf("outcomes %v", got)
	}
	reopen := func() error {
		_, _, err := b.Do(b.ctx(), docket.Order{Case: old.ID, By: "ines", Command: casework.Reopen{By: "ines", Why: "it is this one"}, Now: later})
		return err
	}
	var refused *casework.Refusal
	if err := reopen(); !errors.As(err, &refused) || refused.Code != casework.CodeFollowedUp || refused.More["into"] != followUp {
		t.Fatalf("beside its open follow-up the case reopens: %v", err)
	}
	b.MustDo(followUp, "ines", casework.Resolve{By: "ines"}, later)
	if err := reopen(); err != nil {
		t.Errorf("after that one was resolved: %v", err)
	}
}
