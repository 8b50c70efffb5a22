package casework

import (
	"testing"
	"time"
)

// A clock's explanation is read by people: whole seconds, and no units that say nothing.
func TestLengthsAreSpelledForPeople(t *testing.T) {
	for length, want := range map[time.Duration]string{
		time.Hour: "1h", 90 * time.Minute: "1h30m", 30 * time.Minute: "30m", 24 * time.Hour: "24h",
		30 * time.Second: "30s", 20*time.Minute + 10*time.Second: "20m10s", time.Hour + 5*time.Second: "1h0m5s",
		24*time.Hour - 43*time.Millisecond: "24h", 0: "no time",
	} {
		if got := spell(length); got != want {
			t.Errorf("%s is spelled %q, want %q", length, got, want)
		}
	}
}
