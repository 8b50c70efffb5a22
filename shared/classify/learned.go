package classify

import (
	"math"
	"sync"

	"ines/shared/classify/feature"
	"ines/shared/classify/model"
)

// Desk is what a desk's classifier is made of.
type Desk struct {
	Heads *Heads // required
	Words *Words // required; of the desk's topics
	// Topic is the model trained from the desk's own examples, nil as long as there
	// are none: then topics are known by their words alone.
	Topic *model.Model
	// Urgency is trained from the desk's corrections, nil without any. Its labels
	// are the urgency levels.
	Urgency *model.Model
	// Wanted are the probabilities from which on the topic model's labels are sure;
	// nil: those that it was trained for.
	Wanted []float64
}

// Learned classifies by models: those that ship with ines and the desk's own. The
// word lists of Rules give the models cues, urgency its named points, and short or
// wordless texts a language. It never changes once made, so it is safe for
// concurrent use, and the same input gives the same answer.
type Learned struct {
	words   *Words
	heads   *Heads
	topic   *model.Model
	wanted  []float64 // of the topic model's labels
	urgency *model.Model
	tongues []tongue  // of the language head's labels
	pool    sync.Pool // of *place
}

// place is what one message at a time is worked on at.
type place struct {
	reading                                   reading
	reader                                    feature.Reader
	language, topic, mood, spam, kind, urgent model.Scratch
	scores                                    []float64 // of the languages
}

// New makes a desk's classifier.
func New(d Desk) *Learned {
	c := &Learned{words: d.Words, heads: d.Heads, topic: d.Topic, urgency: d.Urgency, wanted: d.Wanted}
	if d.Topic != nil && d.Wanted == nil {
		if c.wanted = d.Topic.Thresholds; c.wanted == nil {
			c.wanted = make([]float64, len(d.Topic.Labels))
		}
	}
	c.tongues = tongues(c.heads.Language)
	c.pool.New = func() any { return &place{reading: reading{topics: make([]int, len(d.Words.topics))}} }
	return c
}

// Classify says what a message is about.
func (c *Learned) Classify(in Input, out *Result) {
	p := c.pool.Get().(*place)
	c.read(p, in)
	t := &p.reading
	mood := t.mood()

	*out = Result{Points: out.Points[:0]}
	out.Language = c.languageOf(p, in.Hint, in.Languages)
	c.topicOf(p, out)
	out.Tone, out.Anger = c.moodOf(p, mood)
	out.Kind = c.kindOf(p, mood)
	if out.Kind.Name == KindPraise && mood.rage+mood.wrong == 0 {
		out.Anger = 0
	}
	kind := out.Kind.Name
	if kind == KindPraise && !out.Kind.Sure && t.positive(mood) == 0 {
		kind = "" // nobody thanks: a guess must not hide that somebody is standing there
	}
	out.Points = t.urgency(out.Points, kind, out.Anger)
	out.Points = c.urgencyOf(p, out.Points, kind)
	out.Urgency = Level(out.Points)
	c.pool.Put(p)
}

// read takes the message in once for all heads.
func (c *Learned) read(p *place, in Input) {
	p.reading.read(c.words, in.Subject, in.Text)
	p.reader.Read(in.Subject, in.Text)
	p.reading.cues(c.words, &p.reader)
}

// topicOf asks the desk's model. Where it is not sure, a topic's own words decide if
// the text has any.
func (c *Learned) topicOf(p *place, out *Result) {
	said := p.reading.topic(c.words.topics)
	if c.topic == nil {
		out.Topic, out.Worded, out.Abstained = said, said.Name != "", said.Name == ""
		return
	}
	a := c.ask(p)
	a.Sure = a.InScope && a.Probability >= c.wanted[a.Label]
	learned := Label{Name: c.topic.Labels[a.Label], Probability: a.Probability, Sure: a.Sure}
	out.Foreign, out.Abstained = !a.InScope, !a.Sure
	switch {
	case said.Name == learned.Name, a.Sure, a.InScope && a.Probability >= likely:
		out.Topic = learned
	case said.Name != "":
		out.Topic, out.Worded = said, true
	case a.InScope && a.Probability >= plausible:
		out.Topic = learned
	}
}

// ask is what the topic model says. A number or a face by itself is about none of the
// topics, however often one of them comes with numbers.
func (c *Learned) ask(p *place) model.Answer {
	features := p.reader.Features()
	c.topic.Score(features, &p.topic)
	a := c.topic.Answer(features, &p.topic)
	a.InScope = a.InScope && p.reading.letters > 0
	a.Sure = a.Sure && a.InScope
	return a
}

// From likely on a model's answer goes before that of the word lists; below
// plausible it is none.
const (
	likely    = 0.6
	plausible = 0.35
	strange   = 0.25 // known words, below which a head is not asked
	suspect   = 0.1  // of being spam, from which on the spam head is asked too
	// From junkAlone on the spam head is believed whatever the kind head says, of a text
	// in a language that it knows. It knows English: of other languages it has seen no
	// more than what the desk's kinds of message are written in.
	junkAlone = 0.8
	fluent    = 0.4 // known words
)

// Both opinions of a tone are multiplied, each to the power of the trust in it: what
// was most often right, and right as often as it said, on GoEmotions' dev part and on
// the sentences of testdata together.
const (
	trustLearned = 0.6
	trustListed  = 0.45
)

// moodOf gives tone and anger. A text without words has the mood of its faces, if
// it has any.
func (c *Learned) moodOf(p *place, mood mood) (tone Label, anger float64) {
	t := &p.reading
	if t.words == 0 && t.happy+t.sad+t.mad == 0 {
		return Label{}, 0
	}
	m := c.heads.Mood
	m.Score(p.reader.Features(), &p.mood)
	var negative, neutral, positive float64
	for k, l := range m.Labels {
		switch v := float64(p.mood.Probs[k]); l {
		case MoodAngry:
			anger = v
			negative += v
		case MoodNegative:
			negative += v
		case MoodNeutral:
			neutral = v
		case MoodPositive:
			positive = v
		}
	}
	// The emotions were learned from talk about anything; the word lists know what
	// it is to be a customer.
	listed := t.tone(mood)
	pool := func(name string, p float64) float64 {
		q := (1 - listed.Probability) / 2
		if listed.Name == name {
			q = listed.Probability
		}
		return math.Pow(p, trustLearned) * math.Pow(q, trustListed)
	}
	tone = Label{Name: ToneNeutral, Probability: pool(ToneNeutral, neutral)}
	sum := tone.Probability
	for _, other := range [...]Label{
		{Name: ToneNegative, Probability: pool(ToneNegative, negative)},
		{Name: TonePositive, Probability: pool(TonePositive, positive)},
	} {
		sum += other.Probability
		if other.Probability > tone.Probability {
			tone = other
		}
	}
	tone.Probability /= sum
	anger = max(anger, t.anger(mood))
	return tone, float64(int(anger*100+0.5)) / 100
}

// kindOf asks the kind head, and the spam head before it.
func (c *Learned) kindOf(p *place, mood mood) Label {
	t := &p.reading
	features := p.reader.Features()
	kind, spam := c.heads.Kind, c.heads.Spam
	kind.Score(features, &p.kind)
	if said := t.kind(mood); said.Name == KindSpam {
		return said
	}
	if p.kind.Known() < strange { // no words, or of a language that it has not learned
		return t.kind(mood)
	}
	at := kind.Label(KindSpam)
	if looks := float64(p.kind.Probs[at]); looks >= suspect || t.links+t.numbers > 0 {
		spam.Score(features, &p.spam)
		bad := spam.Label(KindSpam)
		junk := float64(p.spam.Probs[bad])
		// A customer who leaves a number to call back sounds much like it.
		own := t.request() > 0 || t.has(matter) || t.has(me)
		surely := junk >= junkAlone && p.spam.Known() >= fluent && !own
		if surely || junk >= spam.Thresholds[bad] && (looks >= 0.25 || t.links > 0 && looks >= suspect) || looks >= likely && junk >= 0.2 {
			return Label{Name: KindSpam, Probability: max(junk, looks)}
		}
	}
	// Whoever joins a thread and asks for somebody else opens no case of their own.
	others := t.request() == 0 && (t.has(third) || t.has(pronoun) || t.has(ask))
	best := -1
	for k, v := range p.kind.Probs {
		if k == at || kind.Labels[k] == KindRequest && others {
			continue
		}
		if best < 0 || v > p.kind.Probs[best] {
			best = k
		}
	}
	if v := float64(p.kind.Probs[best]); v >= plausible {
		return Label{Name: kind.Labels[best], Probability: v, Sure: v >= kind.Thresholds[best]}
	}
	return Label{}
}

// urgencyOf adds what a head says that the desk has trained.
func (c *Learned) urgencyOf(p *place, points []Point, kind string) []Point {
	if c.urgency == nil || kind == KindPraise || kind == KindSpam {
		return points
	}
	features := p.reader.Features()
	c.urgency.Score(features, &p.urgent)
	a := c.urgency.Answer(features, &p.urgent)
	if !a.Sure {
		return points
	}
	switch c.urgency.Labels[a.Label] {
	case UrgencyNow:
		return append(points, Point{"like cases that could not wait", 6})
	case UrgencyHigh:
		return append(points, Point{"like cases that were urgent", 3})
	}
	return points
}
