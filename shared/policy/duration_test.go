package policy

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"15m": 15 * time.Minute, "2h": 2 * time.Hour, "3d": 72 * time.Hour, "1w": 168 * time.Hour,
		"1h30m": 90 * time.Minute, "1w2d3h4m5s": (7+2)*24*time.Hour + 3*time.Hour + 4*time.Minute + 5*time.Second,
		"90s": 90 * time.Second, "0h1m": time.Minute, "3650d": longest, "007m": 7 * time.Minute,
	} {
		if got, err := ParseDuration(s); got != want || err != nil {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", "h", "15", "m15", "1.5h", "-1h", "+1h", "1h 30m", "1m1h", "1h1h", "1y", "1ms", "1H", "٣d", "0s", "0w0d",
		"3651d", "522w", "3650d1s", "99999999999999999999999s", "315360001s", "9223372036854775807w",
	} {
		if got, err := ParseDuration(s); err == nil {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func TestSpokenDurationsCanBeWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := time.Duration(rapid.Int64Range(1, int64(longest/time.Second)).Draw(t, "seconds")) * time.Second
		if got, err := ParseDuration(spoken(want)); got != want || err != nil {
			t.Fatalf("%s is spoken %q and read as %s, %v", want, spoken(want), got, err)
		}
	})
	for want, d := range map[string]time.Duration{"15m": 15 * time.Minute, "24h": 24 * time.Hour, "1h30m": 90 * time.Minute, "10m": 10 * time.Minute, "30s": 30 * time.Second, "10h": 10 * time.Hour} {
		if got := spoken(d); got != want {
			t.Errorf("%s is spoken %q", d, got)
		}
	}
}
