package story

import (
	"strings"
	"testing"
	"time"
)

func TestPrintTimeline(t *testing.T) {
	c := Case{ID: "c1", Status: "open", Threads: []Thread{{"t1", "x", "public"}}}
	c.Customer.Name = "Leo"
	at := func(clock string) string { return "2026-11-20T" + clock + ":00Z" }
	entries := []Entry{
		{"kind": "case_opened", "at": at("22:50"), "by": "system", "why": "first message of Leo here"},
		{"kind": "message_received", "at": at("22:50"), "by": "customer", "author": "Leo", "channel": "x", "visibility": "public", "text": "Hello?\n\nAnybody " + strings.Repeat("there ", 20)},
		{"kind": "clock_set", "at": at("22:50"), "by": "system", "clock": "first_answer"},
		{"kind": "message_received", "at": at("22:51"), "by": "bystander", "author": "Wilhelmina Longname-Ashworth", "channel": "x", "visibility": "public", "deleted": true},
		{"kind": "reply_requested", "at": at("22:58"), "by": "ines", "author": "ines", "channel": "x", "visibility": "public", "text": "Here. ^Ines", "state": "unconfirmed"},
		{"kind": "promise_made", "at": at("22:59"), "by": "ines", "text": "Ring Leo", "due": at("23:10")},
		{"kind": "promise_broken", "at": at("23:10"), "by": "system", "what": "Ring Leo"},
		{"kind": "snoozed", "at": at("23:11"), "by": "ines", "until": "not a time"},
	}
	var b strings.Builder
	if err := PrintTimeline(&b, c, entries, time.FixedZone("CET", 3600)); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{
		"\nLeo, case c1: open, x public\n",
		"\n  Friday, 20 November 2026\n  23:50    · case opened: first message of Leo here\n  23:50  Leo               x public        Hello?\n\n" + strings.Repeat(" ", indent) + "Anybody there",
		"  23:51  (Wilhelmina Long… x public        [withdrawn]\n",
		"  23:58  → ines            x public        Here. ^Ines [unconfirmed]\n",
		"  23:59    · ines promised by 21 November 00:10: Ring Leo\n",
		"\n  Saturday, 21 November 2026\n  00:10    · promise broken: Ring Leo\n",
		"  00:11    · ines snoozed it until ?\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "first_answer") {
		t.Errorf("a machine's event is shown:\n%s", got)
	}
}
