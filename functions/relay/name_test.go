package relay

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"ines/infra/plan"
	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
)

type nameJob struct {
	Name docket.NameJob `json:"name"`
}

// TestStrangersAreAskedFor: on the platforms that name people by an id alone, once a
// case, each in a group of its own, and not before a reply of the case.
func TestStrangersAreAskedFor(t *testing.T) {
	b := newBench(t)
	want := map[string]string{}
	for i, name := range []string{"slack", "line", "messenger", "instagram", "facebook", "x", "telegram"} {
		m := message.Message{Channel: name, Inbox: "northline-x", ID: name + "-1", Thread: name + ":1", Visibility: message.Private, Text: "where is my bag?", SentAt: morning,
			Author: message.Author{Handle: message.Handle{Channel: name, ID: "id-" + name}}}
		b.MustFile(b.Deliver(m, dockettest.Complaint, morning))
		c := b.MustLoad(casework.CaseID(name, "northline-x", m.Thread, ""))
		if i < 5 {
			want[c.ID] = name
		}
		m.ID += "-again"
		b.MustFile(b.Deliver(m, dockettest.Complaint, morning))
		m.Thread, m.ID, m.Author = name+":2", name+"-2", message.Author{Handle: message.Handle{Channel: name, ID: "known-" + name}, Name: "Leo Kant"}
		b.MustFile(b.Deliver(m, dockettest.Complaint, morning))
	}
	b.twice(t)
	jobs, groups := dockettest.Take[nameJob](b.Register, plan.Replies)
	slices.Sort(groups)
	if len(jobs) != 5 || len(slices.Compact(groups)) != 5 {
		t.Fatalf("jobs %+v in groups %v", jobs, groups)
	}
	for _, j := range jobs {
		j := j.Name
		if want[j.Case] != j.Handle.Channel || j.Handle.ID != "id-"+j.Handle.Channel || j.Thread != j.Handle.Channel+":1" || j.Inbox != "northline-x" || j.Customer != casework.CustomerID(j.Handle) {
			t.Errorf("job %+v", j)
		}
		delete(want, j.Case)
	}
	if len(want) > 0 {
		t.Errorf("nobody asks for those of %v", slices.Collect(maps.Values(want)))
	}
	for _, j := range jobs {
		m, err := j.Name.Message()
		if err != nil || strings.Contains(m.Group+m.Dedupe, j.Name.Handle.ID) || len(m.Group) > 128 || len(m.Dedupe) > 128 {
			t.Errorf("%+v, %v", m, err)
		}
	}
}

// TestNobodyAsksForWhoIsKnownByNow: a stream that is behind finds the name in the case.
func TestNobodyAsksForWhoIsKnownByNow(t *testing.T) {
	b := newBench(t)
	leo := message.Handle{Channel: "slack", Scope: "T1", ID: "U1"}
	m := message.Message{Channel: "slack", Inbox: "northline-x", ID: "1", Thread: "1", Visibility: message.Private, Text: "where is my bag?", SentAt: morning, Author: message.Author{Handle: leo}}
	b.MustFile(b.Deliver(m, dockettest.Complaint, morning))
	b.do(casework.CaseID("slack", "northline-x", "1", ""), casework.NoteName{Author: message.Author{Handle: leo, Name: "Leo Kant"}}, morning)
	b.twice(t)
	if jobs, _ := dockettest.Take[nameJob](b.Register, plan.Replies); len(jobs) > 0 {
		t.Errorf("jobs %+v", jobs)
	}
}
