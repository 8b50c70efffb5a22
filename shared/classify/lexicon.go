package classify

import (
	"maps"
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
	senseGroup
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
	topic  int // or the sense
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

// lexicon is every phrase by its first word, while Words are made of the lists. Words
// are folded as texts are.
type lexicon struct {
	ids   map[string]int32
	words []word

	reader  reading
	found   []int32 // what split found last
	room    []int32 // where phrases' words are kept
	phrases []begun
	sensed  int32 // words from here on are only known for their senses
}

// begun is a phrase with its first word.
type begun struct {
	first int32
	phrase
}

// NewWords makes the words of a desk's topics, in order of preference. A topic without
// words is never answered.
func NewWords(topics []Topic) *Words {
	l := newLexicon()
	return must(OpenWords(l.tables(l.fillWith(topics)), ""))
}

// fillWith takes in all lists, and returns the topics' ids.
func (l *lexicon) fillWith(topics []Topic) (ids []string) {
	for _, each := range tables() {
		l.addTable(each)
	}
	for language := range languages {
		l.addFunctionWords(language, functionWords[language])
	}
	l.addMarkers()
	for i, t := range topics {
		ids = append(ids, t.ID)
		l.addTopic(i, t)
	}
	l.addSenses()
	l.settle()
	return ids
}

func newLexicon() *lexicon {
	const words, phrases = 6000, 12000 // about as many as there are
	return &lexicon{ids: make(map[string]int32, words), words: make([]word, 0, words), phrases: make([]begun, 0, phrases)}
}

// addTable adds phrases, one after the other with ";" between. "a/b" is either
// word, "a?" may be missing.
func (l *lexicon) addTable(t table) {
	l.addPhrases(t.phrases, t.signal.group(), t.signal, 0)
}

// addSenses adds what words mean. Compounds have the sense of their parts. It comes
// last: see inherit.
func (l *lexicon) addSenses() {
	l.sensed = int32(len(l.words))
	for i := range senses {
		l.addPhrases(senses[i].phrases, senseGroup, 0, i)
	}
}

// inherit makes of words that only the senses know what they would be to the topics
// if they were unknown: an inflection or a compound of one of theirs.
func (l *lexicon) inherit() {
	all := must(OpenWords(l.tables(nil), ""))
	for text, id := range l.ids {
		if id < l.sensed {
			continue
		}
		if base := all.akin([]byte(text), l.sensed); base >= 0 {
			for _, p := range l.words[base].starts {
				if p.group == topicGroup && len(p.rest) == 0 {
					w := &l.words[id]
					w.starts = append(slices.Clone(w.starts), p)
				}
			}
		}
	}
}

func (l *lexicon) addPhrases(phrases string, g group, s signal, about int) {
	for text := range strings.SplitSeq(phrases, ";") {
		if strings.ContainsAny(text, "/?") {
			l.expand("", text, g, s, about)
			continue
		}
		l.put(text, g, s, about)
	}
}

// put adds a phrase; a single word that has a sense is known in compounds too.
func (l *lexicon) put(text string, g group, s signal, about int) {
	if only := l.add(text, g, s, about); only >= 0 && g == senseGroup {
		l.words[only].topical = true
	}
}

func (l *lexicon) expand(done, todo string, g group, s signal, about int) {
	slot, rest, _ := strings.Cut(strings.TrimSpace(todo), " ")
	if slot == "" {
		l.put(done, g, s, about)
		return
	}
	slot, optional := strings.CutSuffix(slot, "?")
	if optional {
		l.expand(done, rest, g, s, about)
	}
	for choice := range strings.SplitSeq(slot, "/") {
		l.expand(done+" "+choice, rest, g, s, about)
	}
}

func (l *lexicon) addTopic(i int, t Topic) {
	for _, language := range slices.Sorted(maps.Keys(t.Words)) {
		for _, w := range t.Words[language] {
			if only := l.add(w, topicGroup, 0, i); only >= 0 {
				l.words[only].topical = true
			}
		}
	}
}

func (l *lexicon) addFunctionWords(language int, words string) {
	for w := range strings.FieldsSeq(words) {
		for _, spelled := range [...]string{w, otherwise(w)} {
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
	text = strings.ToLower(text)
	for _, spelled := range [...]string{text, otherwise(text)} {
		ids := l.split(spelled)
		if len(ids) == 0 {
			continue
		}
		l.phrases = append(l.phrases, begun{ids[0], phrase{rest: l.keep(ids[1:]), group: g, signal: s, topic: topic}})
		if len(ids) == 1 {
			single = ids[0]
		}
	}
	return single
}

// otherwise is how else a text may be spelled, or "".
func otherwise(text string) string {
	for i := 0; i+1 < len(text); i++ {
		if text[i] == 0xC3 && (text[i+1] == 0xA4 || text[i+1] == 0xB6 || text[i+1] == 0xBC) { // ä, ö, ü
			return umlauts.Replace(text)
		}
	}
	return ""
}

// split takes a phrase apart exactly as a text is. The answer is good until the
// next call.
func (l *lexicon) split(text string) []int32 {
	l.found = l.found[:0]
	l.reader.filling = l
	l.reader.scan(nil, text)
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

// settle brings everything into the order that match relies on: each word's phrases
// together, the longest first.
func (l *lexicon) settle() {
	ends := make([]int32, len(l.words)+1)
	for _, p := range l.phrases {
		ends[p.first+1]++
	}
	for i := range l.words {
		ends[i+1] += ends[i]
	}
	all := make([]phrase, len(l.phrases))
	for _, p := range l.phrases {
		all[ends[p.first]] = p.phrase
		ends[p.first]++
	}
	from := int32(0)
	for i := range l.words {
		w := &l.words[i]
		w.starts = all[from:ends[i]:ends[i]]
		from = ends[i]
		if len(w.starts) > 1 {
			slices.SortStableFunc(w.starts, func(a, b phrase) int {
				if d := len(b.rest) - len(a.rest); d != 0 {
					return d
				}
				return a.topic - b.topic
			})
		}
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
	l.inherit()
}

func must(l *Words, err error) *Words {
	if err != nil {
		panic("classify: tables that were made this moment: " + err.Error())
	}
	return l
}
