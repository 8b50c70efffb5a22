package wording

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"ines/shared/pattern"
	"ines/shared/sorting"
)

// tongue is how a language promises and tells the time. All patterns are over lower
// case.
type tongue struct {
	language  string
	commit    *regexp.Regexp // says what somebody here will do: with a time, a promise
	firm      *regexp.Regexp // promises an answer or a deed even without one
	not       *regexp.Regexp // takes it back
	condition *regexp.Regexp // begins a condition

	within   *regexp.Regexp // number, unit
	numbers  map[string]float64
	units    []unitWord
	clock    []*regexp.Regexp // groups h, m, half, to
	days     []dayWord
	weekday  *regexp.Regexp
	weekdays []string // from Sunday on
	date     *regexp.Regexp
	months   []string
	parts    []partWord
}

type (
	unitWord struct{ word, unit string }
	dayWord  struct {
		re *regexp.Regexp
		n  int
	}
	partWord struct {
		re   *regexp.Regexp
		part string // morning, noon, afternoon, evening, midnight, end (of the day), week (its end)
	}
)

// tongues are compiled when the first text is read: a function that reads none
// starts without them.
var tongues = sync.OnceValue(func() []*tongue { return []*tongue{english(), french(), german()} })

// spoken are all tongues, a language's own first.
func spoken(language string) []*tongue {
	base, _, _ := strings.Cut(language, "-")
	all := slices.Clone(tongues())
	sorting.By(all, func(a, b *tongue) int {
		switch {
		case a.language == base && b.language != base:
			return -1
		case b.language == base && a.language != base:
			return 1
		}
		return 0
	})
	return all
}

func english() *tongue {
	return &tongue{
		language: "en",
		commit: pattern.Compile(`‹(?:i'll|i will|we'll|we will|i'm going to|i am going to|we're going to|we are going to|i shall|we shall|i promise|we promise|let me|` +
			`you'll (?:hear|have|get|receive)|you will (?:hear|have|get|receive)|expect (?:a|an|to hear|our|my)|i'm (?:calling|phoning|ringing|sending|writing)|someone will|somebody will|my colleague will)›`),
		firm: pattern.Compile(`‹(?:(?:i'll|i will|we'll|we will|i shall|we shall|i'm going to|we're going to|i am going to|we are going to|someone will|somebody will|my colleague will) ` +
			`(?:\w+ )?(?:get back|come back|be (?:back )?in touch|let you know|call|phone|ring|write|update|reply|respond|answer|send|check|look into|chase|follow up|escalate|refund|confirm|contact)|` +
			`you'll hear|you will hear|you'll have an answer|you will have an answer|you'll have your|you will have your)`),
		not:       pattern.Compile(`‹(?:won't|will not|can't promise|cannot promise|shan't|will never)›`),
		condition: pattern.Compile(`‹(?:if|unless|once|as soon as you|when you)›`),
		within: pattern.Compile(`‹(?:within|in|inside|in the next|over the next|within the next)\s+(?:about |around |roughly |less than |under |at most |the |the next )?` +
			`((?:\d+(?:[.,]\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty-five|sixty|a couple of|next)\s+|(?:\d+))?` +
			`(half an hour|half hour|minutes?|mins?|hours?|hrs?|h›|(?:working|business) days?|days?|weeks?)`),
		numbers: map[string]float64{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
			"eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty-five": 45, "sixty": 60, "a couple of": 2, "next": 1},
		units: []unitWord{{"half", "half"}, {"min", "minute"}, {"h", "hour"}, {"working", "workday"}, {"business", "workday"}, {"day", "day"}, {"week", "week"}},
		clock: []*regexp.Regexp{
			pattern.Compile(`‹(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?\s?(?P<half>[ap]\.?\s?m\.?)(?:$|[^\p{L}])`),
			pattern.Compile(`‹(?:by|before|at|until|till|no later than|around|about)\s+(?P<h>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)` +
				`(?:[:.](?P<m>\d{2}))?(?:\s?o'clock|\s?h)?(?:$|\s*[,;:!?.)–—-]|\s+(?:today|tonight|tomorrow|this|on|at the latest|latest|sharp|and|with|your|our|uk|local|london|mon|tue|wed|thu|fri|sat|sun|or|so|to|if|when|because|about|as))`),
			pattern.Compile(`‹(?:today|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday),?\s+(?P<h>\d{1,2})[:.](?P<m>\d{2})›`),
		},
		days:     []dayWord{{pattern.Compile(`‹(?:day after tomorrow)›`), 2}, {pattern.Compile(`‹tomorrow›`), 1}, {pattern.Compile(`‹(?:today|tonight|this (?:morning|afternoon|evening))›`), 0}},
		weekday:  pattern.Compile(`‹(?:by|on|before|this|next|until)?\s*(sunday|monday|tuesday|wednesday|thursday|friday|saturday)›`),
		weekdays: []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"},
		date:     pattern.Compile(`‹(?:by|on|before|until) (?:the )?(\d{1,2})(?:st|nd|rd|th)? (?:of )?(january|february|march|april|may|june|july|august|september|october|november|december)›`),
		months:   []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"},
		parts: []partWord{
			{pattern.Compile(`‹(?:end of (?:the |this )?week)›`), "week"},
			{pattern.Compile(`‹(?:end of (?:the |my |our |your )?(?:working )?day|end of play|close of business|cob|eod)›`), "end"},
			{pattern.Compile(`‹(?:noon|midday|lunchtime)›`), "noon"},
			{pattern.Compile(`‹midnight›`), "midnight"},
			{pattern.Compile(`‹(?:this|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|in the|the) morning›`), "morning"},
			{pattern.Compile(`‹(?:this|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|in the|the) afternoon›`), "afternoon"},
			{pattern.Compile(`‹(?:(?:this|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|in the|the) evening|tonight)›`), "evening"},
		},
	}
}

func french() *tongue {
	return &tongue{
		language: "fr",
		commit: pattern.Compile(`‹(?:(?:je|nous|on) (?:vous |te |le |la |les |m'en |nous en |me |y )*(?:recontacte|rappelle|reviens|revenons|réponds|répondons|écris|écrivons|tiens|tenons|envoie|envoyons|appelle|appelons|rappelons|recontactons|donne|donnons|contacte|contactons|rembourse|remboursons|occupe|occupons|confirme|confirmons|vais|allons|\p{L}+(?:rai|rons|ra))|` +
			`j'(?:\p{L}+rai|appelle|écris|envoie)|vous (?:aurez|recevrez|entendrez)|je (?:m'engage|promets)|nous nous engageons|un collègue vous \p{L}+ra)›`),
		firm: pattern.Compile(`‹(?:(?:je|nous|on) (?:vous |te )(?:recontacte|rappelle|réponds|répondons|écris|écrivons|tiens au courant|tenons au courant|rappelons|recontactons|recontacterai|recontacterons|rappellerai|rappellerons|répondrai|répondrons|tiendrai|tiendrons|écrirai|écrirons|enverrai|enverrons)|` +
			`(?:je reviens|nous revenons|je reviendrai|nous reviendrons) vers vous|vous (?:aurez|recevrez) (?:une réponse|de (?:mes|nos) nouvelles|votre))`),
		not:       pattern.Compile(`‹(?:ne (?:peux|pouvons|pourrai|pourrons|vais|serai|serons) pas|ne \p{L}+ pas (?:vous )?(?:promettre|garantir)|n'\p{L}+ pas)›`),
		condition: pattern.Compile(`‹(?:si|sauf si|dès que vous|quand vous|lorsque vous)›`),
		within: pattern.Compile(`‹(?:dans|sous|d'ici|en moins de|dans moins de)\s+(?:environ |les |la |l'|moins de |au plus )?(?:prochaines? |prochains? )?` +
			`((?:\d+(?:[.,]\d+)?|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze|vingt|trente|quarante-huit|vingt-quatre)\s+|[1-6]|(?:24|36|48|72))?\s?` +
			`(?:prochaines? |prochains? )?(demi-heure|demi heure|minutes?|min›|heures?|h›|jours? ouvrés?|jours? ouvrables?|jours?|semaines?)`),
		numbers: map[string]float64{"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
			"douze": 12, "quinze": 15, "vingt": 20, "trente": 30, "vingt-quatre": 24, "quarante-huit": 48},
		units: []unitWord{{"demi", "half"}, {"min", "minute"}, {"h", "hour"}, {"jours ouvr", "workday"}, {"jour ouvr", "workday"}, {"jour", "day"}, {"semaine", "week"}},
		clock: []*regexp.Regexp{
			pattern.Compile(`‹(?:avant|à|vers|d'ici|jusqu'à|pour|au plus tard à)\s+(?P<h>\d{1,2})\s?(?:h|heures?|:)\s?(?P<m>\d{2})?(?:$|[^\p{L}\p{N}])`),
			pattern.Compile(`‹(?:aujourd'hui|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche),?\s+(?P<h>\d{1,2})\s?(?:h|heures?|:)\s?(?P<m>\d{2})?(?:$|[^\p{L}\p{N}])`),
		},
		days:     []dayWord{{pattern.Compile(`‹après-demain›`), 2}, {pattern.Compile(`‹demain›`), 1}, {pattern.Compile(`‹(?:aujourd'hui|ce soir|ce matin|cet après-midi|dans la journée|dans la soirée|dans l'après-midi|dans la matinée)›`), 0}},
		weekday:  pattern.Compile(`‹(?:avant |d'ici |ce |pour )?(dimanche|lundi|mardi|mercredi|jeudi|vendredi|samedi)›`),
		weekdays: []string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		date:     pattern.Compile(`‹(?:le|avant le|d'ici le|d'ici au|pour le|jusqu'au) (\d{1,2})(?:er)? (janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)›`),
		months:   []string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		parts: []partWord{
			{pattern.Compile(`‹fin de (?:la |cette )?semaine›`), "week"},
			{pattern.Compile(`‹(?:fin de (?:la )?journée|dans la journée)›`), "end"},
			{pattern.Compile(`‹(?:avant|à|d'ici|vers) midi›`), "noon"},
			{pattern.Compile(`‹minuit›`), "midnight"},
			{pattern.Compile(`‹(?:ce matin|demain matin|après-demain matin|(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) matin|matinée)›`), "morning"},
			{pattern.Compile(`‹(?:cet après-midi|demain après-midi|(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) après-midi|dans l'après-midi)›`), "afternoon"},
			{pattern.Compile(`‹(?:ce soir|demain soir|(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) soir|soirée)›`), "evening"},
		},
	}
}

func german() *tongue {
	return &tongue{
		language: "de",
		commit: pattern.Compile(`‹(?:(?:ich|wir) (?:melde|melden|rufe|rufen|schreibe|schreiben|schicke|schicken|sende|senden|gebe|geben|kümmere|kümmern|werde|werden|antworte|antworten|erstatte|erstatten|kläre|klären|sage|sagen|informiere|informieren|verspreche|versprechen|bestätige|bestätigen)|` +
			`(?:melde|melden|rufe|rufen|schreibe|schreiben|schicke|schicken|gebe|geben|werde|werden|kläre|klären) (?:ich|wir)|sie (?:hören|bekommen|erhalten)|(?:hören|bekommen|erhalten) sie|meine? kolleg(?:e|in) (?:meldet|ruft|wird))›`),
		firm: pattern.Compile(`‹(?:(?:ich melde mich|wir melden uns|melde ich mich|melden wir uns)|(?:ich|wir) (?:rufe|rufen) (?:sie|dich)|(?:ich|wir) (?:gebe|geben) (?:ihnen|dir) (?:\p{L}+ )*bescheid|` +
			`sie hören (?:wieder )?von (?:mir|uns)|(?:ich|wir) (?:werde|werden) (?:sie|ihnen|mich|uns) (?:\p{L}+ )*(?:melden|anrufen|schreiben|antworten|informieren|zurückrufen|erstatten)|(?:ich|wir) (?:schicke|schicken|sende|senden) ihnen)›`),
		not:       pattern.Compile(`‹(?:nicht versprechen|(?:werde|werden|kann|können) (?:ich |wir |sie |ihnen )*(?:leider )?nicht|keinesfalls)›`),
		condition: pattern.Compile(`‹(?:wenn|falls|sofern|sobald sie)›`),
		within: pattern.Compile(`‹(?:innerhalb von|innerhalb|binnen|in|in den nächsten|in der nächsten|innerhalb der nächsten)\s+(?:etwa |rund |circa |ca\. |spätestens |der nächsten |den nächsten )?` +
			`((?:\d+(?:[.,]\d+)?|eine[rmn]?|eines|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|fünfzehn|zwanzig|dreißig|achtundvierzig|vierundzwanzig)\s+)?` +
			`(halben stunde|minuten?|min›|stunden?|std›|h›|werktag(?:en?|s|es)?|arbeitstag(?:en?|s|es)?|tag(?:en?|s|es)?|wochen?)`),
		numbers: map[string]float64{"eine": 1, "einer": 1, "einem": 1, "einen": 1, "eines": 1, "ein": 1, "eins": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6,
			"sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "fünfzehn": 15, "zwanzig": 20, "dreißig": 30, "vierundzwanzig": 24, "achtundvierzig": 48},
		units: []unitWord{{"halben", "half"}, {"min", "minute"}, {"st", "hour"}, {"h", "hour"}, {"werktag", "workday"}, {"arbeitstag", "workday"}, {"tag", "day"}, {"woche", "week"}},
		clock: []*regexp.Regexp{
			pattern.Compile(`‹halb (?P<to>\d{1,2}|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf)›`),
			pattern.Compile(`‹(?:bis|vor|um|gegen|spätestens|spätestens um|ab)\s+(?:spätestens |heute |morgen )?(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?\s?uhr(?:\s(?P<m2>\d{2}))?›`),
			pattern.Compile(`‹(?:bis|vor|um|gegen)\s+(?P<h>\d{1,2})[:.](?P<m>\d{2})›`),
			pattern.Compile(`‹(?:heute|morgen|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag),?\s+(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?\s?uhr(?:\s(?P<m2>\d{2}))?›`),
		},
		days:     []dayWord{{pattern.Compile(`‹übermorgen›`), 2}, {pattern.Compile(`‹heute morgen›`), 0}, {pattern.Compile(`‹morgen›`), 1}, {pattern.Compile(`‹heute›`), 0}},
		weekday:  pattern.Compile(`‹(?:am |bis |bis zum |noch am |vor )?(sonntag|montag|dienstag|mittwoch|donnerstag|freitag|samstag)(?:vormittag|mittag|nachmittag|abend)?›`),
		weekdays: []string{"sonntag", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag"},
		date:     pattern.Compile(`‹(?:am|bis|bis zum|vor dem) (\d{1,2})\. ?(januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)›`),
		months:   []string{"januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"},
		parts: []partWord{
			{pattern.Compile(`‹(?:ende der woche|wochenende|ende dieser woche)›`), "week"},
			{pattern.Compile(`‹(?:feierabend|ende des tages|tagesende|dienstschluss)›`), "end"},
			{pattern.Compile(`‹(?:heute mittag|morgen mittag|bis mittag|zum mittag|\p{L}+tagmittag)›`), "noon"},
			{pattern.Compile(`‹mitternacht›`), "midnight"},
			{pattern.Compile(`‹(?:heute früh|morgen früh|heute vormittag|morgen vormittag|am vormittag|\p{L}+tagvormittag|heute morgen)›`), "morning"},
			{pattern.Compile(`‹(?:heute nachmittag|morgen nachmittag|am nachmittag|\p{L}+tagnachmittag)›`), "afternoon"},
			{pattern.Compile(`‹(?:heute abend|morgen abend|am abend|zum abend|\p{L}+tagabend)›`), "evening"},
		},
	}
}
