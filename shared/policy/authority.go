package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// AuthorityRule says what colleagues of a role may do for a customer by
// themselves, and who says yes above it. Limits are per currency; where a limit
// is given, a currency that it doesn't name needs an approval.
type AuthorityRule struct {
	Action       string        `yaml:"action" policy:"required,name"`
	Role         string        `yaml:"role" policy:"required"`
	UpTo         []Money       `yaml:"up_to"`         // all of one case together; empty: any amount
	PerDay       []Money       `yaml:"per_day"`       // one colleague's day, approvals given included; empty: any amount
	ApprovedBy   []string      `yaml:"approved_by"`   // roles; default: the ones above
	AnswerWithin time.Duration `yaml:"answer_within"` // opening time that an approval may wait; default 1 hour
}

// DefaultAnswerWithin is how long an approval may wait where a rule doesn't say.
const DefaultAnswerWithin = time.Hour

// DefaultAuthority is what holds without an authority section: everybody rebooks,
// leads and admins give money.
var DefaultAuthority = []AuthorityRule{
	{Action: "refund", Role: "lead"}, {Action: "refund", Role: "admin"},
	{Action: "voucher", Role: "lead"}, {Action: "voucher", Role: "admin"},
	{Action: "rebook", Role: "agent"}, {Action: "rebook", Role: "lead"}, {Action: "rebook", Role: "admin"},
}

// Ask is an action that a colleague wants to do.
type Ask struct {
	Colleague string
	Action    string
	Amount    Money // zero: none
	InCase    Money // what the case has had of this action and currency already
	Today     Money // what the colleague's day has had of them
}

// Authority is the answer to an Ask.
type Authority struct {
	Allowed bool
	// Approvers may say yes where it is not allowed; none: nobody may.
	Approvers []string
	Within    time.Duration // opening time that the approval may wait
	Why       Explanation
}

// Actions are those of the authority section, in its order.
func (d *Desk) Actions() []string {
	var all []string
	for _, r := range d.Authority {
		if !slices.Contains(all, r.Action) {
			all = append(all, r.Action)
		}
	}
	return all
}

// Limited reports whether an action has a limit for anybody, so that it needs an
// amount.
func (d *Desk) Limited(action string) bool {
	return slices.ContainsFunc(d.Authority, func(r AuthorityRule) bool {
		return r.Action == action && (len(r.UpTo) > 0 || len(r.PerDay) > 0)
	})
}

// May says whether a colleague may do what he asks for by himself, and who says
// yes otherwise.
func (d *Desk) May(a Ask) Authority {
	who, _ := d.Colleague(a.Colleague)
	out := Authority{Within: DefaultAnswerWithin}
	var refusals []string
	for i, r := range d.Authority {
		if r.Action != a.Action || !who.Has(r.Role) {
			continue
		}
		out.Within = r.AnswerWithin
		place := fmt.Sprintf("authority[%d]", i)
		over := r.over(a, false)
		if over == "" {
			out.Allowed = true
			out.Why = a.explain("allowed", place, r.Role, fmt.Sprintf("%s may %s by the role %s: %s.", who.Name, a.words(), r.Role, place))
			return out
		}
		refusals = append(refusals, fmt.Sprintf("%s (%s): %s", place, r.Role, over))
	}
	if len(refusals) == 0 {
		refusals = []string{"no rule gives this to " + strings.Join(who.Roles, " or ")}
	}
	for _, c := range d.Colleagues {
		if c.ID != a.Colleague && d.MayApprove(c.ID, a) {
			out.Approvers = append(out.Approvers, c.ID)
		}
	}
	out.Why = a.explain("needs approval", "authority", strings.Join(who.Roles, ", "),
		fmt.Sprintf("%s may not %s alone: %s.", who.Name, a.words(), strings.Join(refusals, "; ")))
	return out
}

// MayApprove reports whether a colleague may say yes to what another one asks for:
// he has a role that the asker's limits lead up to, and his own limit for one case
// covers it. Nobody approves his own.
func (d *Desk) MayApprove(approver string, a Ask) bool { return d.approves(approver, a, Money{}) }

// DayAllows is MayApprove with what the approver's own day has had.
func (d *Desk) DayAllows(approver string, a Ask, today Money) bool {
	return d.approves(approver, a, today)
}

func (d *Desk) approves(approver string, a Ask, today Money) bool {
	who, ok := d.Colleague(approver)
	if !ok || approver == a.Colleague {
		return false
	}
	for _, role := range d.above(a) {
		if !who.Has(role) {
			continue
		}
		own := false
		for _, r := range d.Authority {
			if r.Action != a.Action || r.Role != role {
				continue
			}
			own = true
			if r.over(Ask{Amount: a.Amount, InCase: a.InCase, Today: today}, true) == "" {
				return true
			}
		}
		if !own {
			return true // says yes, and does nothing of the kind himself
		}
	}
	return false
}

// above are the roles that may say yes to an ask, following the rules upwards.
func (d *Desk) above(a Ask) []string {
	who, _ := d.Colleague(a.Colleague)
	var roles []string
	add := func(more []string) {
		for _, role := range more {
			if !slices.Contains(roles, role) {
				roles = append(roles, role)
			}
		}
	}
	for _, r := range d.Authority {
		if r.Action == a.Action && who.Has(r.Role) {
			add(r.ApprovedBy)
		}
	}
	if len(roles) == 0 {
		for _, r := range d.Authority {
			if r.Action == a.Action {
				add([]string{r.Role})
			}
		}
	}
	for i := 0; i < len(roles); i++ { // roles grows meanwhile
		for _, r := range d.Authority {
			if r.Action == a.Action && r.Role == roles[i] {
				add(r.ApprovedBy)
			}
		}
	}
	return roles
}

// over says in words which limit an ask exceeds, "" if none. To an approver only
// the currencies that his limit names are limits: for the others he is asked.
func (r AuthorityRule) over(a Ask, approver bool) string {
	if a.Amount.IsZero() {
		return ""
	}
	if !within(r.UpTo, a.Amount, a.InCase, approver) {
		most, ok := limit(r.UpTo, a.Amount.Currency)
		if !ok {
			return "it names no limit in " + a.Amount.Currency
		}
		if a.InCase.IsZero() {
			return fmt.Sprintf("up to %s a case", most)
		}
		return fmt.Sprintf("up to %s a case, and this case has had %s", most, a.InCase)
	}
	if !within(r.PerDay, a.Amount, a.Today, approver) {
		most, ok := limit(r.PerDay, a.Amount.Currency)
		if !ok {
			return "it names no limit per day in " + a.Amount.Currency
		}
		return fmt.Sprintf("up to %s a day, and today has had %s", most, sayNothing(a.Today))
	}
	return ""
}

func sayNothing(m Money) string {
	if m.Units == 0 {
		return "nothing"
	}
	return m.String()
}

func within(limits []Money, amount, had Money, unnamed bool) bool {
	if len(limits) == 0 {
		return true
	}
	most, ok := limit(limits, amount.Currency)
	if !ok {
		return unnamed
	}
	return had.Plus(amount).Units <= most.Units
}

func (a Ask) words() string {
	if a.Amount.IsZero() {
		return a.Action
	}
	return a.Action + " " + a.Amount.String()
}

func (a Ask) explain(outcome, rule, role, text string) Explanation {
	e := Explanation{Decision: "authority", Outcome: outcome, Rule: rule, Text: text, Facts: map[string]any{"action": a.Action, "role": role}}
	if !a.Amount.IsZero() {
		e.Facts["amount"], e.Facts["currency"] = a.Amount.Amount(), a.Amount.Currency
		e.Facts["in_case"], e.Facts["today"] = Money{a.InCase.Units, a.Amount.Currency}.Amount(), Money{a.Today.Units, a.Amount.Currency}.Amount()
	}
	return e
}

// Day is the day of a moment, where the limits per day begin and end: 2006-01-02 in
// the zone of the cases section, else of the first community with hours, else UTC.
// It is one zone for the whole desk: a colleague who works for several communities
// must not get two days out of one.
func (d *Desk) Day(at time.Time) string { return at.In(d.DayZone()).Format(time.DateOnly) }

// DayZone is the zone of Day.
func (d *Desk) DayZone() *time.Location {
	if d.zone == nil {
		return time.UTC
	}
	return d.zone
}

func (c *checker) authority() {
	d := c.desk
	if _, written := c.lines["authority"]; !written {
		d.Authority = slices.Clone(DefaultAuthority)
	}
	type pair struct{ action, role string }
	first := map[pair]int{}
	for i := range d.Authority {
		r := &d.Authority[i]
		path := fmt.Sprintf("authority[%d]", i)
		c.known(path+".role", "role", r.Role, Roles)
		for j, role := range r.ApprovedBy {
			c.known(fmt.Sprintf("%s.approved_by[%d]", path, j), "role", role, Roles)
		}
		c.currencies(path+".up_to", r.UpTo)
		c.currencies(path+".per_day", r.PerDay)
		if len(r.ApprovedBy) == 0 {
			r.ApprovedBy = []string{"admin"}
			if r.Role == "agent" {
				r.ApprovedBy = []string{"lead", "admin"}
			}
		}
		if r.AnswerWithin == 0 {
			r.AnswerWithin = DefaultAnswerWithin
		}
		key := pair{r.Action, r.Role}
		if before, twice := first[key]; twice && r.Action != "" && r.Role != "" {
			c.at(path, fmt.Sprintf("a second rule for %s by %s", r.Action, r.Role), fmt.Sprintf("the other is on line %d", c.lineOf(fmt.Sprintf("authority[%d]", before))))
			continue
		}
		first[key] = i
	}
	c.zone()
}

func (c *checker) currencies(path string, all []Money) {
	seen := map[string]bool{}
	for i, m := range all {
		if m.Currency != "" && seen[m.Currency] {
			c.at(fmt.Sprintf("%s[%d]", path, i), m.Currency+" is twice in "+path, "")
		}
		seen[m.Currency] = true
	}
}

func (c *checker) zone() {
	d := c.desk
	if name := d.Cases.Zone; name != "" {
		if d.zone = ZoneNamed(name); d.zone == nil {
			c.at("cases.zone", fmt.Sprintf("unknown zone %q", name), zoneHint)
		}
		return
	}
	for _, m := range d.Communities {
		if m.Hours != nil {
			d.zone = m.Hours.Zone()
			return
		}
	}
}
