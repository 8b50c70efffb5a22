package classify

import (
	"slices"
	"strings"
)

// A signal is what a phrase tells a head.
type signal uint8

const (
	// Who asks, and for whom.
	ownAsk  signal = iota // asks for the author: "help me"
	ask                   // asks, for whoever: "can you"
	matter                // something of the author's: "my", "I was charged"
	me                    // the author as the one it is for
	third                 // somebody else
	pronoun               // somebody or something named before: "ihn"
	plain                 // looks like one of these and is none: "can you believe"

	// What is meant and felt.
	tells // wants to be told
	wrong // says that something went wrong
	bad
	rage
	thanks
	good
	negates
	greets
	joinsIn // a bystander taking sides
	but
	spam
	surelySpam
	unmarked // looks like one of these and is none: "thanks in advance"

	// Words of time, read together with the number between them.
	within
	minutes
	hours

	urgent // and above: points[signal-urgent]
)

// group keeps the readings of one stretch of words apart: within a group the
// longest phrase counts, and nothing inside it.
type group uint8

const (
	askGroup group = iota
	moodGroup
	timeGroup
	urgencyGroup
	topicGroup
	groupCount
)

func (s signal) group() group {
	switch {
	case s <= plain:
		return askGroup
	case s < within:
		return moodGroup
	case s < urgent:
		return timeGroup
	}
	return urgencyGroup
}

type phrase struct {
	rest   []int32 // the words after the first
	group  group
	signal signal
	topic  int
}

// A hit is a phrase found in a text.
type hit struct {
	signal  signal
	clause  uint16
	at, end int // tokens, as in tokens[at:end]
}

type word struct {
	starts   []phrase // longest first
	evidence [languageCount]float32
	joins    bool // begins a clause
	topical  bool // is a topic's word by itself
	aims     bool // a name that follows is the one it is for: "help Leo"
}

// lexicon is every phrase by its first word. Words are folded as texts are.
type lexicon struct {
	ids   map[string]int32
	words []word

	// For filling it.
	reader reading
	found  []int32 // what split found last
	room   []int32 // where phrases' words are kept
}

func newLexicon() lexicon {
	return lexicon{ids: make(map[string]int32, 4096), words: make([]word, 0, 4096)}
}

// addTable adds phrases, one after the other with ";" between. "a/b" is either
// word, "a?" may be missing.
func (l *lexicon) addTable(t table) {
	for text := range strings.SplitSeq(t.phrases, ";") {
		if strings.ContainsAny(text, "/?") {
			l.expand("", text, t.signal)
			continue
		}
		l.add(text, t.signal.group(), t.signal, 0)
	}
}

func (l *lexicon) expand(done, todo string, s signal) {
	slot, rest, _ := strings.Cut(strings.TrimSpace(todo), " ")
	if slot == "" {
		l.add(done, s.group(), s, 0)
		return
	}
	slot, optional := strings.CutSuffix(slot, "?")
	if optional {
		l.expand(done, rest, s)
	}
	for choice := range strings.SplitSeq(slot, "/") {
		l.expand(done+" "+choice, rest, s)
	}
}

func (l *lexicon) addTopic(i int, t Topic) {
	for _, words := range t.Words {
		for _, w := range words {
			if only := l.add(w, topicGroup, 0, i); only >= 0 {
				l.words[only].topical = true
			}
		}
	}
}

func (l *lexicon) addFunctionWords(language int, words string) {
	for w := range strings.FieldsSeq(words) {
		for _, spelled := range spellings(w) {
			ids := l.split(spelled)
			if len(ids) == 1 {
				l.words[ids[0]].evidence[language] = 1
			}
		}
	}
}

func (l *lexicon) addMarkers() {
	for w := range strings.FieldsSeq(conjunctions) {
		l.words[l.split(w)[0]].joins = true
	}
	for w := range strings.FieldsSeq(aiming) {
		l.words[l.split(w)[0]].aims = true
	}
}

// add returns the word if the phrase is a single one, else -1.
func (l *lexicon) add(text string, g group, s signal, topic int) int32 {
	single := int32(-1)
	for _, spelled := range spellings(text) {
		ids := l.split(spelled)
		if len(ids) == 0 {
			continue
		}
		first := &l.words[ids[0]]
		known := slices.ContainsFunc(first.starts, func(p phrase) bool {
			return p.group == g && p.signal == s && p.topic == topic && slices.Equal(p.rest, ids[1:])
		})
		if !known {
			first.starts = append(first.starts, phrase{rest: l.keep(ids[1:]), group: g, signal: s, topic: topic})
		}
		if len(ids) == 1 {
			single = ids[0]
		}
	}
	return single
}

func spellings(text string) []string {
	text = strings.ToLower(text)
	if !strings.ContainsAny(text, "äöü") {
		return []string{text}
	}
	if other := umlauts.Replace(text); other != text {
		return []string{text, other}
	}
	return []string{text}
}

// split takes a phrase apart exactly as a text is. The answer is good until the
// next call.
func (l *lexicon) split(text string) []int32 {
	l.found = l.found[:0]
	l.reader.filling = true
	l.reader.scan(l, text)
	return l.found
}

// keep copies into the shared room: thousands of tiny slices are slow to make.
func (l *lexicon) keep(ids []int32) []int32 {
	if len(l.room)+len(ids) > cap(l.room) {
		l.room = make([]int32, 0, 4096+len(ids))
	}
	start := len(l.room)
	l.room = append(l.room, ids...)
	return l.room[start:len(l.room):len(l.room)]
}

// fill takes a word of a phrase.
func (l *lexicon) fill(w []byte) {
	id, ok := l.ids[string(w)]
	if !ok {
		id = int32(len(l.words))
		l.ids[string(w)] = id
		l.words = append(l.words, word{})
	}
	l.found = append(l.found, id)
}

// settle brings everything into the order that match relies on.
func (l *lexicon) settle() {
	l.reader, l.found, l.room = reading{}, nil, nil
	for i := range l.words {
		w := &l.words[i]
		slices.SortStableFunc(w.starts, func(a, b phrase) int {
			if d := len(b.rest) - len(a.rest); d != 0 {
				return d
			}
			return a.topic - b.topic
		})
		shared := float32(0)
		for _, e := range w.evidence {
			shared += e
		}
		for j := range w.evidence {
			if shared > 1 {
				w.evidence[j] /= shared
			}
		}
	}
}

// find looks a folded word up; known says that it is there as it is written. Else
// the word may be an inflection or a compound of a known one.
func (l *lexicon) find(w []byte) (id int32, known bool) {
	if id, ok := l.ids[string(w)]; ok {
		return id, true
	}
	n := len(w)
	if n >= 4 && w[n-1] == 's' {
		if id, ok := l.ids[string(w[:n-1])]; ok {
			return id, false
		}
	}
	const shortest = 5 // of a word inside another, in bytes
	for i := 2; i <= n-shortest && n <= 40; i++ {
		for _, piece := range [...][]byte{w[i:], w[:n-i+1]} {
			if id, ok := l.ids[string(piece)]; ok && l.words[id].topical {
				return id, false
			}
		}
	}
	return -1, false
}

// match finds the phrases of a text.
func (l *lexicon) match(t *reading) {
	var free [groupCount]int // the first token that a group has not used
	for i, tok := range t.tokens {
		if tok.name && i > 0 && t.tokens[i-1].part == tok.part && t.tokens[i-1].word >= 0 && l.words[t.tokens[i-1].word].aims {
			t.hits = append(t.hits, hit{signal: third, clause: tok.clause, at: i})
		}
		if tok.word < 0 {
			continue
		}
		starts := l.words[tok.word].starts
		for j := range starts {
			p := &starts[j]
			end := i + 1 + len(p.rest)
			if i < free[p.group] || end > len(t.tokens) || t.tokens[end-1].part != tok.part || !follows(t.tokens[i+1:end], p.rest) {
				continue
			}
			free[p.group] = end
			if p.group == topicGroup {
				t.topics[p.topic] += end - i
				// The same word may speak for several topics.
				for k := j + 1; k < len(starts) && len(starts[k].rest) == len(p.rest); k++ {
					if q := &starts[k]; q.group == topicGroup && q.topic != p.topic && slices.Equal(q.rest, p.rest) {
						t.topics[q.topic] += end - i
					}
				}
				continue
			}
			t.hits = append(t.hits, hit{signal: p.signal, clause: tok.clause, at: i, end: end})
		}
	}
}

func follows(tokens []token, words []int32) bool {
	for i, w := range words {
		if tokens[i].word != w {
			return false
		}
	}
	return true
}
