package relay

import (
	"context"
	"errors"
	"testing"
	"time"

	"ines/infra/plan"
	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/feed"
)

// mute is a bus that takes nothing while it is down.
type mute struct {
	feed.Publisher
	down bool
}

func (m *mute) Publish(ctx context.Context, entries ...feed.Entry) error {
	if m.down {
		return errors.New("the bus is down")
	}
	return m.Publisher.Publish(ctx, entries...)
}

const listening = `
brands: [{id: northline}]
communities: [{id: northline-en, brand: northline, languages: [en]}]
inboxes: [{id: northline-x, channel: x, account: "100", community: northline-en}]
departments:
  - {id: care, default: true}
  - {id: press, wants: 'reach >= 100000', feed: {webhook: "https://press.example/ines"}}
colleagues: [{id: ines, name: Ines Silva}]
`

func TestMultiplexingTellsDepartmentsWhatTheyWantAndEverythingAfter(t *testing.T) {
	b := newBench(t)
	b.Register.Policy = dockettest.Policy(t, listening)
	b.Relay.Policy = b.Register.Policy
	r := dockettest.Open(t, dockettest.Setup{Policy: b.Relay.Policy})
	shelf := feed.NewShelf(r.Store, r.Now)
	bus := &mute{Publisher: shelf, down: true}
	b.Docket, b.Feeds = r.Faulty, bus
	m := dockettest.Post("1", "1", "leo", "you lost my bag", morning)
	m.Author.Reach = 250000
	r.MustFile(r.Deliver(m, dockettest.Complaint, morning))
	r.MustDo(caseOf("1"), "ines", casework.Note{By: "ines", Text: "calling Oslo"}, morning.Add(time.Minute))
	r.MustFile(r.Deliver(dockettest.Post("2", "2", "mia", "hello", morning), dockettest.Complaint, morning)) // nobody's concern
	changes := r.Changes()
	if again := b.deliver(t, changes); again == "" {
		t.Fatal("the bus was down and nothing comes again")
	}
	bus.down = false
	for range 2 {
		if again := b.deliver(t, changes); again != "" {
			t.Fatalf("%s comes again", again)
		}
	}
	entries, _, err := shelf.Read(t.Context(), "press", "", 50)
	if err != nil || len(entries) != 2 || entries[0].ID != caseOf("1")+"/1" || entries[1].ID != caseOf("1")+"/2" {
		t.Fatalf("press was told %+v, %v", entries, err)
	}
	if c := r.MustLoad(caseOf("1")); c.Department != "care" || len(c.Interested) != 1 || c.Interested[0] != "press" {
		t.Errorf("the case is %s's, interested are %v", c.Department, c.Interested)
	}
	jobs, _ := dockettest.Take[struct {
		Feed docket.FeedJob `json:"feed"`
	}](b.Register, plan.Replies)
	if len(jobs) != 2 || jobs[0].Feed.Department != "press" || jobs[0].Feed.Entry.ID != entries[0].ID || jobs[1].Feed.Entry.ID != entries[1].ID {
		t.Errorf("jobs for its webhook %+v", jobs)
	}
}
