package desk

import (
	"cmp"
	"strings"

	"ines/shared/casework"
)

// automation tells what the machine did, and what came of it.
func (t *telling) automation(e casework.Entry) (words string, alarm, known bool) {
	switch ev := e.Event.(type) {
	case casework.AutomaticAnswer:
		return "Answered automatically. " + ev.Why.Text, false, true
	case casework.AnswerWithheld:
		return ev.Why.Text, false, true
	case casework.PersonAskedFor:
		return "The customer wants to talk to a person: “" + ev.Found + "”", true, true
	case casework.AutomationOutcome:
		text := cmp.Or(ev.Why.Text, ev.Outcome)
		return text, ev.Outcome == casework.OutcomeCameBack || ev.Outcome == casework.OutcomeAskedPerson, true
	case casework.InvitedPrivately:
		where := "in private"
		if ev.Public {
			where = "in public: whoever takes it is not proven to be the customer"
		}
		return "Showed the customer the way to " + channelName(ev.Channel) + ", " + where + ".", false, true
	case casework.PersonalDataPublic:
		words := "Personal data stands in public here: " + strings.Join(ev.Kinds, ", ") + "."
		if ev.Reply != "" {
			words += " The customer was warned automatically."
		}
		return words, true, true
	}
	return "", false, false
}

// automaticWords say what a machine's answer did, where a list has room for a word.
func (r *row) automaticWords() string {
	switch r.Automatic {
	case "":
		return ""
	case casework.OutcomeCameBack, casework.OutcomeAskedPerson:
		return "automatic answer did not help"
	}
	return "answered automatically"
}
