package desk_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
)

func TestCaseAsTheContractSays(t *testing.T) {
	b := newBench(t)
	id := b.open()
	a := b.must(b.get("/api/cases/"+id), http.StatusOK)
	c, _ := a.at("case").(map[string]any)
	for _, name := range []string{"id", "status", "brand", "community", "department", "owner", "customer", "topic", "language", "urgency", "tone", "kind",
		"segment", "threads", "bystanders", "opened_at", "due_at", "due_for", "version", "why"} {
		if _, ok := c[name]; !ok {
			t.Errorf("the case has no %q", name)
		}
	}
	for path, want := range map[string]any{"id": id, "status": "open", "department": "care", "owner": "", "bystanders": 0.0, "due_for": "first_answer",
		"due_at": "2026-11-20T10:00:00Z", "waiting_for": "us", "waiting_since": "2026-11-20T09:00:00Z"} {
		if c[path] != want {
			t.Errorf("%s is %v, want %v", path, c[path], want)
		}
	}
	thread, _ := a.at("case", "threads", 0).(map[string]any)
	if got := slices.Sorted(maps.Keys(thread)); !slices.Equal(got, []string{"channel", "id", "inbox", "key", "visibility", "window"}) {
		t.Errorf("a thread has %v", got)
	}
	if a.text("case", "customer", "name") != "author1" || a.text("case", "threads", 0, "window", "state") != "open" {
		t.Errorf("case %v", c)
	}
	if kinds := a.kinds(); kinds[0] != "case_opened" || !slices.Contains(kinds, "message_received") {
		t.Errorf("timeline %v", kinds)
	}
	list := b.must(b.get("/api/cases"), http.StatusOK)
	inList, _ := list.at("cases", 0).(map[string]any)
	if !slices.Equal(slices.Sorted(maps.Keys(inList)), slices.Sorted(maps.Keys(c))) {
		t.Errorf("in the list a case has %v, alone %v", slices.Sorted(maps.Keys(inList)), slices.Sorted(maps.Keys(c)))
	}
	if _, more := list.doc["cursor"]; more {
		t.Error("the last page has a cursor")
	}
}

func (a answer) kinds() []string {
	var kinds []string
	for i := range 1000 {
		k := a.text("timeline", i, "kind")
		if k == "" {
			break
		}
		kinds = append(kinds, k)
	}
	return kinds
}

func TestVersionsAndConditions(t *testing.T) {
	b := newBench(t)
	id := b.open()
	at := "/api/cases/" + id
	first := b.must(b.get(at), http.StatusOK).Headers["etag"]
	if a := b.must(b.get(at, `If-None-Match: "x", W/`+first), http.StatusNotModified); a.Body != "" {
		t.Errorf("304 with a body %s", a.Body)
	}
	claimed := b.must(b.post("ines", at+"/claim", "", "If-Match: "+first), http.StatusOK)
	if v := fmt.Sprintf(`"%v"`, claimed.at("case", "version")); claimed.Headers["etag"] != v || v == first {
		t.Errorf("after the claim ETag is %s and version %s; before, %s", claimed.Headers["etag"], v, first)
	}
	b.must(b.get(at, "If-None-Match: "+first), http.StatusOK)
	for _, stale := range []string{first, "W/" + first, `"0"`, "x", `"1", "2"`} {
		a := b.problem(b.post("ines", at+"/release", "", "If-Match: "+stale), http.StatusPreconditionFailed, "version-stale")
		if a.at("version") != claimed.at("case", "version") {
			t.Errorf("If-Match %s: the problem says version %v", stale, a.at("version"))
		}
	}
	b.must(b.post("ines", at+"/notes", `{"text":"still mine"}`, "If-Match: *"), http.StatusOK)
	now := b.must(b.get(at), http.StatusOK).Headers["etag"]
	b.must(b.post("ines", at+"/release", "", "If-Match: W/"+now), http.StatusOK)
}

// Two colleagues claim at once: one has it, the other learns who and since when.
func TestClaimRace(t *testing.T) {
	b := newBench(t)
	for range 10 {
		id := b.open()
		var answers [2]answer
		var wg sync.WaitGroup
		for i, who := range []string{"ines", "tom"} {
			wg.Go(func() { answers[i] = b.post(who, "/api/cases/"+id+"/claim", "{}") })
		}
		wg.Wait()
		won, lost := answers[0], answers[1]
		if won.StatusCode != http.StatusOK {
			won, lost = lost, won
		}
		b.must(won, http.StatusOK)
		b.problem(lost, http.StatusConflict, "already-claimed")
		if lost.text("holder", "id") != won.text("case", "owner") || lost.text("holder", "name") == "" || lost.text("since") != won.text("case", "since") {
			t.Fatalf("the winner is %s since %s; the loser heard %s", won.text("case", "owner"), won.text("case", "since"), lost.Body)
		}
		b.Advance(time.Second)
	}
}

func TestIdempotencyKeys(t *testing.T) {
	b := newBench(t)
	id := b.open()
	at := "/api/cases/" + id
	first := b.must(b.post("ines", at+"/replies", `{"text":"On it."}`, "Idempotency-Key: k1"), http.StatusAccepted)
	if first.Headers["idempotency-replayed"] != "" {
		t.Error("the first answer claims to be a repetition")
	}
	b.Advance(time.Hour)
	again := b.must(b.post("ines", at+"/replies", ` { "text" : "On it." } `, "Idempotency-Key: k1"), http.StatusAccepted)
	if again.Body != first.Body || again.Headers["idempotency-replayed"] != "true" || again.Headers["etag"] != first.Headers["etag"] {
		t.Errorf("the repetition got %v %s, the first %s", again.Headers, again.Body, first.Body)
	}
	b.problem(b.post("ines", at+"/replies", `{"text":"Other words."}`, "Idempotency-Key: k1"), http.StatusUnprocessableEntity, "idempotency-key-reused")
	b.problem(b.post("ines", at+"/notes", `{"text":"On it."}`, "Idempotency-Key: k1"), http.StatusUnprocessableEntity, "idempotency-key-reused")
	b.must(b.post("tom", at+"/notes", `{"text":"my key"}`, "Idempotency-Key: k1"), http.StatusOK)

	// What changes nothing is remembered too, and a repetition comes before If-Match.
	etag := "If-Match: " + b.get(at).Headers["etag"]
	b.must(b.post("ines", at+"/release", "", "Idempotency-Key: k2", etag), http.StatusOK)
	b.must(b.post("ines", at+"/release", "", "Idempotency-Key: k2", etag), http.StatusOK)
	// A refusal is not.
	b.problem(b.post("ines", at+"/reopen", `{}`, "Idempotency-Key: k3"), http.StatusUnprocessableEntity, "invalid")
	b.must(b.post("ines", at+"/resolve", `{}`, "Idempotency-Key: k3"), http.StatusOK)

	b.Advance(25 * time.Hour)
	if a := b.must(b.post("ines", at+"/notes", `{"text":"another day"}`, "Idempotency-Key: k1"), http.StatusOK); a.Headers["idempotency-replayed"] != "" {
		t.Error("a key is remembered for longer than a day")
	}
	replies := 0
	for _, kind := range b.get(at).kinds() {
		if kind == "reply_requested" {
			replies++
		}
	}
	if replies != 1 {
		t.Errorf("%d replies were requested, want 1", replies)
	}
}

func TestOneKeyFromManySidesActsOnce(t *testing.T) {
	b := newBench(t)
	id := b.open()
	version := "If-Match: " + b.get("/api/cases/" + id).Headers["etag"]
	var answers [8]answer
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			answers[i] = b.post("ines", "/api/cases/"+id+"/promises", `{"text":"ring back","due":"2h"}`, "Idempotency-Key: same", version)
		})
	}
	wg.Wait()
	fresh := 0
	for _, a := range answers {
		b.must(a, http.StatusCreated)
		if a.Body != answers[0].Body {
			t.Errorf("two answers to one key: %s and %s", a.Body, answers[0].Body)
		}
		if a.Headers["idempotency-replayed"] == "" {
			fresh++
		}
	}
	if fresh != 1 {
		t.Errorf("%d requests acted, want 1", fresh)
	}
}

func TestBodiesAreReadStrictly(t *testing.T) {
	b := newBench(t)
	at := "/api/cases/" + b.open()
	for _, c := range []struct{ route, body, field string }{
		{"/claim", `{"force":true}`, "force"},
		{"/notes", `{"text":"a","Text":"b"}`, "Text"},
		{"/notes", `{"text":7}`, "text"},
		{"/notes", `{"text":"a","mentions":"tom"}`, "mentions"},
		{"/notes", `{"text":"a","mentions":[7]}`, "mentions"},
		{"/notes", `{"text":"a","mentions":[null]}`, "mentions"},
		{"/promises", `{"text":"a","due":7200}`, "due"},
		{"/notes", `{"text":"a","text":"b"}`, "text"},
		{"/notes", `{"text":"a","te\u0078t":"a"}`, "text"},
		{"/notes", `{"text":null,"mentions":[],"text":"b"}`, "text"},
		{"/notes", `{"text":"a"`, ""},
		{"/notes", `{"text":"a",}`, ""},
		{"/notes", `{"text":"a"]`, ""},
		{"/notes", `{"text":}`, ""},
		{"/notes", `{"text"}`, ""},
		{"/notes", `{text:"a"}`, ""},
		{"/notes", `{`, ""},
		{"/notes", `{"text":"a"} {}`, ""},
		{"/notes", `[]`, ""},
		{"/notes", `null`, ""},
		{"/notes", `"text"`, ""},
		{"/notes", "{\"text\":\"\xff\"}", ""},
	} {
		a := b.problem(b.post("ines", at+c.route, c.body), http.StatusBadRequest, "malformed")
		if a.text("field") != c.field || !strings.Contains(a.text("detail"), c.field) {
			t.Errorf("%s %s: the problem names %q: %s", c.route, c.body, a.text("field"), a.text("detail"))
		}
	}
	for _, c := range []struct{ route, body, field string }{
		{"/takeover", ``, "why"}, {"/assign", `{}`, "colleague"}, {"/promises", `{"text":"a"}`, "due"}, {"/replies", `{"text":null}`, "text"},
		{"/promises", `{"text":"a","due":"soon"}`, "due"}, {"/promises", `{"text":"a","due":"-2h"}`, "due"}, {"/snooze", `{"until":""}`, "until"},
		{"/snooze", `{"until":"9999-12-31T23:59:59-14:00"}`, "until"}, {"/promises", `{"text":"a","due":"9999-12-31T23:59:59Z"}`, "due"},
	} {
		if a := b.problem(b.post("ines", at+c.route, c.body), http.StatusUnprocessableEntity, "invalid"); a.text("field") != c.field {
			t.Errorf("%s %s: the problem names %q: %s", c.route, c.body, a.text("field"), a.text("detail"))
		}
	}
	for _, body := range []string{"", "  ", "{}"} {
		b.must(b.post("ines", at+"/claim", body), http.StatusOK)
	}
	b.must(b.post("ines", at+"/resolve", `{"text":null}`), http.StatusOK)
}

// Each refusal of casework has its status.
func TestRefusals(t *testing.T) {
	b := newBench(t)
	claimed, closed := b.open(), b.open()
	b.must(b.post("tom", "/api/cases/"+claimed+"/claim", ""), http.StatusOK)
	b.must(b.post("tom", "/api/cases/"+closed+"/resolve", ""), http.StatusOK)
	free := b.open()
	chat := b.file(message.Message{Channel: "whatsapp", Inbox: "northline-whatsapp", Visibility: message.Private, Text: "hello?"}, casework.About{})
	for _, c := range []struct {
		id, route, body string
		status          int
		code            string
	}{
		{claimed, "claim", ``, 409, "already-claimed"},
		{claimed, "replies", `{"text":"me too"}`, 409, "already-claimed"},
		{claimed, "release", ``, 409, "not-claimed"},
		{claimed, "takeover", `{"why":" "}`, 422, "invalid"},
		{free, "assign", `{"colleague":"nobody"}`, 422, "invalid"},
		{free, "transfer", `{"department":"nowhere","why":"a"}`, 422, "invalid"},
		{free, "notes", `{"text":"a","mentions":["nobody"]}`, 422, "invalid"},
		{free, "calls", `{"number":"1","direction":"sideways","outcome":"answered"}`, 422, "invalid"},
		{free, "promises", `{"text":"a","due":"2020-01-01T00:00:00Z"}`, 422, "invalid"},
		{closed, "claim", ``, 409, "case-closed"},
		{closed, "replies", `{"text":"a"}`, 409, "case-closed"},
		{free, "replies", `{"text":"a","thread":"t9"}`, 404, "not-found"},
		{free, "promises/p1/keep", `{}`, 404, "not-found"},
		{free, "split", `{"author":"nobody"}`, 404, "not-found"},
		{free, "replies", `{"text":"` + strings.Repeat("long ", 20) + `"}`, 422, "too-long"},
		{chat, "replies", `{"text":"a"}`, 409, "window-closed"},
		{free, "private", `{"channel":"email","address":"nowhere","text":"a"}`, 422, "unreachable"},
		{free, "private", `{"channel":"pigeon","text":"a"}`, 422, "invalid"},
	} {
		t.Run(c.route+" "+c.code, func(t *testing.T) {
			b.problem(b.post("ines", "/api/cases/"+c.id+"/"+c.route, c.body), c.status, c.code)
		})
	}
	a := b.post("ines", "/api/cases/"+chat+"/replies", `{"text":"a"}`)
	if a.text("alternatives", 0, "channel") != "email" || a.text("window", "state") != "template" {
		t.Errorf("a closed window names no other way: %s", a.Body)
	}
	b.must(b.post("ines", "/api/cases/"+claimed+"/takeover", `{"why":"Tom is at lunch"}`), http.StatusOK)
}

func TestPromises(t *testing.T) {
	b := newBench(t)
	at := "/api/cases/" + b.open()
	made := b.must(b.post("ines", at+"/promises", `{"text":"be in touch shortly","due":"1h30m"}`), http.StatusCreated)
	pid := made.text("id")
	if pid == "" || made.text("promise", "id") != pid || made.text("promise", "due") != "2026-11-20T10:30:00Z" || made.text("promise", "owner") != "ines" {
		t.Fatalf("promise %s", made.Body)
	}
	refused := b.problem(b.post("ines", at+"/resolve", "{}"), http.StatusConflict, "open-promise")
	if refused.text("promises", 0, "id") != pid || !strings.Contains(refused.text("detail"), "be in touch shortly") {
		t.Errorf("the refusal doesn't name the promise: %s", refused.Body)
	}
	b.problem(b.post("ines", at+"/promises/"+pid+"/move", `{"due":"2h"}`), http.StatusUnprocessableEntity, "invalid")
	b.must(b.post("ines", at+"/promises/"+pid+"/move", `{"due":"2026-11-21T08:00:00+01:00","why":"the line is engaged"}`), http.StatusOK)
	b.must(b.post("ines", at+"/promises/"+pid+"/keep", ``), http.StatusOK)
	if a := b.must(b.post("ines", at+"/resolve", ""), http.StatusOK); a.text("case", "status") != "resolved" || a.at("case", "due_at") != nil {
		t.Errorf("resolved: %s", a.Body)
	}
	for _, due := range []string{"90m", "3d", "1.5h", "2h0m"} {
		b.must(b.post("ines", "/api/cases/"+b.open()+"/promises", `{"text":"a","due":"`+due+`"}`), http.StatusCreated)
	}
}

func TestRepliesAndPrivateThreads(t *testing.T) {
	b := newBench(t)
	id := b.open()
	at := "/api/cases/" + id
	a := b.must(b.post("ines", at+"/replies", `{"text":"I am sorry."}`), http.StatusAccepted)
	if a.text("id") == "" || a.text("state") != "pending" || a.text("case", "owner") != "ines" {
		t.Errorf("reply: %s", a.Body)
	}
	p := b.must(b.post("ines", at+"/private", `{"channel":"email","address":"marek@postbox.example","subject":"Your ticket","text":"Dear Marek"}`), http.StatusAccepted)
	if p.text("id") == a.text("id") || p.text("thread") != "t2" || p.text("case", "threads", 1, "visibility") != "private" {
		t.Errorf("private: %s", p.Body)
	}
	c := b.get(at)
	var states []string
	for i, kind := range c.kinds() {
		if kind == "reply_requested" {
			states = append(states, c.text("timeline", i, "state")+" "+c.text("timeline", i, "by")+" "+c.text("timeline", i, "text"))
		}
	}
	if want := []string{"pending ines I am sorry. ^Ines", "pending ines Dear Marek\n\n^Ines"}; !slices.Equal(states, want) {
		t.Errorf("replies %q, want %q", states, want)
	}
}

func TestEveryOtherCommand(t *testing.T) {
	b := newBench(t)
	id := b.open()
	b.file(message.Message{Thread: "m1", Author: message.Author{Handle: message.Handle{Channel: "x", ID: "friend"}, Name: "A friend"}, Text: "he is right"}, casework.About{})
	for _, c := range []struct{ route, body, kind string }{
		{"claim", ``, "claimed"},
		{"notes", `{"text":"ask Tom","mentions":["tom"]}`, "note_added"},
		{"calls", `{"number":"07700 900461","direction":"outbound","outcome":"engaged"}`, "call_logged"},
		{"assign", `{"colleague":"ines"}`, ""},
		{"snooze", `{"until":"3d"}`, "snoozed"},
		{"transfer", `{"department":"baggage","why":"it is a suitcase"}`, "transferred"},
		{"split", `{"author":"A friend"}`, "bystander_split"},
		{"release", ``, ""},
		{"resolve", `{"text":"refunded"}`, "resolved"},
		{"reopen", `{"why":"not refunded after all"}`, "reopened"},
	} {
		a := b.must(b.post("ines", "/api/cases/"+id+"/"+c.route, c.body), http.StatusOK)
		if a.text("case", "id") != id {
			t.Errorf("%s: the answer has no case: %s", c.route, a.Body)
		}
		if kinds := b.get("/api/cases/" + id).kinds(); c.kind != "" && kinds[len(kinds)-1] != c.kind && !slices.Contains(kinds[len(kinds)-4:], c.kind) {
			t.Errorf("%s: the timeline ends with %v", c.route, kinds[len(kinds)-4:])
		}
	}
}
