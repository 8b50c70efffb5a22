package policy

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// longest is the longest duration that a policy may name: what is above is a
// slip of the hand.
const longest = 3650 * 24 * time.Hour

var errDuration = errors.New("is not a duration")

// ParseDuration reads a duration as policies write it: whole numbers with the
// units w, d, h, m and s, the larger first, such as 15m, 1h30m, 3d or 1w. A day is
// 24 hours. It is above zero and at most 3650 days.
func ParseDuration(s string) (time.Duration, error) {
	const units = "wdhms"
	sizes := [...]time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second}
	var sum time.Duration
	rest, last := s, -1
	for rest != "" {
		var n int64
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			if n = n*10 + int64(rest[digits]-'0'); n > int64(longest/time.Second) {
				return 0, fmt.Errorf("%q is longer than 3650 days", s)
			}
			digits++
		}
		if digits == 0 || digits == len(rest) {
			return 0, fmt.Errorf("%q %w", s, errDuration)
		}
		unit := strings.IndexByte(units, rest[digits])
		if unit <= last { // unknown, repeated or out of order
			return 0, fmt.Errorf("%q %w", s, errDuration)
		}
		if sizes[unit] > longest/time.Duration(max(n, 1)) {
			return 0, fmt.Errorf("%q is longer than 3650 days", s)
		}
		sum += time.Duration(n) * sizes[unit]
		rest, last = rest[digits+1:], unit
	}
	switch {
	case s == "":
		return 0, fmt.Errorf("%q %w", s, errDuration)
	case sum == 0:
		return 0, fmt.Errorf("%q is no time at all", s)
	case sum > longest:
		return 0, fmt.Errorf("%q is longer than 3650 days", s)
	}
	return sum, nil
}

func (r *reader) duration(n *Node, path string) time.Duration {
	const hint = "such as 15m, 2h, 1h30m, 3d or 1w"
	if n.Kind != Scalar {
		r.line(n.Line, fmt.Sprintf("%s must be a duration, not %s", path, kindOf(n)), hint)
		return 0
	}
	d, err := ParseDuration(n.Value)
	switch {
	case errors.Is(err, errDuration):
		r.line(n.Line, path+": "+err.Error(), hint)
	case err != nil:
		r.line(n.Line, path+": "+err.Error(), "")
	}
	return d
}

// spoken writes a duration for agents: 15m, 1h30m, 24h.
func spoken(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
