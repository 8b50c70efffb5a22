//go:build pictures

package browser

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestPictures takes the pictures of the README anew: make pictures.
func TestPictures(t *testing.T) {
	d := empty(t)
	d.play(stories+"ticket-never-booked", "")
	d.play("testdata/pictures", "")
	b := open(t, chromium(t), d.host.URL())
	b.by("ines")
	for name, at := range map[string]struct {
		path   string
		height int64
	}{"cases": {"/", 860}, "case": {d.caseOf("Owen Farrell", "resolved"), 1330}} {
		b.as(view{width: 1180, height: at.height, scheme: "light"})
		b.run(emulation.SetScrollbarsHidden(true))
		b.goTo(at.path)
		var png []byte
		b.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
			png, err = page.CaptureScreenshot().WithFormat(page.CaptureScreenshotFormatPng).Do(ctx)
			return err
		}))
		if err := os.WriteFile(filepath.Join("..", "..", "pictures", name+".png"), png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
