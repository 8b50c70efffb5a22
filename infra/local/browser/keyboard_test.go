//go:build !onlygo

package browser

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// farthest is how many times Tab may be pressed in search of something.
const farthest = 80

// focus is what has it, and whether that can be seen.
type focus struct {
	There           bool // it is what was looked for
	What            string
	Outline, Inside bool
}

// tabTo presses Tab until something has the focus, and complains of a focus on the
// way that nobody sees.
func (b *tab) tabTo(selector string) {
	b.Helper()
	var way []string
	for range farthest {
		b.run(chromedp.KeyEvent(kb.Tab))
		f := b.focused(selector)
		way = append(way, f.What)
		if !f.Outline || !f.Inside {
			b.Errorf("the focus can't be seen: %+v", f)
		}
		if f.There {
			return
		}
	}
	b.Fatalf("the keyboard does not come to %s, only to\n%s", selector, strings.Join(way, "\n"))
}

func (b *tab) focused(selector string) focus {
	b.Helper()
	return ask[focus](b, fmt.Sprintf(`(() => {
		const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
		return {there: e.matches(%q), what: e.cloneNode(false).outerHTML,
			outline: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2,
			inside: r.width > 0 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth};
	})()`, selector))
}

// press goes to something by Tab, presses Enter, and waits for the page that comes.
func (b *tab) press(selector string) {
	b.Helper()
	b.tabTo(selector)
	if status := b.arrive(chromedp.KeyEvent(kb.Enter)); status != http.StatusOK {
		b.Fatalf("%s led to a %d: %s", selector, status, b.text("main"))
	}
}

// From the sign-in to the list, to a case, claimed, answered and resolved, with Tab,
// letters and Enter, with the page's script and without.
func keyboard(t *testing.T, browser context.Context, d *desk, scripts bool) {
	name := map[bool]string{true: "ليلى حداد", false: "Maximiliane-Theodora-Wilhelmina von Hohenschwangau-Untertürkheimerstraße"}[scripts]
	page := d.caseOf(name, "open")
	b := open(t, browser, d.host.URL())
	b.run(emulation.SetScriptExecutionDisabled(!scripts))
	b.as(views[0])
	b.goTo("/")
	b.press(`button[value="jonas"]`)
	b.press(`.case a[href="` + page + `"]`)
	b.press(`form[action="` + page + `/claim"] button`)
	if said := b.text("#standing"); !strings.Contains(said, "yours") {
		t.Errorf("the case was claimed and says %q", said)
	}
	b.tabTo("#reply-text")
	b.run(chromedp.KeyEvent("We look into it, and tell you."))
	b.press(`form[action="` + page + `/replies"] button[name="dry_run"]`)
	if said := b.text(".preview"); !strings.Contains(said, "We look into it, and tell you.") {
		t.Errorf("the preview is %q", said)
	}
	b.press(`form[action="` + page + `/replies"] button.main`)
	if said := b.text("#timeline"); !strings.Contains(said, "We look into it, and tell you.") {
		t.Errorf("the reply is not in the timeline:\n%s", said)
	}
	d.settle()
	var told struct {
		Timeline []map[string]any
	}
	d.api("jonas", http.MethodGet, "/api"+page, "", &told)
	sent := 0
	for _, e := range told.Timeline {
		if e["kind"] == "reply_sent" {
			sent++
		}
	}
	if sent != 1 {
		t.Errorf("the reply went out %d times", sent)
	}
	b.goTo(page) // as it is now that the reply went out
	b.press(`form[action="` + page + `/resolve"] button`)
	if said := b.text("#standing"); !strings.Contains(said, "resolved") {
		t.Errorf("the case was resolved and says %q", said)
	}
	for _, wrong := range b.complaints() {
		t.Error(wrong)
	}
	// What only the script does shows whether it ran.
	b.run(chromedp.Navigate(b.site + page))
	b.tabTo("#reopen-why")
	b.run(chromedp.KeyEvent(" "))
	b.tabTo(`form[action="` + page + `/reopen"] button`)
	status := b.arrive(chromedp.KeyEvent(kb.Enter))
	if at := b.focused("#problem"); status != http.StatusUnprocessableEntity || at.There != scripts || b.text("#problem") == "" {
		t.Errorf("scripts %v, and a refusal %d has the focus %v", scripts, status, at.There)
	}
}

// Tab comes to all that can be used on the fullest pages, in the order in which it is
// written there, and stays nowhere.
func turns(t *testing.T, browser context.Context, d *desk) {
	for _, path := range []string{"/", d.caseOf("Hester Calloway", "open")} {
		b := open(t, browser, d.host.URL())
		b.by("tom")
		b.as(views[0])
		b.goTo(path)
		ask[int](b, `[...document.querySelectorAll("details")].map((d) => d.open = true).length`)
		n := ask[int](b, `window.turn = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter((e) => e.type !== "hidden" && e.checkVisibility()), turn.length`)
		if n < 8 {
			t.Errorf("%s has only %d controls", path, n)
		}
		for i := range n {
			b.run(chromedp.KeyEvent(kb.Tab))
			if at := ask[int](b, `turn.indexOf(document.activeElement)`); at != i {
				t.Fatalf("%s: Tab %d comes to %d of %d: %+v", path, i, at, n, b.focused("*"))
			}
			if f := b.focused("*"); !f.Outline || !f.Inside {
				t.Errorf("%s: the focus can't be seen: %+v", path, f)
			}
		}
	}
}
