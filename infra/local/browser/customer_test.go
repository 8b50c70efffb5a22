//go:build !onlygo

package browser

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// follow clicks on the link or button that says so, and gives the status of what comes.
func (b *tab) follow(says string) int64 {
	b.Helper()
	return b.arrive(chromedp.Evaluate("[...document.querySelectorAll(`a[href], button`)].find((e) => e.innerText.startsWith(`"+says+"`)).click()", nil))
}

// expect holds the page to a status, to words in a part of it, and to axe.
func (b *tab) expect(status, want int64, selector string, words ...string) {
	b.Helper()
	if status != want {
		b.Errorf("it came a %d, not a %d", status, want)
	}
	said := b.text(selector)
	for _, w := range words {
		if !strings.Contains(said, w) {
			b.Errorf("%s does not say %q:\n%s", selector, w, said)
		}
	}
	for _, wrong := range b.look() {
		b.Error(wrong)
	}
}

// A colleague objects to a rule where it is shown, and writes down how content the
// customer was: both are counted on the page of voices.
func voices(t *testing.T, browser context.Context, d *desk) {
	page := d.caseOf("Hester Calloway", "open")
	b := open(t, browser, d.host.URL())
	b.by("jonas")
	b.expect(b.goTo("/voice"), http.StatusOK, "main", "Baggage", "Nobody was stopped by a rule")

	b.goTo(page)
	ask[int](b, `[...document.querySelectorAll("details.why")].map((d) => d.open = true).length`)
	b.arrive(chromedp.Click(`.why .stopped`))
	rule := ask[string](b, `document.querySelector("details[open] #feedback-rule").value`)
	if at := b.focused("#feedback-text"); rule == "" || !at.There || !at.Inside {
		t.Errorf("the rule is %q, and the focus is on %+v", rule, at)
	}
	b.expect(b.send("/feedback", map[string]string{"text": "I could not write to her on Sunday."}, "button"), http.StatusOK, "main",
		"It is written down, and counted.", "says that a rule stands in the way ("+rule+")")

	// What is refused by a rule says so, too.
	status := b.send("/resolve", nil, "button")
	b.expect(status, http.StatusConflict, "#problem", "This rule stopped me")
	b.arrive(chromedp.Click(`#problem .stopped`))
	if got := ask[string](b, `document.querySelector("#feedback-rule").value`); got != "open-promise" && got != "open-approval" {
		t.Errorf("the rule behind the refusal is %q", got)
	}

	b.goTo(page)
	b.expect(b.send("/rating", map[string]string{"score": "2", "text": "Three weeks!"}, "button"), http.StatusOK, "main",
		"The rating is written down.", "2 of 5: Three weeks!", "Rated")
	if ask[bool](b, `!!document.querySelector('form[action$="/rating"]')`) {
		t.Error("a case can be rated twice")
	}
	d.settle()
	b.expect(b.goTo("/voice"), http.StatusOK, "main", rule, "2 of 5", "Thanks")
}

// Somebody who may be another customer is asked about at the case, with the evidence,
// found to be that one, and parted again.
func whoIsWho(t *testing.T, browser context.Context, d *desk) {
	b := open(t, browser, d.host.URL())
	b.by("priya")
	b.expect(b.goTo(d.caseOf("Hettie C.", "open")), http.StatusOK, "main", "Hettie C. may be Hester Calloway", "mail address")
	b.expect(b.follow("Who is this?"), http.StatusOK, "#h-who ~ .promise", "May be Hester Calloway", "Where it came up")
	b.expect(b.send("/merge", map[string]string{"why": "She told me both names."}, "button"), http.StatusOK, "main",
		"They are one customer now", "One with", "says Priya Nair", "She told me both names.", "2 cases", "hester.calloway@postbox.example")
	b.expect(b.send("/unmerge", map[string]string{"why": "It is her sister."}, "button"), http.StatusOK, "main", "They are two customers again", "1 case")
}

// What is known of a customer is on one page; he is forgotten only after it was shown
// what would go.
func customer(t *testing.T, browser context.Context, d *desk) {
	page := d.caseOf("Owen Farrell", "resolved")
	b := open(t, browser, d.host.URL())
	b.by("tom")
	b.goTo(page)
	b.expect(b.follow("About the customer"), http.StatusOK, "main", "Owen Farrell", "@owen_plays_tuba", "owen.farrell@postbox.example", "resolved")

	b.expect(b.send("/profile", map[string]string{"tags": "fan, Tuba", "name": "Owen", "language": "en-GB"}, "button"), http.StatusOK, "main",
		"It is written down", "called Owen", "writes en-GB", "fan", "tuba")
	b.expect(b.send("/profile", map[string]string{"language": "tubaish"}, "button"), http.StatusUnprocessableEntity, "#problem", "is not a language")
	if kept := ask[string](b, `document.querySelector("#profile-language").value`); kept != "tubaish" {
		t.Errorf("what was typed is %q", kept)
	}

	at := ask[string](b, `location.pathname`)
	if !strings.HasSuffix(at, "/profile") {
		t.Fatal(at)
	}
	home := strings.TrimSuffix(at, "/profile")
	b.goTo(home)
	b.expect(b.send("/erase", map[string]string{"why": "he asked on the telephone, 16 November"}, "button"), http.StatusOK, "#problem",
		"This would go for good", "1 case", "messages", "2 handles", "be undone")
	if status := b.follow("No, keep it"); status != http.StatusOK || !strings.Contains(b.text("main"), "@owen_plays_tuba") {
		t.Fatalf("looking at it changed something: %d %s", status, b.text("main"))
	}
	b.send("/erase", map[string]string{"why": "he asked on the telephone, 16 November"}, "button")
	b.expect(b.follow("Erase Owen Farrell"), http.StatusGone, "main", "This customer is forgotten", "Only counts are left")
	d.settle()
	if b.goTo(page); strings.Contains(b.text("body"), "Owen") || strings.Contains(b.text("body"), "tuba") {
		t.Errorf("the case still says\n%s", b.text("body"))
	}
}
