//go:build !onlygo

package browser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// phone is how wide the narrowest screen is that the console is made for, in pixels.
const phone = 320

// view is how somebody looks at a page. Another color scheme changes nothing but
// colors, so that only what is about them is judged again.
type view struct {
	name          string
	width, height int64
	scheme        string
	rules         string // of axe-core
}

const (
	allRules   = `rules: {"target-size": {enabled: true}}`
	colorRules = `runOnly: ["color-contrast", "link-in-text-block"]`
)

var views = []view{
	{"desktop, light", 1280, 900, "light", allRules},
	{"desktop, dark", 1280, 900, "dark", colorRules},
	{"phone, dark", phone, 844, "dark", allRules},
	{"phone, light", phone, 844, "light", colorRules},
}

func (b *tab) as(v view) {
	b.Helper()
	b.run(emulation.SetDeviceMetricsOverride(v.width, v.height, 1, v.width == phone),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: v.scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"}, // no color on its way to another
		}))
}

// look judges the page as it stands, in every view, and gives what is wrong with it.
// What is folded away is unfolded first: forms are under most of it.
func (b *tab) look() []string {
	b.Helper()
	source, err := axe()
	if err != nil {
		b.Fatal(err)
	}
	wrong := b.complaints()
	if ask[bool](b, `typeof window.axe === "undefined"`) {
		b.run(chromedp.Evaluate(source, nil))
	}
	ask[bool](b, `Object.defineProperty(document, "hidden", {value: true, configurable: true}) === document`) // also one that renews itself
	ask[int](b, `[...document.querySelectorAll("details")].map((d) => d.open = true).length`)
	for _, v := range views {
		b.as(v)
		for _, each := range slices.Concat(b.overflow(v), b.violations(v)) {
			wrong = append(wrong, v.name+": "+each)
		}
	}
	return append(wrong, b.complaints()...)
}

// violations are axe's, of the two impacts that keep people from their work.
func (b *tab) violations(v view) []string {
	b.Helper()
	var found []string
	b.run(chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"], preload: false, `+v.rules+`}).then((r) =>
		r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").flatMap((v) => v.nodes.map((n) =>
			v.impact + ": " + v.id + " at " + n.target.join(" ") + ": " + [...n.any, ...n.all, ...n.none].map((c) => c.message).join("; "))))`,
		&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return found
}

// overflow names what is wider than the screen.
func (b *tab) overflow(v view) []string {
	b.Helper()
	got := ask[struct {
		Width int64
		Wide  []string
	}](b, fmt.Sprintf(`(() => {
		const wide = [...document.body.querySelectorAll("*")].filter((n) => n.getBoundingClientRect().right > %d + 1);
		return {width: document.documentElement.scrollWidth, wide: wide.slice(0, 5).map((n) => n.cloneNode(false).outerHTML)};
	})()`, v.width))
	if got.Width <= v.width {
		return nil
	}
	return []string{fmt.Sprintf("the page is %d pixels wide: %s", got.Width, strings.Join(got.Wide, " "))}
}
