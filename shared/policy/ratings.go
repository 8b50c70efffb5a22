package policy

import (
	"fmt"
	"strings"
	"time"
)

// Ratings says how customers are asked how content they were, on a scale from 1 to 5.
type Ratings struct {
	// Ask is how many of a hundred cases that a person has answered are asked about.
	Ask    int               `yaml:"ask" policy:"required"`
	Text   map[string]string `yaml:"text" policy:"lines"` // per language
	After  time.Duration     `yaml:"after"`               // after the case was resolved
	Within time.Duration     `yaml:"within"`              // in which the answer is taken for a rating
}

// DefaultRatings holds for what a ratings section leaves out. Without the section
// nobody is asked.
var DefaultRatings = Ratings{After: 10 * time.Minute, Within: 48 * time.Hour}

// RatingFields are what the question may have filled in.
var RatingFields = []string{"{first_name}", "{name}", "{brand}"}

var defaultRating = map[string]string{
	"en": "Hello {first_name}, how well did we help you? Just answer with a number from 1 (badly) to 5 (very well). A word about why is welcome.",
	"fr": "Bonjour {first_name}, avons-nous bien répondu ? Répondez par un chiffre de 1 (mal) à 5 (très bien). Un mot d’explication est bienvenu.",
	"de": "Guten Tag {first_name}, wie gut haben wir Ihnen geholfen? Antworten Sie mit einer Zahl von 1 (schlecht) bis 5 (sehr gut), gern mit einem Wort dazu.",
	"es": "Hola {first_name}, ¿qué tal le hemos ayudado? Responda con un número del 1 (mal) al 5 (muy bien). Puede añadir por qué.",
	"it": "Buongiorno {first_name}, come l’abbiamo aiutata? Risponda con un numero da 1 (male) a 5 (molto bene), volentieri con due parole.",
	"pt": "Olá {first_name}, como o ajudámos? Responda com um número de 1 (mal) a 5 (muito bem). Se quiser, diga porquê.",
	"nl": "Hallo {first_name}, hoe goed hebben we u geholpen? Antwoord met een cijfer van 1 (slecht) tot 5 (heel goed), graag met een woord erbij.",
}

// Question is what a customer is asked in a language.
func (r Ratings) Question(language string) string { return said(r.Text, defaultRating, language) }

func (c *checker) ratings() {
	r := &c.desk.Ratings
	if r.Ask > 100 {
		c.at("ratings.ask", fmt.Sprintf("ratings.ask is %d", r.Ask), "percent: at most 100")
	}
	c.texts("ratings.text", r.Text, RatingFields)
	for _, language := range sortedKeys(r.Text) {
		if text := r.Text[language]; !strings.Contains(text, "1") || !strings.Contains(text, "5") {
			c.at("ratings.text."+language, "ratings.text."+language+" doesn't say what to answer", "a number from 1 to 5: name both ends")
		}
	}
	if r.Ask == 0 {
		return // nobody is asked
	}
	longest := c.desk.Cases.ReopenWindow
	if r.After == 0 {
		r.After = min(DefaultRatings.After, longest/2)
	}
	if r.Within == 0 {
		r.Within = min(DefaultRatings.Within, max(longest-r.After, 0))
	}
	if r.After+r.Within > longest || r.Within == 0 {
		c.at("ratings", fmt.Sprintf("answers count until %s after a case was resolved, and from %s on they open another", spoken(r.After+r.Within), spoken(longest)),
			"after and within together are at most cases.reopen_window")
	}
}
