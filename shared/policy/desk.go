// Package policy is the desk policy file: which brands, inboxes, departments and
// colleagues there are, and the rules that sort a message. It is read strictly
// (every mistake is reported with its line), assesses what a message is to the
// desk, and explains each decision in words that an agent can read. It decides
// nothing that depends on a case's history: casework does. Package policyfile reads
// the file; functions open what Compiled wrote when their bundles were made.
//
// Of ours it imports rule and pattern alone; casework, functions and the operator's
// command import it. Zones are looked up in the system's database: where there is none, the
// program names a file (ZONEINFO; functions on Lambda) or embeds it (time/tzdata; ines).
//
// A *Desk never changes once it is loaded. All its methods and those of Calendar
// are safe for concurrent use and none reads the clock.
package policy

import (
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Desk is a loaded policy. The yaml tags of the types below are the file's keys,
// and there are no others; README.md is their reference.
type Desk struct {
	Brands      []Brand          `yaml:"brands" policy:"required"`
	Communities []Community      `yaml:"communities" policy:"required"`
	Inboxes     []Inbox          `yaml:"inboxes" policy:"required"`
	Departments []Department     `yaml:"departments" policy:"required"`
	Colleagues  []Colleague      `yaml:"colleagues" policy:"required"`
	Segments    []Segment        `yaml:"segments"`
	Service     []ServiceRule    `yaml:"service"`
	Routing     []RoutingRule    `yaml:"routing"`
	Automation  []Answer         `yaml:"automation"`
	Topics      []Topic          `yaml:"topics"`
	Learning    Learning         `yaml:"learning"`
	Escalation  []EscalationStep `yaml:"escalation"`
	Authority   []AuthorityRule  `yaml:"authority"`
	Incidents   Incidents        `yaml:"incidents"`
	Order       Order            `yaml:"order"`
	Containment Containment      `yaml:"containment"`
	Ratings     Ratings          `yaml:"ratings"`
	Cases       CaseSettings     `yaml:"cases"`

	hash        string
	dir         string // of the policy's file, "" if it has none
	brands      map[string]int
	communities map[string]int
	inboxes     map[string]int
	departments map[string]int
	colleagues  map[string]int
	topics      map[string]int
	fallback    int            // the default department
	zone        *time.Location // of limits per day
}

// Brand is a name under which the company speaks.
type Brand struct {
	ID        string        `yaml:"id" policy:"required,id"`
	Name      string        `yaml:"name"`
	Sign      string        `yaml:"sign"`
	Retention time.Duration `yaml:"retention"` // after a case is closed; default 730 days
	Wording   Wording       `yaml:"wording"`
	Automatic Automatic     `yaml:"automatic"`
	Privacy   Privacy       `yaml:"privacy"`
	Identity  Identity      `yaml:"identity"`
}

// Community is one brand in one set of languages, with its own opening hours.
type Community struct {
	ID        string    `yaml:"id" policy:"required,id"`
	Brand     string    `yaml:"brand" policy:"required"`
	Languages []string  `yaml:"languages" policy:"required"` // BCP 47, the preferred one first
	Hours     *Calendar `yaml:"hours"`                       // nil: always open
}

// Inbox is one of our accounts on a platform.
type Inbox struct {
	ID        string `yaml:"id" policy:"required,id"`
	Channel   string `yaml:"channel" policy:"required"`
	Provider  string `yaml:"provider"` // mail only: ses, postmark, mailgun, sendgrid
	Account   string `yaml:"account" policy:"required"`
	Name      string `yaml:"name"` // how we are called there, or ""
	Community string `yaml:"community" policy:"required"`
	// Link is how customers begin to write to us there: an https address with {token}.
	Link string `yaml:"link"`
}

// Department is a group of colleagues that cases go to.
type Department struct {
	ID      string `yaml:"id" policy:"required,id"`
	Name    string `yaml:"name"`
	Default bool   `yaml:"default"`
	Push    bool   `yaml:"push"`  // cases are given to whoever is available; false: people take the next one
	Wants   *Rule  `yaml:"wants"` // nil: only its own cases
	Feed    Feed   `yaml:"feed"`
}

// Colleague is a person at the desk.
type Colleague struct {
	ID          string   `yaml:"id" policy:"required,id"`
	Name        string   `yaml:"name" policy:"required"`
	Roles       []string `yaml:"roles"`       // agent, lead, admin; default agent
	Departments []string `yaml:"departments"` // default: the default department
	Languages   []string `yaml:"languages"`   // empty: not said
	Skills      []string `yaml:"skills"`      // your own words, as routing rules name them
	Communities []string `yaml:"communities"` // empty: all
	Capacity    int      `yaml:"capacity"`    // cases at a time that the desk gives him; default 5
	Email       string   `yaml:"email"`
}

// Segment names a group of customers or situations that are cared for alike. A
// message belongs to the first segment whose rule holds, else to "".
type Segment struct {
	ID   string `yaml:"id" policy:"required,name"`
	When *Rule  `yaml:"when"` // nil: always
}

// ServiceRule says how fast an answer is owed. The first whose rule holds counts.
type ServiceRule struct {
	When        *Rule         `yaml:"when"` // nil: always
	FirstAnswer time.Duration `yaml:"first_answer"`
	NextAnswer  time.Duration `yaml:"next_answer"`
	Resolution  time.Duration `yaml:"resolution"`
}

// RoutingRule says which department a case goes to. The first whose rule holds
// counts.
type RoutingRule struct {
	When       *Rule    `yaml:"when"` // nil: always
	Department string   `yaml:"department" policy:"required"`
	Skills     []string `yaml:"skills"` // what whoever is given the case has to know
}

// Topic is what messages can be about. Words are per language (BCP 47) and make a
// simple classifier know the topic.
type Topic struct {
	ID    string              `yaml:"id" policy:"required,name"`
	Name  string              `yaml:"name"`
	Words map[string][]string `yaml:"words"`
}

// Learning names the files that the desk's classifier is trained from and made of.
// They are relative to the policy's own file: Desk.Beside finds them.
type Learning struct {
	Examples string `yaml:"examples"` // CSV with the columns text and label
	Model    string `yaml:"model"`    // of topics; without it they are known by their words
	Urgency  string `yaml:"urgency"`  // a model whose labels are the urgencies
	// Precision is how often a topic has to be right for a machine to act on it: a
	// share, by default what the model was trained for. Precisions are those of
	// single topics.
	Precision  float64            `yaml:"precision"`
	Precisions map[string]float64 `yaml:"precisions"`
	Bedrock    Bedrock            `yaml:"bedrock"`
}

// Bedrock is a language model on Amazon Bedrock that gives a second opinion on topics
// that the classifier is not sure of. Without a Model nobody is asked.
type Bedrock struct {
	Model   string        `yaml:"model" policy:"required"` // its id or that of an inference profile
	Region  string        `yaml:"region"`                  // where it is asked; default the stack's
	Timeout time.Duration `yaml:"timeout"`                 // for one batch of messages; default 2 seconds
	PerDay  int           `yaml:"per_day"`                 // calls on one day of UTC; default 1000
}

// CaseSettings are the times that the life of a case turns on. They are plain
// time, not opening time, unless said.
type CaseSettings struct {
	ClaimLease    time.Duration `yaml:"claim_lease"`     // a claim ends after this much inactivity; default 30 minutes
	ReopenWindow  time.Duration `yaml:"reopen_window"`   // a message reopens a resolved case within it; default 72 hours
	LinkTokenLife time.Duration `yaml:"link_token_life"` // default 30 days
	WarnBefore    time.Duration `yaml:"warn_before"`     // a deadline is announced this long before; default 10 minutes
	ExpertAnswer  time.Duration `yaml:"expert_answer"`   // opening time in which a colleague who is asked should answer; default 2 hours
	Zone          string        `yaml:"zone"`            // where a day begins and ends for limits per day
	EraseBy       []string      `yaml:"erase_by"`        // roles that may erase a customer; default all
}

// Targets are a service level in opening time. All are above zero.
type Targets struct {
	FirstAnswer time.Duration `json:"first_answer"` // nanoseconds
	NextAnswer  time.Duration `json:"next_answer"`
	Resolution  time.Duration `json:"resolution"`
}

// DefaultBedrock is what holds for second opinions where the file says nothing.
var DefaultBedrock = Bedrock{Timeout: 2 * time.Second, PerDay: 1000}

// What holds where the file says nothing.
const (
	DefaultSign      = "^{first_name}"
	DefaultRetention = 730 * 24 * time.Hour
)

// DefaultTargets is the service level without a service section, and where no
// rule of it holds.
var DefaultTargets = Targets{FirstAnswer: time.Hour, NextAnswer: 2 * time.Hour, Resolution: 24 * time.Hour}

// DefaultCases are the settings without a cases section.
var DefaultCases = CaseSettings{
	ClaimLease:    30 * time.Minute,
	ReopenWindow:  72 * time.Hour,
	LinkTokenLife: 30 * 24 * time.Hour,
	WarnBefore:    10 * time.Minute,
	ExpertAnswer:  2 * time.Hour,
	EraseBy:       Roles,
}

func lookup[T any](all []T, index map[string]int, id string) (T, bool) {
	i, ok := index[id]
	if !ok {
		var none T
		return none, false
	}
	return all[i], true
}

// Brand finds a brand.
func (d *Desk) Brand(id string) (Brand, bool) { return lookup(d.Brands, d.brands, id) }

// Community finds a community.
func (d *Desk) Community(id string) (Community, bool) {
	return lookup(d.Communities, d.communities, id)
}

// Inbox finds an inbox.
func (d *Desk) Inbox(id string) (Inbox, bool) { return lookup(d.Inboxes, d.inboxes, id) }

// Department finds a department.
func (d *Desk) Department(id string) (Department, bool) {
	return lookup(d.Departments, d.departments, id)
}

// Colleague finds a colleague.
func (d *Desk) Colleague(id string) (Colleague, bool) { return lookup(d.Colleagues, d.colleagues, id) }

// Beside is where a file that the policy names is.
func (d *Desk) Beside(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

// Topic finds a topic.
func (d *Desk) Topic(id string) (Topic, bool) { return lookup(d.Topics, d.topics, id) }

// InboxCommunity is the community that an inbox serves.
func (d *Desk) InboxCommunity(id string) (Community, bool) {
	in, ok := d.Inbox(id)
	if !ok {
		return Community{}, false
	}
	return d.Community(in.Community)
}

// InboxBrand is the brand that speaks through an inbox.
func (d *Desk) InboxBrand(id string) (Brand, bool) {
	c, ok := d.InboxCommunity(id)
	if !ok {
		return Brand{}, false
	}
	return d.Brand(c.Brand)
}

// DefaultDepartment is where a case goes that no routing rule sends elsewhere. A
// loaded desk has exactly one.
func (d *Desk) DefaultDepartment() Department {
	if d.fallback >= len(d.Departments) {
		return Department{}
	}
	return d.Departments[d.fallback]
}

// Hash identifies the policy's bytes; it goes into records of decisions.
func (d *Desk) Hash() string { return d.hash }

// Has reports whether the colleague has the role. It knows no ranking of roles.
func (c Colleague) Has(role string) bool {
	for _, r := range c.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// FirstName is the first word of the name.
func (c Colleague) FirstName() string {
	first, _, _ := strings.Cut(strings.TrimSpace(c.Name), " ")
	return first
}

// Initials are the first letters of the name's words, in capitals.
func (c Colleague) Initials() string {
	var b strings.Builder
	for word := range strings.FieldsSeq(c.Name) {
		r, _ := utf8.DecodeRuneInString(word)
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// Signature is how a colleague signs what goes out under a brand, "" if it knows no
// such brand or colleague.
func (d *Desk) Signature(brand, colleague string) string {
	b, _ := d.Brand(brand)
	c, ok := d.Colleague(colleague)
	if !ok {
		return ""
	}
	return strings.NewReplacer(
		"{first_name}", c.FirstName(),
		"{name}", c.Name,
		"{initials}", c.Initials(),
	).Replace(b.Sign)
}
