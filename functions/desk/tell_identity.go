package desk

import (
	"fmt"
	"strings"

	"ines/shared/casework"
)

// whoIsWho tells what was found out about who a customer is.
func (t *telling) whoIsWho(e casework.Event, by string) (words string, alarm, known bool) {
	switch ev := e.(type) {
	case casework.IdentityProposed:
		return fmt.Sprintf("%s may be %s: %s. Nobody has verified it.", ev.Customer.Label(), ev.With.Label(), ev.Why), false, true
	case casework.IdentityWithheld:
		return fmt.Sprintf("Not proposed who %s may be: %s.", ev.Customer.Label(), ev.Why), false, true
	case casework.IdentityDeclined:
		return closed(by+" says that they are two people", ev.Why), false, true
	case casework.CustomersMerged:
		words = closed(fmt.Sprintf("%s found that %s and %s are one customer", by, ev.Customer.Label(), ev.Into.Label()), ev.Why)
		switch n := len(ev.OtherCases); {
		case n == 1:
			words += " They have another open case (" + ev.OtherCases[0] + "): merge the two if they are one matter."
		case n > 1:
			words += fmt.Sprintf(" They have %d other open cases: merge those that are one matter.", n)
		}
		return words, false, true
	case casework.CustomersParted:
		words = closed(fmt.Sprintf("%s parted %s from %s: they are two customers", by, ev.Customer.Label(), ev.From.Label()), ev.Why)
		if ev.Filed {
			words += " What was filed here meanwhile stays here."
		}
		return words, false, true
	}
	return "", false, false
}

// closed is a sentence with what somebody said in it, ended as he did or by a stop.
func closed(words, said string) string {
	words = with(words, said)
	if strings.ContainsAny(words[len(words)-1:], ".!?") {
		return words
	}
	return words + "."
}
