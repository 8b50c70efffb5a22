package wording

import (
	"regexp"
	"strings"
	"unicode"

	"ines/shared/mask"
	"ines/shared/pattern"
	"ines/shared/policy"
)

// Warning is something that a colleague may want to say otherwise.
type Warning struct {
	Check string `json:"check"`           // as policy.Checks name it
	Text  string `json:"text"`            // a sentence for the colleague
	Found string `json:"found,omitempty"` // the words that it is about
}

// Setting is where a text goes out.
type Setting struct {
	Wording  policy.Wording
	Public   bool
	Language string // BCP 47, or ""
	Own      string // our account there: naming it gives nobody away
}

// Check warns of what a brand would rather not say. What it finds may be just
// right: it is never a reason to refuse a text.
func Check(text string, s Setting) []Warning {
	text = clip(text)
	var all []Warning
	warn := func(check, found, sentence string) {
		if found != "" && s.Wording.Wants(check) {
			all = append(all, Warning{Check: check, Text: sentence, Found: short(strings.TrimSpace(found))})
		}
	}
	warn(policy.CheckTicketNumber, ticket(text, s.Wording.TicketNumbers()), "A number is for us to remember, not for the customer: sign with your name instead.")
	warn(policy.CheckDoNotReply, doNotReply.FindString(plain(text)), "This tells the customer not to answer. He should always be able to.")
	warn(policy.CheckShouting, shouting(text), "Capitals and rows of exclamation marks read as shouting.")
	if s.Public {
		warn(policy.CheckPersonalData, personal(text, s.Own), "Everybody can read this. Take personal data to a private thread.")
	}
	warn(policy.CheckUndatedPromise, undated(text, s.Language), "This promises something and no time. Say by when, and keep it as a promise.")
	return all
}

var (
	// A word for ticket, then something with digits.
	ticketWord = pattern.Late{Expr: `‹(?:ticket|case|reference|ref\.?|incident|request|dossier|vorgang|vorgangsnummer|fallnummer|ticketnummer|aktenzeichen|numéro de dossier|référence)` +
		`(?:\s?(?:number|no\.?|nummer|nr\.?|n°|numéro|id))?\s?(?:is|ist|est|lautet)?\s?[:#]?\s?#?[a-z]{0,4}-?\d[\p{L}\d-]{2,}`}
	hashNumber = pattern.Late{Expr: `#\d{4,}`}
	// What speaks of the flight's ticket or the booking is the customer's own.
	ownNumber = pattern.Late{Expr: `‹(?:booking|flight|e-ticket|buchungs?|flug|réservation|billet|vol) ?(?:reference|ref|ticket|case|number)?`}

	doNotReply = pattern.Late{Expr: `‹(?:(?:please )?do(?: not|n't) (?:reply|respond|answer)|no-?reply@?|this (?:mailbox|inbox|address) is not (?:monitored|read)|` +
		`(?:merci de )?ne (?:pas répondre|répondez pas)|(?:bitte )?(?:antworten sie nicht|nicht (?:auf diese \p{L}+ )?antworten))`}
)

func ticket(text string, own []*regexp.Regexp) string {
	for _, re := range own {
		if found := re.FindString(text); found != "" {
			return found
		}
	}
	low := plain(text)
	for _, at := range ticketWord.FindAllStringIndex(low, -1) {
		lead := low[max(0, at[0]-12):at[0]]
		if !ownNumber.MatchString(lead) && !ownNumber.MatchString(low[at[0]:at[1]]) {
			return strings.TrimLeftFunc(low[at[0]:at[1]], func(r rune) bool { return !unicode.IsLetter(r) })
		}
	}
	return hashNumber.FindString(text)
}

var marks = pattern.Late{Expr: `[!?]*!{2,}[!?]*|!{3,}`}

// shouting finds three words in capitals in a row, or a row of exclamation marks.
// Short words are names of things: UK, IBAN, GBP.
func shouting(text string) string {
	if found := marks.FindString(text); found != "" {
		return found
	}
	var run []string
	long := 0
	for _, w := range strings.Fields(text) {
		core := strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
		upper, letters, lower := 0, 0, 0
		for _, r := range core {
			switch {
			case unicode.IsUpper(r):
				upper++
			case unicode.IsLower(r):
				lower++
			}
			if unicode.IsLetter(r) {
				letters++
			}
		}
		if lower > 0 || upper == 0 || upper < letters || strings.ContainsAny(w, "0123456789") {
			run, long = nil, 0
			continue
		}
		run = append(run, w)
		if letters >= 4 {
			long++
		}
		if len(run) >= 3 && long >= 1 {
			return strings.Join(run, " ")
		}
	}
	return ""
}

// personal finds a mail address, a card, an account or a telephone number, as
// everything that takes them out of texts does.
func personal(text, own string) string {
	if found := mask.Find(text, own); len(found) > 0 {
		return found[0].Text
	}
	return ""
}
