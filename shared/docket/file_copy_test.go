package docket_test

import (
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
)

func TestACaseIsToldOnceWhatBecameOfAFile(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	m := dockettest.DM("1", "leo", "my ticket", morning)
	m.Attachments = []message.Attachment{{Type: "file", URL: "https://cdn.example/1"}, {Type: "image", Ref: "media-2"}}
	b.MustFile(b.Deliver(m, complaint, morning))
	id := b.only().ID
	note := casework.NoteFile{Channel: "x", Inbox: "northline-x", Conversation: m.Thread, Message: "1", Index: 0, Key: "blobs/1", MIME: "application/pdf", Size: 17, SHA256: "ab"}
	lost := casework.NoteFile{Channel: "x", Inbox: "northline-x", Conversation: m.Thread, Message: "1", Index: 1, Lost: "gone"}
	beyond := note
	beyond.Index = 9
	for range 2 {
		for _, n := range []casework.NoteFile{note, lost, beyond} {
			if err := b.TellFile(b.ctx(), id, n, morning.Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := b.TellFile(b.ctx(), "no such case", note, morning); err != nil {
		t.Errorf("a case that is gone: %v", err)
	}
	log, err := b.Log(b.ctx(), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, e := range casework.Timeline(log) {
		kinds[e.Kind]++
		if r, ok := e.Event.(casework.MessageReceived); ok {
			a := r.Message.Attachments
			if a[0].Archived != "blobs/1" || a[0].URL != "" || a[0].Size != 17 || a[1].Lost != "gone" || a[1].Ref == "" {
				t.Errorf("attachments %+v", a)
			}
		}
	}
	if kinds["attachment_kept"] != 2 || kinds["attachment_lost"] != 1 {
		t.Errorf("timeline %v", kinds)
	}
}
