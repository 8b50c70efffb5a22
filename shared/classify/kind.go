package classify

// kind decides in the order of what is at stake: a request opens a case of its own
// for whoever joins a thread, so it is answered only when the author surely asks
// for themselves.
func (t *reading) kind(m mood) Label {
	if n := m.spam + min(t.links, 1); m.spam > 0 && n >= 2 || t.tags >= 8 && t.tags*2 > t.words {
		return Label{Name: KindSpam, Probability: min(0.95, 0.6+0.1*float64(n))}
	}
	if p := t.request(); p > 0 {
		return Label{Name: KindRequest, Probability: p}
	}
	bad, nice := t.negative(m), t.positive(m)
	signs := t.happy + t.sad + t.mad + t.symbols
	if t.words == 0 {
		switch {
		case t.questions > 0:
			return Label{Name: KindQuestion, Probability: 0.6}
		case signs > 0:
			return Label{Name: KindSmallTalk, Probability: 0.8}
		}
		return Label{}
	}
	asks := t.questions > 0 || m.tells > 0
	if m.thanks+m.good > 0 && bad == 0 && !asks && m.but == 0 && !t.has(ask) && !t.has(ownAsk) {
		if m.thanks > 0 || m.good > 1 {
			return Label{Name: KindPraise, Probability: min(0.95, 0.75+0.08*nice)}
		}
		if t.words <= 12 {
			return Label{Name: KindPraise, Probability: 0.6}
		}
	}
	if m.greets > 0 && bad == 0 && m.tells == 0 && t.words <= 5+m.greets {
		if t.questions == 0 || t.words <= 4 {
			return Label{Name: KindSmallTalk, Probability: 0.75}
		}
	}
	complains := float64(m.wrong) + float64(m.rage) + 0.7*float64(m.bad) + float64(t.mad) + 0.6*float64(t.sad)
	switch {
	case asks && complains < 1.5 && (complains < 1 || m.tells > 0):
		return Label{Name: KindQuestion, Probability: 0.8 - 0.15*complains}
	case complains > 0:
		return Label{Name: KindComplaint, Probability: min(0.92, 0.6+0.1*complains)}
	case asks:
		return Label{Name: KindQuestion, Probability: 0.6}
	case m.joinsIn > 0:
		return Label{Name: KindSmallTalk, Probability: 0.55}
	}
	return Label{}
}

func (t *reading) has(s signal) bool {
	for _, h := range t.hits {
		if h.signal == s {
			return true
		}
	}
	return false
}

// clause is who a clause speaks of.
type clause struct {
	ownAsk, ask, matter, me, third, pronoun bool
}

// request is how surely the author asks for something to be done for themselves,
// or 0. A clause that speaks of somebody else asks for that one. An ask that names
// nobody belongs to the nearest clause that does: the one before, else the one
// after.
func (t *reading) request() float64 {
	var room [24]clause // long mails: the first ones say what is wanted
	n := 0
	at := uint16(0)
	for _, h := range t.hits {
		if h.signal >= plain {
			continue
		}
		if n == 0 || h.clause != at {
			if n == len(room) {
				break
			}
			n++
			at = h.clause
		}
		c := &room[n-1]
		switch h.signal {
		case ownAsk:
			c.ownAsk = true
		case ask:
			c.ask = true
		case matter:
			c.matter = true
		case me:
			c.me = true
		case third:
			c.third = true
		case pronoun:
			c.pronoun = true
		}
	}
	clauses := room[:n]
	for i := range clauses {
		c := &clauses[i]
		// "Mein Koffer fehlt, könnt ihr ihn suchen": the pronoun is a thing.
		if c.pronoun && !c.matter && (i == 0 || !clauses[i-1].matter || clauses[i-1].third) {
			c.third = true
		}
		if c.third {
			continue
		}
		if c.ownAsk {
			return 0.88
		}
		if c.ask && (c.matter || c.me) {
			return 0.85
		}
		if c.ask && owner(clauses, i) {
			return 0.75
		}
	}
	return 0
}

// owner reports whether the clause nearest to i that names anybody is about the
// author's own matter.
func owner(clauses []clause, i int) bool {
	for j := i - 1; j >= 0; j-- {
		if c := clauses[j]; c.matter || c.third {
			return !c.third
		}
	}
	for j := i + 1; j < len(clauses); j++ {
		if c := clauses[j]; c.matter || c.third {
			return !c.third
		}
	}
	return false
}
