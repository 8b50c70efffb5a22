package surge_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ines/shared/classify/surge"
)

var start = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)

// week is counters of a community that writes more by day: so many an hour at noon
// for each topic.
func week(noon map[string]float64, hours int) (counts []surge.Count) {
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{"baggage", "booking", "crew", "disruption", "refund"}
	for b := range int64(hours * 4) {
		at := start.Add(time.Duration(b) * surge.Width)
		day := []float64{.1, .05, .05, .05, .1, .3, .6, .8, .9, 1, 1, 1, 1, 1, 1, .9, .9, .9, .8, .7, .6, .4, .3, .2}[at.Hour()]
		for _, n := range names {
			if texts := poisson(random, noon[n]*day/4); texts > 0 {
				counts = append(counts, by(n, at, texts, texts))
			}
		}
	}
	return counts
}

func poisson(r *rand.Rand, mean float64) int {
	n, p := 0, r.ExpFloat64()
	for p < mean {
		n++
		p += r.ExpFloat64()
	}
	return n
}

func by(topic string, at time.Time, texts, authors int) surge.Count {
	c := surge.Count{Topic: topic, Bucket: surge.Bucket(at), Texts: texts}
	for a := range authors {
		c.Authors |= surge.Author(uint64(a*7 + 3))
	}
	return c
}

var usual = map[string]float64{"baggage": 4, "booking": 6, "crew": 1, "disruption": 3, "refund": 4}

func TestSurges(t *testing.T) {
	noon := start.Add(4*24*time.Hour + 12*time.Hour) // on the fifth day
	history := week(usual, 4*24+12)
	for _, c := range []struct {
		name string
		add  []surge.Count
		last map[string]time.Time
		now  time.Time
		want []string
	}{
		{"an ordinary noon", nil, nil, noon, nil},
		{"a burst in an hour", []surge.Count{by("disruption", noon, 9, 6), by("disruption", noon.Add(-surge.Width), 8, 5)}, nil, noon, []string{"disruption"}},
		{"a rise over three hours", []surge.Count{by("crew", noon, 4, 3), by("crew", noon.Add(-time.Hour), 4, 4), by("crew", noon.Add(-2*time.Hour), 4, 5)}, nil, noon, []string{"crew"}},
		{"a topic that never was", []surge.Count{by("volcano", noon, 7, 6)}, nil, noon, []string{"volcano"}},
		// The traps.
		{"one author who writes much", []surge.Count{by("disruption", noon, 40, 1)}, nil, noon, nil},
		{"three friends", []surge.Count{by("volcano", noon, 30, 3)}, nil, noon, nil},
		{"too few to say", []surge.Count{by("volcano", noon, 4, 4)}, nil, noon, nil},
		{"said already", []surge.Count{by("disruption", noon, 30, 20)}, map[string]time.Time{"disruption": noon.Add(-5 * time.Hour)}, noon, nil},
		{"said long ago", []surge.Count{by("disruption", noon, 30, 20)}, map[string]time.Time{"disruption": noon.Add(-7 * time.Hour)}, noon, []string{"disruption"}},
		{"another topic was said", []surge.Count{by("disruption", noon, 30, 20)}, map[string]time.Time{"refund": noon}, noon, []string{"disruption"}},
		{"everybody is busy", []surge.Count{by("baggage", noon, 20, 15), by("booking", noon, 30, 20), by("crew", noon, 5, 5), by("disruption", noon, 15, 10), by("refund", noon, 20, 15)}, nil, noon, nil},
		{"a clock that is ahead", []surge.Count{by("disruption", noon.Add(time.Hour), 30, 20)}, nil, noon, nil},
		{"counters in pieces", []surge.Count{by("disruption", noon, 4, 4), by("disruption", noon, 5, 6), by("disruption", noon, 8, 6)}, nil, noon, []string{"disruption"}},
		{"nothing at all", []surge.Count{{Topic: "x", Bucket: surge.Bucket(noon)}}, nil, noon, nil},
	} {
		var got []string
		for _, a := range surge.Detect(c.now, append(slices.Clone(history), c.add...), c.last) {
			got = append(got, a.Topic)
			if a.Texts < 5 || a.Authors < 4 || a.Surprise < 4 || a.Expected <= 0 {
				t.Errorf("%s: %+v", c.name, a)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestNoAlertBeforeADay(t *testing.T) {
	now := start.Add(20 * time.Hour)
	counts := append(week(usual, 20), by("disruption", now, 60, 30))
	if got := surge.Detect(now, counts, nil); got != nil {
		t.Errorf("after 20 hours: %+v", got)
	}
	if got := surge.Detect(now, nil, nil); got != nil {
		t.Errorf("without counters: %+v", got)
	}
}

// The first burst stays in the past: the second one must still be seen, and the
// first must not be seen for ever.
func TestABurstDoesNotHideTheNext(t *testing.T) {
	counts := week(usual, 6*24)
	burst := start.Add(3*24*time.Hour + 12*time.Hour)
	counts = append(counts, by("disruption", burst, 40, 30))
	if got := surge.Detect(burst.Add(8*time.Hour), upTo(counts, burst.Add(8*time.Hour)), nil); got != nil {
		t.Errorf("eight hours later: %+v", got)
	}
	again := burst.Add(24 * time.Hour)
	counts = append(counts, by("disruption", again, 40, 30))
	if got := surge.Detect(again, upTo(counts, again), nil); len(got) != 1 {
		t.Errorf("the day after: %+v", got)
	}
}

func upTo(counts []surge.Count, now time.Time) []surge.Count {
	return slices.DeleteFunc(slices.Clone(counts), func(c surge.Count) bool { return c.Bucket > surge.Bucket(now) })
}

// TestQuietWeeks counts false alerts over four weeks of ordinary traffic.
func TestQuietWeeks(t *testing.T) {
	const hours = 28 * 24
	counts := week(usual, hours)
	last, alerts := map[string]time.Time{}, 0
	for h := 25; h < hours; h++ {
		now := start.Add(time.Duration(h) * time.Hour)
		recent := slices.DeleteFunc(upTo(counts, now), func(c surge.Count) bool { return c.Bucket < surge.Bucket(now.Add(-7*24*time.Hour)) })
		for _, a := range surge.Detect(now, recent, last) {
			alerts++
			last[a.Topic] = now
		}
	}
	if alerts > 8 {
		t.Errorf("%d false alerts in four weeks", alerts)
	}
}
