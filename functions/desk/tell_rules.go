package desk

import (
	"fmt"
	"slices"
	"strings"

	"ines/shared/casework"
	"ines/shared/policy"
)

// rules tells what the desk's rules did, and what was done for the customer.
func (t *telling) rules(e casework.Entry, by string) (words string, alarm, known bool) {
	known = true
	switch ev := e.Event.(type) {
	case casework.DeadlineNear:
		words = fmt.Sprintf("%s is due at %s: %s.", sentence(ev.What), t.when(ev.Due), t.told(ev.Who, "the department is warned", "is warned"))
	case casework.Escalated:
		words, alarm = t.escalated(ev), true
	case casework.Matched:
		words = ev.Why.Text
	case casework.Spreading:
		words, alarm = fmt.Sprintf("This spreads: %s %s.", ev.Why.Text, sentence(t.told(ev.Who, "there is no lead to tell", "is told"))), true
		if ev.Proposed == "go_private" {
			words += " Better go on in private?"
		}
	case casework.PromiseProposed:
		words = fmt.Sprintf("That sounds like a promise by %s: “%s”", t.when(ev.Due), ev.Text)
	case casework.ProposalDismissed:
		words = fmt.Sprintf("%s says it was no promise: “%s”", by, ev.What)
	case casework.PromiseHandedOver:
		words = fmt.Sprintf("%s’s promise is %s’s to keep now: %s, by %s.", t.name(ev.From), t.name(ev.To), ev.What, t.when(ev.Due))
	case casework.CaseAbsorbed:
		words = fmt.Sprintf("%s merged %s’s other case into this one.", by, ev.Customer.Label())
	case casework.Unmerged:
		words = by + " undid the merge: " + ev.Why
	case casework.AbsorptionUndone:
		words = by + " undid the merge: the other case goes on by itself. " + ev.Why
	case casework.ActionTaken:
		words = by + " " + done(ev.Action, ev.Amount, ev.Currency) + ": " + ev.Text
		if ev.Asked != "" {
			words = sentence(done(ev.Action, ev.Amount, ev.Currency)) + ", as " + t.name(ev.Asked) + " asked: " + ev.Text
		}
	case casework.ApprovalRequested:
		words = fmt.Sprintf("%s asks for a yes by %s: %s. %s (%s)", by, t.when(ev.Due), asked(ev.Action, ev.Amount, ev.Currency), ev.Text, t.told(ev.Approvers, "nobody may say it", "may say it"))
	case casework.ApprovalGranted:
		words = with(fmt.Sprintf("%s said yes to %s’s %s", by, t.name(ev.Asked), ev.What), ev.Text)
	case casework.ApprovalDeclined:
		words = with(fmt.Sprintf("%s said no to %s’s %s", by, t.name(ev.Asked), ev.What), ev.Text)
		if ev.Withdrawn {
			words = with(by+" took back what was asked for: "+ev.What, ev.Text)
		}
	case casework.ApprovalOverdue:
		words, alarm = fmt.Sprintf("Nobody has answered by %s: %s.", t.when(ev.Due), ev.What), true
	case casework.LinkedToIncident:
		words = "One of many: " + ev.Why + "."
	case casework.IncidentAnswered:
		words = "The answer to everybody concerned goes out here."
		if ev.Held != "" {
			words, alarm = "The answer to everybody concerned could not go out here: "+ev.Held, true
		}
	case casework.ExpertAsked:
		words = fmt.Sprintf("%s asks %s by %s: “%s” (%s)", by, t.name(ev.Colleague), t.when(ev.Due), ev.Text, ev.Why.Text)
	case casework.ExpertAnswered:
		words = fmt.Sprintf("%s has answered “%s”", t.name(ev.Colleague), ev.What)
	case casework.ExpertOverdue:
		words, alarm = fmt.Sprintf("%s has not answered by %s: “%s”", t.name(ev.Colleague), t.when(ev.Due), ev.What), true
	case casework.ExpertReleased:
		words = fmt.Sprintf("Nobody waits for %s’s answer any more: %s. (“%s”)", t.name(ev.Colleague), ev.Why, ev.What)
	default:
		return t.automation(e)
	}
	return words, alarm, known
}

func (t *telling) escalated(ev casework.Escalated) string {
	late := sentence(ev.What) + " is overdue since " + t.when(ev.Due) + ": "
	switch ev.Do {
	case "remind":
		return late + t.told(ev.Who, "the department is reminded", "is reminded") + "."
	case "hand_over":
		if ev.From == "" {
			return late + "anybody in " + t.d.departmentName(ev.Department) + " should take the case."
		}
		return late + t.name(ev.From) + " loses the case to " + t.d.departmentName(ev.Department) + "."
	case "tell_lead":
		return late + t.told(ev.Who, "there is no lead to tell", "is told, as lead") + "."
	}
	return late + "the policy knows no further step."
}

// told names colleagues with a verb; nobody is what to say of an empty list.
func (t *telling) told(who []string, nobody, is string) string {
	if len(who) == 0 {
		return nobody
	}
	names := make([]string, len(who))
	for i, id := range who {
		names[i] = t.name(id)
	}
	slices.Sort(names)
	if len(names) > 1 {
		is = strings.Replace(is, "is ", "are ", 1)
	}
	return strings.Join(names, ", ") + " " + is
}

// with adds what somebody said to a sentence.
func with(words, said string) string {
	if said == "" {
		return words + "."
	}
	return words + ": " + said
}

func asked(action, amount, currency string) string {
	return strings.TrimSpace(strings.ReplaceAll(action, "_", " ") + " " + strings.TrimSpace(amount+" "+currency))
}

var pastActions = map[string]string{"refund": "refunded", "voucher": "gave a voucher of", "rebook": "rebooked", "hotel": "paid a hotel for"}

func done(action, amount, currency string) string {
	sum := strings.TrimSpace(amount + " " + currency)
	if past, ok := pastActions[action]; ok {
		return strings.TrimSpace(past + " " + sum)
	}
	return "did “" + asked(action, amount, currency) + "”"
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// checkWords say what a warned reply was warned of.
var checkWords = map[string]string{"ticket_number": "a number instead of a name", "do_not_reply": "do not reply", "shouting": "shouting",
	"personal_data": "personal data in public", "undated_promise": "a promise without a time"}

func warned(checks []string) string {
	if len(checks) == 0 {
		return ""
	}
	words := make([]string, len(checks))
	for i, c := range checks {
		words[i] = checkWords[c]
		if words[i] == "" {
			words[i] = strings.ReplaceAll(c, "_", " ")
		}
	}
	return "sent in spite of a warning: " + strings.Join(words, ", ")
}

// behind are the decisions that an event records.
func behind(e casework.Event, words string) []because {
	var why []because
	switch e := e.(type) { // the platform's own words
	case casework.ReplyDelayed:
		why = append(why, because{Text: e.Why})
	case casework.ReplyUnconfirmed:
		why = append(why, because{Text: e.Why})
	case casework.ReplyFailed:
		why = append(why, because{Text: e.Why})
	}
	for _, x := range casework.Explained(e) {
		b := because{Text: x.Text, Rule: ruleName(x)}
		if strings.Contains(words, x.Text) {
			b.Text = ""
		}
		if b != (because{}) {
			why = append(why, b)
		}
	}
	return why
}

// ruleName names a rule for feedback: by its place in the policy, or, where no rule
// was hit, by what goes without one.
func ruleName(x policy.Explanation) string {
	if x.Rule == "default" {
		return x.Decision + ".default"
	}
	return x.Rule
}
