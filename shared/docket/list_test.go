package docket_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/table"
)

const listDesk = `
brands: [{id: northline}]
communities: [{id: northline-en, brand: northline, languages: [en]}, {id: northline-fr, brand: northline, languages: [fr]}]
inboxes:
  - {id: northline-x, channel: x, account: "100", community: northline-en}
  - {id: northline-mail, channel: email, provider: postmark, account: aide@northline.example, community: northline-fr}
departments: [{id: care, default: true}, {id: baggage}, {id: press}]
colleagues: [{id: ines, name: Ines Silva}, {id: tom, name: Tom Reed}]
routing: [{when: 'topic == "baggage"', department: baggage}]
`

// fullDesk is a register with 24 cases in two departments, opened a minute apart:
// every third is about baggage, every fourth resolved, every fifth claimed by
// Tom, every sixth came by mail.
func fullDesk(t *testing.T) *bench {
	setup := dockettest.Setup{Policy: dockettest.Policy(t, listDesk), Channels: anything{},
		Settings: docket.Settings{QueueShards: 3, DueShards: 2, CounterShards: 2, SnapshotEvery: 50}}
	b := &bench{dockettest.Open(t, setup), t, setup.Settings}
	for i := range 24 {
		b.openNth(i)
	}
	b.CatchUp()
	return b
}

func (b *bench) openNth(i int) string {
	b.t.Helper()
	at := morning.Add(time.Duration(i) * time.Minute)
	m := post(fmt.Sprint(i), fmt.Sprint("author", i), fmt.Sprintf("word%d and more", i), at)
	m.Thread = m.ID
	if i%6 == 0 {
		m = dockettest.Mail(fmt.Sprint(i), fmt.Sprint("mail", i), fmt.Sprintf("a%d@example.org", i), "by mail", at)
	}
	about := casework.About{Language: "en", Kind: "question"}
	if i%3 == 0 {
		about.Topic = "baggage"
	}
	in := b.Deliver(m, about, at)
	b.MustFile(in)
	id := casework.CaseID(m.Channel, m.Inbox, m.Thread, "")
	if i%5 == 0 {
		b.MustDo(id, "tom", casework.Claim{By: "tom"}, at)
	}
	if i%4 == 0 {
		b.MustDo(id, "tom", casework.Resolve{By: "tom"}, at.Add(time.Hour))
	}
	return id
}

// pages reads a whole list page by page.
func (b *bench) pages(f docket.Filter, between func(page int)) []casework.View {
	b.t.Helper()
	var all []casework.View
	cursor := ""
	for page := 1; ; page++ {
		views, next, err := b.List(b.ctx(), f, cursor)
		if err != nil {
			b.t.Fatal(err)
		}
		if len(views) > f.Limit || next != "" && len(views) < f.Limit {
			b.t.Fatalf("page %d has %d cases of %d and the cursor %q", page, len(views), f.Limit, next)
		}
		all = append(all, views...)
		if next == "" {
			return all
		}
		if between != nil {
			between(page)
		}
		cursor = next
	}
}

func ids(views []casework.View) []string {
	out := make([]string, len(views))
	for i, v := range views {
		out[i] = v.ID
	}
	return out
}

func TestListOrderHoldsOverPages(t *testing.T) {
	b := fullDesk(t)
	want := b.pages(docket.Filter{Limit: docket.MaxLimit}, nil)
	if len(want) != 24 {
		t.Fatalf("%d cases are listed, 24 exist", len(want))
	}
	if !slices.IsSortedFunc(want, func(x, y casework.View) int {
		if x.Status != y.Status {
			return cmp.Compare(x.Status, y.Status) // open before resolved
		}
		if x.Status == casework.StatusResolved {
			return y.ResolvedAt.Compare(x.ResolvedAt)
		}
		return x.DueAt.Compare(y.DueAt)
	}) {
		t.Fatalf("open ones by deadline and then the resolved, newest first, was asked; got %v", ids(want))
	}
	for _, size := range []int{1, 2, 3, 7, 23, 24, 25} {
		if got := b.pages(docket.Filter{Limit: size}, nil); !slices.Equal(ids(got), ids(want)) {
			t.Errorf("in pages of %d the list is %v, in one page %v", size, ids(got), ids(want))
		}
	}
}

func TestListFilters(t *testing.T) {
	b := fullDesk(t)
	for _, c := range []struct {
		name string
		f    docket.Filter
		want func(i int) bool
	}{
		{"department", docket.Filter{Department: "baggage"}, func(i int) bool { return i%3 == 0 }},
		{"empty department", docket.Filter{Department: "press"}, func(int) bool { return false }},
		{"unknown department", docket.Filter{Department: "nowhere"}, func(int) bool { return false }},
		{"open", docket.Filter{Status: casework.StatusOpen}, func(i int) bool { return i%4 != 0 }},
		{"resolved", docket.Filter{Status: casework.StatusResolved}, func(i int) bool { return i%4 == 0 }},
		{"owner", docket.Filter{Owner: "tom"}, func(i int) bool { return i%5 == 0 && i%4 != 0 }},
		{"owner and department", docket.Filter{Owner: "tom", Department: "baggage"}, func(i int) bool { return i%15 == 0 && i%4 != 0 }},
		{"owner of resolved", docket.Filter{Owner: "tom", Status: casework.StatusResolved}, func(int) bool { return false }},
		{"community", docket.Filter{Community: "northline-fr"}, func(i int) bool { return i%6 == 0 }},
		{"channel", docket.Filter{Channel: "email"}, func(i int) bool { return i%6 == 0 }},
		{"text", docket.Filter{Text: "WORD17  more"}, func(i int) bool { return i == 17 }},
		{"text that nobody wrote", docket.Filter{Text: "word17 word18"}, func(int) bool { return false }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want []string
			for i := range 24 {
				if c.want(i) {
					m := post("", "", "", morning)
					m.Thread = fmt.Sprint(i)
					if i%6 == 0 {
						m = dockettest.Mail("", fmt.Sprint("mail", i), "", "", morning)
					}
					want = append(want, casework.CaseID(m.Channel, m.Inbox, m.Thread, ""))
				}
			}
			c.f.Limit = 2
			got := ids(b.pages(c.f, nil))
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("listed %v, want %v", got, want)
			}
		})
	}
}

// Whoever stays where he is is listed once, whatever happens to the others.
func TestListIsStableWhileCasesComeAndGo(t *testing.T) {
	b := fullDesk(t)
	before := b.pages(docket.Filter{Limit: docket.MaxLimit}, nil)
	gone := before[1].ID
	got := ids(b.pages(docket.Filter{Limit: 4}, func(page int) {
		b.openNth(100 + 11*page)
		if page == 1 {
			b.MustDo(gone, "ines", casework.Resolve{By: "ines"}, morning.Add(100*time.Hour))
		}
		b.CatchUp()
	}))
	for _, v := range before {
		n := 0
		for _, id := range got {
			if id == v.ID {
				n++
			}
		}
		if v.ID != gone && n != 1 {
			t.Errorf("case %s is listed %d times", v.ID, n)
		}
	}
}

func TestCursorsOfOtherListsAreRefused(t *testing.T) {
	b := fullDesk(t)
	_, next, err := b.List(b.ctx(), docket.Filter{Limit: 2}, "")
	if err != nil || next == "" {
		t.Fatalf("cursor %q, %v", next, err)
	}
	for _, c := range []struct {
		f      docket.Filter
		cursor string
	}{
		{docket.Filter{}, "x"}, {docket.Filter{}, "%%%"}, {docket.Filter{}, next[1:]}, {docket.Filter{Department: "care"}, next}, {docket.Filter{Text: "a"}, next},
		{docket.Filter{}, docket.PlaceOf(docket.Filter{}, 7)},
	} {
		if views, _, err := b.List(b.ctx(), c.f, c.cursor); !errors.Is(err, docket.ErrCursor) {
			t.Errorf("cursor %q with %+v: %d cases and %v, want ErrCursor", c.cursor, c.f, len(views), err)
		}
	}
	if _, _, err := b.List(b.ctx(), docket.Filter{Limit: 9}, next); err != nil {
		t.Errorf("a page of another size is the same list: %v", err)
	}
}

func TestWaitingAndCustomer(t *testing.T) {
	b := fullDesk(t)
	n, oldest, more, err := b.Waiting(b.ctx(), "baggage")
	if err != nil || more || n != 6 || !oldest.Equal(morning.Add(3*time.Minute)) {
		t.Errorf("baggage: %d wait since %s, %v, %v; want 6 since 09:03", n, oldest, more, err)
	}
	if n, oldest, _, err := b.Waiting(b.ctx(), "press"); n != 0 || !oldest.IsZero() || err != nil {
		t.Errorf("press: %d wait since %s, %v", n, oldest, err)
	}
	first := b.pages(docket.Filter{Limit: docket.MaxLimit}, nil)[0]
	cases, err := b.Customer(b.ctx(), first.Customer.ID)
	if err != nil || len(cases) != 1 || cases[0].ID != first.ID {
		t.Errorf("cases of %s: %v, %v", first.Customer.ID, ids(cases), err)
	}
	if cases, err := b.Customer(b.ctx(), "nobody"); len(cases) != 0 || err != nil {
		t.Errorf("cases of nobody: %v, %v", ids(cases), err)
	}
}

func TestAnswersAreRememberedForADay(t *testing.T) {
	b := fullDesk(t)
	ask := func(who string, now time.Time) docket.Slot {
		t.Helper()
		s, err := b.Remembered(b.ctx(), who, "key", now)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	keep := func(s docket.Slot, request string, now time.Time) error {
		t.Helper()
		w, err := s.Remember(docket.Answer{Request: request, Status: 200, Body: []byte(`{}`), Case: "a-case"}, now)
		if err != nil {
			t.Fatal(err)
		}
		return b.Store.Write(b.ctx(), w...)
	}
	free := ask("ines", morning)
	if free.Answer != nil {
		t.Fatalf("a new key has the answer %+v", free.Answer)
	}
	if err := keep(free, "first", morning); err != nil {
		t.Fatal(err)
	}
	if err := keep(free, "late", morning); !free.Taken(err) || !table.Conflicted(err) {
		t.Errorf("the second to use a free slot got %v, want a conflict", err)
	}
	if s := ask("ines", morning.Add(23*time.Hour)); s.Answer == nil || s.Answer.Request != "first" {
		t.Errorf("after 23 hours the key has %+v", s.Answer)
	}
	if s := ask("tom", morning); s.Answer != nil {
		t.Errorf("Ines's key answers Tom: %+v", s.Answer)
	}
	old := ask("ines", morning.Add(25*time.Hour))
	if old.Answer != nil {
		t.Errorf("after 25 hours the key has %+v", old.Answer)
	}
	if err := keep(old, "again", morning.Add(25*time.Hour)); err != nil {
		t.Errorf("an expired key can't be used again: %v", err)
	}
}
