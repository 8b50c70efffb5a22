package relay

import (
	"testing"

	"ines/infra/plan"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
)

func TestFilesAreAskedFor(t *testing.T) {
	b := newBench(t)
	m := dockettest.Post("1", "1", "leo", "look at this", morning)
	m.Attachments = []message.Attachment{
		{Type: "image", URL: "https://cdn.example/a.jpg"}, {Type: "file", Archived: "blobs/1"}, {Type: "location", Ref: "geo:51.5,-0.1"},
		{Type: "file", Ref: "part:2", Lost: "too large"}, {Type: "audio", Ref: "media-9", MIME: "audio/ogg"}}
	b.MustFile(b.Deliver(m, dockettest.Complaint, morning))
	b.twice(t)
	jobs, groups := dockettest.Take[struct {
		Fetch docket.FetchJob `json:"fetch"`
	}](b.Register, plan.Replies)
	if len(jobs) != 2 || groups[0] == groups[1] {
		t.Fatalf("jobs %+v in groups %v", jobs, groups)
	}
	want := docket.FetchJob{Case: caseOf("1"), Channel: "x", Inbox: "northline-x", Thread: "1", Of: "1", Index: 4, File: m.Attachments[4]}
	if jobs[0].Fetch.Index != 0 { // groups come in any order
		jobs[0], jobs[1] = jobs[1], jobs[0]
	}
	if jobs[0].Fetch.Index != 0 || jobs[1].Fetch != want {
		t.Errorf("jobs %+v", jobs)
	}
}
