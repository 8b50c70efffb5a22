package policy

import (
	"cmp"
	"strings"

	"ines/shared/rule"
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
	Known     bool // has written before
	Cases     int  // all, open ones included
	OpenCases int
	Name      string
	Praised   int // messages of praise so far
	// Tags and Language are what colleagues wrote into his profile.
	Tags     []string
	Language string
}

// The words that facts can have. They are the classifier's (package classify), the
// normal form's (package message) and the case's (package casework); tests compare
// them.
var (
	Kinds        = []string{"request", "question", "complaint", "praise", "spam", "small_talk"}
	Tones        = []string{"negative", "neutral", "positive"}
	Urgencies    = []string{"normal", "high", "now"}
	Visibilities = []string{"public", "private"}
	Events       = []string{
		"absorption_undone", "action_taken", "answer_withheld", "approval_declined", "approval_granted", "approval_overdue",
		"approval_requested", "assessed", "assigned", "attachment_kept", "attachment_lost", "author_erased", "author_named",
		"automatic_answer", "automation_outcome", "bystander_split", "call_logged", "case_absorbed", "case_opened", "claim_expired",
		"claimed", "clock_met", "clock_missed", "clock_paused", "clock_set", "consent_changed", "corrected", "customer_changed",
		"customers_merged", "customers_parted", "deadline_near", "erased", "escalated", "expert_answered", "expert_asked",
		"expert_overdue", "expert_released", "feedback_given", "followed_up", "handle_linked", "identity_declined",
		"identity_proposed", "identity_withheld", "incident_answered", "interested", "invited_privately", "linked_to_incident",
		"matched", "merged", "message_deleted", "message_edited", "message_received", "note_added", "person_asked_for",
		"personal_data_public", "praised", "promise_broken", "promise_handed_over", "promise_kept", "promise_made", "promise_moved",
		"promise_proposed", "proposal_dismissed", "rated", "rating_asked", "rating_planned", "rating_spared", "released", "reopened",
		"reply_delayed", "reply_delivered", "reply_failed", "reply_read", "reply_requested", "reply_sent", "reply_unconfirmed",
		"resolved", "snoozed", "spreading", "taken_over", "thread_joined", "thread_taken", "transferred", "unmerged", "went_private",
		"woken",
	}
)

// sight is what one message shows to rules.
type sight struct {
	Facts
	segment string
}

// shown is one fact as rules see it.
type shown struct {
	name  string
	of    rule.Type
	value func(*sight) rule.Value
}

// sights are all facts. Segments see those before segment, service, routing and
// automation those before reach, and departments' wants all: no way of writing a
// rule reaches what it must not see.
var sights = [...]shown{
	{"channel", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Channel) }},
	{"inbox", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Inbox) }},
	{"community", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Community) }},
	{"brand", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Brand) }},
	{"visibility", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Visibility) }},
	{"language", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Language) }},
	{"topic", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Topic) }},
	{"kind", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Kind) }},
	{"tone", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Tone) }},
	{"urgency", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Urgency) }},
	{"points", rule.Texts, func(s *sight) rule.Value { return rule.TextsValue(&s.Points) }},
	{"anger", rule.Number, func(s *sight) rule.Value { return rule.NumberValue(s.Anger) }},
	{"text", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Text) }},
	{"subject", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Subject) }},
	{"customer.known", rule.Bool, func(s *sight) rule.Value { return rule.BoolValue(s.Customer.Known) }},
	{"customer.cases", rule.Whole, func(s *sight) rule.Value { return rule.WholeValue(s.Customer.Cases) }},
	{"customer.open_cases", rule.Whole, func(s *sight) rule.Value { return rule.WholeValue(s.Customer.OpenCases) }},
	{"customer.name", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Customer.Name) }},
	{"customer.praised", rule.Whole, func(s *sight) rule.Value { return rule.WholeValue(s.Customer.Praised) }},
	{"customer.tags", rule.Texts, func(s *sight) rule.Value { return rule.TextsValue(&s.Customer.Tags) }},
	{"customer.language", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.Customer.Language) }},
	{"segment", rule.Text, func(s *sight) rule.Value { return rule.TextValue(s.segment) }},
	{"reach", rule.Long, func(s *sight) rule.Value { return rule.LongValue(s.Reach) }},
	{"verified", rule.Bool, func(s *sight) rule.Value { return rule.BoolValue(s.Verified) }},
	{"event", rule.Text, func(s *sight) rule.Value { return rule.TextValue(cmp.Or(s.Event, "message_received")) }},
}

// Fact implements rule.Source.
func (s *sight) Fact(place int) rule.Value { return sights[place].value(s) }

// What the kinds of rules see.
var (
	sortingFacts   = factsBefore("segment") // segments
	sortedFacts    = factsBefore("reach")   // service, routing, automation
	receivingFacts = factsBefore("")        // departments' wants
)

func factsBefore(end string) *rule.Facts {
	var facts []rule.Fact
	for _, s := range sights {
		if s.name == end {
			break
		}
		facts = append(facts, rule.Fact{Name: s.name, Type: s.of})
	}
	return rule.NewFacts(facts...)
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
