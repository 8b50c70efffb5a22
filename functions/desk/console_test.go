package desk_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
)

const tom = "Cookie: ines_colleague=tom"

// page reads a page as Tom's browser does.
func (b *bench) page(target string) answer {
	b.Helper()
	a := b.must(b.send("GET", target, "", tom, "Accept: text/html"), http.StatusOK)
	if !strings.HasPrefix(a.Headers["content-type"], "text/html") {
		b.Fatalf("%s is %s", target, a.Headers["content-type"])
	}
	return a
}

// submit sends a form.
func (b *bench) submit(target string, form url.Values) answer {
	b.Helper()
	return b.send("POST", target, form.Encode(), tom, "Accept: text/html", "Content-Type: application/x-www-form-urlencoded", "Sec-Fetch-Site: same-origin")
}

// field finds the value of a hidden field in the form of an action.
func (b *bench) field(page answer, action, name string) string {
	b.Helper()
	_, form, ok := strings.Cut(page.Body, `action="`+action+`"`)
	form, _, _ = strings.Cut(form, "</form>")
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(form)
	if !ok || m == nil {
		b.Fatalf("the page has no form %s with %s", action, name)
	}
	return m[1]
}

func (b *bench) shows(a answer, parts ...string) {
	b.Helper()
	for _, p := range parts {
		if !strings.Contains(a.Body, p) {
			b.Errorf("the page doesn't show %q", p)
		}
	}
}

func TestSignInAndOut(t *testing.T) {
	b := newBench(t)
	id := b.open()
	a := b.must(b.send("GET", "/cases/"+id+"?a=b", ""), http.StatusSeeOther)
	if want := "/sign-in?next=" + url.QueryEscape("/cases/"+id+"?a=b"); a.Headers["location"] != want {
		t.Fatalf("a stranger is sent to %s, want %s", a.Headers["location"], want)
	}
	p := b.must(b.send("GET", a.Headers["location"], ""), http.StatusOK)
	b.shows(p, "Ines Silva", "Tom Reed", `value="/cases/`+id+`?a=b"`)
	in := b.submit("/sign-in", url.Values{"colleague": {"tom"}, "next": {"/cases/" + id}})
	b.must(in, http.StatusSeeOther)
	if len(in.Cookies) != 1 || !strings.Contains(in.Cookies[0], "HttpOnly") || !strings.Contains(in.Cookies[0], "SameSite=Strict") || in.Headers["location"] != "/cases/"+id {
		t.Errorf("signed in with %q to %s", in.Cookies, in.Headers["location"])
	}
	if a := b.submit("/sign-in", url.Values{"colleague": {"nobody"}}); a.StatusCode != http.StatusBadRequest || len(a.Cookies) != 0 {
		t.Errorf("nobody signs in: %d %v", a.StatusCode, a.Cookies)
	}
	for _, next := range []string{"https://elsewhere.example/", "//elsewhere.example", `/\elsewhere.example`, "javascript:alert(1)", "", "cases"} {
		if a := b.submit("/sign-in", url.Values{"colleague": {"tom"}, "next": {next}}); a.Headers["location"] != "/" {
			t.Errorf("next %q leads to %q", next, a.Headers["location"])
		}
	}
	if out := b.submit("/sign-out", nil); len(out.Cookies) != 1 || !strings.Contains(out.Cookies[0], "Max-Age=0") {
		t.Errorf("signed out with %q", out.Cookies)
	}
}

func TestListPage(t *testing.T) {
	b := newBench(t)
	empty := b.page("/")
	b.shows(empty, "Nothing here.", "<h1>", `lang="en"`, `href="#main"`, `id="main"`)
	id := b.open()
	b.file(message.Message{Text: "Où est ma valise ?"}, casework.About{Language: "fr", Topic: "baggage", Urgency: "now"})
	b.must(b.post("tom", "/api/cases/"+id+"/claim", ""), http.StatusOK)
	b.CatchUp()
	p := b.page("/")
	b.shows(p, `href="/cases/`+id+`"`, "You charged me £200", "yours", "urgent: now", `lang="fr"`, "due in 60 min", "waits since", "<time datetime=")
	b.Advance(2 * 3600e9)
	b.shows(b.page("/?queue=care&owner=tom"), "overdue by 60 min", `aria-current="true"`)
	if mine := b.page("/?owner=tom"); strings.Contains(mine.Body, "valise") {
		t.Error("the list of Tom's cases shows one that isn't")
	}
	b.shows(b.page("/?status=resolved"), "No case matches")
	b.shows(b.page("/?limit=1"), "More cases")
	if a := b.send("GET", "/?cursor=nonsense", "", tom, "Accept: text/html"); a.StatusCode != http.StatusBadRequest || !strings.Contains(a.Body, "<h1>") {
		t.Errorf("a bad cursor: %d %s", a.StatusCode, a.Body)
	}
	if a := b.send("GET", "/cases/nothing", "", tom, "Accept: text/html"); a.StatusCode != http.StatusNotFound || !strings.Contains(a.Body, "<h1>Not found") {
		t.Errorf("an unknown case: %d %s", a.StatusCode, a.Body)
	}
}

// Where nothing is open the list still shows how a case looks.
func TestResolvedLately(t *testing.T) {
	b := newBench(t)
	var ids []string
	for i := range 12 {
		id := b.file(message.Message{Text: fmt.Sprintf("matter %d", i)}, casework.About{Language: "en"})
		b.Advance(time.Minute)
		b.must(b.post("tom", "/api/cases/"+id+"/resolve", ""), http.StatusOK)
		ids = append(ids, id)
	}
	b.CatchUp()
	p := b.page("/")
	b.shows(p, "nobody waits for an answer", `<section aria-labelledby="h-lately">`, `<h2 id="h-lately"`, "Resolved lately", "resolved <time datetime=",
		`<h3><a href="/cases/`+ids[11]+`">`, "matter 11", "matter 2")
	if i, j := strings.Index(p.Body, ids[11]), strings.Index(p.Body, ids[10]); i < 0 || j < i {
		t.Error("the case resolved last does not come first")
	}
	if n := strings.Count(p.Body, `<h3><a href="/cases/`); n != 10 {
		t.Errorf("%d cases were resolved lately, not 10", n)
	}
	b.shows(b.page("/?queue=care"), "Resolved lately")
	for _, target := range []string{"/?q=nobody", "/?status=snoozed", "/?status=resolved", "/?queue=baggage", "/?owner=tom"} {
		if strings.Contains(b.page(target).Body, "Resolved lately") {
			t.Errorf("%s shows what was resolved lately", target)
		}
	}
	b.open()
	if p := b.page("/"); strings.Contains(p.Body, "Resolved lately") || !strings.Contains(p.Body, "<h2><a href=") {
		t.Error("beside an open case there are resolved ones")
	}
}

// Before sending, a colleague sees who will read it.
func TestRepliesSayToWhom(t *testing.T) {
	b := newBench(t)
	marek := message.Author{Name: "Marek <b>", Username: "marek_on_rails", Handle: message.Handle{Channel: "x", ID: "1716"}}
	id := b.file(message.Message{Author: marek, Text: "Where is my suitcase?"}, casework.About{})
	b.must(b.post("tom", "/api/cases/"+id+"/private", `{"channel":"email","address":"marek@postbox.example","text":"Dear Marek"}`), http.StatusAccepted)
	p := b.page("/cases/" + id)
	_, form, _ := strings.Cut(p.Body, `<select id="reply-thread"`)
	form, _, _ = strings.Cut(form, "</select>")
	for _, want := range []string{"X, public (Northline), to Marek &lt;b&gt; (@marek_on_rails), open</option>", "E-mail, private, to marek@postbox.example, open</option>"} {
		if !strings.Contains(form, want) {
			t.Errorf("no choice says %q: %s", want, form)
		}
	}
	b.shows(p, "<span>to Marek &lt;b&gt; (@marek_on_rails)</span>")
}

// A page of a long case begins with what is new.
func TestLongCases(t *testing.T) {
	b := newBench(t)
	id := b.open()
	author := message.Author{Handle: message.Handle{Channel: "x", ID: "author1"}}
	for i := range 230 {
		b.n++
		m := message.Message{Channel: "x", Inbox: "northline-x", Visibility: message.Public, ID: fmt.Sprint("m", b.n), SentAt: b.Now(), Thread: "m1",
			Author: author, Text: fmt.Sprintf("word %d.", i)}
		b.MustFile(b.Deliver(m, casework.About{}, b.Now()))
		b.Advance(time.Second)
	}
	p := b.page("/cases/" + id)
	m := regexp.MustCompile(`<a href="/cases/` + id + `\?all=1">Show the earlier (\d+)</a>`).FindStringSubmatch(p.Body)
	if m == nil {
		t.Fatal("no way to the earlier entries")
	}
	shown := func(p answer) int {
		_, list, _ := strings.Cut(p.Body, `<ol class="timeline">`)
		list, _, _ = strings.Cut(list, "</ol>")
		return strings.Count(list, "<time ")
	}
	if n := shown(p); n != 100 || strings.Contains(p.Body, "£200") || !strings.Contains(p.Body, "word 229.") {
		t.Errorf("the page shows %d entries, or not the newest", n)
	}
	whole := b.page("/cases/" + id + "?all=1")
	if strings.Contains(whole.Body, "Show the earlier") || !strings.Contains(whole.Body, "£200") || fmt.Sprint(shown(whole)-100) != m[1] {
		t.Errorf("asked for all, %d entries are shown, after %s were left out", shown(whole), m[1])
	}
	if kinds := b.get("/api/cases/" + id).kinds(); len(kinds) < 231 {
		t.Errorf("the API gives %d entries", len(kinds))
	}
}

// A whole case through forms alone.
func TestCaseByForms(t *testing.T) {
	b := newBench(t)
	id := b.open()
	at := "/cases/" + id
	do := func(route string, form url.Values) answer {
		t.Helper()
		p := b.page(at)
		form.Set("token", b.field(p, at+"/"+route, "token"))
		if strings.Contains(route, "resolve") {
			form.Set("version", b.field(p, at+"/"+route, "version"))
		}
		a := b.must(b.submit(at+"/"+route, form), http.StatusSeeOther)
		return b.page(a.Headers["location"])
	}
	b.shows(do("claim", url.Values{}), "The case is yours.", "Tom Reed claimed the case.")
	b.shows(do("notes", url.Values{"text": {"line one\r\nline two"}, "mentions": {"ines"}}), "line one\nline two", "for Ines Silva")
	b.shows(do("replies", url.Values{"text": {"Please send a message."}, "thread": {"t1"}}), "Please send a message. ^Tom", "on its way")
	b.shows(do("private", url.Values{"channel": {"email"}, "address": {"marek@postbox.example"}, "subject": {"Ticket"}, "text": {"Dear Marek"}}), "went on in private: E-mail, private")
	b.shows(do("calls", url.Values{"number": {"07700 900461"}, "direction": {"outbound"}, "outcome": {"engaged"}}), "call to 07700 900461: engaged")
	p := do("promises", url.Values{"text": {"ring back"}, "due": {"10:15"}})
	b.shows(p, "ring back", "due in 75 min")
	pid := regexp.MustCompile(`promises/(\w+)/keep`).FindStringSubmatch(p.Body)[1]
	b.shows(do("promises/"+pid+"/move", url.Values{"due": {"2026-11-21 08:00"}, "why": {"still engaged"}}), "Promise moved to 21 Nov 08:00")
	b.shows(do("promises/"+pid+"/keep", url.Values{"text": {""}}), "Promise kept: ring back")
	b.shows(do("resolve", url.Values{"text": {"refunded"}}), "Tom Reed resolved the case: refunded", "Reopen")
	b.shows(do("reopen", url.Values{"why": {"not after all"}}), "The case is open again: not after all")
}

// A refused form comes back with its words, and says what to do.
func TestRefusedFormsKeepWhatWasTyped(t *testing.T) {
	b := newBench(t)
	id := b.open()
	at := "/cases/" + id
	old := b.page(at)
	a := b.submit(at+"/replies", url.Values{"text": {strings.Repeat("far too long ", 9)}, "token": {"t"}})
	b.must(a, http.StatusUnprocessableEntity)
	b.shows(a, `role="alert"`, "The text is too long", strings.Repeat("far too long ", 9))

	b.must(b.post("ines", "/api/cases/"+id+"/claim", ""), http.StatusOK)
	a = b.submit(at+"/replies", url.Values{"text": {"my words"}, "token": {b.field(old, at+"/replies", "token")}})
	b.must(a, http.StatusConflict)
	b.shows(a, "Ines Silva has had this case since", ">my words</textarea>", "Take over")
	// The form that claims is gone by now; its problem is not.
	a = b.submit(at+"/claim", url.Values{})
	b.must(a, http.StatusConflict)
	b.shows(a, `role="alert"`, "Ines Silva has had this case since")

	// What was decided on an old page is shown the new one first.
	a = b.submit(at+"/takeover", url.Values{"why": {"she is at lunch"}, "version": {"1"}})
	b.must(a, http.StatusPreconditionFailed)
	b.shows(a, "The case has changed", `value="she is at lunch"`)
	again := url.Values{"why": {"she is at lunch"}, "version": {b.field(a, at+"/takeover", "version")}}
	b.must(b.submit(at+"/takeover", again), http.StatusSeeOther)
	b.must(b.submit(at+"/notes", url.Values{"text": {"no version needed"}, "version": {"1"}}), http.StatusSeeOther)

	a = b.submit(at+"/promises", url.Values{"text": {"ring back"}, "due": {"sometime"}})
	b.must(a, http.StatusUnprocessableEntity)
	b.shows(a, "Say when", `value="ring back"`, `value="sometime"`)
}

func TestDoubleClickDoesOneThing(t *testing.T) {
	b := newBench(t)
	id := b.open()
	at := "/cases/" + id
	form := url.Values{"text": {"once"}, "token": {b.field(b.page(at), at+"/replies", "token")}}
	for range 2 {
		b.must(b.submit(at+"/replies", form), http.StatusSeeOther)
	}
	kinds := b.get("/api" + at).kinds()
	if n := len(slices.DeleteFunc(kinds, func(k string) bool { return k != "reply_requested" })); n != 1 {
		t.Errorf("a double click sent %d replies", n)
	}
	if b.field(b.page(at), at+"/replies", "token") == b.field(b.page(at), at+"/replies", "token") {
		t.Error("two pages have the same token: the second form of the same words would be lost")
	}
}

func TestWhatPeopleWriteIsText(t *testing.T) {
	b := newBench(t)
	evil := `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	author := message.Author{Name: evil, Handle: message.Handle{Channel: "x", ID: "evil" + evil}}
	id := b.file(message.Message{Text: evil, Author: author, Attachments: []message.Attachment{{Type: "file", Name: evil}}},
		casework.About{Language: `en" onclick="alert(1)`, Topic: evil})
	b.file(message.Message{Thread: "m1", Text: evil, Author: message.Author{Name: evil, Handle: message.Handle{Channel: "x", ID: "friend"}}}, casework.About{})
	b.must(b.post("tom", "/api/cases/"+id+"/notes", `{"text":"<script>alert(2)</script>"}`), http.StatusOK)
	b.CatchUp()
	pages := []answer{b.page("/"), b.page("/?q=" + url.QueryEscape(evil)), b.page("/cases/" + id),
		b.submit("/cases/"+id+"/takeover", url.Values{"why": {evil}, "version": {"1"}}),
		b.submit("/cases/"+id+"/promises", url.Values{"text": {evil}, "due": {evil}}),
		b.send("GET", "/sign-in?next="+url.QueryEscape("/"+evil), "")}
	for i, p := range pages {
		for _, bad := range []string{"<script>alert", "<img src=x", ` onclick="alert`} {
			if strings.Contains(p.Body, bad) {
				t.Errorf("page %d holds %s", i, bad)
			}
		}
		if n := strings.Count(p.Body, "<script"); n != 1 {
			t.Errorf("page %d has %d scripts", i, n)
		}
	}
}

// What the strict content policy would break must not be on a page, and what
// assistive technology needs must be.
func TestPagesAreAccessible(t *testing.T) {
	b := newBench(t)
	id := b.open()
	b.file(message.Message{Thread: "m1", Author: message.Author{Handle: message.Handle{Channel: "x", ID: "friend"}, Name: "A friend"}, Text: "he is right"}, casework.About{})
	b.must(b.post("tom", "/api/cases/"+id+"/promises", `{"text":"ring back","due":"2h"}`), http.StatusCreated)
	refused := b.submit("/cases/"+id+"/replies", url.Values{"text": {" "}})
	labelled := regexp.MustCompile(`<(?:input|select|textarea) id="([^"]+)"`)
	control := regexp.MustCompile(`<(?:input|select|textarea)[^>]*>`)
	done := newBench(t)
	done.must(done.post("tom", "/api/cases/"+done.open()+"/resolve", ""), http.StatusOK)
	done.CatchUp()
	for _, p := range []answer{b.page("/"), done.page("/"), b.page("/cases/" + id), refused, b.send("GET", "/sign-in", "")} {
		if strings.Count(p.Body, "<h1") != 1 || strings.Count(p.Body, "<main") != 1 {
			t.Error("a page needs one h1 and one main")
		}
		if m := regexp.MustCompile(` style="| on\w+="|<style|<script>`).FindString(p.Body); m != "" {
			t.Errorf("the page has %q, which its own content policy forbids", m)
		}
		seen := map[string]bool{}
		for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(p.Body, -1) {
			if seen[m[1]] {
				t.Errorf("two elements have the id %s", m[1])
			}
			seen[m[1]] = true
		}
		for _, m := range labelled.FindAllStringSubmatch(p.Body, -1) {
			if !strings.Contains(p.Body, `for="`+m[1]+`"`) {
				t.Errorf("the field %s has no label", m[1])
			}
		}
		for _, c := range control.FindAllString(p.Body, -1) {
			if !strings.Contains(c, " id=") && !strings.Contains(c, `type="hidden"`) && !strings.Contains(c, `type="checkbox"`) {
				t.Errorf("a field without a label: %s", c)
			}
		}
	}
}
