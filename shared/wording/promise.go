package wording

import (
	"strings"
	"time"
	"unicode/utf8"

	"ines/shared/policy"
)

// Promise is something that a text says will be done by a time.
type Promise struct {
	Text string    // the sentence, as it was written
	Due  time.Time // in the zone of the hours
}

const (
	maxPromises = 3
	maxText     = 4096 // bytes that are read of a text
	maxWords    = 200  // runes of a sentence that a promise keeps
)

// Promises finds the promises with a time in a text that goes out at now. language
// (BCP 47, or "") is tried first. Times of day are those of the hours' zone; "today"
// ends with the opening hours, and "by 5" is the next five o'clock at which the
// desk is open. It is pure, and proposes: a sentence may well mean something else.
func Promises(text, language string, now time.Time, hours *policy.Calendar) []Promise {
	text = clip(text)
	for _, t := range spoken(language) {
		var found []Promise
		for _, s := range sentences(text) {
			if len(found) == maxPromises {
				break
			}
			if due, ok := t.promised(plain(s), now.In(hours.Zone()), hours); ok {
				found = append(found, Promise{Text: short(s), Due: due})
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// undated finds the first sentence that promises something and says no time.
func undated(text, language string) string {
	text = clip(text)
	for _, t := range spoken(language) {
		for _, s := range sentences(text) {
			low := plain(s)
			if !t.firm.MatchString(low) || t.not.MatchString(low) || strings.HasSuffix(strings.TrimSpace(low), "?") {
				continue
			}
			if _, said := t.moment(low); !said {
				return short(s)
			}
		}
	}
	return ""
}

func (t *tongue) promised(low string, now time.Time, hours *policy.Calendar) (time.Time, bool) {
	at := t.commit.FindStringIndex(low)
	if at == nil || t.not.MatchString(low) || strings.HasSuffix(strings.TrimSpace(low), "?") {
		return time.Time{}, false
	}
	// A time in a condition that comes first is the condition's.
	if lead := low[:at[0]]; t.condition.MatchString(lead) {
		low = low[at[0]:]
	}
	m, said := t.moment(low)
	if !said {
		return time.Time{}, false
	}
	due := m.resolve(now, hours)
	// A time that has passed is no promise, and a year is no service.
	return due, due.After(now) && due.Before(now.AddDate(0, 3, 0))
}

func clip(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

func short(s string) string {
	if r := []rune(s); len(r) > maxWords {
		return strings.TrimSpace(string(r[:maxWords])) + "…"
	}
	return s
}
