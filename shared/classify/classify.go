// Package classify says what a message is about: language, topic, tone, kind and
// urgency. It decides nothing about people; rules do that with what it says. It
// imports nothing of ours but what is below it.
package classify

// Input is what is known of a message before it is classified.
type Input struct {
	Text    string
	Subject string
	// Hint is the platform's language tag, "" if none.
	Hint string
	// Languages are those that the desk speaks for this inbox, best first. The
	// answer may be another one when the text surely is.
	Languages []string
}

// Label is one head's answer. Probability is calibrated; 0 means that the head
// abstains and Name is "".
type Label struct {
	Name        string  `json:"name,omitempty"`
	Probability float64 `json:"p,omitempty"`
	// Sure says that answers with this probability are right as often as the desk
	// wants before it lets a machine act on them.
	Sure bool `json:"sure,omitempty"`
}

// Kinds of message.
const (
	KindRequest   = "request"  // asks for something to be done
	KindQuestion  = "question" // asks to be told something
	KindComplaint = "complaint"
	KindPraise    = "praise"
	KindSpam      = "spam"
	KindSmallTalk = "small_talk"
)

// Tones of a message.
const (
	ToneNegative = "negative"
	ToneNeutral  = "neutral"
	TonePositive = "positive"
)

// Point is one named reason for urgency.
type Point struct {
	Name   string `json:"name"` // in words an agent can read: "at the gate"
	Points int    `json:"points"`
}

// Urgency levels by the sum of points: from 3 high, from 6 now.
const (
	UrgencyNormal = "normal"
	UrgencyHigh   = "high"
	UrgencyNow    = "now" // a moment of truth: the customer is standing there
)

// Result is what a message is about.
type Result struct {
	Language Label   `json:"language"`
	Topic    Label   `json:"topic"`
	Tone     Label   `json:"tone"`
	Kind     Label   `json:"kind"`
	Anger    float64 `json:"anger,omitempty"`
	Urgency  string  `json:"urgency"`
	Points   []Point `json:"points,omitempty"`

	// Worded says that the topic's own words gave the topic, and no model. Foreign
	// says that the text is about none of the topics that the model knows, and
	// Abstained that nobody is sure of the topic: the model is not or, without one,
	// no topic's words are there.
	Worded    bool `json:"worded,omitempty"`
	Foreign   bool `json:"foreign,omitempty"`
	Abstained bool `json:"abstained,omitempty"`
}

// Classifier is what the classify function calls. Implementations are safe for
// concurrent use. Classify overwrites *out and may reuse its slices.
type Classifier interface {
	Classify(in Input, out *Result)
}

// Level turns a sum of points into an urgency.
func Level(points []Point) string {
	sum := 0
	for _, p := range points {
		sum += p.Points
	}
	switch {
	case sum >= 6:
		return UrgencyNow
	case sum >= 3:
		return UrgencyHigh
	}
	return UrgencyNormal
}
