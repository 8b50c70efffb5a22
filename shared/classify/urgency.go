package classify

// What makes a message urgent, with the points that it is worth.
const (
	atTheGate signal = urgent + iota
	standingThere
	boardingNow
	withinTheHour
	today
	overnight
	stranded
	airport
	hurry
	medication
	child
	frail
	emergency
	past // speaks of another day: nobody is standing anywhere now
	calm // looks like one of these and is none: "boarding pass"
	urgencyEnd
)

// points are in the order of the signals. Of two with one name the higher counts.
var points = [...]Point{
	atTheGate - urgent:     {"at the gate", 4},
	standingThere - urgent: {"at the gate", 6},
	boardingNow - urgent:   {"boarding now", 6},
	withinTheHour - urgent: {"leaves within the hour", 6},
	today - urgent:         {"today", 1},
	overnight - urgent:     {"stranded overnight", 4},
	stranded - urgent:      {"stranded", 3},
	airport - urgent:       {"at the airport", 2},
	hurry - urgent:         {"says it is urgent", 2},
	medication - urgent:    {"medication", 3},
	child - urgent:         {"travelling with a child", 2},
	frail - urgent:         {"needs assistance", 2},
	emergency - urgent:     {"a family emergency", 3},
}

// Anger from which on it is a point of its own.
const angry = 0.6

// urgency adds the named points. Thanks and spam are never urgent, whatever words
// they use.
func (t *reading) urgency(out []Point, kind string, anger float64) []Point {
	if kind == KindPraise || kind == KindSpam {
		return out
	}
	var found [urgencyEnd - urgent]bool
	for _, h := range t.hits {
		if h.signal >= urgent {
			found[h.signal-urgent] = true
		}
	}
	if t.minutesLeft() {
		found[withinTheHour-urgent] = true
	}
	if found[past-urgent] {
		for s := atTheGate; s <= airport; s++ {
			found[s-urgent] = false
		}
	}
	if found[standingThere-urgent] {
		found[atTheGate-urgent] = false
	}
	if found[overnight-urgent] {
		found[stranded-urgent] = false
	}
	for i := range points {
		if found[i] {
			out = append(out, points[i])
		}
	}
	if anger >= angry {
		out = append(out, Point{"angry", 1})
	}
	return out
}

// minutesLeft finds "in 20 minutes": up to an hour, and not "for 20 minutes".
func (t *reading) minutesLeft() bool {
	for i, h := range t.hits {
		if h.signal != within || h.end+1 >= len(t.tokens) {
			continue
		}
		n, unit := t.tokens[h.end].number, t.tokens[h.end+1]
		if n < 0 || unit.word < 0 || t.took(h) {
			continue
		}
		for _, other := range t.hits[i+1:] {
			if other.at > h.end+1 {
				break
			}
			if other.at == h.end+1 && (other.signal == minutes && n <= 60 || other.signal == hours && n <= 1) {
				return true
			}
		}
	}
	return false
}

// took reports whether a word of time says how long something took: "solved in 20
// minutes", "nobody answered in 50 minutes".
func (t *reading) took(within hit) bool {
	for _, h := range t.hits {
		switch h.signal {
		case wrong, bad, thanks, good:
			if h.end == within.at && t.tokens[h.at].part == t.tokens[within.at].part {
				return true
			}
		}
	}
	return false
}
