//go:build !onlygo

package browser

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// until waits for a script to say yes.
func (b *tab) until(script string) {
	b.Helper()
	b.run(chromedp.Poll(script, nil, chromedp.WithPollingTimeout(longest)))
}

// Two colleagues have one case before them: who is still typing is told what the
// other one did, loses not a word, and goes on in the same place.
func twoAtOnce(t *testing.T, browser context.Context, d *desk) {
	page := d.caseOf("Hettie C.", "open")
	for n := range 105 { // the talk is longer than what stands beside it, and than a page shows
		d.api("ruth", http.MethodPost, "/api"+page+"/notes", fmt.Sprintf(`{"text":"Seen so far: %d"}`, n), nil)
	}
	b := open(t, browser, d.host.URL())
	b.renews()
	b.by("ines")
	b.as(views[0])
	b.goTo(page)
	b.arrive(chromedp.Click(`form[action="` + page + `/claim"] button`))
	b.run(chromedp.Click(".jump"), chromedp.SendKeys("#reply-text", "Dear Hettie, I have"))
	top := ask[float64](b, `document.querySelector("#reply-text").getBoundingClientRect().top`)
	for _, other := range []struct{ route, body, news, facts string }{
		{"/takeover", `{"why":"She is at lunch."}`, "The case has changed hands: Jonas Brandt has it.", "Take over"},
		{"/replies", `{"text":"Your bag is on the next flight."}`, "New here, from Jonas Brandt.", "Take over"},
	} {
		d.api("jonas", http.MethodPost, "/api"+page+other.route, other.body, nil)
		b.until(`document.querySelector("#news").innerText.startsWith("` + other.news + `")`)
		if said := b.text("#facts"); !strings.Contains(said, other.facts) {
			t.Errorf("beside the case it says\n%s", said)
		}
		if at := b.focused("#reply-text"); !at.There || !at.Inside || ask[string](b, `document.querySelector("#reply-text").value`) != "Dear Hettie, I have" {
			t.Errorf("what was being typed is gone, or out of sight: %+v", at)
		}
		if now := ask[float64](b, `document.querySelector("#reply-text").getBoundingClientRect().top`); now < top-2 || now > top+2 {
			t.Errorf("what was being typed moved from %v to %v", top, now)
		}
	}
	for _, wrong := range b.look() {
		t.Error(wrong)
	}
	b.as(views[0])
	b.run(chromedp.Click("#news a"))
	if said := b.text("#latest"); !strings.Contains(said, "Your bag is on the next flight.") || ask[string](b, `document.querySelector("#news").className`) != "unseen" {
		t.Errorf("it leads to %q, or stays in the way", said)
	}

	// Her words outlive a note that she writes first, a look elsewhere, and a refusal.
	if status := b.send("/notes", map[string]string{"text": "Jonas, I was about to."}, "button"); status != http.StatusOK {
		t.Fatalf("the note: %d", status)
	}
	b.goTo("/")
	b.goTo(page)
	if kept := ask[string](b, `document.querySelector("#reply-text").value + "|" + document.querySelector("#note-text").value`); kept != "Dear Hettie, I have|" {
		t.Errorf("what was kept is %q", kept)
	}
	// Words beside the talk stay, too, when what is around them is renewed.
	ask[bool](b, `(() => { const f = document.querySelector("#expert-text"); f.value = "Who knows Porto?"; f.dispatchEvent(new Event("input", {bubbles: true})); return true; })()`)
	b.goTo(page)
	d.api("ruth", http.MethodPost, "/api"+page+"/notes", `{"text":"Porto has it."}`, nil)
	b.until(`document.querySelector("#news").innerText.startsWith("New here, from Ruth")`)
	if kept := ask[string](b, `document.querySelector("#expert-text").value`); kept != "Who knows Porto?" {
		t.Errorf("beside the talk %q is kept", kept)
	}
	if status := b.arrive(chromedp.Click(".reply button.main")); status != http.StatusConflict {
		t.Errorf("the reply in the other's case: %d", status)
	}
	b.goTo(page)
	b.send("/takeover", map[string]string{"why": "I am back."}, "button")
	if status := b.arrive(chromedp.Click(".reply button.main")); status != http.StatusOK {
		t.Errorf("the reply: %d", status)
	}
	if left := ask[string](b, `document.querySelector("#reply-text").value + location.search`); left != "" {
		t.Errorf("what was sent is still there: %q", left)
	}
	if !ask[bool](b, `!!document.querySelector('.done + form[action="/next"]')`) {
		t.Error("no way on to the next case")
	}

	// Somebody else at this machine sees nothing of it.
	ask[bool](b, `(() => { const f = document.querySelector("#note-text"); f.value = "for nobody else"; f.dispatchEvent(new Event("input", {bubbles: true})); return true; })()`)
	b.follow("Sign out")
	b.by("jonas")
	b.goTo(page)
	if kept := ask[string](b, `document.querySelector("#note-text").value`) + ask[string](b, `Object.keys(sessionStorage).join()`); kept != "" {
		t.Errorf("the next one finds %q", kept)
	}
	// Whose session ends is told; what he looks at would stand still for ever.
	b.run(network.ClearBrowserCookies())
	b.until(`document.querySelector("#news").innerText.startsWith("You are signed out")`)
	for _, wrong := range b.complaints() {
		t.Error(wrong)
	}
}
