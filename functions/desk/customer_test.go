package desk_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ines/shared/casework"
	"ines/shared/message"
)

// twice is a customer who wrote a direct message and a mail: two customers for all
// that anybody knows, and a proposal that they are one.
func twice(t *testing.T) (b *bench, chat, mail, mara, anna string) {
	b = newBench(t)
	about := casework.About{Language: "en", Kind: "complaint", Urgency: "normal"}
	chat = b.file(message.Message{Channel: "x", Inbox: "northline-x", Visibility: message.Private, Thread: "100-mara", Text: "my booking is ABC123, mail anna@post.example",
		Author: message.Author{Handle: message.Handle{Channel: "x", ID: "mara"}, Name: "Mara", Username: "mara_"}}, about)
	b.Advance(60e9)
	mail = b.file(message.Message{Channel: "email", Inbox: "northline-mail", Visibility: message.Private, Text: "any news?",
		Author: message.Author{Handle: message.Handle{Channel: "email", ID: "anna@post.example"}, Name: "Anna Lind"}}, about)
	mara = b.get("/api/cases/"+chat).text("case", "customer", "id")
	anna = b.get("/api/cases/"+mail).text("case", "customer", "id")
	return b, chat, mail, mara, anna
}

// TestIdentityOverTheAPI: a proposal is on the case and with both customers, a merge
// makes them one, and undoing it makes them two; each with its version, once per key.
func TestIdentityOverTheAPI(t *testing.T) {
	b, chat, mail, mara, anna := twice(t)
	c := b.get("/api/cases/" + mail)
	if !slices.Contains(c.kinds(), "identity_proposed") || c.text("case", "identity", 0, "with", "id") != mara || c.text("case", "identity", 0, "why") == "" {
		t.Fatalf("%s: %s", c.kinds(), c.Body)
	}
	b.shows(b.page("/cases/"+mail), "Anna Lind may be Mara: writes from the mail address a…@p…, which the other one wrote in a private message.")
	for id, other := range map[string]string{mara: anna, anna: mara} {
		a := b.must(b.get("/api/customers/"+id), http.StatusOK)
		if a.text("customer", "proposals", 0, "with", "id") != other || a.text("customer", "proposals", 0, "with", "name") == "" || a.text("customer", "proposals", 0, "case") != mail ||
			a.text("customer", "proposals", 0, "evidence", 0, "kind") != "email" || a.text("customer", "handles", 0, "source") != "wrote_from" || a.text("customer", "handles", 0, "first_seen") == "" {
			t.Errorf("%s", a.Body)
		}
	}
	tag := b.get("/api/customers/" + anna).Headers["etag"]
	b.problem(b.post("ines", "/api/customers/"+anna+"/merge", `{"into":"`+mara+`"}`), http.StatusUnprocessableEntity, "invalid")
	b.problem(b.post("ines", "/api/customers/"+anna+"/merge", `{"into":"nobody","why":"x"}`), http.StatusNotFound, "not-found")
	b.problem(b.post("ines", "/api/customers/nobody/merge", `{"into":"`+mara+`","why":"x"}`), http.StatusNotFound, "not-found")
	b.problem(b.post("ines", "/api/customers/"+anna+"/merge", `{"into":"`+anna+`","why":"x"}`), http.StatusUnprocessableEntity, "invalid")
	b.problem(b.post("ines", "/api/customers/"+anna+"/merge", `{"into":"`+mara+`","why":"x"}`, `If-Match: "77"`), http.StatusPreconditionFailed, "version-stale")
	b.problem(b.post("ines", "/api/customers/"+anna+"/merge", `{"into":"`+mara+`","why":"x","with":"y"}`), http.StatusBadRequest, "malformed")
	b.problem(b.post("ines", "/api/customers/"+anna+"/unmerge", `{"why":"x"}`), http.StatusUnprocessableEntity, "invalid")

	say := `{"into":"` + mara + `","why":"she rang and told me her name"}`
	done := b.must(b.post("ines", "/api/customers/"+anna+"/merge", say, "If-Match: "+tag, "Idempotency-Key: once"), http.StatusOK)
	again := b.must(b.post("ines", "/api/customers/"+anna+"/merge", say, "If-Match: "+tag, "Idempotency-Key: once"), http.StatusOK)
	if done.Body != again.Body || again.Headers["idempotency-replayed"] != "true" || done.text("customer") != mara || done.text("separate", 1) == "" || done.Headers["etag"] != `"`+fmt.Sprint(done.at("version"))+`"` {
		t.Errorf("%s, then %s %v", done.Body, again.Body, again.Headers)
	}
	b.problem(b.post("tom", "/api/customers/"+mara+"/merge", `{"into":"`+anna+`","why":"x"}`), http.StatusConflict, "one-customer")
	b.CatchUp()
	for _, id := range []string{mara, anna} {
		a := b.must(b.get("/api/customers/"+id), http.StatusOK)
		if a.text("customer", "id") != mara || a.text("customer", "name") != "Mara" || a.text("cases", 0, "id") != mail || a.text("cases", 1, "id") != chat ||
			a.text("customer", "merged_from", 0, "customer", "id") != anna || a.text("customer", "merged_from", 0, "by") != "ines" || a.at("customer", "proposals", 0) != nil ||
			a.text("customer", "merged_from", 0, "evidence", 0, "kind") != "email" || a.text("customer", "handles", 1, "merged_from") != anna || a.text("customer", "handles", 1, "source") != "wrote_from" || a.at("customer", "handles", 2) != nil {
			t.Errorf("%s", a.Body)
		}
	}
	for _, id := range []string{chat, mail} {
		if c := b.get("/api/cases/" + id); !slices.Contains(c.kinds(), "customers_merged") || c.at("case", "identity") != nil || c.text("case", "status") != "open" {
			t.Errorf("%s", c.Body)
		}
	}
	b.shows(b.page("/cases/"+chat), "Ines Silva found that Anna Lind and Mara are one customer: she rang and told me her name. They have another open case ("+mail+")")

	// The profile is one; what was written down about either is told by whom it was.
	b.must(b.post("ines", "/api/customers/"+anna+"/profile", `{"tags":["fan"]}`), http.StatusOK)
	if a := b.get("/api/customers/" + mara); a.text("customer", "tags", 0) != "fan" || a.text("customer", "profiles", 0, "customer") != mara {
		t.Errorf("%s", a.Body)
	}

	handle := b.get("/api/customers/"+mara).text("customer", "handles", 1, "key")
	parted := b.must(b.post("tom", "/api/customers/"+mara+"/unmerge", `{"handle":"`+handle+`","why":"two sisters"}`, "Idempotency-Key: twice"), http.StatusOK)
	if parted.text("customer") != anna || parted.text("with") != mara {
		t.Errorf("%s", parted.Body)
	}
	b.CatchUp()
	a := b.must(b.get("/api/customers/"+anna), http.StatusOK)
	if a.text("customer", "id") != anna || a.at("customer", "handles", 1) != nil || a.text("customer", "declined", 0, "with", "id") != mara || a.text("customer", "declined", 0, "why") != "two sisters" || a.at("cases", 1) != nil {
		t.Errorf("%s", a.Body)
	}
	b.shows(b.page("/cases/"+chat), "Tom Reed parted Anna Lind from Mara: they are two customers: two sisters.")
}

// TestDeclineOverTheAPI: nothing is proposed that a colleague said no to.
func TestDeclineOverTheAPI(t *testing.T) {
	b, _, mail, mara, anna := twice(t)
	a := b.must(b.post("ines", "/api/customers/"+mara+"/decline", `{"with":"`+anna+`"}`), http.StatusOK)
	if a.text("cases", 0) != mail {
		t.Errorf("%s", a.Body)
	}
	if c := b.get("/api/cases/" + mail); !slices.Contains(c.kinds(), "identity_declined") || c.at("case", "identity") != nil {
		t.Errorf("%s", c.Body)
	}
	b.CatchUp()
	if a := b.get("/api/customers/" + anna); a.at("customer", "proposals", 0) != nil || a.text("customer", "declined", 0, "by") != "ines" {
		t.Errorf("%s", a.Body)
	}
	got := b.file(message.Message{Channel: "email", Inbox: "northline-mail", Visibility: message.Private, Text: "booking ABC123", Thread: "other",
		Author: message.Author{Handle: message.Handle{Channel: "email", ID: "anna@post.example"}, Name: "Anna Lind"}}, casework.About{})
	if c := b.get("/api/cases/" + mail); !slices.Contains(c.kinds(), "identity_withheld") || got == mail {
		t.Errorf("%s", c.kinds())
	}
	b.shows(b.page("/cases/"+mail), "Not proposed who Anna Lind may be: a colleague has said before that they are two people; ")
}

// A simulated message says what would be proposed, and notes nothing.
func TestSimulatedIdentity(t *testing.T) {
	b, _, _, mara, _ := twice(t)
	before := b.Dump()
	a := b.must(b.post("ines", "/api/simulate", `{"message":{"inbox":"northline-mail","author":{"handle":{"channel":"email","id":"new@post.example"}},"text":"my booking is ABC123","visibility":"private"},"about":{"kind":"question"}}`), http.StatusOK)
	if !strings.Contains(a.Body, "identity_proposed") || !strings.Contains(a.Body, mara) || b.Dump() != before {
		t.Errorf("%s", a.Body)
	}
}

// TestIdentityByForms: the same on the customer's page, with the evidence, and what was
// typed is kept where a form is refused.
func TestIdentityByForms(t *testing.T) {
	b, chat, mail, mara, anna := twice(t)
	at := "/customers/" + anna
	b.shows(b.page("/cases/"+mail), "Anna Lind may be Mara", `<a href="`+at+`">Who is this?</a>`)
	p := b.page(at)
	b.shows(p, `May be <a href="/customers/`+mara+`">Mara</a>: writes from the mail address`, `<a href="/cases/`+mail+`">Where it came up</a>`, "wrote from there")
	refused := b.submit(at+"/merge", url.Values{"into": {mara}, "why": {" "}, "version": {b.field(p, at+"/merge", "version")}, "token": {"a"}})
	b.must(refused, http.StatusUnprocessableEntity)
	b.shows(refused, "Say how you know.")
	stale := b.submit(at+"/merge", url.Values{"into": {mara}, "why": {"she rang"}, "version": {"77"}, "token": {"b"}})
	b.must(stale, http.StatusPreconditionFailed)
	b.shows(stale, `value="she rang"`)
	form := url.Values{"into": {mara}, "why": {"she rang"}, "version": {b.field(stale, at+"/merge", "version")}, "token": {b.field(stale, at+"/merge", "token")}}
	for range 2 { // a double click
		if a := b.must(b.submit(at+"/merge", form), http.StatusSeeOther); a.Headers["location"] != "/customers/"+mara+"?done=merge" {
			t.Fatalf("merged, and sent to %s", a.Headers["location"])
		}
	}
	b.CatchUp()
	home := "/customers/" + mara
	p = b.page(home)
	b.shows(p, "One with <strong>Anna Lind</strong>, says Tom Reed", "she rang", `href="/cases/`+chat+`"`, `href="/cases/`+mail+`"`, "2 cases")
	parting := url.Values{"customer": {anna}, "why": {"it was her sister"}, "version": {b.field(p, home+"/unmerge", "version")}, "token": {b.field(p, home+"/unmerge", "token")}}
	a := b.must(b.submit(home+"/unmerge", parting), http.StatusSeeOther)
	b.CatchUp()
	p = b.page(a.Headers["location"])
	b.shows(p, "They are two customers again.", "1 case")

	b, _, _, mara, anna = twice(t)
	at = "/customers/" + anna
	p = b.page(at)
	no := url.Values{"with": {mara}, "version": {b.field(p, at+"/decline", "version")}, "token": {b.field(p, at+"/decline", "token")}}
	a = b.must(b.submit(at+"/decline", no), http.StatusSeeOther)
	p = b.page(a.Headers["location"])
	b.shows(p, "It is not proposed again.", `Not <a href="/customers/`+mara+`">Mara</a>, says Tom Reed`)
	if strings.Contains(p.Body, "May be") {
		t.Error("what was declined is still proposed")
	}
}
