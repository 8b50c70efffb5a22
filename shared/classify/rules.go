package classify

import "sync"

// Topic is what a message can be about. Words are per language (BCP 47); a word
// may be several words: "lost bag".
type Topic struct {
	ID    string
	Words map[string][]string
}

// Rules classifies by word lists and nothing learned. Learned takes its cues and
// points from here, and its topics as long as a desk has no examples. It knows English, French and German well,
// Spanish, Italian, Portuguese and Dutch a little, and of other languages at most
// the name. Languages are answered as primary subtags: "pt", never "pt-BR".
//
// It never changes once made, so it is safe for concurrent use, and the same input
// gives the same answer.
type Rules struct {
	words *Words
	pool  sync.Pool // of *reading
}

// What a reading looks at, in bytes. A matter is stated at the start; the limit
// keeps a pasted log from costing milliseconds.
const (
	maxSubject = 512
	maxText    = 4096
)

// NewRules makes the classifier for a desk's topics, in order of preference. A
// topic without words is never answered.
func NewRules(topics []Topic) *Rules {
	r := &Rules{words: NewWords(topics)}
	r.pool.New = func() any { return &reading{topics: make([]int, len(r.words.topics))} }
	return r
}

// Classify says what a message is about. A text without words has a language only
// by hint or inbox.
func (r *Rules) Classify(in Input, out *Result) {
	t := r.pool.Get().(*reading)
	t.read(r.words, in.Subject, in.Text)

	*out = Result{Points: out.Points[:0]}
	out.Language = t.language(in.Hint, in.Languages)
	out.Topic = t.topic(r.words.topics)
	out.Worded, out.Abstained = out.Topic.Name != "", out.Topic.Name == ""
	mood := t.mood()
	out.Kind = t.kind(mood)
	out.Tone = t.tone(mood)
	out.Anger = t.anger(mood)
	out.Points = t.urgency(out.Points, out.Kind.Name, out.Anger)
	out.Urgency = Level(out.Points)
	r.pool.Put(t)
}
