package channel_test

import (
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

func TestStamp(t *testing.T) {
	received := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	year := time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name   string
		at     time.Time
		skew   time.Duration
		want   time.Time
		nobody bool // says when it was received
	}{
		{"before", received.Add(-time.Hour), 0, received.Add(-time.Hour), false},
		{"long before", received.AddDate(-3, 0, 0), 0, received.AddDate(-3, 0, 0), false},
		{"a clock that is fast", received.Add(channel.MaxAhead), 0, received.Add(channel.MaxAhead), false},
		{"too far ahead", received.Add(channel.MaxAhead + 1), 0, received, false},
		{"years ahead", year, 0, received, false},
		{"another zone is not ahead", received.Add(time.Minute).In(time.FixedZone("", 5*3600)), 0, received.Add(time.Minute), false},
		{"skewed", received.Add(-27 * time.Hour), 26 * time.Hour, received.Add(-time.Hour), false},
		{"skewed backwards", received.Add(time.Hour), -2 * time.Hour, received.Add(-time.Hour), false},
		{"too far ahead only by the skew", received, time.Hour, received, false},
		{"skewed and too far ahead", year, 26 * time.Hour, received, false},
		{"nothing to compare with", year, time.Hour, year.Add(time.Hour), true},
	} {
		e := message.Envelope{ReceivedAt: received, Skew: tc.skew}
		if tc.nobody {
			e.ReceivedAt = time.Time{}
		}
		if got := channel.Stamp(e, tc.at); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}
