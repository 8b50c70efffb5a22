package casework

import (
	"strings"
	"testing"
)

// A signature is part of what the customer reads: it counts into the platform's
// limit, is the brand's own, and stands there once.
func TestSignatureIsTheBrandsAndCountsIntoTheLimit(t *testing.T) {
	f := open(t)
	fits := strings.Repeat("a", 280-len(" ^Ines"))
	r, _ := f.has(f.do("ines", SendReply{By: "ines", Text: fits}), "reply_requested").(ReplyRequested)
	if len(r.Text) != 280 || !strings.HasSuffix(r.Text, " ^Ines") {
		t.Errorf("%d bytes: %q", len(r.Text), r.Text)
	}
	long := f.refused(CodeTooLong, "ines", SendReply{By: "ines", Text: fits + "a"})
	if long.More["length"] != 281 || long.More["limit"] != 280 {
		t.Errorf("%+v", long)
	}
	once, _ := f.has(f.do("ines", SendReply{By: "ines", Text: "Here. ^Ines"}), "reply_requested").(ReplyRequested)
	if once.Text != "Here. ^Ines" {
		t.Errorf("signed twice: %q", once.Text)
	}
	for sign, want := range map[string]string{"{name}, Northline": " Tom Reed, Northline", "– {initials}": " – TR"} {
		f.desk.Brands[0].Sign = sign
		f.do("tom", TakeOver{By: "tom", Why: "mine"})
		r, _ := f.has(f.do("tom", SendReply{By: "tom", Text: "Hello."}), "reply_requested").(ReplyRequested)
		if r.Text != "Hello."+want {
			t.Errorf("%s: %q", sign, r.Text)
		}
	}
}

// Warnings go with the reply, and stop nothing.
func TestWordingWarnsAndNeverStopsAReply(t *testing.T) {
	f := open(t)
	r, _ := f.has(f.do("ines", SendReply{By: "ines", Text: "TICKET 44112 IS CLOSED, DO NOT REPLY!!"}), "reply_requested").(ReplyRequested)
	if strings.Join(r.Warned, " ") != "ticket_number do_not_reply shouting" {
		t.Errorf("%v", r.Warned)
	}
	f.desk = deskWith(t, "")
	f.desk.Brands[0].Wording.Off = []string{"shouting", "ticket_number"}
	r, _ = f.has(f.do("ines", SendReply{By: "ines", Text: "TICKET 44112 IS CLOSED, DO NOT REPLY!!"}), "reply_requested").(ReplyRequested)
	if strings.Join(r.Warned, " ") != "do_not_reply" {
		t.Errorf("%v", r.Warned)
	}
}
