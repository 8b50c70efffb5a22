package policy

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzParse: any bytes give a desk that works or problems that have a place.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, name := range append(files, "../../infra/desk.yaml") {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse("desk.yaml", data)
		if err != nil {
			var problems Problems
			if d != nil || !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("Parse: %v, %v", d, err)
			}
			for _, p := range problems {
				if p.Line < 1 || p.Message == "" || p.File != "desk.yaml" {
					t.Fatalf("a problem without a place: %+v", p)
				}
			}
			return
		}
		facts := Facts{Inbox: d.Inboxes[0].ID, Text: "help", Urgency: "now", Reach: 1 << 30}
		if a := d.Assess(facts); a.Department == "" || len(a.Why) != 3 || a.Service.FirstAnswer <= 0 {
			t.Fatalf("assessment: %+v", a)
		}
		d.Wanting(facts)
		at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
		for _, c := range d.Communities {
			if due := c.Hours.Add(at, time.Hour); !due.After(at) {
				t.Fatalf("an hour after %s is %s", at, due)
			}
		}
	})
}
