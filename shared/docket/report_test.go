package docket_test

import (
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
)

// answers a case by reply and reports it as sent.
func (b *tills) answers(id, who string, at time.Time) {
	b.t.Helper()
	_, es := b.MustDo(id, who, casework.SendReply{By: who, Text: "We are on it."}, at)
	for _, e := range es {
		if r, ok := e.(casework.ReplyRequested); ok {
			b.MustDo(id, "", casework.ReportReply{Reply: r.Reply, State: "sent", Platform: "p" + r.Reply, At: at}, at)
		}
	}
}

func TestReportsAreCountedWithTheCommitsOnce(t *testing.T) {
	b := openTills(t, 4)
	mail := dockettest.Mail("mail-1", "mail-1", "leo@post.example", "charged twice", morning)
	b.MustFile(b.Deliver(mail, complaint, morning))
	letter := casework.CaseID("email", "northline-mail", "mail-1", "")
	in := func(d time.Duration) time.Time { return morning.Add(d) }
	b.answers(b.cases[0], "ines", in(3*time.Minute))
	b.answers(b.cases[1], "ines", in(4*time.Minute))
	b.answers(letter, "ines", in(40*time.Minute))
	b.MustDo(b.cases[2], "", casework.FireTimers{}, in(61*time.Minute))
	b.answers(b.cases[2], "ines", in(90*time.Minute)) // missed, told, and late
	b.answers(b.cases[3], "ines", in(91*time.Minute)) // and one that no timer told of
	made := func(id string, due time.Duration) string {
		_, es := b.MustDo(id, "ines", casework.MakePromise{By: "ines", Text: "ring back", Due: in(due)}, in(100*time.Minute))
		return es[0].(casework.PromiseMade).Promise
	}
	kept, late := made(b.cases[0], 2*time.Hour), made(b.cases[1], 2*time.Hour)
	b.MustDo(b.cases[0], "ines", casework.MovePromise{By: "ines", Promise: kept, Due: in(3 * time.Hour), Why: "engaged", Quiet: true}, in(110*time.Minute))
	b.MustDo(b.cases[0], "ines", casework.KeepPromise{By: "ines", Promise: kept}, in(115*time.Minute))
	b.MustDo(b.cases[1], "", casework.FireTimers{}, in(121*time.Minute))
	b.MustDo(b.cases[1], "ines", casework.KeepPromise{By: "ines", Promise: late}, in(130*time.Minute))
	for range 3 {
		b.Rewind()
		b.CatchUp()
	}
	today := docket.Period{From: morning, To: in(3 * time.Hour)}
	service, err := b.Docket.ServiceReport(t.Context(), today)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]docket.Service{}
	for _, s := range service {
		got[s.Channel+" "+s.Clock] = s
	}
	if x := got["x first_answer"]; x.Met != 2 || x.Missed != 2 || x.Late != 2 || x.Community != "northline-en" {
		t.Errorf("posts: %+v", x)
	}
	if m := got["email first_answer"]; m.Met != 1 || m.Missed != 0 {
		t.Errorf("mail: %+v", m)
	}
	all, by, err := b.Docket.ParityReport(t.Context(), today)
	if err != nil || len(all) != 2 || len(by) != 2 {
		t.Fatalf("%+v, %+v, %v", all, by, err)
	}
	if m := all[0]; m.Channel != "email" || m.Answered != 1 || m.Mean != 2400 || m.Median < 1800 || m.Median > 2700 {
		t.Errorf("mail: %+v", m)
	}
	if x := all[1]; x.Channel != "x" || x.Answered != 4 || x.Mean != (3+4+90+91)*60/4 || x.Median < 120 || x.Median > 300 || x.P90 < 5400 || x.P90 > 7200 {
		t.Errorf("posts: %+v", x)
	}
	promises, err := b.Docket.PromiseReport(t.Context(), today)
	if want := (docket.PromiseCount{Department: "care", Made: 2, Kept: 1, Late: 1, Broken: 1, Moved: 1}); err != nil || promises[0] != want {
		t.Errorf("%+v, %v", promises, err)
	}
	// Another week has none of it.
	before := docket.Period{From: morning.AddDate(0, 0, -9), To: morning.AddDate(0, 0, -2)}
	if s, err := b.Docket.ServiceReport(t.Context(), before); err != nil || len(s) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

// A clock that stands still while the customer is silent is met, however long.
func TestAPausedClockIsMetInTime(t *testing.T) {
	b := openTills(t, 1)
	b.answers(b.cases[0], "ines", morning.Add(time.Minute))
	b.MustDo(b.cases[0], "ines", casework.Resolve{By: "ines"}, morning.AddDate(0, 0, 5))
	b.CatchUp()
	s, err := b.Docket.ServiceReport(t.Context(), docket.Period{From: morning, To: morning.AddDate(0, 0, 6)})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range s {
		if row.Missed != 0 || row.Met != 1 {
			t.Errorf("%+v", row)
		}
	}
}
