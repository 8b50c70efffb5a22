package local_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/infra/local"
)

// The main job: a post comes in, a colleague claims and answers, the answer goes
// out in the platform's shape, and a restart forgets none of it.
func TestTheWholeWay(t *testing.T) {
	dir := t.TempDir()
	d, stop := serve(t, dir)
	d.deliver(d.deliveryOf(said{"northline-x", "2080761390344930001", "1716450569358098432", "2080761390344930001", "@northline you charged me for a ticket I never booked", time.Now()}))
	d.settle()
	c := d.only()
	d.must("POST", "/api/cases/"+c.ID+"/claim", "{}", nil)
	d.must("POST", "/api/cases/"+c.ID+"/replies", `{"text":"We are on it."}`, nil)
	d.settle()
	calls := d.sent()
	if len(calls) != 1 || calls[0].Method != http.MethodPost || calls[0].URL != "https://api.x.com/2/tweets" || calls[0].Status != http.StatusCreated ||
		!strings.Contains(calls[0].Body, "We are on it. ^Ines") || calls[0].Headers["Authorization"] != "Bearer ***" {
		t.Errorf("sent: %+v", calls)
	}
	timeline := d.timeline(c.ID)
	if got := kinds(timeline); !contains(got, "claimed") || !contains(got, "reply_sent") {
		t.Errorf("timeline: %v", got)
	}
	d.advance("3h")
	var before, after struct{ Now time.Time }
	d.must("GET", "/local/clock", "", &before)
	stop()

	d, _ = serve(t, dir)
	if got := d.sent(); len(got) != 1 {
		t.Errorf("after a restart %d calls are recorded, want 1", len(got))
	}
	if got := kinds(d.timeline(c.ID)); !slices.Contains(got, "reply_sent") || len(got) < len(timeline) {
		t.Errorf("after a restart the timeline is %v", got)
	}
	if d.must("GET", "/local/clock", "", &after); after.Now.Before(before.Now) {
		t.Errorf("after a restart the desk's clock went back from %v to %v", before.Now, after.Now)
	}
	if o := d.balanced(); o.Outcomes["filed"] != 1 {
		t.Errorf("outcomes: %v", o.Outcomes)
	}
}

// What falls due on the way happens at its own time, not at the end of the journey.
func TestTimeTravelStopsAtWhatFallsDue(t *testing.T) {
	start := time.Date(2026, 11, 18, 10, 0, 0, 0, time.UTC) // a Wednesday, the desk is open
	d, _ := serve(t, t.TempDir(), func(c *local.Config) { c.StartAt = start })
	d.deliver(d.deliveryOf(said{"northline-app", "m1", "member-1", "chat-1", "Where is my suitcase?", time.Now()}))
	d.settle()
	c := d.only()
	d.must("POST", "/api/cases/"+c.ID+"/claim", "{}", nil)
	d.must("POST", "/api/cases/"+c.ID+"/promises", `{"text":"I will phone you","due":"2h"}`, nil)
	d.advance("26h")
	var broken time.Time
	for _, e := range d.timeline(c.ID) {
		if e["kind"] == "promise_broken" {
			at, err := time.Parse(time.RFC3339Nano, e["at"].(string))
			if err != nil {
				t.Fatal(err)
			}
			broken = at
		}
	}
	if due := start.Add(2 * time.Hour); broken.Before(due) || broken.After(due.Add(time.Minute)) {
		t.Errorf("the promise broke at %v, want about %v", broken, due)
	}
	var now struct{ Now time.Time }
	if d.must("GET", "/local/clock", "", &now); now.Now.Before(start.Add(26 * time.Hour)) {
		t.Errorf("the clock stands at %v", now.Now)
	}
}

// Every webhook twice, and in any order: the same cases with the same timelines.
func TestTwiceAndShuffled(t *testing.T) {
	base := time.Now().Add(-time.Hour).Truncate(time.Second)
	tell := func(d target) []delivery {
		var all []delivery
		for n := range 60 {
			at := base.Add(time.Duration(n) * 20 * time.Second)
			who := n % 7
			s := said{"northline-app", "app-" + num(n), "member-" + num(who), "chat-" + num(who), "sentence " + num(n), at}
			if n%3 == 0 {
				s = said{"northline-x", "20807613903449" + num(10000+n), "17164505693580" + num(10000+who), "20807613903449" + num(10000+n), "@northline sentence " + num(n), at}
			}
			all = append(all, d.deliveryOf(s))
		}
		return all
	}
	inOrder, _ := serve(t, t.TempDir())
	inOrder.deliver(tell(inOrder)...)
	inOrder.settle()
	want := matters(inOrder)

	shuffled, _ := serve(t, t.TempDir())
	all := tell(shuffled)
	twice := slices.Concat(all, all)
	for i := range twice { // a fixed shuffle: a failure must come again
		j := (i*7919 + 13) % (i + 1)
		twice[i], twice[j] = twice[j], twice[i]
	}
	shuffled.deliver(twice...)
	shuffled.settle()
	if got := matters(shuffled); !slices.Equal(got, want) {
		t.Errorf("shuffled:\n%s\nin order:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if o := shuffled.balanced(); o.Items != len(twice) || o.Outcomes["filed"] != len(all) || o.Outcomes["duplicate"] != len(all) {
		t.Errorf("outcomes: %+v", o)
	}
}

// matters tells each case by its customer, its threads and what was said in it.
func matters(d target) []string {
	d.Helper()
	var list []string
	for _, c := range d.cases() {
		var threads []string
		for _, th := range c.Threads {
			threads = append(threads, th.Channel+"/"+th.Key)
		}
		slices.Sort(threads)
		list = append(list, c.Customer.ID+": "+strings.Join(threads, " ")+": "+strings.Join(texts(d.timeline(c.ID)), "; "))
	}
	slices.Sort(list)
	return list
}
