package policy

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// Facts are what the rules may look at: what is known of a message and of who
// wrote it at the moment of a decision. Empty strings mean "not known".
type Facts struct {
	Channel    string // taken from Inbox if empty
	Inbox      string
	Community  string // taken from Inbox if empty
	Brand      string // taken from Community if empty
	Visibility string // public, private
	Language   string // BCP 47
	Topic      string
	Kind       string   // see Kinds
	Tone       string   // see Tones
	Urgency    string   // see Urgencies
	Points     []string // the named reasons for the urgency
	Anger      float64
	Text       string
	Subject    string
	Customer   CustomerFacts
	// Reach (followers) and Verified are seen by departments' wants alone:
	// they never enter the order of work.
	Reach    int64
	Verified bool
	// Event is what happened, as timelines name it; "" is message_received.
	Event string
}

// CustomerFacts are what is known of a customer before the message.
type CustomerFacts struct {
	Known     bool   `expr:"known"` // has written before
	Cases     int    `expr:"cases"` // all, open ones included
	OpenCases int    `expr:"open_cases"`
	Name      string `expr:"name"`
	Praised   int    `expr:"praised"` // messages of praise so far
	// Tags and Language are what colleagues wrote into his profile.
	Tags     []string `expr:"tags"`
	Language string   `expr:"language"`
}

// The words that facts can have. They are the classifier's (package classify) and
// the normal form's (package message); a test compares them.
var (
	Kinds        = []string{"request", "question", "complaint", "praise", "spam", "small_talk"}
	Tones        = []string{"negative", "neutral", "positive"}
	Urgencies    = []string{"normal", "high", "now"}
	Visibilities = []string{"public", "private"}
)

// The environments in which rules are compiled, one per kind of rule. Each lacks
// what its rules must not see, so that no way of writing a rule reaches it.
type (
	// SortingFacts are what segments see. Embedded types have to be exported
	// for expr to read their fields.
	SortingFacts struct {
		Channel    string        `expr:"channel"`
		Inbox      string        `expr:"inbox"`
		Community  string        `expr:"community"`
		Brand      string        `expr:"brand"`
		Visibility string        `expr:"visibility"`
		Language   string        `expr:"language"`
		Topic      string        `expr:"topic"`
		Kind       string        `expr:"kind"`
		Tone       string        `expr:"tone"`
		Urgency    string        `expr:"urgency"`
		Points     []string      `expr:"points"`
		Anger      float64       `expr:"anger"`
		Text       string        `expr:"text"`
		Subject    string        `expr:"subject"`
		Customer   CustomerFacts `expr:"customer"`
	}
	// SortedFacts are what service and routing see.
	SortedFacts struct {
		SortingFacts
		Segment string `expr:"segment"`
	}
	// ReceivingFacts are what departments' wants see.
	ReceivingFacts struct {
		SortedFacts
		Reach    int64  `expr:"reach"`
		Verified bool   `expr:"verified"`
		Event    string `expr:"event"`
	}
)

func (f Facts) sorting() SortingFacts {
	return SortingFacts{
		Channel: f.Channel, Inbox: f.Inbox, Community: f.Community, Brand: f.Brand, Visibility: f.Visibility,
		Language: f.Language, Topic: f.Topic, Kind: f.Kind, Tone: f.Tone, Urgency: f.Urgency, Points: f.Points, Anger: f.Anger,
		Text: f.Text, Subject: f.Subject, Customer: f.Customer,
	}
}

// factNames lists an environment's facts as rules name them.
func factNames(env any) []string {
	var names []string
	var walk func(t reflect.Type, prefix string)
	walk = func(t reflect.Type, prefix string) {
		for i := range t.NumField() {
			field := t.Field(i)
			switch {
			case field.Anonymous:
				walk(field.Type, prefix)
			case field.Type.Kind() == reflect.Struct:
				walk(field.Type, prefix+field.Tag.Get("expr")+".")
			default:
				names = append(names, prefix+field.Tag.Get("expr"))
			}
		}
	}
	walk(reflect.TypeOf(env), "")
	slices.Sort(names)
	return names
}

// personal are the facts whose values don't go into explanations, and what stands
// there instead: explanations are kept after a customer is erased.
var personal = map[string]string{
	"text":          "(what the message says)",
	"subject":       "(what the subject says)",
	"customer.name": "(the customer's name)",
}

// fact is the value of a fact as explanations show it: text, a bool or a float64,
// so that it is the same after a journey through JSON.
func (f Facts) fact(name, segment string) any {
	if stand, ok := personal[name]; ok {
		return stand
	}
	switch name {
	case "channel":
		return f.Channel
	case "inbox":
		return f.Inbox
	case "community":
		return f.Community
	case "brand":
		return f.Brand
	case "visibility":
		return f.Visibility
	case "language":
		return f.Language
	case "topic":
		return f.Topic
	case "kind":
		return f.Kind
	case "tone":
		return f.Tone
	case "urgency":
		return f.Urgency
	case "points":
		return strings.Join(f.Points, ", ")
	case "anger":
		return f.Anger
	case "segment":
		return segment
	case "reach":
		return float64(f.Reach)
	case "verified":
		return f.Verified
	case "event":
		return cmp.Or(f.Event, "message_received")
	case "customer.known":
		return f.Customer.Known
	case "customer.cases":
		return float64(f.Customer.Cases)
	case "customer.praised":
		return float64(f.Customer.Praised)
	case "customer.tags":
		return strings.Join(f.Customer.Tags, ", ")
	case "customer.language":
		return f.Customer.Language
	case "customer.open_cases":
		return float64(f.Customer.OpenCases)
	}
	return nil
}
