//go:build !onlygo

package browser

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The console is judged in one browser on one desk; each test has a tab with cookies
// of its own.
func TestConsole(t *testing.T) {
	browser := chromium(t)
	d := serve(t)
	t.Run("the judges see", func(t *testing.T) { judgesSee(t, browser) })
	t.Run("pages", func(t *testing.T) { pages(t, browser, d) })
	for name, scripts := range map[string]bool{"with scripts": true, "without scripts": false} {
		t.Run("keyboard "+name, func(t *testing.T) { keyboard(t, browser, d, scripts) })
	}
	t.Run("every control in its turn", func(t *testing.T) { turns(t, browser, d) })
	t.Run("voices", func(t *testing.T) { voices(t, browser, d) })
	t.Run("two at once", func(t *testing.T) { twoAtOnce(t, browser, d) })
	t.Run("who is who", func(t *testing.T) { whoIsWho(t, browser, d) })
	t.Run("a customer", func(t *testing.T) { customer(t, browser, d) })
}

// A page with everything wrong that is looked for: were a judge blind, the other
// tests would prove nothing.
func judgesSee(t *testing.T, browser context.Context) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; img-src *")
		switch r.URL.Path {
		case "/broken.js":
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write([]byte(`console.warn("careful"); nobody.knows();`))
		case "/":
			_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>Wrong</title><h1>Wrong</h1><script src="/broken.js"></script>
				<script>document.title = "inline"</script><img src="http://localhost:1/other.png" alt="">
				<pre>` + strings.Repeat("wide", 60) + `</pre><input id="nameless"><button tabindex="-1">Away</button>`))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(site.Close)
	b := open(t, browser, site.URL)
	b.goTo("/")
	wrong := b.look()
	for _, want := range []string{"security error", "console warning: \"careful\"", "nobody is not defined", "asks another host: http://localhost:1/other.png",
		"phone, dark: the page is", "critical: label at #nameless"} {
		if !slices.ContainsFunc(wrong, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("nobody sees %q in\n%s", want, strings.Join(wrong, "\n"))
		}
	}
}

// by signs a colleague in, by the console's own page.
func (b *tab) by(who string) {
	b.Helper()
	b.goTo("/sign-in")
	if status := b.arrive(chromedp.Click(`button[value="` + who + `"]`)); status != http.StatusOK {
		b.Fatalf("signing in as %s: %d", who, status)
	}
}

// send fills in a form of the page and sends it, and gives the status of what comes.
func (b *tab) send(form string, fields map[string]string, button string) int64 {
	b.Helper()
	selector := `form[action$="` + form + `"] `
	for name, value := range fields {
		b.run(chromedp.SetValue(selector+`[name="`+name+`"]`, value))
	}
	return b.arrive(chromedp.Evaluate("document.querySelector(`"+selector+button+"`).click()", nil))
}

// pages looks at every page that the console has, as those who get to see it.
func pages(t *testing.T, browser context.Context, d *desk) {
	marek := d.caseOf("Marek Dvořák", "open")
	d.block(marek, "x")
	hester, owen, bruno := d.caseOf("Hester Calloway", "open"), d.caseOf("Owen Farrell", "resolved"), d.caseOf("Bruno Castellan", "resolved")
	type stop struct {
		name, path string
		status     int64
		shows      string // a selector: the page is the one that was meant
		then       func(*tab) int64
	}
	for who, tour := range map[string][]stop{
		"": {
			{"sign-in", "/", 200, `.people button`, nil},
		},
		"ines": {
			{"open cases", "/", 200, `.case`, nil},
			{"snoozed cases", "/?status=snoozed", 200, `.case`, nil},
			{"resolved cases", "/?status=resolved", 200, `.case .owner`, nil},
			{"a page of many", "/?status=resolved&limit=1", 200, `.more a`, nil},
			{"nothing found", "/?q=zeppelin", 200, `.empty`, nil},
			{"all done", "/?queue=baggage", 200, `.lately`, nil},
			{"a broken link to a page", "/?cursor=broken", 400, `main.narrow`, nil},
			{"no such case", "/cases/nothing", 404, `main.narrow`, nil},
			{"hers, with a reply looked at first", hester, 200, `.preview`, func(b *tab) int64 {
				return b.send("/replies", map[string]string{"text": "We are on it. You hear from us by 5pm."}, `[name="dry_run"]`)
			}},
			{"refused over a promise", hester, 409, `#problem`, func(b *tab) int64 { return b.send("/resolve", nil, "button") }},
			{"refused for what is written", hester, 422, `#problem`, func(b *tab) int64 {
				return b.send("/promises", map[string]string{"text": "A word", "due": "some day"}, "button")
			}},
			{"words that don't break", d.caseOf("Maximiliane-Theodora-Wilhelmina von Hohenschwangau-Untertürkheimerstraße", "open"), 200, `.tags`, nil},
			{"from right to left", d.caseOf("ليلى حداد", "open"), 200, `[lang="ar"]`, nil},
			{"a snoozed case", d.caseOf("Amara Boateng", "snoozed"), 200, `form[action$="/wake"]`, nil},
			{"a resolved case", owen, 200, `form[action$="/reopen"]`, nil},
			{"a case that was merged", bruno, 200, `form[action$="/unmerge"]`, func(b *tab) int64 {
				return b.arrive(chromedp.Evaluate(`[...document.links].find((a) => a.textContent === "another case").click()`, nil))
			}},
			{"a reply that waits", marek, 200, `.timeline .state`, nil},
		},
		"tom": {
			{"figures", "/figures", 200, `#h-queues ~ table`, nil},
			{"what waits for a yes", "/?yes=1", 200, `.case .chip.alarm`, nil},
			{"an inbox that can't send", "/", 200, `.notice form`, nil},
			{"a yes to give", hester, 200, `form[action$="/approve"]`, nil},
			{"taken over from", hester, 200, `form[action$="/takeover"]`, nil},
			{"a case with a history", bruno, 200, `.timeline`, nil},
		},
	} {
		t.Run("as "+cmp.Or(who, "nobody"), func(t *testing.T) {
			t.Parallel()
			b := open(t, browser, d.host.URL())
			if who != "" {
				b.by(who)
			}
			for _, at := range tour {
				status := b.goTo(at.path)
				if at.then != nil {
					status = at.then(b)
				}
				if status != at.status || !ask[bool](b, "!!document.querySelector(`"+at.shows+"`)") {
					t.Errorf("%s: the page is another one: %d, without %s:\n%s", at.name, status, at.shows, b.text("main"))
				}
				for _, wrong := range b.look() {
					t.Errorf("%s: %s", at.name, wrong)
				}
			}
		})
	}
}
