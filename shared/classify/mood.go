package classify

// mood counts what a text feels and means.
type mood struct {
	tells, wrong, bad, rage, thanks, good, greets, joinsIn, but, spam int
	spare                                                             int // phrases that mean nothing here
}

func (t *reading) mood() mood {
	var m mood
	negated := func(i int) bool { // by a negation at most three words before
		h := t.hits[i]
		for j := i - 1; j >= 0 && h.at-t.hits[j].at <= 3; j-- {
			if n := t.hits[j]; n.signal == negates && n.at < h.at && t.tokens[n.at].part == t.tokens[h.at].part {
				return true
			}
		}
		return false
	}
	for i, h := range t.hits {
		switch h.signal {
		case tells:
			m.tells++
		case wrong:
			m.wrong++
		case bad:
			if !negated(i) {
				m.bad++
			}
		case rage:
			m.rage++
		case thanks:
			if negated(i) {
				m.bad++
			} else {
				m.thanks++
			}
		case good:
			if negated(i) {
				m.bad++
			} else {
				m.good++
			}
		case greets:
			m.greets++
		case joinsIn:
			m.joinsIn++
		case but:
			m.but++
		case spam:
			m.spam++
		case surelySpam:
			m.spam += 2
		case unmarked:
			m.spare++
		}
	}
	return m
}

func (t *reading) negative(m mood) float64 {
	return float64(m.wrong+m.bad) + 2*float64(m.rage) + float64(t.sad) + 2*float64(t.mad)
}

func (t *reading) positive(m mood) float64 {
	return float64(m.thanks) + float64(m.good) + float64(t.happy)
}

func (t *reading) tone(m mood) Label {
	if t.words == 0 && t.happy+t.sad+t.mad == 0 {
		return Label{}
	}
	bad, nice := t.negative(m), t.positive(m)
	if m.but > 0 && bad > 0 {
		bad++ // what follows "but" is what is meant
	}
	if bad == 0 && nice == 0 {
		p := 0.7
		if t.questions > 0 || t.words > 12 {
			p = 0.6
		}
		return Label{Name: ToneNeutral, Probability: p}
	}
	switch {
	case bad >= nice && bad > 0:
		return Label{Name: ToneNegative, Probability: sureness(bad, nice)}
	default:
		return Label{Name: TonePositive, Probability: sureness(nice, bad)}
	}
}

// sureness is the share of the winning side, held down while there is little of it.
func sureness(mine, other float64) float64 {
	return min(0.95, (mine+0.5)/(mine+other+0.9))
}

// anger adds up as chances do: each sign takes its share of what is left to 1.
func (t *reading) anger(m mood) float64 {
	bad := t.negative(m)
	if bad == 0 && t.positive(m) > 0 {
		return 0 // "THANK YOU!!!"
	}
	left := 1.0
	take := func(n int, share float64) {
		for range min(n, 4) {
			left *= 1 - share
		}
	}
	take(m.rage, 0.45)
	take(t.mad, 0.45)
	take(m.wrong+m.bad, 0.1)
	if t.capWords >= 2 && t.upper*2 > t.letters || t.capWords >= 3 {
		take(1, 0.4)
	} else if t.capWords >= 1 && bad > 0 {
		take(1, 0.15)
	}
	switch {
	case t.exclaims >= 3:
		take(1, 0.3)
	case t.exclaims == 2:
		take(1, 0.15)
	case t.exclaims == 1 && bad > 0:
		take(1, 0.08)
	}
	if 1-left < 0.005 {
		return 0
	}
	return float64(int((1-left)*100+0.5)) / 100
}
