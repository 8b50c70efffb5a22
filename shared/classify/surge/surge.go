// Package surge notices when suddenly more people than usual write about one thing.
// It is pure: it looks at counters and is told the time. It imports nothing of ours,
// and whoever keeps the counters may import it.
//
// A count in a window is held against what the topic's own past lets one expect,
// times how busy the rest of the community is in the same window. The rest leaves
// the topic out, or a burst would explain itself.
package surge

import (
	"cmp"
	"math"
	"math/bits"
	"time"

	"ines/shared/sorting"
)

// Width of a bucket.
const Width = 15 * time.Minute

// Bucket is the number of the bucket that a time is in.
func Bucket(at time.Time) int64 { return at.Unix() / int64(Width/time.Second) }

// Count is one topic's messages in one bucket of one community.
type Count struct {
	Topic  string
	Bucket int64
	Texts  int
	// Authors has a bit for each author: see Author. Counts of one bucket add up
	// by OR.
	Authors uint64
}

// Author is the bit of an author, by a hash of who it is. Two authors share one
// now and then: a few people are counted as fewer, never as more.
func Author(hash uint64) uint64 { return 1 << (hash % 64) }

// What makes an alert.
const (
	leastTexts   = 5
	leastAuthors = 4
	surprising   = 4.0 // one in ten thousand by chance
	decay        = 48 * time.Hour
	leastHistory = 24 * time.Hour
	quiet        = 6 * time.Hour // one alert a topic
	perAuthor    = 3             // texts in a bucket; more of them are one person's, not a surge
	leastLambda  = 0.25          // of a topic that never was
	steady       = 4.0           // messages of the rest below which its busyness tells little
)

var windows = [...]int64{4, 12} // buckets: one hour and three

// Alert is a surge.
type Alert struct {
	Topic    string
	Window   time.Duration
	Texts    int
	Authors  int     // at least
	Expected float64 // texts
	Surprise float64 // -log10 of how unlikely that is
}

// Detect looks at one community's counters, in any order, as of now; the bucket of
// now counts as far as it has come. last says when a topic was last alerted about.
// It returns the surges, the most surprising first, at most one a topic.
func Detect(now time.Time, counts []Count, last map[string]time.Time) []Alert {
	current := Bucket(now)
	first := current
	topics := map[string]map[int64]Count{}
	total := map[int64]int{}
	for _, c := range counts {
		if c.Bucket > current || c.Texts <= 0 { // a clock that is ahead is no news
			continue
		}
		first = min(first, c.Bucket)
		if topics[c.Topic] == nil {
			topics[c.Topic] = map[int64]Count{}
		}
		sum := topics[c.Topic][c.Bucket]
		sum.Texts += c.Texts
		sum.Authors |= c.Authors
		topics[c.Topic][c.Bucket] = sum
	}
	for _, buckets := range topics {
		for b, c := range buckets {
			c.Texts = min(c.Texts, perAuthor*bits.OnesCount64(c.Authors))
			buckets[b] = c
			total[b] += c.Texts
		}
	}
	var alerts []Alert
	for topic, buckets := range topics {
		if at, ok := last[topic]; ok && now.Sub(at) < quiet {
			continue
		}
		best := Alert{}
		for _, w := range windows {
			if time.Duration(current-w+1-first)*Width < leastHistory {
				continue
			}
			if a := look(topic, buckets, total, first, current, w); a.Surprise > best.Surprise {
				best = a
			}
		}
		if best.Surprise >= surprising {
			alerts = append(alerts, best)
		}
	}
	sorting.By(alerts, func(a, b Alert) int {
		return cmp.Or(-cmp.Compare(a.Surprise, b.Surprise), cmp.Compare(a.Topic, b.Topic))
	})
	return alerts
}

// look weighs one window. What is in it is no part of what is expected.
func look(topic string, buckets map[int64]Count, total map[int64]int, first, current, window int64) Alert {
	begin := current - window + 1
	texts, authors, rest := 0, uint64(0), 0
	for b := begin; b <= current; b++ {
		texts += buckets[b].Texts
		authors |= buckets[b].Authors
		rest += total[b] - buckets[b].Texts
	}
	n := bits.OnesCount64(authors)
	if texts < leastTexts || n < leastAuthors {
		return Alert{}
	}
	var mine, others, weights float64
	for b := first; b < begin; b++ {
		w := math.Exp(-float64(begin-b) * float64(Width) / float64(decay))
		weights += w
		mine += w * float64(buckets[b].Texts)
		others += w * float64(total[b]-buckets[b].Texts)
	}
	perWindow := float64(window) / weights
	busy := (float64(rest) + steady) / (others*perWindow + steady)
	// More than usual elsewhere explains more here; less elsewhere makes a burst no
	// likelier than an ordinary hour does.
	expected := max(mine*perWindow*busy, leastLambda)
	return Alert{Topic: topic, Window: time.Duration(window) * Width, Texts: texts, Authors: n,
		Expected: expected, Surprise: surprise(float64(texts), expected)}
}

// surprise is about -log10 of the chance of so many or more where so few were
// expected: Chernoff's bound of the Poisson tail.
func surprise(c, expected float64) float64 {
	if c <= expected {
		return 0
	}
	return c*math.Log10(c/expected) - (c-expected)/math.Ln10
}
