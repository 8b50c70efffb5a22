package policy

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"ines/shared/pattern"
)

// Channels are the platforms that an inbox can be on.
var Channels = []string{
	"x", "facebook", "messenger", "instagram", "whatsapp", "telegram",
	"slack", "sms", "voice", "line", "email", "web",
}

// Providers are the mail providers that an e-mail inbox can be at.
var Providers = []string{"ses", "postmark", "mailgun", "sendgrid"}

// Roles are what a colleague may be.
var Roles = []string{"agent", "lead", "admin"}

// checker holds what was read against itself and fills in the defaults.
type checker struct {
	*reader
	desk *Desk
}

func (c *checker) all() {
	d := c.desk
	d.brands = c.index("brands", len(d.Brands), func(i int) string { return d.Brands[i].ID })
	d.communities = c.index("communities", len(d.Communities), func(i int) string { return d.Communities[i].ID })
	d.inboxes = c.index("inboxes", len(d.Inboxes), func(i int) string { return d.Inboxes[i].ID })
	d.departments = c.index("departments", len(d.Departments), func(i int) string { return d.Departments[i].ID })
	d.colleagues = c.index("colleagues", len(d.Colleagues), func(i int) string { return d.Colleagues[i].ID })
	d.topics = c.index("topics", len(d.Topics), func(i int) string { return d.Topics[i].ID })
	segments := c.index("segments", len(d.Segments), func(i int) string { return d.Segments[i].ID })

	c.brands()
	c.communities()
	c.inboxes()
	c.departments()
	c.feeds()
	c.colleagues()
	c.topics()
	c.learning()
	c.cases()
	c.wording()
	c.identity()
	c.escalation()
	c.authority()
	c.incidents()
	c.order()
	c.team()
	c.containment()
	c.ratings()
	c.automation()
	c.privacy()
	c.rules(sortedKeys(segments))
}

// index maps the ids of a section to places and reports those given twice.
func (c *checker) index(section string, n int, id func(i int) string) map[string]int {
	index := make(map[string]int, n)
	for i := range n {
		switch first, twice := index[id(i)]; {
		case id(i) == "":
		case twice:
			c.at(fmt.Sprintf("%s[%d].id", section, i), fmt.Sprintf("%q is twice among the %s", id(i), section),
				fmt.Sprintf("first on line %d", c.lineOf(fmt.Sprintf("%s[%d].id", section, first))))
		default:
			index[id(i)] = i
		}
	}
	return index
}

// known reports a word that is none of those there are; missing ones were
// reported before.
func (c *checker) known(path, what, word string, all []string) {
	if word != "" && !slices.Contains(all, word) {
		c.at(path, fmt.Sprintf("unknown %s %q", what, word), nearest(word, all))
	}
}

var placeholder = pattern.Late{Expr: `\{[^{}]*\}?`}

func (c *checker) brands() {
	for i := range c.desk.Brands {
		b := &c.desk.Brands[i]
		for _, p := range placeholder.FindAllString(b.Sign, -1) {
			if known := []string{"{first_name}", "{name}", "{initials}"}; !slices.Contains(known, p) {
				c.at(fmt.Sprintf("brands[%d].sign", i), fmt.Sprintf("unknown placeholder %s", p), nearest(p, known))
			}
		}
		if b.Sign == "" {
			b.Sign = DefaultSign
		}
		if b.Name == "" {
			b.Name = titled(b.ID)
		}
		if b.Retention == 0 {
			b.Retention = DefaultRetention
		}
	}
}

func (c *checker) communities() {
	for i, m := range c.desk.Communities {
		path := fmt.Sprintf("communities[%d]", i)
		c.known(path+".brand", "brand", m.Brand, sortedKeys(c.desk.brands))
		c.languages(path+".languages", m.Languages)
	}
}

func (c *checker) inboxes() {
	type account struct{ channel, account string }
	first := map[account]int{}
	for i, in := range c.desk.Inboxes {
		path := fmt.Sprintf("inboxes[%d]", i)
		c.known(path+".channel", "channel", in.Channel, Channels)
		c.known(path+".community", "community", in.Community, sortedKeys(c.desk.communities))
		switch {
		case in.Channel == "email" && in.Provider == "":
			c.at(path, fmt.Sprintf("inbox %q is e-mail and has no provider", in.ID), "one of "+strings.Join(Providers, ", "))
		case in.Channel == "email":
			c.known(path+".provider", "provider", in.Provider, Providers)
			c.address(path+".account", in.Account)
		case in.Provider != "":
			c.at(path+".provider", fmt.Sprintf("inbox %q has a provider but is not e-mail", in.ID), "take the line out")
		}
		key := account{in.Channel, strings.ToLower(in.Account)}
		if key.channel == "" || key.account == "" {
			continue
		}
		if before, twice := first[key]; twice {
			c.at(path+".account", fmt.Sprintf("two inboxes of the account %q on %s", in.Account, in.Channel),
				fmt.Sprintf("the other is on line %d", c.lineOf(fmt.Sprintf("inboxes[%d].account", before))))
			continue
		}
		first[key] = i
	}
}

func (c *checker) departments() {
	d := c.desk
	d.fallback = -1
	for i := range d.Departments {
		p := &d.Departments[i]
		if p.Name == "" {
			p.Name = titled(p.ID)
		}
		switch {
		case p.Default && d.fallback >= 0:
			c.at(fmt.Sprintf("departments[%d].default", i), "a second default department",
				fmt.Sprintf("%q is the default already", d.Departments[d.fallback].ID))
		case p.Default:
			d.fallback = i
		}
	}
	if d.fallback < 0 {
		d.fallback = 0
		if len(d.Departments) > 0 {
			c.at("departments", "no department is the default", "write default: true for the one that takes what nobody else does")
		}
	}
}

func (c *checker) colleagues() {
	for i := range c.desk.Colleagues {
		p := &c.desk.Colleagues[i]
		path := fmt.Sprintf("colleagues[%d]", i)
		for j, role := range p.Roles {
			c.known(fmt.Sprintf("%s.roles[%d]", path, j), "role", role, Roles)
		}
		for j, department := range p.Departments {
			c.known(fmt.Sprintf("%s.departments[%d]", path, j), "department", department, sortedKeys(c.desk.departments))
		}
		c.languages(path+".languages", p.Languages)
		if p.Email != "" {
			c.address(path+".email", p.Email)
		}
		if len(p.Roles) == 0 {
			p.Roles = []string{"agent"}
		}
		if len(p.Departments) == 0 && len(c.desk.Departments) > 0 {
			p.Departments = []string{c.desk.DefaultDepartment().ID}
		}
	}
}

func (c *checker) topics() {
	for i := range c.desk.Topics {
		t := &c.desk.Topics[i]
		for _, language := range sortedKeys(t.Words) {
			path := fmt.Sprintf("topics[%d].words.%s", i, language)
			if !languageShape.MatchString(language) {
				c.at(path, fmt.Sprintf("%q is not a language", language), languageHint)
			}
		}
		if t.Name == "" {
			t.Name = titled(t.ID)
		}
	}
}

// learning checks the names of files only: a function that classifies nothing has
// none of them beside it.
func (c *checker) learning() {
	l := c.desk.Learning
	for _, f := range []struct{ key, name string }{{"examples", l.Examples}, {"model", l.Model}, {"urgency", l.Urgency}} {
		if f.name != "" && !filepath.IsLocal(filepath.FromSlash(f.name)) {
			c.at("learning."+f.key, fmt.Sprintf("%q is not in the policy's folder", f.name), "name a file beside the policy, without .. and without a slash in front")
		}
	}
	for _, topic := range sortedKeys(l.Precisions) {
		c.known("learning.precisions."+topic, "topic", topic, sortedKeys(c.desk.topics))
	}
	if l.Model == "" && (l.Precision != 0 || len(l.Precisions) > 0) {
		c.at("learning.precision", "a precision is wanted of a model, and the policy names none", "name it as learning.model; ines train makes it")
	}
	c.bedrock()
}

var (
	bedrockModel  = pattern.Late{Expr: `^[a-z0-9-]+(\.[a-z0-9-]+)+(:[a-z0-9]+)*$`}
	bedrockRegion = pattern.Late{Expr: `^[a-z]{2}(-[a-z]+)+-[0-9]$`}
)

// longestOpinion leaves the function that waits for it time to do its work.
const longestOpinion = 10 * time.Second

func (c *checker) bedrock() {
	b := &c.desk.Learning.Bedrock
	if b.Model == "" {
		return
	}
	if !bedrockModel.MatchString(b.Model) {
		c.at("learning.bedrock.model", fmt.Sprintf("%q is not the id of a model", b.Model), "such as amazon.nova-micro-v1:0 or, for an inference profile, eu.amazon.nova-micro-v1:0; an ARN is none")
	}
	if b.Region != "" && !bedrockRegion.MatchString(b.Region) {
		c.at("learning.bedrock.region", fmt.Sprintf("%q is not a region", b.Region), "such as eu-central-1")
	}
	if b.Timeout > longestOpinion {
		c.at("learning.bedrock.timeout", fmt.Sprintf("%s is longer than %s", spoken(b.Timeout), spoken(longestOpinion)), "every message of a batch waits so long for a model that is down")
	}
	if len(c.desk.Topics) == 0 {
		c.at("learning.bedrock", "there are no topics to choose among", "list them as topics")
	}
	if b.Timeout == 0 {
		b.Timeout = DefaultBedrock.Timeout
	}
	if b.PerDay == 0 {
		b.PerDay = DefaultBedrock.PerDay
	}
}

func (c *checker) cases() {
	s := &c.desk.Cases
	if s.ClaimLease == 0 {
		s.ClaimLease = DefaultCases.ClaimLease
	}
	if s.ReopenWindow == 0 {
		s.ReopenWindow = DefaultCases.ReopenWindow
	}
	if s.LinkTokenLife == 0 {
		s.LinkTokenLife = DefaultCases.LinkTokenLife
	}
	if s.WarnBefore == 0 {
		s.WarnBefore = DefaultCases.WarnBefore
	}
	if s.ExpertAnswer == 0 {
		s.ExpertAnswer = DefaultCases.ExpertAnswer
	}
	for i, role := range s.EraseBy {
		c.known(fmt.Sprintf("cases.erase_by[%d]", i), "role", role, Roles)
	}
	if len(s.EraseBy) == 0 {
		s.EraseBy = Roles
	}
}

var languageShape = pattern.Late{Expr: `^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$`}

const languageHint = "a tag such as en, pt-BR or zh-Hant"

func (c *checker) languages(path string, all []string) {
	for i, language := range all {
		if language != "" && !languageShape.MatchString(language) {
			c.at(fmt.Sprintf("%s[%d]", path, i), fmt.Sprintf("%q is not a language", language), languageHint)
		}
	}
}

var addressShape = pattern.Late{Expr: `^[^\s@<>,;]+@[^\s@<>,;]+$`}

func (c *checker) address(path, address string) {
	if address != "" && !addressShape.MatchString(address) {
		c.at(path, fmt.Sprintf("%q is not a mail address", address), "such as help@northline.example")
	}
}

// titled makes a name of an id: press-office is Press office.
func titled(id string) string {
	words := []rune(strings.NewReplacer("-", " ", "_", " ").Replace(id))
	if len(words) > 0 {
		words[0] = unicode.ToUpper(words[0])
	}
	return string(words)
}
