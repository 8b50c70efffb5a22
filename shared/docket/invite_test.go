package docket_test

import (
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/linktoken"
	"ines/shared/message"
)

const inviting = `
brands: [{id: northline}]
communities: [{id: northline-en, brand: northline, languages: [en]}]
inboxes:
  - {id: northline-x, channel: x, account: "100", community: northline-en}
  - {id: northline-mail, channel: email, provider: postmark, account: help@northline.example, community: northline-en}
  - {id: northline-bot, channel: telegram, account: "7", community: northline-en, link: "https://t.me/NorthlineBot?start={token}"}
  - {id: northline-page, channel: messenger, account: "108", community: northline-en}
  - {id: northline-whatsapp, channel: whatsapp, account: "106", community: northline-en, link: "https://wa.me/447700900000?text={token}"}
  - {id: northline-app, channel: web, account: app, community: northline-en, link: "https://northline.example/talk?t={token}"}
departments: [{id: care, default: true}]
colleagues: [{id: ines, name: Ines Silva}]
`

// The answer to an invitation joins the case whichever way it comes back, and joins
// no other, and not for ever.
func TestTheAnswerToAnInvitationJoinsTheCaseWhicheverWayItComesBack(t *testing.T) {
	for channel, tt := range map[string]struct {
		inbox string
		token func(link string) string // as the channel's reader finds it
	}{
		"telegram":  {"northline-bot", func(l string) string { return after(l, "start=") }},
		"messenger": {"northline-page", func(l string) string { return after(l, "?ref=") }},
		"whatsapp":  {"northline-whatsapp", func(l string) string { return linktoken.Find("Hello! " + after(l, "text=")) }},
		"web":       {"northline-app", func(l string) string { return after(l, "t=") }},
	} {
		t.Run(channel, func(t *testing.T) {
			b := newBench(t, docket.DefaultSettings)
			b.Register = dockettest.Open(t, dockettest.Setup{Policy: dockettest.Policy(t, inviting)})
			b.MustFile(b.Deliver(dockettest.DM("1", "leo", "where is my bag", morning), complaint, morning))
			c := b.only()
			_, events := b.MustDo(c.ID, "ines", casework.GoPrivate{By: "ines", Channel: channel}, morning.Add(time.Minute))
			link := ""
			for _, e := range events {
				if r, ok := e.(casework.ReplyRequested); ok {
					link = r.Text
				}
			}
			token := tt.token(strings.TrimSuffix(strings.TrimSpace(link), " ^Ines"))
			if token == "" {
				t.Fatalf("no token in %q", link)
			}
			answer := func(id, token string, at time.Time) *casework.Case {
				m := message.Message{Channel: channel, Inbox: tt.inbox, ID: id, Thread: "with-" + id, Visibility: message.Private, SentAt: at, Text: "here I am", Token: token,
					Author: message.Author{Handle: message.Handle{Channel: channel, ID: "leo-" + id}}}
				b.MustFile(b.Deliver(m, complaint, at))
				if own := casework.CaseID(channel, tt.inbox, m.Thread, ""); b.exists(own) {
					return b.MustLoad(own)
				}
				return b.MustLoad(c.ID)
			}
			got := answer("a", token, morning.Add(time.Hour))
			if got.ID != c.ID || len(got.Threads) != 2 || got.Threads[1].Channel != channel || !got.IsCustomer(message.Handle{Channel: channel, ID: "leo-a"}) {
				t.Errorf("joined %s with %+v, handles %+v", got.ID, got.Threads, got.Handles)
			}
			if got := answer("b", token[:len(token)-1]+"0", morning.Add(time.Hour)); got.ID == c.ID && token[len(token)-1] != '0' {
				t.Error("a token that was changed joined")
			}
			if got := answer("c", token, morning.Add(32*24*time.Hour)); got.ID == c.ID {
				t.Error("a token that has expired joined")
			}
		})
	}
}

func after(s, mark string) string {
	_, rest, _ := strings.Cut(s, mark)
	return strings.TrimSpace(rest)
}

func (b *bench) exists(id string) bool {
	_, err := b.Load(b.ctx(), id)
	return err == nil
}
