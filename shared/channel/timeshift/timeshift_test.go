package timeshift_test

import (
	"testing"
	"time"

	"ines/shared/channel/timeshift"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 250e6, time.UTC)

func TestJSON(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"newest becomes now", `{"at":"2026-01-01T00:00:10.500Z", "x":[{"at": "2026-01-01T00:00:00Z"}]}`, `{"at":"2026-11-20T12:00:00.250Z", "x":[{"at": "2026-11-20T11:59:49Z"}]}`},
		{"zone and digits stay", `{"at":"2026-01-01T02:00:00.5+02:00"}`, `{"at":"2026-11-20T14:00:00.2+02:00"}`},
		{"the older X form", `{"at":"Wed Oct 10 20:19:24 +0000 2018"}`, `{"at":"Fri Nov 20 12:00:00 +0000 2026"}`},
		{"milliseconds in a string", `{"at":"1700000000123"}`, `{"at":"1795176000250"}`},
		{"seconds as a number", `{"at" : 1700000000 }`, `{"at" : 1795176000 }`},
		{"other fields stay", `{"id":1700000000,"at":1700000000}`, `{"id":1700000000,"at":1795176000}`},
		{"a value that looks like the field", `{"x":"at","y":1700000000}`, `{"x":"at","y":1700000000}`},
		{"after a nested value", `{"at":{"y":[1]},"z":{},"at":1700000000}`, `{"at":{"y":[1]},"z":{},"at":1795176000}`},
		{"no times", `{"a": [1, 2]}`, `{"a": [1, 2]}`},
		{"no number of that length", `{"at":17,"b":null}`, `{"at":17,"b":null}`},
		{"empty", ``, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := timeshift.JSON([]byte(tt.in), now, "at")
			if err != nil || string(got) != tt.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
	for _, bad := range []string{`{"at":`, `{`, `not json`, `{"at":1700000000}]`} {
		if got, err := timeshift.JSON([]byte(bad), now, "at"); err == nil {
			t.Errorf("%q became %q", bad, got)
		}
	}
}
