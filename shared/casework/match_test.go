package casework

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ines/shared/message"
	"ines/shared/policy"
	"ines/shared/policy/policyfile"
)

const teamDesk = `
brands: [{id: northline}]
communities: [{id: northline-en, brand: northline, languages: [en]}, {id: northline-fr, brand: northline, languages: [fr]}]
inboxes:
  - {id: northline-x, channel: x, account: "1", community: northline-en}
  - {id: northline-x-fr, channel: x, account: "2", community: northline-fr}
departments: [{id: care, default: true, push: true}, {id: baggage, push: true}]
colleagues:
  - {id: ines, name: Ines Silva, departments: [care, baggage], languages: [en, fr], skills: [tracing], capacity: 3}
  - {id: tom, name: Tom Reed, roles: [lead], departments: [care, baggage], languages: [en], capacity: 3}
  - {id: amelie, name: Amélie Garnier, departments: [care], languages: [fr], communities: [northline-fr], capacity: 3}
routing: [{when: 'topic == "baggage"', department: baggage, skills: [tracing]}]
containment: {replies: 5, within: 30m, reach: 10000}
topics: [{id: baggage}]
`

func team(t testing.TB) *policy.Desk {
	t.Helper()
	d, err := policyfile.Parse("team.yaml", []byte(teamDesk))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func people(d *policy.Desk, held, idle map[string]int) []Available {
	var all []Available
	for _, c := range d.Colleagues {
		all = append(all, Available{Colleague: c, Held: held[c.ID], IdleSince: morning.Add(-time.Duration(idle[c.ID]) * time.Minute)})
	}
	return all
}

// Routing: skill ∩ language ∩ community ∩ capacity, tie to the longest idle.
func TestRoutingChoosesBySkillLanguageCommunityAndCapacity(t *testing.T) {
	d := team(t)
	care := View{ID: "c", Status: StatusOpen, Department: "care", Community: "northline-en", About: About{Language: "en"}}
	with := func(change func(*View)) View { v := care; change(&v); return v }
	for name, tt := range map[string]struct {
		v          View
		held, idle map[string]int
		want       string
		says       string
	}{
		"longest idle":           {care, nil, map[string]int{"ines": 5, "tom": 7}, "tom", "Tom Reed gets it (writes en)"},
		"a tie goes by id":       {care, nil, nil, "ines", "Amélie Garnier doesn't write en"},
		"capacity":               {care, map[string]int{"tom": 3}, map[string]int{"tom": 60}, "ines", "Tom Reed has 3 of 3 cases"},
		"skill":                  {with(func(v *View) { v.Department, v.Skills = "baggage", []string{"tracing"} }), nil, map[string]int{"tom": 60}, "ines", "Tom Reed has not the skill tracing"},
		"language":               {with(func(v *View) { v.About.Language = "fr-CA" }), nil, map[string]int{"tom": 60}, "ines", "Tom Reed doesn't write fr-CA"},
		"community":              {with(func(v *View) { v.Community, v.About.Language = "northline-fr", "fr" }), nil, map[string]int{"amelie": 9}, "amelie", ""},
		"not that community":     {with(func(v *View) { v.About.Language = "fr" }), nil, map[string]int{"amelie": 9}, "ines", "Amélie Garnier doesn't answer northline-en"},
		"department":             {with(func(v *View) { v.Department = "baggage" }), nil, map[string]int{"amelie": 9, "tom": 1}, "tom", "Amélie Garnier is not in baggage"},
		"language not known":     {with(func(v *View) { v.About.Language, v.Community = "", "northline-fr" }), nil, map[string]int{"amelie": 9}, "amelie", ""},
		"nobody":                 {with(func(v *View) { v.About.Language = "de" }), nil, nil, "", "Nobody is available for it"},
		"nobody who has room":    {care, map[string]int{"ines": 3, "tom": 4}, nil, "", "Ines Silva has 3 of 3 cases"},
		"nobody with that skill": {with(func(v *View) { v.Skills = []string{"law"} }), nil, nil, "", "has not the skill law"},
	} {
		t.Run(name, func(t *testing.T) {
			who, why, ok := Choose(tt.v, people(d, tt.held, tt.idle))
			if who != tt.want || ok != (tt.want != "") || !strings.Contains(why.Text, tt.says) {
				t.Errorf("%q: %s", who, why.Text)
			}
			if why.Decision != "people" || why.Facts["language"] != tt.v.About.Language {
				t.Errorf("explained as %+v", why)
			}
		})
	}
}

// The order of work: deadline, moment of truth, broken promises, waiting.
func TestTheOrderOfWork(t *testing.T) {
	o := policy.DefaultOrder
	at := func(min int) time.Time { return morning.Add(time.Duration(min) * time.Minute) }
	v := func(id string, due, since int, change ...func(*View)) View {
		v := View{ID: id, Status: StatusOpen, OpenedAt: at(since), WaitingSince: at(since), WaitingFor: "us", DueAt: at(due)}
		for _, f := range change {
			f(&v)
		}
		return v
	}
	now := func(v *View) { v.About.Urgency = "now" }
	broken := func(v *View) { v.Broken = 2 }
	nothing := func(v *View) { v.DueAt = time.Time{} }
	want := []View{
		v("e", 100, 0, now, broken), // as if due at -20
		v("a", 10, 0),
		v("b", 75, 3, now),    // as if due at 15
		v("c", 15, 4),         // waits a minute less than b
		v("d", 76, 0, broken), // 16
		v("f", 60, 0),
		v("h", 0, 1, nothing),
		v("g", 0, 2, nothing),
		v("i", 0, 2, nothing),
	}
	got := slices.Clone(want)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
	slices.SortFunc(got, func(a, b View) int { return a.Rank(o).Compare(b.Rank(o)) })
	for i := range want {
		if got[i].ID != want[i].ID {
			t.Fatalf("place %d: %s, want %s", i, got[i].ID, want[i].ID)
		}
		if i > 0 && got[i-1].Rank(o).Sort() >= got[i].Rank(o).Sort() {
			t.Errorf("the list's order differs: %s, %s", got[i-1].Rank(o).Sort(), got[i].Rank(o).Sort())
		}
	}
	if why := want[0].Rank(o).Why; why.Rule != "order" || why.Outcome != "2h before its deadline" || !strings.Contains(why.Text, "2 promises were broken") {
		t.Errorf("explained as %+v", why)
	}
	if o.Ahead("now", 1) != 90*time.Minute || o.Ahead("high", 0) != 0 {
		t.Error("head starts")
	}
}

// Pull: the first in the order of work that is for me, and what was passed over.
func TestNextForMe(t *testing.T) {
	d := team(t)
	view := func(id, department, language string, due int) View {
		return View{ID: id, Status: StatusOpen, Department: department, Community: "northline-en", About: About{Language: language}, WaitingFor: "us",
			DueAt: morning.Add(time.Duration(due) * time.Minute)}
	}
	taken, closed := view("taken", "care", "en", 0), view("closed", "care", "en", 0)
	taken.Owner, closed.Status = "ines", StatusResolved
	tracing := view("tracing", "baggage", "en", 2)
	tracing.Skills = []string{"tracing"}
	views := []View{view("late", "care", "en", 9), taken, closed, view("french", "care", "fr", 1), tracing, view("mine", "care", "en", 5)}
	tom, ines := people(d, nil, nil)[1], people(d, nil, nil)[0]
	v, why, ok := NextFor(tom, views, d.Order)
	if !ok || v.ID != "mine" || !strings.Contains(why.Text, "1 case (Tom doesn't write fr)") || !strings.Contains(why.Text, "1 case (Tom has not the skill tracing)") || strings.Contains(why.Text, "late") {
		t.Errorf("tom: %s, %s", v.ID, why.Text)
	}
	if v, _, _ := NextFor(ines, views, d.Order); v.ID != "french" {
		t.Errorf("ines: %s", v.ID)
	}
	tom.Held = 3
	if _, why, ok := NextFor(tom, views, d.Order); ok || why.Outcome != "nothing" {
		t.Errorf("full: %+v", why)
	}
}

// Fair: changing followers, verification or reach changes no order and no
// assignment, whatever else is told of it; and neither does a thread that spreads.
func TestReachChangesNoOrderAndNoAssignment(t *testing.T) {
	d := team(t)
	rapid.Check(t, func(t *rapid.T) {
		type said struct {
			m     message.Message
			about About
		}
		var all []said
		for i := range rapid.IntRange(2, 30).Draw(t, "messages") {
			thread := rapid.SampledFrom([]string{"p1", "p2", "p3", "p4"}).Draw(t, "thread")
			author := thread
			if rapid.Bool().Draw(t, "friend") {
				author = rapid.SampledFrom([]string{"f1", "f2", "f3", "f4", "f5", "f6"}).Draw(t, "who")
			}
			all = append(all, said{message.Message{ID: fmt.Sprint("m", i), Thread: thread, Channel: "x", Inbox: "northline-x", Visibility: message.Public,
				SentAt: morning.Add(time.Duration(i) * time.Minute), Author: message.Author{Handle: message.Handle{Channel: "x", ID: author}}},
				About{Language: rapid.SampledFrom([]string{"en", "fr"}).Draw(t, "language"), Topic: rapid.SampledFrom([]string{"", "baggage"}).Draw(t, "topic"),
					Urgency: rapid.SampledFrom([]string{"normal", "high", "now"}).Draw(t, "urgency"), Kind: rapid.SampledFrom([]string{"question", "complaint", "praise"}).Draw(t, "kind")}})
		}
		// outcome is the order of work and who gets what in it.
		outcome := func(fame func(i int) (int64, bool)) (string, int) {
			cases := map[string]*Case{}
			spreads := 0
			for i, s := range all {
				m := s.m
				m.Author.Reach, m.Author.Verified = fame(i)
				c := cases[m.Thread]
				if c == nil {
					c = &Case{}
					cases[m.Thread] = c
				}
				events, err := Decide(c, Receive{Item: m.ID, Message: m, About: s.about, Customer: Person{ID: CustomerID(m.Author.Handle), Handle: m.Author.Handle},
					Brand: "northline", Community: "northline-en", Via: "known"}, Env{Policy: d, Now: m.SentAt})
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Apply(Commit{Case: m.Thread, Seq: c.Seq + 1, At: m.SentAt, Events: events}); err != nil {
					t.Fatal(err)
				}
				for _, e := range events {
					if _, ok := e.(Spreading); ok {
						spreads++
					}
				}
			}
			var views []View
			for _, c := range cases {
				views = append(views, c.View())
			}
			slices.SortFunc(views, func(a, b View) int { return a.Rank(d.Order).Compare(b.Rank(d.Order)) })
			held, idle := map[string]int{}, map[string]int{"ines": 3, "tom": 2, "amelie": 1}
			var out []string
			for i, v := range views {
				who, why, _ := Choose(v, people(d, held, idle))
				held[who]++
				idle[who] = -i
				out = append(out, v.Rank(d.Order).Sort(), who, why.Text, v.Segment, v.Department)
			}
			for _, p := range people(d, nil, nil) {
				v, why, _ := NextFor(p, views, d.Order)
				out = append(out, p.ID, v.ID, why.Text)
			}
			return strings.Join(out, "\n"), spreads
		}
		quiet, _ := outcome(func(int) (int64, bool) { return 0, false })
		fames := rapid.SliceOfN(rapid.Int64Range(0, 50_000_000), len(all), len(all)).Draw(t, "followers")
		famous, spreads := outcome(func(i int) (int64, bool) { return fames[i], fames[i]%2 == 1 })
		if quiet != famous {
			t.Fatalf("fame moved somebody (%d spread):\n%s\nis\n%s", spreads, quiet, famous)
		}
	})
}
