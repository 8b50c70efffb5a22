package policy

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Answer is what a machine may say to the messages of one topic. Of several for a
// topic the first counts whose rule holds.
type Answer struct {
	ID    string `yaml:"id" policy:"required,name"`
	Topic string `yaml:"topic" policy:"required"`
	When  *Rule  `yaml:"when"` // nil: always
	// Text is per language (BCP 47); a message in another one gets no answer.
	Text map[string]string `yaml:"text" policy:"required,lines"`
	// Certainty is the probability of the topic, in percent, from which on the answer
	// is given. 0: where the desk's model is as sure as was wanted of it.
	Certainty int           `yaml:"certainty"`
	Public    bool          `yaml:"public"` // answers public posts too
	Deflect   Deflection    `yaml:"deflect"`
	Quiet     time.Duration `yaml:"quiet"`   // without a word from the customer after which it counts as solved
	Resolve   bool          `yaml:"resolve"` // and the case is resolved then
}

// Deflection is a better place for a matter: another channel of the brand, or a page.
type Deflection struct {
	To   string            `yaml:"to"`                  // a channel, or an https address
	Text map[string]string `yaml:"text" policy:"lines"` // per language
}

// IsZero reports whether there is none.
func (f Deflection) IsZero() bool { return f.To == "" }

// Channel is the channel that is pointed to, "" for a page.
func (f Deflection) Channel() string {
	if slices.Contains(Channels, f.To) {
		return f.To
	}
	return ""
}

// Automatic is how a brand's machine speaks.
type Automatic struct {
	Sign   map[string]string `yaml:"sign" policy:"lines"`   // what stands below an automatic answer, per language
	Person map[string]string `yaml:"person" policy:"lines"` // how to reach a person, per language
	PerDay int               `yaml:"per_day"`               // automatic answers to one customer on one day
}

// What holds for automatic answers where the file says nothing.
const (
	DefaultQuiet           = 48 * time.Hour
	DefaultAutomaticPerDay = 3
	mostAutomaticPerDay    = 50
	longestAutomaticText   = 2000 // characters of one text
)

// MergeFields are what an automatic answer's texts may have filled in.
var MergeFields = []string{"{first_name}", "{name}", "{brand}", "{case}", "{topic}", "{to}", "{person}"}

// defaultPerson tells how to reach a person. The word in quotes is one that casework
// recognises; a test there holds that.
var defaultPerson = map[string]string{
	"en": "Rather talk to a person? Just write “person” and one of us takes over.",
	"fr": "Vous préférez parler à quelqu’un ? Écrivez « conseiller » et l’un de nous prend le relais.",
	"de": "Lieber mit einem Menschen schreiben? Antworten Sie „Mensch“, dann übernimmt jemand von uns.",
	"es": "¿Prefiere hablar con una persona? Escriba «persona» y uno de nosotros se encarga.",
	"it": "Preferisce parlare con una persona? Scriva «persona» e se ne occupa uno di noi.",
	"pt": "Prefere falar com uma pessoa? Escreva «pessoa» e um de nós trata do assunto.",
	"nl": "Liever een mens spreken? Schrijf “mens” en een van ons neemt het over.",
}

var defaultAutomaticSign = map[string]string{
	"en": "Ines, automatically",
	"fr": "Ines, réponse automatique",
	"de": "Ines, automatisch",
	"es": "Ines, respuesta automática",
	"it": "Ines, risposta automatica",
	"pt": "Ines, resposta automática",
	"nl": "Ines, automatisch",
}

// In finds the text for a language: as it is, else of its primary subtag.
func In(texts map[string]string, language string) (string, bool) {
	if text, ok := texts[language]; ok {
		return text, true
	}
	primary, _, _ := strings.Cut(language, "-")
	text, ok := texts[primary]
	return text, ok
}

// AutomaticSign stands below the brand's automatic answers in a language.
func (b Brand) AutomaticSign(language string) string {
	return said(b.Automatic.Sign, defaultAutomaticSign, language)
}

// PersonWords tell in a language how to reach a person.
func (b Brand) PersonWords(language string) string {
	return said(b.Automatic.Person, defaultPerson, language)
}

// said is the brand's own text, else ours, else either in English.
func said(own, ours map[string]string, language string) string {
	for _, language := range []string{language, "en"} {
		for _, texts := range []map[string]string{own, ours} {
			if text, ok := In(texts, language); ok {
				return text
			}
		}
	}
	return ""
}

// AnswerByID finds an automatic answer; ok is false for one that left the policy.
func (d *Desk) AnswerByID(id string) (Answer, bool) {
	i := slices.IndexFunc(d.Automation, func(a Answer) bool { return a.ID == id })
	if i < 0 {
		return Answer{}, false
	}
	return d.Automation[i], true
}

// Answers reports whether a topic has automatic answers at all.
func (d *Desk) Answers(topic string) bool {
	return topic != "" && slices.ContainsFunc(d.Automation, func(a Answer) bool { return a.Topic == topic })
}

// Answering picks the automatic answer for a message, and says why that one, or why
// none. It looks at topic and rules only; casework knows what else has to hold.
func (d *Desk) Answering(f Facts, segment string) (Answer, bool, Explanation) {
	f = d.filled(f)
	seen := &sight{Facts: f, segment: segment}
	none := Explanation{Decision: "automation", Outcome: "none", Rule: "default", Facts: map[string]any{"topic": f.Topic}}
	if !d.Answers(f.Topic) {
		none.Text = "No automatic answer: there is none for the topic " + cmp.Or(f.Topic, "(not known)") + "."
		return Answer{}, false, none
	}
	for i, a := range d.Automation {
		if a.Topic != f.Topic {
			continue
		}
		place := fmt.Sprintf("automation[%d]", i)
		held, err := a.When.holds(seen)
		if err != nil {
			none.Errors = append(none.Errors, failure(place, a.When, err))
			continue
		}
		if !held {
			continue
		}
		e := match{section: "automation", index: i, rule: a.When, rules: len(d.Automation), errors: none.Errors}.
			explain("automation", a.ID, "The answer “"+a.ID+"” is for the topic "+a.Topic, f, segment)
		if e.Facts == nil {
			e.Facts = map[string]any{}
		}
		e.Facts["topic"] = f.Topic
		return a, true, e
	}
	none.Text = "No automatic answer: none of those for the topic " + f.Topic + " is meant for this message."
	return Answer{}, false, none
}

func (c *checker) automation() {
	d := c.desk
	c.index("automation", len(d.Automation), func(i int) string { return d.Automation[i].ID })
	topics := sortedKeys(d.topics)
	for i := range d.Automation {
		a, path := &d.Automation[i], fmt.Sprintf("automation[%d]", i)
		c.known(path+".topic", "topic", a.Topic, topics)
		c.texts(path+".text", a.Text, MergeFields)
		c.texts(path+".deflect.text", a.Deflect.Text, MergeFields)
		if a.Certainty > 100 {
			c.at(path+".certainty", fmt.Sprintf("%s.certainty is %d", path, a.Certainty), "percent: at most 100")
		}
		if a.Quiet == 0 {
			a.Quiet = DefaultQuiet
		}
		c.deflection(path+".deflect", *a)
	}
	for i := range d.Brands {
		m, path := &d.Brands[i].Automatic, fmt.Sprintf("brands[%d].automatic", i)
		c.texts(path+".sign", m.Sign, []string{"{brand}"})
		c.texts(path+".person", m.Person, []string{"{brand}"})
		if m.PerDay > mostAutomaticPerDay {
			c.at(path+".per_day", fmt.Sprintf("%s.per_day is %d", path, m.PerDay), fmt.Sprintf("at most %d", mostAutomaticPerDay))
		}
		if m.PerDay == 0 {
			m.PerDay = DefaultAutomaticPerDay
		}
	}
}

// deflection checks where people are sent: never without saying so in the language
// that they are answered in.
func (c *checker) deflection(path string, a Answer) {
	f := a.Deflect
	if f.IsZero() {
		if len(f.Text) > 0 {
			c.at(path, path+" says something and leads nowhere", "to: a channel of the brand, or an https address")
		}
		return
	}
	switch {
	case f.Channel() != "":
		if !slices.ContainsFunc(c.desk.Inboxes, func(in Inbox) bool { return in.Channel == f.To }) {
			c.at(path+".to", fmt.Sprintf("there is no %s inbox to send people to", f.To), "")
		}
	case !httpsURL(f.To):
		c.at(path+".to", fmt.Sprintf("%q is neither a channel nor an https address", f.To), nearest(f.To, Channels))
	}
	for _, language := range sortedKeys(a.Text) {
		if _, ok := In(f.Text, language); !ok {
			c.at(path, fmt.Sprintf("%s.text has nothing in %s, in which the answer is given", path, language), "people must be told where to go and why")
		}
	}
}

func httpsURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

// texts checks a text per language and what is filled in there.
func (c *checker) texts(path string, texts map[string]string, fields []string) {
	for _, language := range sortedKeys(texts) {
		at := path + "." + language
		if !languageShape.MatchString(language) {
			c.at(at, fmt.Sprintf("%q is not a language", language), languageHint)
		}
		if n := len([]rune(texts[language])); n > longestAutomaticText {
			c.at(at, fmt.Sprintf("%s has %d characters", at, n), fmt.Sprintf("at most %d", longestAutomaticText))
		}
		for _, p := range placeholder.FindAllString(texts[language], -1) {
			if !slices.Contains(fields, p) {
				c.at(at, fmt.Sprintf("unknown placeholder %s", p), nearest(p, fields))
			}
		}
	}
}
