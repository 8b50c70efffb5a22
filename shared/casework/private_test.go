package casework

import (
	"testing"

	"ines/shared/message"
)

// An answer to our mail may come without any reference to it but the token: the
// address that we wrote to is the customer's, another one is not.
func TestAnswerInAFreshMailByTokenIsTheCustomers(t *testing.T) {
	f := open(t)
	req := f.has(f.do("ines", GoPrivate{By: "ines", Channel: "email", Address: "leo@post.example", Text: "Hello."}), "reply_requested").(ReplyRequested)
	f.do("", ReportReply{Reply: req.Reply, State: "sent", Platform: "out-1", Key: "out-1", At: f.now})
	for from, want := range map[string]Role{"eve@post.example": RoleParticipant, "leo@post.example": RoleCustomer} {
		h := message.Handle{Channel: "email", ID: from}
		events := f.do("", Receive{Item: from, Via: "token", Customer: Person{ID: CustomerID(h), Handle: h}, Message: message.Message{Channel: "email",
			Inbox: "northline-mail", ID: "fresh-" + from, Thread: "fresh-" + from, Visibility: message.Private, Author: message.Author{Handle: h}, SentAt: f.now, Text: "hi"}})
		if got := f.has(events, "message_received").(MessageReceived).Role; got != want {
			t.Errorf("%s is the %s, want %s", from, got, want)
		}
	}
	eve := dm("again", "eve", "me again", f.now)
	eve.Message.Channel, eve.Message.Inbox, eve.Message.Thread, eve.Via = "email", "northline-mail", "fresh-eve@post.example", "known"
	eve.Message.Author.Handle = message.Handle{Channel: "email", ID: "eve@post.example"}
	eve.Customer = Person{}
	if got := f.has(f.do("", eve), "message_received").(MessageReceived).Role; got != RoleParticipant {
		t.Errorf("writing twice made eve the %s", got)
	}
	if last, _ := f.c.Thread(f.c.LastThread); last.Key != "fresh-leo@post.example" {
		t.Errorf("the customer wrote last in %+v", last)
	}
}
