package casework

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ines/shared/message"
)

const private = `
topics: [{id: seat}]
`

// privately is the test desk with further inboxes.
func privately(t testing.TB, brand string) *file {
	f := newFile(t)
	f.desk = deskText(t, strings.NewReplacer(
		`{id: northline, sign: "^{first_name}"}`, `{id: northline, sign: "^{first_name}"`+brand+`}`,
		"departments:", `  - {id: northline-bot, channel: telegram, account: "7", community: northline-en, link: "https://t.me/NorthlineBot?start={token}"}
  - {id: northline-app, channel: web, account: app, community: northline-en}
  - {id: northline-page, channel: messenger, account: "108", community: northline-en}
departments:`).Replace(testDesk)+private)
	f.token = "abcdefghjkmnpqrs.kx1.0123456789abcdef"
	return f
}

func TestGoingPrivateWithoutWordsSaysTheBrands(t *testing.T) {
	f := privately(t, "")
	f.do("", post("1", "leo", "personne ne répond", f.now))
	f.c.About.Language, f.c.Customer.Name = "fr", "Léo Marin"
	// Where we may write first, these are the first words there.
	events := f.do("ines", GoPrivate{By: "ines", Channel: "email", Address: "leo@post.example"})
	r := f.has(events, "reply_requested").(ReplyRequested)
	if !strings.HasPrefix(r.Text, "Bonjour Léo, ici nous sommes entre nous.") || !strings.HasSuffix(r.Text, "^Ines") || r.Thread != "t2" {
		t.Errorf("opened with %+v", r)
	}
	// Where we may not, the customer is shown the way where he is.
	events = f.do("ines", GoPrivate{By: "ines", Channel: "telegram"})
	r = f.has(events, "reply_requested").(ReplyRequested)
	if r.Thread != "t1" || !strings.Contains(r.Text, "là où personne d’autre ne nous lit : https://t.me/NorthlineBot?start=abcdefghjkmnpqrs_kx1_0123456789abcdef") {
		t.Errorf("invited with %+v", r)
	}
	if v := f.has(events, "invited_privately").(InvitedPrivately); !v.Public || v.Channel != "telegram" {
		t.Errorf("invitation %+v", v)
	}
	if r := f.has(f.do("ines", GoPrivate{By: "ines", Channel: "messenger"}), "reply_requested").(ReplyRequested); !strings.Contains(r.Text, "https://m.me/108?ref=abcdefghjkmnpqrs.kx1.") {
		t.Errorf("invited with %+v", r)
	}
	if no := f.refused(CodeUnreachable, "ines", GoPrivate{By: "ines", Channel: "web"}); !strings.Contains(no.Detail, "give the inbox northline-app one") {
		t.Errorf("refused with %q", no.Detail)
	}
	// With an address or words of their own nothing is said in public instead.
	f.refused(CodeUnreachable, "ines", GoPrivate{By: "ines", Channel: "telegram", Text: "Your card number?"})
	f.refused(CodeUnreachable, "ines", GoPrivate{By: "ines", Channel: "telegram", Address: "leo"})
}

func TestInvitationsAreTheBrandsOwnAndInTheThreadsLanguage(t *testing.T) {
	f := privately(t, `, privacy: {invitation: {de: "Schreiben Sie {brand} hier: {link}"}}`)
	f.do("", post("1", "leo", "hallo", f.now))
	for language, want := range map[string]string{"de": "Schreiben Sie Northline hier: https", "de-AT": "Schreiben Sie Northline hier: https", "en": "Let us go on", "nl": "Laten we", "sv": "Let us go on", "": "Let us go on"} {
		f.c.About.Language = language
		if r := f.has(f.do("ines", GoPrivate{By: "ines", Channel: "telegram"}), "reply_requested").(ReplyRequested); !strings.HasPrefix(r.Text, want) {
			t.Errorf("%s: %q", language, r.Text)
		}
	}
}

// Whoever comes by the link that only the customer was given is the customer. A link
// that stood in public proves nothing: he is heard in the case, as somebody.
func TestWhoComesByTheLink(t *testing.T) {
	for name, tt := range map[string]struct {
		first func(id, author, text string, f *file) Receive
		role  Role
	}{
		"given in private": {func(id, author, text string, f *file) Receive { return dm(id, author, text, f.now) }, RoleCustomer},
		"given in public":  {func(id, author, text string, f *file) Receive { return post(id, author, text, f.now) }, RoleParticipant},
	} {
		f := privately(t, "")
		f.do("", tt.first("1", "leo", "hello?", f))
		f.do("ines", GoPrivate{By: "ines", Channel: "telegram"})
		h := message.Handle{Channel: "telegram", ID: "55"}
		r := Receive{Item: "d2", Via: "token", Customer: Person{ID: CustomerID(h), Handle: h}, About: About{Kind: "question"},
			Message: message.Message{Channel: "telegram", Inbox: "northline-bot", ID: "2", Thread: "55", Visibility: message.Private, Author: message.Author{Handle: h}, SentAt: f.now, Text: "/start"}}
		if got := f.has(f.do("", r), "message_received").(MessageReceived); got.Role != tt.role {
			t.Errorf("%s: he is the %s, want %s", name, got.Role, tt.role)
		}
		if f.c.IsCustomer(h) != (tt.role == RoleCustomer) {
			t.Errorf("%s: handles %v", name, f.c.Handles)
		}
	}
}

func TestPersonalDataInPublicIsNotedAndAWarningProposed(t *testing.T) {
	f := privately(t, "")
	const card, mail, phone = "4111 1111 1111 1111", "leo@kite.example", "+44 7700 900461"
	r := post("1", "leo", "My card is "+card+", mail "+mail+", phone "+phone, f.now)
	r.Message.Author.Name = "Leo Marsh"
	e := f.has(f.do("", r), "personal_data_public").(PersonalDataPublic)
	if !slices.Equal(e.Kinds, []string{"card", "phone", "email"}) || e.Role != RoleCustomer || e.Reply != "" ||
		!strings.HasPrefix(e.Proposed, "A word for your own sake") || !strings.HasSuffix(e.Proposed, "https://x.com/messages/compose?recipient_id=100") {
		t.Errorf("event %+v", e)
	}
	raw, _ := json.Marshal([]any{e, f.c.View()})
	for _, secret := range []string{card, mail, phone, "900461"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("the event or the list still shows %q: %s", secret, raw)
		}
	}
	if len(f.c.View().Exposed) != 1 || len(f.c.Sendings) != 0 {
		t.Errorf("exposed %+v, sendings %v", f.c.Exposed, f.c.Sendings)
	}
	// A second time it is noted, and not proposed again; a colleague's word settles it.
	if e := f.has(f.do("", post("2", "leo", "again: "+mail, f.now)), "personal_data_public").(PersonalDataPublic); e.Proposed != "" {
		t.Errorf("proposed again: %+v", e)
	}
	f.do("ines", SendReply{By: "ines", Text: e.Proposed})
	if f.c.Exposed[0].Warning != "" {
		t.Errorf("still proposed: %+v", f.c.Exposed)
	}
	f.do("", Delete{Item: "d", Delete: message.Delete{Channel: "x", Inbox: "northline-x", Thread: "1", ID: "1", At: f.now}})
	if len(f.c.Exposed) != 1 {
		t.Errorf("what he deleted is still exposed: %+v", f.c.Exposed)
	}
}

func TestTheWarningGoesOutByItselfWhereThePolicySaysSo(t *testing.T) {
	f := privately(t, `, privacy: {warn: true}`)
	events := f.do("", post("1", "leo", "call me on +44 7700 900461", f.now))
	r, e := f.has(events, "reply_requested").(ReplyRequested), f.has(events, "personal_data_public").(PersonalDataPublic)
	if !r.Automatic || e.Reply != r.Reply || e.Proposed != "" || !strings.HasSuffix(r.Text, "Ines, automatically") || strings.Contains(r.Text, "900461") {
		t.Errorf("reply %+v, event %+v", r, e)
	}
	if k := kinds(f.do("", post("2", "leo", "or on +44 7700 900462", f.now))); slices.Contains(k, "reply_requested") {
		t.Errorf("warned twice: %v", k)
	}
	for name, change := range map[string]func(*Receive){
		"in private":   func(r *Receive) { *r = dm("1", "leo", r.Message.Text, f.now) },
		"our own":      func(r *Receive) { r.Message.Text = "is help@northline.example your address?" },
		"by a machine": func(r *Receive) { r.Message.Automatic = true },
		"no data":      func(r *Receive) { r.Message.Text = "flight 1234 on 2026-11-20 at 15:30 for £214.60" },
	} {
		g := privately(t, `, privacy: {warn: true}`)
		r := post("1", "leo", "call me on +44 7700 900461", g.now)
		change(&r)
		if k := kinds(g.do("", r)); slices.Contains(k, "personal_data_public") || slices.Contains(k, "reply_requested") {
			t.Errorf("%s: %v", name, k)
		}
	}
}
