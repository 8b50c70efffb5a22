package casework

import (
	"strings"
	"testing"

	"ines/shared/message"
)

func TestALongTextGoesOutInPartsWhereThePlatformAllowsIt(t *testing.T) {
	h := message.Handle{Channel: "telegram", ID: "7"}
	c := &Case{ID: "c", Seq: 1, Status: StatusOpen, Brand: "northline", Community: "northline-en", LastThread: "t1",
		Threads: []Thread{{ID: "t1", Channel: "telegram", Inbox: "northline-telegram", Key: "7", Visibility: message.Private, With: h, LastID: "m1"}}}
	env := Env{Policy: desk(t), Channels: platforms{}, Now: morning}
	events, err := Decide(c, SendReply{By: "ines", Text: strings.Repeat("x", 40)}, env)
	if err != nil {
		t.Fatal(err)
	}
	var parts []ReplyRequested
	for _, e := range events {
		if r, ok := e.(ReplyRequested); ok {
			parts = append(parts, r)
		}
	}
	if len(parts) != 3 {
		t.Fatalf("%d parts of %v", len(parts), events)
	}
	before := ""
	for i, p := range parts {
		if p.Part != i+1 || p.Parts != 3 || p.After != before || p.Reply == before || p.Thread != "t1" || p.Parent != "m1" || p.To != h {
			t.Errorf("part %d: %+v", i+1, p)
		}
		before = p.Reply
	}
	if !strings.HasSuffix(parts[2].Text, "^Ines") || strings.Contains(parts[0].Text, "^Ines") {
		t.Errorf("the signature belongs at the end: %+v", parts)
	}
	_, err = Decide(c, SendReply{By: "ines", Text: strings.Repeat("x", 400)}, env)
	if r, ok := err.(*Refusal); !ok || r.Code != CodeTooLong {
		t.Errorf("more parts than are allowed: %v", err)
	}
}
