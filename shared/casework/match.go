package casework

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ines/shared/policy"
	"ines/shared/sorting"
)

// Available is a colleague who could be given a case.
type Available struct {
	policy.Colleague
	Held      int       // open cases he has
	IdleSince time.Time // when he was last given one, or came
}

// Match gives a free case to a colleague: because he asked for the next one, or
// because the desk's rules chose him.
type Match struct {
	Colleague string
	How       string // HowPush, HowPull
	Why       policy.Explanation
}

func (Match) command() {}

// Unfit says in words why a colleague should not get the case, "" if he may. Room
// is for cases that the desk gives: whoever claims by hand counts for himself.
func (v *View) Unfit(p Available) string {
	switch lacks := p.Lacks(v.Skills); {
	case !slices.Contains(p.Departments, v.Department):
		return "is not in " + v.Department
	case lacks != "":
		return "has not the skill " + lacks
	case !p.Speaks(v.About.Language):
		return "doesn't write " + v.About.Language
	case !p.Serves(v.Community):
		return "doesn't answer " + v.Community
	case p.Held >= p.Capacity:
		return fmt.Sprintf("has %d of %s", p.Held, plural(p.Capacity, "case", "cases"))
	}
	return ""
}

// Choose picks the colleague who gets a case: of those who fit the one who has been
// idle longest, by id where two have been equally long. ok is false if nobody fits;
// the explanation then says why.
func Choose(v View, people []Available) (who string, why policy.Explanation, ok bool) {
	var best *Available
	var passed []string
	for i := range people {
		p := &people[i]
		if unfit := v.Unfit(*p); unfit != "" {
			passed = append(passed, p.Name+" "+unfit)
			continue
		}
		if best == nil || p.IdleSince.Before(best.IdleSince) || p.IdleSince.Equal(best.IdleSince) && p.ID < best.ID {
			best = p
		}
	}
	slices.Sort(passed)
	why = policy.Explanation{Decision: "people", Rule: "default", Facts: v.wanted()}
	if best == nil {
		why.Outcome, why.Text = "nobody", "Nobody is available for it"
		if len(passed) > 0 {
			why.Text += ": " + strings.Join(passed, "; ")
		}
		why.Text += "."
		return "", why, false
	}
	why.Outcome = best.ID
	why.Text = fmt.Sprintf("%s gets it%s: available, has %d of %s, and has waited longest for one.", best.Name, v.asks(), best.Held, plural(best.Capacity, "case", "cases"))
	if len(passed) > 0 {
		why.Text += " Passed over: " + strings.Join(passed, "; ") + "."
	}
	return best.ID, why, true
}

// NextFor picks the case that a colleague takes next: of those that he fits the
// first in the order of work. why says what was passed over.
func NextFor(p Available, views []View, o policy.Order) (next View, why policy.Explanation, ok bool) {
	free := slices.DeleteFunc(slices.Clone(views), func(v View) bool { return !v.Takeable() })
	sorting.By(free, func(a, b View) int { return a.Rank(o).Compare(b.Rank(o)) })
	passed := map[string]int{}
	var first *View
	for i := range free {
		unfit := free[i].Unfit(p)
		if unfit == "" {
			first = &free[i]
			break
		}
		passed[unfit]++
	}
	why = policy.Explanation{Decision: "people", Rule: "default"}
	if first == nil {
		why.Outcome, why.Text = "nothing", "No case waits that is for you."
	} else {
		r := first.Rank(o)
		why.Outcome, why.Facts = p.ID, first.wanted()
		why.Text = fmt.Sprintf("The first in the order of work that %s can take%s. %s", p.Name, first.asks(), r.Why.Text)
	}
	reasons := make([]string, 0, len(passed))
	for reason, n := range passed {
		reasons = append(reasons, fmt.Sprintf("%s (%s %s)", plural(n, "case", "cases"), p.FirstName(), reason))
	}
	slices.Sort(reasons)
	if len(reasons) > 0 {
		why.Text += " Passed over: " + strings.Join(reasons, "; ") + "."
	}
	if first == nil {
		return View{}, why, false
	}
	return *first, why, true
}

// wanted are the facts that matching looks at.
func (v *View) wanted() map[string]any {
	return map[string]any{"department": v.Department, "skills": strings.Join(v.Skills, ", "), "language": v.About.Language,
		"community": v.Community, "urgency": v.About.Urgency}
}

// asks words what a case asks of whoever takes it.
func (v *View) asks() string {
	var parts []string
	if len(v.Skills) > 0 {
		parts = append(parts, "knows about "+strings.Join(v.Skills, " and "))
	}
	if v.About.Language != "" {
		parts = append(parts, "writes "+v.About.Language)
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// match gives the case, unless somebody took it meanwhile: then it does nothing
// for a push, and says who has it for a pull.
func (d *draft) match(cmd Match) error {
	if _, ok := d.env.Policy.Colleague(cmd.Colleague); !ok {
		return refuse(CodeNotAllowed, "%q is not a colleague in the desk policy.", cmd.Colleague)
	}
	if err := d.open(); err != nil {
		return err
	}
	if holder := d.c.HeldBy(d.env.Now); holder != "" {
		return d.heldBy(holder)
	}
	if cmd.How == HowPull {
		d.by = cmd.Colleague
	}
	d.emit(Matched{Colleague: cmd.Colleague, How: cmd.How, Why: cmd.Why})
	if cmd.How == HowPull {
		d.takeHold("the next in the order of work")
		return nil
	}
	d.expireClaim()
	lease, before := d.env.Policy.Cases.ClaimLease, d.c.LastOwner
	d.emit(Assigned{Colleague: cmd.Colleague, Lease: lease, Until: d.env.Now.Add(lease)})
	d.handPromises(before)
	return nil
}
