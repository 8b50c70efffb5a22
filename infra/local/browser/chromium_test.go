//go:build !onlygo

package browser

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

const (
	// fetch is what to run when Chromium or axe-core is missing.
	fetch = "make browser"
	// axeVersion is the version of the npm package; the Makefile fetches this one.
	axeVersion = "4.10.3"
	// longest is how long a page may take that never comes, so that a test ends.
	longest = 5 * time.Minute
)

// chromium starts a browser with a profile of its own. It ends with the test.
func chromium(t *testing.T) context.Context {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Fatalf("the console's tests need Chromium; run: %s", fetch)
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(longest),
		// For root and in most containers Chromium has no sandbox, and says so by not
		// starting. All that it shows here is ours.
		chromedp.NoSandbox)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop) // waits for the process
	browser, leave := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		defer leave()
		// Chromium ends by itself, with all of its processes: one that outlived it would
		// still write to the profile when that is cleared away.
		patient, cancel := context.WithTimeout(browser, longest)
		defer cancel()
		if err := chromedp.Cancel(patient); err != nil {
			t.Errorf("Chromium does not end: %v", err)
		}
	})
	if err := chromedp.Run(browser); err != nil {
		t.Fatalf("%s doesn't start: %v", program, err)
	}
	return browser
}

// axe is the source of axe-core. It goes into a page through the DevTools protocol,
// which the page's policy doesn't bind; the console never ships it.
var axe = sync.OnceValues(func() (string, error) {
	path := filepath.Join("..", "..", "..", ".tools", "axe-core-"+axeVersion, "package", "axe.min.js")
	source, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the console's tests need axe-core: %w; run: %s", err, fetch)
	}
	return string(source), nil
})

// tab is a page of its own, with cookies of its own, that writes down what the
// browser finds wrong with what it shows.
type tab struct {
	*testing.T
	ctx  context.Context
	site string // the only address that pages may ask

	still page.ScriptIdentifier // keeps pages from renewing themselves

	mu    sync.Mutex
	pages map[string]bool // asked for as pages, not as parts of one
	wrong []string
}

func open(t *testing.T, browser context.Context, site string) *tab {
	t.Helper()
	// chromedp's own way to a fresh profile opens no window, which Chromium wants for it.
	root := cdp.WithExecutor(browser, chromedp.FromContext(browser).Browser)
	profile, err := target.CreateBrowserContext().Do(root)
	if err != nil {
		t.Fatal(err)
	}
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(root)
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := chromedp.NewContext(browser, chromedp.WithTargetID(id))
	t.Cleanup(leave)
	ctx, cancel := context.WithTimeout(ctx, longest)
	t.Cleanup(cancel)
	b := &tab{T: t, ctx: ctx, site: site, pages: map[string]bool{}}
	chromedp.ListenTarget(ctx, b.listen)
	// As if a person sat there, though there are other tabs.
	b.run(emulation.SetFocusEmulationEnabled(true))
	b.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		b.still, err = page.AddScriptToEvaluateOnNewDocument(`Object.defineProperty(document, "hidden", {value: true, configurable: true})`).Do(ctx)
		return err
	}))
	return b
}

// renews lets the pages to come renew themselves, which they do every few seconds where
// they are seen. Else that is kept from them, so that none changes while it is judged.
func (b *tab) renews() {
	b.Helper()
	b.run(page.RemoveScriptToEvaluateOnNewDocument(b.still))
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Type == network.ResourceTypeDocument {
			b.pages[e.Request.URL] = true
		}
		if !strings.HasPrefix(e.Request.URL, b.site+"/") && !strings.HasPrefix(e.Request.URL, "data:") && e.Request.URL != "about:blank" {
			b.wrong = append(b.wrong, "asks another host: "+e.Request.URL)
		}
	case *log.EventEntryAdded:
		// A page that tells of a problem has the problem's status: no news.
		if e.Entry.Source == log.SourceNetwork && b.pages[e.Entry.URL] {
			return
		}
		b.wrong = append(b.wrong, fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *runtime.EventConsoleAPICalled:
		var said []string
		for _, a := range e.Args {
			said = append(said, cmp.Or(string(a.Value), a.Description))
		}
		b.wrong = append(b.wrong, fmt.Sprintf("console %s: %s", e.Type, strings.Join(said, " ")))
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, "exception: "+e.ExceptionDetails.Error())
	}
}

// complaints gives what the browser found wrong since it was asked last.
func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	wrong := b.wrong
	b.wrong = nil
	return wrong
}

func (b *tab) run(actions ...chromedp.Action) {
	b.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

// arrive does what leads to another page, waits for it, and gives its status.
func (b *tab) arrive(actions ...chromedp.Action) int64 {
	b.Helper()
	answer, err := chromedp.RunResponse(b.ctx, actions...)
	if err != nil {
		b.Fatal(err)
	}
	if answer == nil {
		b.Fatal("no answer came")
	}
	return answer.Status
}

func (b *tab) goTo(path string) int64 {
	b.Helper()
	return b.arrive(chromedp.Navigate(b.site + path))
}

// ask evaluates a script in the page. The DevTools protocol may, also where the page
// itself may not run any.
func ask[T any](b *tab, script string) T {
	b.Helper()
	var got T
	b.run(chromedp.Evaluate(script, &got))
	return got
}

func (b *tab) text(selector string) string {
	b.Helper()
	return ask[string](b, fmt.Sprintf(`(document.querySelector(%q) || {innerText: ""}).innerText`, selector))
}
