package docket_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/incident"
)

const storm = `
incidents: {burst: 4, pace: 2}
`

var snow = casework.About{Topic: "disruption", Language: "en", Kind: "complaint", Urgency: "normal"}

func (b *tills) stranded(n int, about casework.About, at time.Time) (ids []string) {
	b.t.Helper()
	for range n {
		id := fmt.Sprint("s", len(b.cases))
		b.MustFile(b.Deliver(dockettest.Post(id, id, "author-"+id, "nothing flies", at), about, at))
		b.cases = append(b.cases, dockettest.CaseOf(id))
		ids = append(ids, dockettest.CaseOf(id))
	}
	b.CatchUp()
	return ids
}

func openStorm(t *testing.T, sections string) *tills {
	return &tills{Register: dockettest.Open(t, dockettest.Setup{Policy: dockettest.Policy(t, dockettest.Desk+sections), Channels: anything{}}), t: t}
}

// hasty tells everybody at once.
const hasty = "incidents: {burst: 4, pace: 100}\n"

// snowed is a desk that an incident was proposed on: cases of customers who are stranded,
// its id, and the minute after.
func snowed(t *testing.T, cases int, sections string) (b *tills, ids []string, id string, at time.Time) {
	b = openStorm(t, sections)
	b.watch(morning)
	ids = b.stranded(cases, snow, morning.Add(time.Minute))
	b.watch(morning.Add(2 * time.Minute))
	return b, ids, b.incidents()[0].ID, morning.Add(3 * time.Minute)
}

func (b *tills) watch(at time.Time) {
	b.t.Helper()
	if err := b.Docket.Watch(b.t.Context(), at); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tills) incidents() []incident.Incident {
	b.t.Helper()
	all, err := b.Docket.Incidents(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

func (b *tills) handle(id string, cmd incident.Command, at time.Time) (incident.Incident, error) {
	return b.Docket.Handle(b.t.Context(), id, cmd, at, nil)
}

func (b *tills) replies(id string) (said []string) {
	b.t.Helper()
	log, err := b.Docket.Log(b.t.Context(), id, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, cm := range log {
		for _, e := range cm.Events {
			if r, ok := e.(casework.ReplyRequested); ok {
				said = append(said, r.Text)
			}
		}
	}
	return said
}

// Snow closes the airport: many cases, one cause, one approved answer.
func TestABurstBecomesAnIncidentThatIsAnsweredOnce(t *testing.T) {
	b := openStorm(t, storm)
	in := func(d time.Duration) time.Time { return morning.Add(d) }
	b.watch(in(-time.Minute))
	before := b.stranded(3, snow, morning)
	b.watch(in(time.Minute))
	if got := b.incidents(); len(got) != 0 {
		t.Fatalf("three make %+v", got)
	}
	before = append(before, b.stranded(2, snow, in(2*time.Minute))...)
	other := b.stranded(1, casework.About{Topic: "refund", Language: "en", Kind: "complaint", Urgency: "normal"}, in(2*time.Minute))
	b.watch(in(3 * time.Minute))
	b.watch(in(3 * time.Minute)) // the queue may say it twice
	b.watch(in(4 * time.Minute))
	all := b.incidents()
	if len(all) != 1 || all[0].Status != incident.Proposed || all[0].Topic != "disruption" || !strings.Contains(all[0].Why, "5 customers") {
		t.Fatalf("%+v", all)
	}
	id := all[0].ID
	if c := b.MustLoad(before[0]); c.Incident != "" {
		t.Fatal("linked before anybody said yes")
	}
	var refusal *incident.Refusal
	if _, err := b.handle(id, incident.Command{By: "ines", Do: "confirm"}, in(5*time.Minute)); !errors.As(err, &refusal) || refusal.Code != "not-allowed" {
		t.Errorf("an agent confirms: %v", err)
	}
	if _, err := b.handle(id, incident.Command{By: "tom", Do: "broadcast", Text: "x"}, in(5*time.Minute)); !errors.As(err, &refusal) || refusal.Code != "invalid" {
		t.Errorf("answered before it is confirmed: %v", err)
	}
	if _, err := b.handle(id, incident.Command{By: "tom", Do: "confirm"}, in(5*time.Minute)); err != nil {
		t.Fatal(err)
	}
	later := b.stranded(1, casework.About{Topic: "disruption", Language: "fr-CA", Kind: "complaint", Urgency: "normal"}, in(6*time.Minute))
	for _, c := range slices.Concat(before, later) {
		if got := b.MustLoad(c); got.Incident != id {
			t.Errorf("%s is not linked", c)
		}
	}
	if c := b.MustLoad(other[0]); c.Incident != "" {
		t.Error("a case about something else is linked")
	}
	b.MustDo(before[0], "ines", casework.Resolve{By: "ines"}, in(7*time.Minute))
	say := incident.Command{By: "tom", Do: "broadcast", Text: "We fly again at noon.", Texts: map[string]string{"fr": "Nous repartons à midi."}}
	for range 2 { // a double click
		if i, err := b.handle(id, say, in(8*time.Minute)); err != nil || i.Answer.Number != 1 {
			t.Fatalf("%+v, %v", i.Answer, err)
		}
	}
	for m := 9; m < 13; m++ {
		b.watch(in(time.Duration(m) * time.Minute))
	}
	if got := b.replies(before[0]); len(got) != 0 {
		t.Errorf("a resolved case was told %q", got)
	}
	for _, c := range before[1:] {
		if got := b.replies(c); !slices.Equal(got, []string{"We fly again at noon. ^Tom"}) {
			t.Errorf("%s was told %q", c, got)
		}
	}
	if got := b.replies(later[0]); len(got) != 1 || !strings.HasPrefix(got[0], "Nous repartons") {
		t.Errorf("the French case was told %q", got)
	}
	if got := b.replies(other[0]); len(got) != 0 {
		t.Errorf("another case was told %q", got)
	}
	b.CatchUp()
	linked, answered, held, err := b.Docket.IncidentCounts(t.Context(), id)
	if err != nil || linked != 6 || answered != 5 || held != 0 {
		t.Errorf("%d linked, %d answered, %d held, %v", linked, answered, held, err)
	}
	if _, err := b.handle(id, incident.Command{By: "tom", Do: "close", Why: "the snow is gone"}, in(15*time.Minute)); err != nil {
		t.Fatal(err)
	}
	late := b.stranded(1, snow, in(16*time.Minute))
	if c := b.MustLoad(late[0]); c.Incident != "" {
		t.Error("linked after it was over")
	}
	// What is over is not noticed again at once.
	b.watch(in(17 * time.Minute))
	if got := b.incidents(); len(got) != 1 {
		t.Errorf("noticed again: %+v", got)
	}
}

func TestASecondPersonApprovesWhatGoesToEverybody(t *testing.T) {
	b, ids, id, at := snowed(t, 4, "incidents: {burst: 4, broadcast: [agent, lead], approved_by: [lead]}\n")
	for _, c := range []struct {
		by, do, text, code string
	}{
		{"tom", "confirm", "", ""},
		{"tom", "broadcast", "We fly again.", ""},
		{"tom", "approve", "", "not-allowed"}, // his own
		{"ines", "approve", "", "not-allowed"},
		{"ines", "broadcast", "We fly again at noon.", ""},
		{"tom", "approve", "", ""},
		{"tom", "approve", "", ""}, // again
	} {
		_, err := b.handle(id, incident.Command{By: c.by, Do: c.do, Text: c.text}, at)
		var r *incident.Refusal
		if (err == nil) != (c.code == "") || errors.As(err, &r) && r.Code != c.code {
			t.Errorf("%s by %s: %v", c.do, c.by, err)
		}
		if c.do == "broadcast" && len(b.replies(ids[0])) != 0 {
			t.Error("sent before it was approved")
		}
	}
	for _, c := range ids {
		if got := b.replies(c); !slices.Equal(got, []string{"We fly again at noon. ^Ines"}) {
			t.Errorf("%s was told %q", c, got)
		}
	}
}

// Whatever fails in between, each case is linked and answered once.
func TestABroadcastThatCrashesNeverAnswersTwice(t *testing.T) {
	b, ids, id, at := snowed(t, 6, hasty)
	for _, cmd := range []incident.Command{{By: "tom", Do: "confirm"}, {By: "tom", Do: "broadcast", Text: "We fly again."}} {
		for n := range 40 {
			plan := make([]dockettest.Verdict, n+1)
			plan[n] = []dockettest.Verdict{dockettest.Fails, dockettest.Lost}[n%2]
			b.Table.Plan(plan...)
			_, err := b.Faulty.Handle(t.Context(), id, cmd, at, nil)
			if err == nil {
				err = b.Faulty.Advance(t.Context(), id, at, 1)
			}
			_ = err // it comes again
		}
		b.Table.Plan()
		if _, err := b.handle(id, cmd, at); err != nil {
			t.Fatal(err)
		}
		b.CatchUp()
		at = at.Add(2 * time.Minute)
		b.watch(at)
	}
	for _, c := range ids {
		if got := b.replies(c); len(got) != 1 {
			t.Errorf("%s was told %q", c, got)
		}
	}
}

// Of many cases one is forgotten before the answer goes out: the others get it.
func TestAnErasedCaseHoldsUpNobodysAnswer(t *testing.T) {
	b, ids, id, at := snowed(t, 6, hasty)
	if _, err := b.handle(id, incident.Command{By: "tom", Do: "confirm"}, at); err != nil {
		t.Fatal(err)
	}
	b.CatchUp()
	for _, c := range []string{ids[0], ids[3]} {
		e, err := b.Docket.StartErasure(t.Context(), b.MustLoad(c).Customer.ID, "tom", "asked by mail", at)
		if err == nil {
			err = b.Docket.EraseFromTable(t.Context(), &e)
		}
		if err == nil {
			err = b.Docket.FinishErasure(t.Context(), &e)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.handle(id, incident.Command{By: "tom", Do: "broadcast", Text: "We fly again."}, at.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b.watch(at.Add(2 * time.Minute))
	for n, c := range ids {
		want := 1
		if n == 0 || n == 3 {
			want = 0
		}
		if got := b.replies(c); len(got) != want {
			t.Errorf("%d was told %q", n, got)
		}
	}
}

// Who wrote the answer may have left the desk before somebody comes late: the case
// says that it got none, and holds nobody up.
func TestAnAnswerWhoseWriterHasLeftIsHeld(t *testing.T) {
	b, ids, id, at := snowed(t, 4, hasty)
	if _, err := b.handle(id, incident.Command{By: "tom", Do: "confirm"}, at); err != nil {
		t.Fatal(err)
	}
	b.CatchUp()
	cmd := casework.AnswerIncident{By: "left", Incident: id, Number: 1, Text: func(string) string { return "We fly again." }}
	_, events, err := b.Docket.Do(t.Context(), docket.Order{Case: ids[0], Command: cmd, By: "left", Now: at})
	if err != nil || len(events) != 1 {
		t.Fatalf("%v, %v", events, err)
	}
	if e, ok := events[0].(casework.IncidentAnswered); !ok || e.Reply != "" || !strings.Contains(e.Held, "left") {
		t.Errorf("%+v", events[0])
	}
}
