package desk

import (
	"net/http"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/wording"
)

// replyAnswer is what the desk says to words for a customer. State is pending, or
// preview where it was a dry run and nothing goes out.
type replyAnswer struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Thread string `json:"thread"`
	Text   string `json:"text"` // as it goes out, signed
	// Length and Limit are in Unit, the platform's counting; Limit 0 is none.
	Length int    `json:"length"`
	Limit  int    `json:"limit"`
	Unit   string `json:"unit"`
	// Warnings are advice: the reply is on its way all the same. Proposals are
	// promises that it makes: accept them, and the desk reminds you.
	Warnings  []wording.Warning `json:"warnings"`
	Proposals []proposalJSON    `json:"proposals"`
	Case      caseJSON          `json:"case"`
}

func replied(o outcome) (any, int) {
	if o.reply.State == "" {
		return caseAnswer{o.Case}, 0
	}
	if o.reply.State == previewState {
		return o.reply, http.StatusOK
	}
	return o.reply, 0
}

const previewState = "preview"

var dryRun = field{name: "dry_run", kind: flag, doc: "true: only show what would go out, and what the brand would rather not say"}

// said collects what the events send to the customer; words are the colleague's
// own, without the signature.
func (d *Desk) said(after *casework.Case, events []casework.Event, words string) (a replyAnswer, proposed []casework.Proposal) {
	for _, e := range events {
		switch e := e.(type) {
		case casework.ReplyRequested:
			if a.State != "" {
				a.Text += "\n\n" + e.Text // a further part
				continue
			}
			t, _ := after.Thread(e.Thread)
			a.ID, a.State, a.Thread, a.Text = e.Reply, "pending", e.Thread, e.Text
			a.Warnings = casework.Warnings(d.policy, after, t, words)
		case casework.PromiseProposed:
			proposed = append(proposed, casework.Proposal{ID: e.Promise, Reply: e.Reply, Text: e.Text, Due: e.Due, Owner: e.Owner})
		}
	}
	if a.State == "" {
		return a, proposed
	}
	t, _ := after.Thread(a.Thread)
	a.Length, a.Limit, a.Unit = d.channels.Measure(t, a.Text)
	if a.Warnings == nil {
		a.Warnings = []wording.Warning{}
	}
	a.Proposals = make([]proposalJSON, len(proposed))
	for i, p := range proposed {
		a.Proposals[i] = proposalJSON{p.ID, p.Text, p.Due}
	}
	return a, proposed
}

// preview says what an order would do, and does nothing.
func (d *Desk) preview(o order, after *casework.Case, events []casework.Event) (docket.Answer, error) {
	a, _ := d.said(after, events, o.input.body.text("text"))
	a.State, a.ID = previewState, ""
	for i := range a.Proposals {
		a.Proposals[i].ID = "" // they exist once the reply does
	}
	return d.encode(o, outcome{Case: d.caseJSON(after.View(), o.input.now), events: events, reply: a}, after.Seq-1)
}

// replyActions are words for the customer.
var replyActions = []action{
	{path: "replies", summary: "Answer the customer. Your signature is added.", done: "Your reply is on its way.", onward: true,
		status: http.StatusAccepted, also: http.StatusOK, answer: replied, shape: replyAnswer{},
		fields: []field{{name: "text", kind: text, required: true, doc: "what the customer reads"},
			{name: "thread", kind: text, doc: "the id of one of the case's threads; default the one the customer used last"}, dryRun},
		command: func(in input) (casework.Command, error) {
			return casework.SendReply{By: in.by, Text: in.body.text("text"), Thread: in.body.text("thread")}, nil
		}},
	{path: "private", summary: "Open, or go on in, a private thread with the customer.", done: "Your private message is on its way.", onward: true,
		status: http.StatusAccepted, also: http.StatusOK, answer: replied, shape: replyAnswer{},
		fields: []field{{name: "channel", kind: text, required: true, doc: "the channel to write on"},
			{name: "inbox", kind: text, doc: "which of the brand's inboxes writes; default the community's"},
			{name: "address", kind: text, doc: "whom to write to; default the handle known on that channel"},
			{name: "subject", kind: text, doc: "the subject, for mail"},
			{name: "text", kind: text, doc: "the first words there; without any the brand's own, or an invitation where only the customer can begin"}, dryRun},
		command: func(in input) (casework.Command, error) {
			b := in.body
			return casework.GoPrivate{By: in.by, Channel: b.text("channel"), Inbox: b.text("inbox"), Address: b.text("address"), Subject: b.text("subject"), Text: b.text("text")}, nil
		}},
}
