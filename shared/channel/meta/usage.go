package meta

import (
	"encoding/json"
	"net/http"
	"time"

	"ines/shared/channel"
)

// longestWait bounds what we believe of an answer's headers.
const longestWait = 24 * time.Hour

// share is how much of an hour's calls, processor time and time are used up, in
// percent.
type share struct {
	Calls   float64 `json:"call_count"`
	CPU     float64 `json:"total_cputime"`
	Time    float64 `json:"total_time"`
	Minutes float64 `json:"estimated_time_to_regain_access"`
}

func (s share) most() float64 { return max(s.Calls, s.CPU, s.Time) }

// shares are the usage headers of an answer: the app's, the page's, and those of
// each business use case.
func shares(h http.Header) []share {
	var out []share
	for _, name := range []string{"X-App-Usage", "X-Page-Usage"} {
		var s share
		if json.Unmarshal([]byte(h.Get(name)), &s) == nil {
			out = append(out, s)
		}
	}
	var business map[string][]share
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &business) == nil {
		for _, list := range business {
			out = append(out, list...)
		}
	}
	return out
}

// waitOf is how long the answer's headers ask us to wait, 0 if they don't.
func waitOf(h http.Header) time.Duration {
	wait := min(channel.RetryAfter(h), longestWait)
	for _, s := range shares(h) {
		wait = max(wait, s.regain())
	}
	return wait
}

func (s share) regain() time.Duration {
	minutes := min(max(s.Minutes, 0), longestWait.Minutes())
	return time.Duration(minutes * float64(time.Minute))
}

// Our own choice, Meta names none: the limits are of a rolling hour, so that some
// minutes of quiet bring an inbox that is at the edge back below it.
const (
	nearly     = 95 // percent
	nearPause  = time.Minute
	spentPause = 5 * time.Minute
)

// Pause is how long an inbox should be quiet after an answer with these headers: as
// long as they say, or a little when a limit is almost reached.
func Pause(h http.Header) time.Duration {
	pause := time.Duration(0)
	for _, s := range shares(h) {
		switch {
		case s.regain() > 0:
			pause = max(pause, s.regain())
		case s.most() >= 100:
			pause = max(pause, spentPause)
		case s.most() >= nearly:
			pause = max(pause, nearPause)
		}
	}
	return pause
}
