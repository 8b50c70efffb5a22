package docket_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/policy"
)

const pushDesk = `
brands: [{id: northline}]
communities: [{id: northline-en, brand: northline, languages: [en]}]
inboxes: [{id: northline-x, channel: x, account: "2244994945", community: northline-en}]
departments: [{id: care, default: true, push: true}, {id: press}]
colleagues:
  - {id: ines, name: Ines Silva, capacity: 2}
  - {id: tom, name: Tom Reed, capacity: 3}
  - {id: ruth, name: Ruth Calder, departments: [press], capacity: 1}
routing: [{when: 'topic == "press"', department: press}]
topics: [{id: press}]
`

type team struct {
	*dockettest.Register
	testing.TB
	n int
}

func newTeam(t *testing.T) *team {
	return &team{Register: dockettest.Open(t, dockettest.Setup{Policy: dockettest.Policy(t, pushDesk)}), TB: t}
}

// opens files somebody's post and shows it in the lists.
func (w *team) opens(about casework.About) string {
	w.Helper()
	w.n++
	id := fmt.Sprint("post", w.n)
	w.Advance(time.Second)
	w.MustFile(w.Deliver(dockettest.Post(id, id, fmt.Sprint("author", w.n), "help", w.Now()), about, w.Now()))
	w.CatchUp()
	return dockettest.CaseOf(id)
}

func (w *team) is(who, state string) {
	w.Helper()
	if err := w.SetPresence(w.Context(), who, docket.Presence{State: state, Since: w.Now()}); err != nil {
		w.Fatal(err)
	}
}

func (w *team) offer(id string) string {
	w.Helper()
	who, err := w.Offer(w.Context(), id, w.Now())
	if err != nil {
		w.Fatal(err)
	}
	return who
}

// Push: the desk gives a free case to whoever is available and has waited longest,
// says why on the timeline, and the claim is a lease like any other.
func TestPushGivesToTheLongestIdle(t *testing.T) {
	w := newTeam(t)
	first := w.opens(casework.About{})
	if who := w.offer(first); who != "" {
		t.Fatalf("%s got it and is not there", who)
	}
	w.is("tom", "available")
	w.Advance(time.Minute)
	w.is("ines", "available")
	w.is("tom", "available") // said again: he is as idle as he was
	if who := w.offer(first); who != "tom" {
		t.Fatalf("%q got it", who)
	}
	c := w.MustLoad(first)
	log, err := w.Docket.Log(t.Context(), first, 0)
	if err != nil {
		t.Fatal(err)
	}
	last := log[len(log)-1]
	m, ok := last.Events[0].(casework.Matched)
	if !ok || m.How != casework.HowPush || m.Why.Outcome != "tom" || last.By != "" || c.HeldBy(w.Now()) != "tom" || !c.LeaseUntil.Equal(w.Now().Add(30*time.Minute)) {
		t.Fatalf("%+v by %q, held by %q until %v", last.Events[0], last.By, c.HeldBy(w.Now()), c.LeaseUntil)
	}
	if who := w.offer(first); who != "" {
		t.Errorf("offered again, %s got it", who)
	}
	if who := w.offer(w.opens(casework.About{})); who != "ines" {
		t.Errorf("the second is for %q", who)
	}
	press := w.opens(casework.About{Topic: "press"})
	w.is("ruth", "available")
	if who := w.offer(press); who != "" {
		t.Errorf("press doesn't push, %s got it", who)
	}
	w.is("tom", "away")
	w.Advance(time.Minute)
	if who := w.offer(w.opens(casework.About{})); who != "ines" {
		t.Errorf("who is away is passed over: %q", who)
	}
	if who := w.offer(w.opens(casework.About{})); who != "" {
		t.Errorf("ines is full, %q got it", who)
	}
}

// Two pushes at once can't give anybody one too many.
func TestParallelPushesKeepCapacity(t *testing.T) {
	w := newTeam(t)
	var ids []string
	for range 9 {
		ids = append(ids, w.opens(casework.About{}))
	}
	w.is("ines", "available")
	w.is("tom", "available")
	var all sync.WaitGroup
	errs := make(chan error, 3*len(ids))
	for range 3 {
		for _, id := range ids {
			all.Go(func() {
				if _, err := w.Offer(t.Context(), id, w.Now()); err != nil {
					errs <- err
				}
			})
		}
	}
	all.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	got := map[string]int{}
	for _, id := range ids {
		got[w.MustLoad(id).HeldBy(w.Now())]++
	}
	if got["ines"] != 2 || got["tom"] != 3 || got[""] != 4 {
		t.Errorf("given: %v", got)
	}
}

// Who has room again, or comes, gets the first in the order of work; who lets a case
// lie counts as away.
func TestRefillAndLapse(t *testing.T) {
	w := newTeam(t)
	var ids []string
	for i := range 4 {
		about := casework.About{}
		if i == 3 {
			about.Urgency = "now"
		}
		ids = append(ids, w.opens(about))
	}
	w.is("ines", "available")
	refill := func(who string) {
		t.Helper()
		if err := w.Refill(t.Context(), who, w.Now()); err != nil {
			t.Fatal(err)
		}
		w.CatchUp()
	}
	refill("ines")
	refill("ines")
	owner := func(i int) string { return w.MustLoad(ids[i]).HeldBy(w.Now()) }
	if owner(3) != "ines" || owner(0) != "ines" || owner(1) != "" {
		t.Fatalf("ines got %q %q %q %q", owner(0), owner(1), owner(2), owner(3))
	}
	w.MustDo(ids[0], "ines", casework.Resolve{By: "ines"}, w.Now())
	refill("ines")
	if owner(1) != "ines" || owner(2) != "" {
		t.Fatalf("with room again: %q %q", owner(1), owner(2))
	}
	// She does nothing for half an hour: the claims end, the desk takes her for away.
	w.Advance(31 * time.Minute)
	w.MustDo(ids[1], "", casework.FireTimers{}, w.Now())
	if who := w.offer(ids[1]); who != "" {
		t.Errorf("%q got what she let lie", who)
	}
	p, held, err := w.At(t.Context(), "ines", w.Now())
	if err != nil || p.State != docket.StateAway || p.Why == "" || held != 0 {
		t.Errorf("ines is %+v with %d cases, %v", p, held, err)
	}
	w.is("tom", "available")
	if who := w.offer(ids[1]); who != "tom" {
		t.Errorf("%q got it", who)
	}
	w.Advance(13 * time.Hour)
	if p, _, _ := w.At(t.Context(), "tom", w.Now()); p.State != docket.StateAway {
		t.Errorf("tom is %+v after thirteen hours", p)
	}
}

// Pull: the first that is for me, once each however many ask at a time.
func TestNextClaimsTheFirstAndEachOnce(t *testing.T) {
	w := newTeam(t)
	var ids []string
	for i := range 4 {
		about := casework.About{}
		if i == 2 {
			about.Urgency = "now"
		}
		ids = append(ids, w.opens(about))
	}
	cause := casework.Cause{Kind: "command"}
	c, why, err := w.Next(t.Context(), "ines", "", w.Now(), cause, nil)
	if err != nil || c == nil || c.ID != ids[2] || c.Owner != "ines" || !strings.Contains(why.Text, "1h earlier") {
		t.Fatalf("%v, %s, %v", c, why.Text, err)
	}
	// The views still show it free.
	type result struct {
		id  string
		err error
	}
	got := make(chan result, 4)
	var all sync.WaitGroup
	for _, who := range []string{"ines", "tom", "tom", "tom"} {
		all.Go(func() {
			c, _, err := w.Next(t.Context(), who, "care", w.Now(), cause, nil)
			r := result{err: err}
			if c != nil {
				r.id = c.ID
			}
			got <- r
		})
	}
	all.Wait()
	close(got)
	var taken []string
	for r := range got {
		if r.err != nil {
			t.Error(r.err)
		}
		if r.id != "" {
			taken = append(taken, r.id)
		}
	}
	slices.Sort(taken)
	want := []string{ids[0], ids[1], ids[3]}
	slices.Sort(want)
	if !slices.Equal(taken, want) {
		t.Errorf("taken %v, want %v", taken, want)
	}
	_, _, err = w.Next(t.Context(), "ines", "press", w.Now(), cause, nil)
	if r, ok := err.(*casework.Refusal); !ok || r.Code != casework.CodeNotAllowed {
		t.Errorf("somebody else's department: %v", err)
	}
	press := w.opens(casework.About{Topic: "press"})
	w.opens(casework.About{Topic: "press"})
	if c, _, err := w.Next(t.Context(), "ruth", "", w.Now(), cause, nil); err != nil || c.ID != press {
		t.Fatal(err)
	}
	_, _, err = w.Next(t.Context(), "ruth", "", w.Now(), cause, nil)
	if r, ok := err.(*casework.Refusal); !ok || r.Code != casework.CodeAtCapacity {
		t.Errorf("above capacity: %v", err)
	}
}

// Fair: the list is in the order of work, and followers are no part of it.
func TestListsFollowTheRanking(t *testing.T) {
	order := func(reach func(i int) int64) (got []string) {
		w := newTeam(t)
		for i := range 12 {
			w.n++
			id := fmt.Sprint("post", w.n)
			m := dockettest.Post(id, id, fmt.Sprint("author", w.n), "help", w.Now())
			m.Author.Reach, m.Author.Verified = reach(i), reach(i) > 0
			m.Visibility = message.Public
			about := casework.About{}
			if i%5 == 4 {
				about.Urgency = "now"
			}
			w.MustFile(w.Deliver(m, about, w.Now()))
			w.Advance(time.Minute)
		}
		w.CatchUp()
		cursor := ""
		for {
			views, next, err := w.List(t.Context(), docket.Filter{Status: casework.StatusOpen, Limit: 5}, cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range views {
				got = append(got, v.ID)
				if n, _, err := w.Ahead(t.Context(), "care", v.Rank(policy.DefaultOrder)); err != nil || n != len(got)-1 {
					t.Errorf("%d come before number %d: %v", n, len(got), err)
				}
			}
			if cursor = next; cursor == "" {
				return got
			}
		}
	}
	quiet := order(func(int) int64 { return 0 })
	if famous := order(func(i int) int64 { return int64(i%3) * 4_000_000 }); !slices.Equal(quiet, famous) {
		t.Errorf("followers move the list:\n%v\n%v", quiet, famous)
	}
	if quiet[0] != dockettest.CaseOf("post5") || quiet[1] != dockettest.CaseOf("post10") || quiet[2] != dockettest.CaseOf("post1") {
		t.Errorf("order: %v", quiet)
	}
}
