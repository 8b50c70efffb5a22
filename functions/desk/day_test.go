package desk_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/message"
)

// What people said is read without what the desk notes for itself, which is a click away.
func TestBookkeepingIsFolded(t *testing.T) {
	b := newBench(t)
	id := b.open()
	b.must(b.post("tom", "/api/cases/"+id+"/claim", ""), http.StatusOK)
	p := b.page("/cases/" + id)
	folded := regexp.MustCompile(`(?s)<details class="why"><summary>([^<]*)<span class="muted"> · (\d) more</span></summary>(.*?)</details></li>`).FindStringSubmatch(p.Body)
	if folded == nil || !strings.HasPrefix(folded[1], "Sorted: ") {
		t.Fatalf("nothing is folded: %q in %s", folded, p.Body)
	}
	for _, within := range []string{"First answer due at", "Solution due at"} {
		if !strings.Contains(folded[3], within) {
			t.Errorf("%q is not among what is folded: %s", within, folded[3])
		}
	}
	if strings.Contains(folded[3], "claimed the case") {
		t.Error("what a colleague did is folded away")
	}
	b.Advance(3 * time.Hour)
	if _, _, err := b.Do(t.Context(), docket.Order{Case: id, Command: casework.FireTimers{}, Now: b.Now()}); err != nil {
		t.Fatal(err)
	}
	b.shows(b.page("/cases/"+id), `<li class="alarm">`, "First answer missed")
}

// Whoever is done with a case goes to the next one from there.
func TestOnFromCaseToCase(t *testing.T) {
	b := newBench(t)
	id, other := b.open(), b.open()
	onward := `action="/next"`
	for _, step := range []struct {
		do   string
		form url.Values
		on   bool
	}{
		{"claim", url.Values{}, false},
		{"notes", url.Values{"text": {"a word"}}, false},
		{"replies", url.Values{"text": {"We look into it."}}, true},
		{"snooze", url.Values{"until": {"1d"}}, true},
	} {
		a := b.must(b.submit("/cases/"+id+"/"+step.do, step.form), http.StatusSeeOther)
		if p := b.page(a.Headers["location"]); strings.Contains(p.Body, onward) != step.on {
			t.Errorf("after %s the way on is offered: %v", step.do, !step.on)
		}
	}
	p := b.page("/cases/" + id + "?done=snooze")
	a := b.must(b.submit("/next", url.Values{"token": {b.field(p, "/next", "token")}}), http.StatusSeeOther)
	if a.Headers["location"] != "/cases/"+other {
		t.Errorf("it goes on to %s", a.Headers["location"])
	}
}

// What goes beyond one's authority is told as that, and found by whoever may say yes.
func TestAYesIsAskedForAndFound(t *testing.T) {
	b := newBench(t)
	id := b.open()
	b.open()
	ines := "Cookie: ines_colleague=ines"
	act := func(form string) answer {
		a := b.must(b.send("POST", "/cases/"+id+"/actions", form, ines, "Accept: text/html", "Content-Type: application/x-www-form-urlencoded"), http.StatusSeeOther)
		return b.send("GET", a.Headers["location"], "", ines)
	}
	b.shows(act("action=rebook&text=to+Sunday"), "It is done.")
	b.shows(act("action=refund&amount=200&currency=GBP&text=charged+twice"), "a colleague is asked for a yes", "waits for a yes")
	b.CatchUp()
	mine := b.page("/?yes=1")
	b.shows(mine, "waits for your yes", `href="/cases/`+id+`"`, ">For my yes</a>")
	if n := strings.Count(mine.Body, `<li class="case`); n != 1 || strings.Contains(mine.Body, "data-live=\"The list") {
		t.Errorf("%d cases wait for Tom's yes, or the page looks for them every few seconds", n)
	}
	hers := b.send("GET", "/?yes=1", "", ines)
	b.shows(hers, "Nobody waits for your yes.")
	all := b.send("GET", "/", "", ines)
	b.shows(all, "waits for a yes")
	if strings.Contains(all.Body, "For my yes") {
		t.Error("who may not say yes is asked for it")
	}
	p := b.page("/cases/" + id)
	form, _, _ := strings.Cut(p.Body[strings.Index(p.Body, "/approve"):], "</form>")
	if !strings.Contains(form, `name="version"`) {
		t.Error("a yes is not held to what the page showed")
	}
}

// Who is looked for may have had his answer long ago.
func TestSearchLooksEverywhere(t *testing.T) {
	b := newBench(t)
	id := b.file(message.Message{Text: "Refund booking 7KX2PM to me please", Author: message.Author{Name: "Owen Farrell", Handle: message.Handle{Channel: "x", ID: "owen"}}}, casework.About{})
	b.must(b.post("tom", "/api/cases/"+id+"/resolve", ""), http.StatusOK)
	b.CatchUp()
	b.shows(b.page("/?q=farrell"), `href="/cases/`+id+`"`, `aria-current="true">All</a>`, "Refund booking [booking number] to me", `href="/?q=farrell&amp;status=open"`)
	if found := b.page("/?q=farrell&status=open"); strings.Contains(found.Body, id) {
		t.Error("a resolved case is among the open ones")
	}
	b.shows(b.page("/?q=zeppelin"), "What is looked through")
}

// Times are those of the clock beside whoever looks, and are understood so.
func TestTimesOfTheViewer(t *testing.T) {
	b := newBench(t) // nine in the morning in London
	id := b.open()
	b.CatchUp()
	tokyo := tom + "; ines_zone=Asia/Tokyo"
	see := func(target, cookies string) answer { return b.send("GET", target, "", cookies, "Accept: text/html") }
	b.shows(see("/", tokyo), "waits since <time datetime=\""+b.Now().Add(9*time.Hour).Format("2006-01-02T15:04:05")+"+09:00\"", ">18:00</time>")
	for _, nowhere := range []string{"Local", "../../etc/passwd", "No/Where", strings.Repeat("A", 100), ""} {
		b.shows(see("/", tom+"; ines_zone="+nowhere), ">09:00</time>")
	}
	p := see("/cases/"+id, tokyo)
	if zone := b.field(p, "/cases/"+id+"/promises", "zone"); zone != "Asia/Tokyo" {
		t.Errorf("the form asks for times of %q", zone)
	}
	b.shows(p, "30m, 2h, 1d, 15:30 or 2026-05-01 09:00, Asia/Tokyo")
	a := b.must(b.submit("/cases/"+id+"/promises", url.Values{"text": {"ring back"}, "due": {"18:30"}, "zone": {"Asia/Tokyo"}}), http.StatusSeeOther)
	b.shows(b.page(a.Headers["location"]), "due in 30 min")
	a = b.must(b.submit("/cases/"+id+"/snooze", url.Values{"until": {b.Now().Add(24*time.Hour).Format("2006-01-02") + " 08:00"}, "zone": {"Europe/London"}}), http.StatusSeeOther)
	b.shows(b.page(a.Headers["location"]), "tomorrow 08:00")
}

// What did not reach the customer is told in plain words, the platform's a click away,
// and need not be typed again.
func TestAReplyIsWrittenAgain(t *testing.T) {
	b := newBench(t)
	id := b.open()
	said := b.must(b.post("tom", "/api/cases/"+id+"/replies", `{"text":"It is on its way."}`), http.StatusAccepted).text("id")
	report := casework.ReportReply{Reply: said, State: "failed", Class: "permanent", Code: "400", Why: "permanent (400): bad request"}
	if _, _, err := b.Do(t.Context(), docket.Order{Case: id, Command: report, Now: b.Now()}); err != nil {
		t.Fatal(err)
	}
	p := b.page("/cases/" + id)
	b.CatchUp()
	b.shows(b.page("/"), "reply failed")
	b.shows(p, "a reply failed", "The reply did not go out: the customer does not have it.", "could not be sent", "<summary>why</summary><p>permanent (400): bad request")
	to := regexp.MustCompile(`<a href="(/cases/[^"]+)#reply-text">Write it again</a>`).FindStringSubmatch(p.Body)
	if to == nil {
		t.Fatalf("it has to be typed again: %s", p.Body)
	}
	b.shows(b.page(to[1]), ">It is on its way.</textarea>")
	b.must(b.submit("/cases/"+id+"/replies", url.Values{"text": {"It is on its way."}}), http.StatusSeeOther)
	b.CatchUp()
	if strings.Contains(b.page("/").Body, "reply failed") {
		t.Error("the list knows nothing of the second try")
	}
	if n := strings.Count(b.page("/cases/"+id).Body, "It is on its way. ^Tom</p>"); n != 2 {
		t.Errorf("the words stand there %d times with one signature", n)
	}
	if other := b.page("/cases/" + id + "?again=nothing"); !strings.Contains(other.Body, "></textarea>") {
		t.Error("words come from nowhere")
	}
}

// A lead sees who waits, who is there, and how it went, without asking the API.
func TestFiguresPage(t *testing.T) {
	b := newBench(t)
	b.shows(b.page("/figures"), "Nothing was promised.", "Nobody was answered.", "Ines Silva", "away")
	id := b.open()
	b.open()
	b.must(b.post("tom", "/api/me/presence", `{"state":"available"}`), http.StatusOK)
	b.must(b.post("tom", "/api/cases/"+id+"/promises", `{"text":"ring back","due":"2h"}`), http.StatusCreated)
	b.Advance(10 * time.Minute)
	said := b.must(b.post("tom", "/api/cases/"+id+"/replies", `{"text":"We look into it."}`), http.StatusAccepted).text("id")
	if _, _, err := b.Do(t.Context(), docket.Order{Case: id, Command: casework.ReportReply{Reply: said, State: "sent", At: b.Now()}, Now: b.Now()}); err != nil {
		t.Fatal(err)
	}
	b.CatchUp()
	p := b.page("/figures?days=30")
	if strings.Contains(p.Body, "data-live") {
		t.Error("all that waits, and a month of counters, is read every few seconds")
	}
	b.shows(p, `aria-current="true">Last 30 days</a>`, "Who waits, at 09:10", "care: the bottleneck</th><td>1</td><td>10 min</td>", "nothing is resolved", "<th scope=\"row\">Tom Reed</th><td>here</td><td>1 of 5</td>",
		"First answer, northline-en</th><td>1</td><td>0</td>", "X</th><td>1</td>", "care</th><td>1</td><td>0</td>")
}

// Cases are merged by what stands in the browser's address bar.
func TestMergeByAddress(t *testing.T) {
	b := newBench(t)
	id, other := b.open(), b.open()
	at := "/cases/" + id
	form := url.Values{"into": {"https://desk.example/cases/" + other + "?all=1#latest"}, "version": {b.field(b.page(at), at+"/merge", "version")}}
	b.must(b.submit(at+"/merge", form), http.StatusSeeOther)
	b.shows(b.page(at), `href="/cases/`+other+`">another case</a>`)
	// After a form was refused its own address stands there.
	id, other = b.open(), b.open()
	at = "/cases/" + id
	form = url.Values{"into": {" https://desk.example/cases/" + other + "/promises/p1/move "}, "version": {b.field(b.page(at), at+"/merge", "version")}}
	b.must(b.submit(at+"/merge", form), http.StatusSeeOther)
	b.shows(b.page(at), `href="/cases/`+other+`">another case</a>`)
}

// What was written long before it came says so.
func TestWhatCameLateSaysSo(t *testing.T) {
	b := newBench(t)
	id := b.open()
	if p := b.page("/cases/" + id); strings.Contains(p.Body, "<span>written ") {
		t.Error("what came at once is called late")
	}
	b.n++
	m := message.Message{Channel: "x", Inbox: "northline-x", Visibility: message.Public, ID: "late", SentAt: b.Now().Add(-20 * time.Hour), Thread: "m1",
		Author: message.Author{Handle: message.Handle{Channel: "x", ID: "author1"}}, Text: "Hello?"}
	b.MustFile(b.Deliver(m, casework.About{}, b.Now()))
	b.shows(b.page("/cases/"+id), "<span>written yesterday 13:00</span>")
}

// Whoever is signed out while he writes is told so, and nothing is done.
func TestSignedOutWhileWriting(t *testing.T) {
	b := newBench(t)
	id := b.open()
	a := b.send("POST", "/cases/"+id+"/replies", url.Values{"text": {"We look into it."}}.Encode(), "Accept: text/html", "Content-Type: application/x-www-form-urlencoded")
	b.must(a, http.StatusUnauthorized)
	b.shows(a, "Sign in in another tab", "nothing was done yet")
	if strings.Contains(b.page("/cases/"+id).Body, "We look into it.") {
		t.Error("it was sent")
	}
}
