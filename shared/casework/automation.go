package casework

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ines/shared/policy"
)

// What can become of an automatic answer.
const (
	OutcomeSolved      = "solved"       // the customer thanked, or was quiet for long enough
	OutcomeCameBack    = "came_back"    // he wrote again: it did not help
	OutcomeAskedPerson = "asked_person" // he wants to talk to a person
	OutcomeWentThere   = "went_there"   // he took the way that he was shown
	OutcomeTakenUp     = "taken_up"     // a colleague answered before it was decided
	OutcomeNotSent     = "not_sent"     // it never reached him
)

// AutomationOutcomes are all that are counted, beside "answered".
var AutomationOutcomes = []string{OutcomeSolved, OutcomeCameBack, OutcomeAskedPerson, OutcomeWentThere, OutcomeTakenUp, OutcomeNotSent}

// Automated is an automatic answer that was given in a case.
type Automated struct {
	Answer  string    `json:"answer"`
	Thread  string    `json:"thread"`
	Reply   string    `json:"reply"`
	Deflect string    `json:"deflect,omitempty"`
	At      time.Time `json:"at"`
	Quiet   time.Time `json:"quiet"`
	Outcome string    `json:"outcome,omitempty"` // "": not known yet
}

const maxAutomated = 50

// pointCameBack is the named reason for the urgency of whoever a machine did not
// help.
const pointCameBack = "came back after an automatic answer"

func (c *Case) applyAutomation(at time.Time, e Event) {
	switch e := e.(type) {
	case AutomaticAnswer:
		if len(c.Automated) >= maxAutomated {
			c.Automated = slices.Delete(c.Automated, 0, 1)
		}
		c.Automated = append(c.Automated, Automated{Answer: e.Answer, Thread: e.Thread, Reply: e.Reply, Deflect: e.Deflect, At: at, Quiet: e.Quiet})
	case PersonAskedFor:
		c.AskedPerson = true
	case AutomationOutcome:
		for i := range c.Automated {
			if c.Automated[i].Reply == e.Reply {
				c.Automated[i].Outcome = e.Outcome
			}
		}
		if failed(e.Outcome) {
			c.About.Urgency, c.About.Points = raised(c.About.Urgency), pointed(c.About.Points)
		}
	}
}

// failed reports whether an outcome means that the machine did not help.
func failed(outcome string) bool { return outcome == OutcomeCameBack || outcome == OutcomeAskedPerson }

// raised is one step above an urgency.
func raised(urgency string) string {
	switch urgency {
	case "high", "now":
		return "now"
	}
	return "high"
}

func pointed(points []string) []string {
	if slices.Contains(points, pointCameBack) {
		return points
	}
	return append(slices.Clone(points), pointCameBack)
}

// helpless reports whether a machine tried in this case and did not help.
func (c *Case) helpless() bool {
	return slices.ContainsFunc(c.Automated, func(a Automated) bool { return failed(a.Outcome) })
}

// pending are the automatic answers of which nobody knows yet what came of them.
func (c *Case) pending() []Automated {
	return slices.DeleteFunc(slices.Clone(c.Automated), func(a Automated) bool { return a.Outcome != "" })
}

// AnsweredAt is when an automatic answer was given; one that the case has forgotten,
// at then.
func (c *Case) AnsweredAt(reply string, then time.Time) time.Time {
	for _, a := range c.Automated {
		if a.Reply == reply {
			return a.At
		}
	}
	return then
}

// Automatic is what became of the case's last automatic answer: answered, or an
// outcome; "" if it had none.
func (c *Case) Automatic() string {
	if len(c.Automated) == 0 {
		return ""
	}
	if last := c.Automated[len(c.Automated)-1].Outcome; last != "" {
		return last
	}
	return "answered"
}

// composed is the text of an automatic answer, whole: what the policy says, where
// else the customer can go, how to reach a person, and who signs. ok is false if
// there is no text in the language.
func (d *draft) composed(a policy.Answer, t Thread, language string) (text, deflected string, ok bool) {
	said, ok := policy.In(a.Text, language)
	if !ok {
		return "", "", false
	}
	brand, _ := d.env.Policy.Brand(d.c.Brand)
	person := strings.ReplaceAll(brand.PersonWords(language), "{brand}", brand.Name)
	parts := []string{said}
	to := ""
	if to = d.destination(a.Deflect, t); to != "" {
		deflected = a.Deflect.To
		more, _ := policy.In(a.Deflect.Text, language)
		parts = append(parts, more)
	}
	if !strings.Contains(strings.Join(parts, ""), "{person}") {
		parts = append(parts, person)
	}
	parts = append(parts, strings.ReplaceAll(brand.AutomaticSign(language), "{brand}", brand.Name))
	topic, _ := d.env.Policy.Topic(a.Topic)
	text = strings.Join(parts, "\n\n")
	first, name := firstName(d.c.Customer.Name), callable(d.c.Customer.Name)
	for field, value := range map[string]string{"{first_name}": first, "{name}": name} {
		if value == "" { // "Dear {name}," becomes "Dear,"
			text = strings.ReplaceAll(text, " "+field, "")
		}
		text = strings.ReplaceAll(text, field, value)
	}
	return strings.NewReplacer("{brand}", brand.Name, "{case}", d.c.ID, "{topic}", topic.Name, "{to}", to, "{person}", person).Replace(text), deflected, true
}

// destination is what {to} stands for: the page, or how the brand is reached on the
// other channel; "" where that is where the customer is already.
func (d *draft) destination(f policy.Deflection, t Thread) string {
	channel := f.Channel()
	if channel == "" || channel == t.Channel {
		if channel == "" {
			return f.To
		}
		return ""
	}
	in, err := d.privateInbox(GoPrivate{Channel: channel})
	switch {
	case err != nil:
		return ""
	case in.Name == "" || channel == "email" || channel == "sms" || channel == "voice":
		return in.Account
	}
	return in.Name
}

// longestName bounds what we call a customer, in characters.
const longestName = 40

// callable is a customer's name if it is one: platforms let people write anything
// there, and a machine should not say it back.
func callable(name string) string {
	name = strings.TrimSpace(name)
	letters := false
	for _, r := range name {
		switch {
		case unicode.IsLetter(r):
			letters = true
		case strings.ContainsRune(" '’-.", r) || unicode.Is(unicode.Mn, r):
		default:
			return ""
		}
	}
	if !letters || utf8.RuneCountInString(name) > longestName || isAddress(name) {
		return ""
	}
	return name
}

// isAddress reports whether a name would become a link: a dot within a word.
func isAddress(name string) bool {
	for word := range strings.FieldsSeq(name) {
		if i := strings.IndexByte(word, '.'); i >= 0 && i < len(word)-1 {
			return true
		}
	}
	return false
}

func firstName(name string) string {
	first, _, _ := strings.Cut(callable(name), " ")
	return first
}
