package desk_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/message"
)

// mailed opens a case by mail: there is room for long answers.
func (b *bench) mailed() string {
	b.Helper()
	return b.file(message.Message{Channel: "email", Inbox: "northline-mail", Visibility: message.Private, Text: "You charged me twice.",
		Author: message.Author{Handle: message.Handle{Channel: "email", ID: "leo@post.example"}}}, casework.About{Language: "en", Kind: "complaint", Urgency: "normal"})
}

func TestReplyAnswersWithWarningsAndProposedPromises(t *testing.T) {
	b := newBench(t)
	at := "/api/cases/" + b.mailed()
	body := `{"text":"Your ticket number is 48213. I'll get back to you by 5pm."}`
	preview := b.must(b.post("ines", at+"/replies", strings.Replace(body, "{", `{"dry_run":true,`, 1)), http.StatusOK)
	if preview.text("state") != "preview" || preview.text("text") != "Your ticket number is 48213. I'll get back to you by 5pm.\n\n^Ines" ||
		preview.text("warnings", 0, "check") != "ticket_number" || preview.text("proposals", 0, "text") != "I'll get back to you by 5pm." {
		t.Errorf("preview %s", preview.Body)
	}
	if kinds := b.must(b.get(at), http.StatusOK).kinds(); strings.Contains(strings.Join(kinds, " "), "reply_requested") {
		t.Fatal("the preview was sent")
	}
	a := b.must(b.post("ines", at+"/replies", body), http.StatusAccepted)
	if a.text("state") != "pending" || a.text("id") == "" || a.text("warnings", 0, "found") == "" || a.text("proposals", 0, "due") != "2026-11-20T17:00:00Z" {
		t.Errorf("answer %s", a.Body)
	}
	accept := at + "/promises/" + a.text("proposals", 0, "id") + "/accept"
	made := b.must(b.post("ines", accept, "{}"), http.StatusCreated)
	if made.text("promise", "id") != a.text("proposals", 0, "id") || made.text("promise", "owner") != "ines" || made.text("promise", "due") != "2026-11-20T17:00:00Z" {
		t.Errorf("made %s", made.Body)
	}
	b.problem(b.post("ines", accept, "{}"), http.StatusUnprocessableEntity, "invalid")
	b.problem(b.post("ines", at+"/resolve", "{}"), http.StatusConflict, "open-promise")
	moved := b.must(b.post("ines", strings.Replace(accept, "/accept", "/move", 1), `{"due":"2026-11-20T18:30:00Z","why":"the bank is slow"}`), http.StatusOK)
	if moved.text("reply", "text") == "" || strings.Contains(moved.text("reply", "text"), "bank") || !strings.Contains(moved.text("reply", "text"), "18:30") {
		t.Errorf("moved %s", moved.Body)
	}
	quiet := b.must(b.post("ines", strings.Replace(accept, "/accept", "/move", 1), `{"due":"3d","why":"slower","quiet":true}`), http.StatusOK)
	if quiet.at("reply") != nil || quiet.text("untold") == "" {
		t.Errorf("quiet %s", quiet.Body)
	}
	b.problem(b.post("ines", at+"/replies", `{"text":"x","dry_run":"yes"}`), http.StatusBadRequest, "malformed")
}

func TestActionsWithinAuthorityAndApprovals(t *testing.T) {
	b := newBench(t)
	at := "/api/cases/" + b.mailed()
	rebooked := b.must(b.post("ines", at+"/actions", `{"action":"rebook","text":"on the 18:10"}`), http.StatusCreated)
	if rebooked.text("action", "state") != "done" || rebooked.text("action", "id") == "" {
		t.Errorf("%s", rebooked.Body)
	}
	asked := b.must(b.post("ines", at+"/actions", `{"action":"refund","amount":"214.60","currency":"GBP","text":"never booked"}`, "Idempotency-Key: r1"), http.StatusAccepted)
	aid := asked.text("approval", "id")
	if asked.text("approval", "state") != "waiting" || asked.text("approval", "approvers", 0) != "tom" || asked.text("approval", "amount") != "214.60" ||
		asked.text("case", "due_for") != "approval" && asked.text("case", "due_for") != "first_answer" {
		t.Fatalf("%s", asked.Body)
	}
	if again := b.post("ines", at+"/actions", `{"action":"refund","amount":"214.60","currency":"GBP","text":"never booked"}`, "Idempotency-Key: r1"); again.text("approval", "id") != aid {
		t.Errorf("asked again: %s", again.Body)
	}
	b.problem(b.post("ines", at+"/resolve", "{}"), http.StatusConflict, "open-approval")
	b.problem(b.post("ines", at+"/approvals/"+aid+"/approve", "{}"), http.StatusForbidden, "not-allowed")
	b.problem(b.post("tom", at+"/approvals/none/approve", "{}"), http.StatusNotFound, "not-found")
	done := b.must(b.post("tom", at+"/approvals/"+aid+"/approve", `{"text":"of course"}`), http.StatusOK)
	if done.text("approval", "state") != "approved" || done.text("action", "amount") != "214.60" || done.text("action", "approval") != aid {
		t.Errorf("%s", done.Body)
	}
	kinds := strings.Join(b.must(b.get(at), http.StatusOK).kinds(), " ")
	for _, want := range []string{"approval_requested", "approval_granted", "action_taken"} {
		if !strings.Contains(kinds, want) {
			t.Errorf("the timeline has no %s: %s", want, kinds)
		}
	}
	second := b.must(b.post("ines", at+"/actions", `{"action":"voucher","amount":"20","currency":"GBP","text":"sorry"}`), http.StatusAccepted)
	if no := b.must(b.post("tom", at+"/approvals/"+second.text("approval", "id")+"/decline", `{"text":"not twice"}`), http.StatusOK); no.text("approval", "state") != "declined" || no.at("action") != nil {
		t.Errorf("%s", no.Body)
	}
	for body, code := range map[string]int{
		`{"action":"refund","amount":"1","text":"x"}`:                        http.StatusUnprocessableEntity,
		`{"action":"refund","currency":"GBP","text":"x"}`:                    http.StatusUnprocessableEntity,
		`{"action":"refund","amount":"1.999","currency":"GBP","text":"x"}`:   http.StatusUnprocessableEntity,
		`{"action":"refund","amount":"-5","currency":"GBP","text":"x"}`:      http.StatusUnprocessableEntity,
		`{"action":"teleport","text":"x"}`:                                   http.StatusUnprocessableEntity,
		`{"action":"refund","amount":5,"currency":"GBP","text":"x"}`:         http.StatusBadRequest,
		`{"action":"refund","amount":"5","currency":"GBP"}`:                  http.StatusUnprocessableEntity,
		`{"action":"refund","amount":"5","currency":"GBP","text":"x","y":1}`: http.StatusBadRequest,
	} {
		if a := b.post("tom", at+"/actions", body); a.StatusCode != code {
			t.Errorf("%s: %d %s", body, a.StatusCode, a.Body)
		}
	}
}

// One approval, asked for by two leads at the same moment: it is given once.
func TestApprovalIsGivenOnce(t *testing.T) {
	b := newBench(t)
	at := "/api/cases/" + b.mailed()
	aid := b.must(b.post("ines", at+"/actions", `{"action":"refund","amount":"10","currency":"GBP","text":"x"}`), http.StatusAccepted).text("approval", "id")
	var wg sync.WaitGroup
	answers := make([]answer, 6)
	for i := range answers {
		wg.Go(func() {
			answers[i] = b.post("tom", at+"/approvals/"+aid+"/approve", "{}", fmt.Sprint("Idempotency-Key: k", i))
		})
	}
	wg.Wait()
	yes := 0
	for _, a := range answers {
		if a.StatusCode == http.StatusOK {
			yes++
		}
	}
	if taken := strings.Count(b.must(b.get(at), http.StatusOK).Body, `"kind":"action_taken"`); yes != 1 || taken != 1 {
		t.Errorf("%d answers say yes, it was done %d times", yes, taken)
	}
}

// The console has the forms, says what happened, and a preview sends nothing.
func TestConsoleShowsRulesAndPreviews(t *testing.T) {
	b := newBench(t)
	id := b.mailed()
	at := "/api/cases/" + id
	b.must(b.post("ines", at+"/replies", `{"text":"I'll ring you within two hours."}`), http.StatusAccepted)
	b.must(b.post("ines", at+"/actions", `{"action":"refund","amount":"214.60","currency":"GBP","text":"never booked"}`), http.StatusAccepted)
	page := b.send("GET", "/cases/"+id, "", "Authorization: Bearer tom").Body
	for _, want := range []string{"Make it one", "It is none", "Approve", "refund 214.60 GBP", "asked by Ines Silva", "waits for a yes", "That sounds like a promise by 11:00", "Look at it first"} {
		if !strings.Contains(page, want) {
			t.Errorf("tom's page doesn't say %q", want)
		}
	}
	if page := b.send("GET", "/cases/"+id, "", "Authorization: Bearer ines").Body; strings.Contains(page, ">Approve<") || !strings.Contains(page, "Take it back") {
		t.Error("who asked is offered to say yes, or can't take it back")
	}
	form := "text=THIS+IS+SHOUTING+TICKET+44112&dry_run=true&token=t1"
	preview := b.send("POST", "/cases/"+id+"/replies", form, "Authorization: Bearer ines", "Content-Type: application/x-www-form-urlencoded", "Origin: https://desk.example", "Host: desk.example", "Sec-Fetch-Site: same-origin")
	for _, want := range []string{"Nothing is sent yet", "read as shouting", "THIS IS SHOUTING TICKET 44112</textarea>"} {
		if !strings.Contains(preview.Body, want) {
			t.Errorf("the preview (%d) doesn't say %q", preview.StatusCode, want)
		}
	}
	if strings.Contains(b.must(b.get(at), http.StatusOK).Body, "SHOUTING") {
		t.Error("the preview was sent")
	}
	// After the deadline the page says what the ladder did.
	b.Advance(3 * time.Hour)
	if _, _, err := b.Do(t.Context(), docket.Order{Case: id, Command: casework.FireTimers{}, Now: b.Now()}); err != nil {
		t.Fatal(err)
	}
	page = b.send("GET", "/cases/"+id, "", "Authorization: Bearer tom").Body
	for _, want := range []string{"the lead was told", "Approval of refund 214.60 GBP is overdue since 10:00: Tom Reed is reminded", "Nobody has answered by 10:00"} {
		if !strings.Contains(page, want) {
			t.Errorf("tom's page doesn't say %q", want)
		}
	}
}

// A merge keeps both ids working and both timelines readable, and can be undone.
func TestMergeAndUnmergeOverTheAPI(t *testing.T) {
	b := newBench(t)
	mail, chat := b.mailed(), b.open()
	b.must(b.post("ines", "/api/cases/"+chat+"/notes", `{"text":"the same man, I think"}`), http.StatusOK)
	b.problem(b.post("ines", "/api/cases/"+chat+"/merge", `{"into":"nothing"}`), http.StatusNotFound, "not-found")
	b.problem(b.post("ines", "/api/cases/"+chat+"/merge", `{"into":"\u0000"}`), http.StatusUnprocessableEntity, "invalid")
	a := b.must(b.post("ines", "/api/cases/"+chat+"/merge", `{"into":"`+mail+`"}`), http.StatusOK)
	if a.text("case", "merged_into") != mail {
		t.Errorf("%s", a.Body)
	}
	p := b.problem(b.post("ines", "/api/cases/"+chat+"/replies", `{"text":"x"}`), http.StatusConflict, "merged")
	if p.text("into") != mail {
		t.Errorf("%s", p.Body)
	}
	whole := b.must(b.get("/api/cases/"+mail), http.StatusOK)
	if whole.text("case", "absorbed", 0) != chat || !strings.Contains(whole.Body, "the same man, I think") || !strings.Contains(whole.Body, `"in_case":"`+chat+`"`) ||
		!strings.Contains(whole.Body, "never booked") || whole.text("case", "threads", 1, "channel") != "x" {
		t.Errorf("the case that goes on: %s", whole.Body)
	}
	if part := b.must(b.get("/api/cases/"+chat), http.StatusOK); part.text("case", "merged_into") != mail || !strings.Contains(part.Body, `"kind":"merged"`) {
		t.Errorf("the case that ended: %s", part.Body)
	}
	b.CatchUp()
	who := b.must(b.get("/api/cases/"+chat), http.StatusOK).text("case", "customer", "id")
	if a := b.must(b.get("/api/customers/"+who), http.StatusOK); a.text("cases", 0, "id") != chat || a.text("cases", 0, "merged_into") != mail {
		t.Errorf("the customer of the case that ended: %s", a.Body)
	}
	if list := b.must(b.get("/api/cases"), http.StatusOK); strings.Contains(list.Body, `"id":"`+chat+`"`) {
		t.Error("the case that ended is in the list")
	}
	if page := b.send("GET", "/cases/"+chat, "", "Authorization: Bearer ines").Body; !strings.Contains(page, "Part the cases again") || !strings.Contains(page, "/cases/"+mail) {
		t.Error("the page of the case that ended leads nowhere")
	}
	if page := b.send("GET", "/cases/"+mail, "", "Authorization: Bearer ines").Body; !strings.Contains(page, "the same man, I think") || !strings.Contains(page, "merged author") {
		t.Error("the page of the case that goes on doesn't tell both")
	}
	back := b.must(b.post("ines", "/api/cases/"+chat+"/unmerge", `{"why":"two people"}`), http.StatusOK)
	if back.text("case", "status") != "open" || back.text("case", "merged_into") != "" {
		t.Errorf("%s", back.Body)
	}
	if alone := b.must(b.get("/api/cases/"+mail), http.StatusOK); strings.Contains(alone.Body, "the same man") || alone.text("case", "threads", 1, "id") != "" {
		t.Errorf("after the undoing: %s", alone.Body)
	}
	b.must(b.post("ines", "/api/cases/"+chat+"/snooze", `{"until":"2h"}`), http.StatusOK)
	if w := b.must(b.post("ines", "/api/cases/"+chat+"/wake", ""), http.StatusOK); w.text("case", "status") != "open" {
		t.Errorf("%s", w.Body)
	}
}
