package classify

import (
	"sync"

	"ines/shared/classify/feature"
)

// Moods are the labels of the mood head. Tone and anger follow from them.
const (
	MoodAngry    = "angry"
	MoodNegative = "negative"
	MoodNeutral  = "neutral"
	MoodPositive = "positive"
)

// Cues adds to a text's features what the word lists find in it. The lists know
// several languages, so what a head learns about a cue in one of them holds in the
// others.
func Cues(text string, r *feature.Reader) {
	cueReading.Do(func() { cueReader = NewRules(nil) })
	rules := cueReader
	t := rules.pool.Get().(*reading)
	t.read(rules.words, "", text)
	t.cues(rules.words, r)
	rules.pool.Put(t)
}

// cueReader knows no topics. It is made when it is first asked, and by the one who asks:
// a sync.OnceValue would keep the lists in programs that never do.
var (
	cueReader  *Rules
	cueReading sync.Once
)

// cues names what the reading found; how often hardly matters.
func (t *reading) cues(l *Words, r *feature.Reader) {
	m := t.mood()
	for _, c := range [...]struct {
		name, often string
		n           int
	}{
		{"asks to be told", "asks to be told, often", m.tells}, {"went wrong", "went wrong, often", m.wrong}, {"bad", "bad, often", m.bad}, {"rage", "rage, often", m.rage},
		{"thanks", "thanks, often", m.thanks}, {"good", "good, often", m.good}, {"greeting", "greeting, often", m.greets}, {"takes sides", "takes sides, often", m.joinsIn},
		{"but", "but, often", m.but}, {"sounds like spam", "sounds like spam, often", m.spam}, {"question mark", "question mark, often", t.questions},
		{"exclamation mark", "exclamation mark, often", t.exclaims}, {"link", "link, often", t.links}, {"tag", "tag, often", t.tags},
		{"happy face", "happy face, often", t.happy}, {"sad face", "sad face, often", t.sad}, {"angry face", "angry face, often", t.mad}, {"shouting", "shouting, often", t.capWords},
	} {
		if c.n > 0 {
			r.Cue(c.name)
		}
		if c.n > 2 {
			r.Cue(c.often)
		}
	}
	if kind := t.kind(m); kind.Name != "" {
		cue := kindCues[kind.Name]
		r.Cue(cue.read)
		if kind.Probability >= 0.8 {
			r.Cue(cue.surely)
		}
	}
	switch t.tone(m).Name {
	case ToneNegative:
		r.Cue("sounds negative")
	case ToneNeutral:
		r.Cue("sounds neutral")
	case TonePositive:
		r.Cue("sounds positive")
	}
	for i, meant := range t.senses {
		if meant {
			r.Sense(l.senses[i])
		}
	}
	switch {
	case t.words <= 3:
		r.Cue("a few words")
	case t.words > 40:
		r.Cue("many words")
	}
}

// kindCues are made once: a message must allocate nothing.
var kindCues = func() map[string]struct{ read, surely string } {
	m := map[string]struct{ read, surely string }{}
	for _, kind := range []string{KindRequest, KindQuestion, KindComplaint, KindPraise, KindSpam, KindSmallTalk} {
		m[kind] = struct{ read, surely string }{"read as " + kind, "surely " + kind}
	}
	return m
}()
