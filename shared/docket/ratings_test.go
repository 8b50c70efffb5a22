package docket_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
)

func asking(t *testing.T) *bench {
	t.Helper()
	s := docket.DefaultSettings
	text := dockettest.Desk + "\nratings: {ask: 100, within: 24h}\n"
	return &bench{dockettest.Open(t, dockettest.Setup{Policy: dockettest.Policy(t, text), Settings: s, Channels: anything{}}), t, s}
}

// TestRatingIsAskedOnceHoweverOftenTheClockTells: the resolved case is among what is
// due, however often it is told so and by how many at once.
func TestRatingIsAskedOnceHoweverOftenTheClockTells(t *testing.T) {
	b := asking(t)
	m := dockettest.DM("1", "leo", "my bag is gone", morning)
	b.MustFile(b.Deliver(m, complaint, morning))
	b.CatchUp()
	id := casework.CaseID(m.Channel, m.Inbox, m.Thread, "")
	_, events := b.MustDo(id, "ines", casework.SendReply{By: "ines", Text: "It is found."}, morning)
	reply := events[slices.IndexFunc(events, func(e casework.Event) bool { return e.Kind() == "reply_requested" })].(casework.ReplyRequested).Reply
	b.MustDo(id, "", casework.ReportReply{Reply: reply, State: "sent", Platform: "p1", At: morning}, morning)
	b.MustDo(id, "ines", casework.Resolve{By: "ines"}, morning)
	b.CatchUp()
	due := func(at time.Time) (ids []string) {
		views, err := b.Due(b.ctx(), at, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range views {
			ids = append(ids, v.ID)
		}
		return ids
	}
	later := morning.Add(10 * time.Minute)
	if early, late := due(later.Add(-time.Second)), due(later); len(early) > 0 || !slices.Equal(late, []string{id}) {
		t.Fatalf("due early %v, in time %v", early, late)
	}
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if _, _, err := b.Do(b.ctx(), docket.Order{Case: id, Command: casework.FireTimers{}, Now: later}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	b.CatchUp()
	asked := 0
	log, err := b.Log(b.ctx(), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, cm := range log {
		for _, e := range cm.Events {
			if _, ok := e.(casework.RatingAsked); ok {
				asked++
			}
		}
	}
	if left := due(later.Add(time.Hour)); asked != 1 || len(left) > 0 {
		t.Fatalf("asked %d times, and %v is due", asked, left)
	}

	// The answer comes twice, and the customer deletes it: the number stays, his words go.
	at := later.Add(time.Hour)
	answer := dockettest.DM("2", "leo", "4, Tom was quick", at)
	for range 2 {
		b.MustFile(b.Deliver(answer, complaint, at))
	}
	b.CatchUp()
	r, err := b.Ratings(b.ctx(), docket.Period{From: morning, To: morning})
	if err != nil || r.Asked != 1 || r.Answered != 1 || r.All != (docket.Scores{0, 0, 0, 1, 0}) || r.All.Average() != 4 ||
		r.Departments["care"].Count() != 1 || r.Brands["northline"].Count() != 1 || len(r.Automations) != 0 {
		t.Errorf("counted %+v, %v", r, err)
	}
	if c := b.MustLoad(id); c.Status != casework.StatusResolved || c.Rated.Score != 4 || c.Messages != 2 {
		t.Errorf("the case is %s, rated %+v, %d messages", c.Status, c.Rated, c.Messages)
	}
	if b.Balance()["duplicate"] != 1 {
		t.Errorf("outcomes %v", b.Balance())
	}
	gone := dockettest.Deletion("gone", "2")
	gone.Item.Delete.Thread, gone.Item.Delete.Author = answer.Thread, answer.Author
	b.MustFile(gone)
	b.CatchUp()
	page, err := b.Log(b.ctx(), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, cm := range page {
		for _, e := range cm.Events {
			if rated, ok := e.(casework.Rated); ok && (rated.Text != "" || rated.Score != 4) {
				t.Errorf("left after the deletion: %+v", rated)
			}
		}
	}
}
