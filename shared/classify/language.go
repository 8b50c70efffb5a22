package classify

import (
	"bytes"
	"math"
	"strings"
	"unicode"
)

const (
	english = iota
	french
	german
	spanish
	italian
	portuguese
	dutch
	languageCount
)

var languages = [languageCount]string{"en", "fr", "de", "es", "it", "pt", "nl"}

const (
	latin = iota
	cyrillic
	greek
	arabic
	hebrew
	han
	kana
	hangul
	thai
	devanagari
	otherScript
	scriptCount
)

// scriptLanguages are the languages of a script, the commonest first, and how sure
// the script alone makes of that one.
var scriptLanguages = [scriptCount]struct {
	names []string
	sure  float64
}{
	cyrillic:   {[]string{"ru", "uk", "bg", "sr", "mk", "be", "kk"}, 0.8},
	greek:      {[]string{"el"}, 0.99},
	arabic:     {[]string{"ar", "fa", "ur"}, 0.85},
	hebrew:     {[]string{"he", "yi"}, 0.97},
	han:        {[]string{"zh", "ja"}, 0.9},
	kana:       {[]string{"ja"}, 0.99},
	hangul:     {[]string{"ko"}, 0.99},
	thai:       {[]string{"th"}, 0.99},
	devanagari: {[]string{"hi", "mr", "ne"}, 0.85},
}

func scriptOf(r rune) int {
	switch {
	case r < 0x250 || r >= 0x1E00 && r < 0x1F00:
		return latin
	case r >= 0x400 && r < 0x530:
		return cyrillic
	case r >= 0x370 && r < 0x400 || r >= 0x1F00 && r < 0x2000:
		return greek
	case r >= 0x600 && r < 0x700 || r >= 0x750 && r < 0x780:
		return arabic
	case r >= 0x590 && r < 0x600:
		return hebrew
	case r >= 0x3040 && r < 0x3100:
		return kana
	case r >= 0xAC00 && r < 0xD7B0 || r >= 0x1100 && r < 0x1200:
		return hangul
	case r >= 0xE00 && r < 0xE80:
		return thai
	case r >= 0x900 && r < 0x980:
		return devanagari
	case unicode.Is(unicode.Han, r):
		return han
	case unicode.Is(unicode.Latin, r):
		return latin
	}
	return otherScript
}

// accent takes what a letter says about the language.
func (t *reading) accent(r rune) {
	e := &t.evidence
	switch r {
	case 'ß':
		e[german] += 2
	case 'ä', 'ö', 'ü':
		e[german] += 0.8
	case 'ñ':
		e[spanish] += 2
	case 'ã', 'õ':
		e[portuguese] += 2
	case 'ç':
		e[french] += 0.7
		e[portuguese] += 0.7
	case 'é':
		e[french] += 0.5
		e[spanish] += 0.2
		e[portuguese] += 0.2
		e[italian] += 0.1
	case 'è', 'à', 'ù':
		e[french] += 0.5
		e[italian] += 0.5
	case 'ê', 'â', 'ô':
		e[french] += 0.5
		e[portuguese] += 0.4
	case 'î', 'û', 'œ':
		e[french] += 1
	case 'ì', 'ò':
		e[italian] += 1
	case 'á', 'í', 'ó', 'ú':
		e[spanish] += 0.5
		e[portuguese] += 0.4
	case 'ë', 'ï':
		e[dutch] += 0.3
		e[french] += 0.2
	}
}

// ending takes what the end of an unknown word says about the language.
func (t *reading) ending(w []byte) {
	e := &t.evidence
	for _, end := range endings {
		if len(w) > len(end.text)+1 && bytes.HasSuffix(w, end.text) {
			e[end.language] += end.weight
			return
		}
	}
}

var endings = []struct {
	text     []byte
	language int
	weight   float64
}{
	{[]byte("zione"), italian, 0.8}, {[]byte("zioni"), italian, 0.8}, {[]byte("cion"), spanish, 0.6},
	{[]byte("ciones"), spanish, 0.8}, {[]byte("cao"), portuguese, 0.8}, {[]byte("coes"), portuguese, 0.8},
	{[]byte("ung"), german, 0.6}, {[]byte("ungen"), german, 0.7}, {[]byte("lich"), german, 0.6},
	{[]byte("keit"), german, 0.7}, {[]byte("heit"), german, 0.7}, {[]byte("isch"), german, 0.5},
	{[]byte("heid"), dutch, 0.7}, {[]byte("lijk"), dutch, 0.9}, {[]byte("tje"), dutch, 0.6}, {[]byte("aat"), dutch, 0.4},
	{[]byte("ing"), english, 0.3}, {[]byte("ness"), english, 0.4}, {[]byte("ful"), english, 0.4}, {[]byte("ght"), english, 0.5},
	{[]byte("ould"), english, 0.6}, {[]byte("ment"), french, 0.2}, {[]byte("eux"), french, 0.6}, {[]byte("eau"), french, 0.6},
	{[]byte("aux"), french, 0.5}, {[]byte("ez"), french, 0.4}, {[]byte("agem"), portuguese, 0.7}, {[]byte("iamo"), italian, 0.7},
	{[]byte("etto"), italian, 0.4}, {[]byte("ado"), spanish, 0.3}, {[]byte("ed"), english, 0.2}, {[]byte("ten"), german, 0.2},
}

// language answers by script, then by function words, letters and endings. The
// hint weighs much in a short text and little in a long one.
func (t *reading) language(hint string, declared []string) Label {
	hint = primary(hint)
	if l, ok := t.byScript(hint, declared); ok {
		return l
	}
	if t.words == 0 {
		return fallback(hint, declared, 0.5, 0.3)
	}
	hinted := 0.8
	if t.words < 6 {
		hinted = 2.2
	}
	// Scores are natural logarithms; the last one is for any other language.
	const perEvidence = 1.4
	var score [languageCount + 1]float64
	for i := range languages {
		score[i] = perEvidence * t.evidence[i]
		if languages[i] == hint {
			score[i] += hinted
		}
		for j, d := range declared {
			if primary(d) == languages[i] {
				score[i] += 0.5 / float64(j+1)
				break
			}
		}
	}
	score[languageCount] = 0.1 * float64(min(t.words, 20))
	if hint != "" && known(hint) < 0 {
		score[languageCount] += hinted
	}
	best, sum := 0, 0.0
	for i, s := range score {
		if s > score[best] {
			best = i
		}
		sum += math.Exp(s)
	}
	share := math.Exp(score[best]) / sum
	nothing := best < languageCount && t.evidence[best] == 0
	if best == languageCount || nothing {
		return fallback(hint, declared, min(share, 0.6), min(share, 0.35))
	}
	return Label{Name: languages[best], Probability: min(share, 0.99)}
}

func (t *reading) byScript(hint string, declared []string) (Label, bool) {
	if t.scripts[kana] > 0 { // Japanese mixes them
		t.scripts[kana] += t.scripts[han]
		t.scripts[han] = 0
	}
	best := latin
	for i, n := range t.scripts {
		if n > t.scripts[best] {
			best = i
		}
	}
	s := scriptLanguages[best]
	if len(s.names) == 0 {
		return Label{}, false
	}
	if best == cyrillic && t.ukrainian > 0 {
		return Label{Name: "uk", Probability: 0.9}, true
	}
	if i := among(s.names, hint); i >= 0 {
		return Label{Name: s.names[i], Probability: 0.95}, true
	}
	for _, d := range declared {
		if i := among(s.names, primary(d)); i >= 0 {
			return Label{Name: s.names[i], Probability: s.sure}, true
		}
	}
	return Label{Name: s.names[0], Probability: s.sure}, true
}

func fallback(hint string, declared []string, hinted, first float64) Label {
	if hint != "" {
		return Label{Name: hint, Probability: hinted}
	}
	for _, d := range declared {
		if p := primary(d); p != "" {
			return Label{Name: p, Probability: first}
		}
	}
	return Label{}
}

func known(language string) int { return among(languages[:], language) }

func among(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}

// primary is the language of a BCP 47 tag, or "" if the tag names none: "und", and
// what X says of texts without words ("zxx", "qme", "art").
func primary(tag string) string {
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		tag = tag[:i]
	}
	if len(tag) < 2 || len(tag) > 3 {
		return ""
	}
	for i := range len(tag) {
		if !isASCIILetter(rune(tag[i])) {
			return ""
		}
	}
	tag = strings.ToLower(tag)
	switch tag {
	case "und", "zxx", "mis", "mul", "art":
		return ""
	case "in": // X keeps two codes that were replaced in 1989
		return "id"
	case "iw":
		return "he"
	}
	if len(tag) == 3 && tag[0] == 'q' {
		return ""
	}
	return tag
}

// functionWords are those that hardly a sentence does without. One that several
// languages share counts for each of them in part.
var functionWords = [languageCount]string{
	english: `the a an and or but is are was were be been am i you he she it we they me him her us them my your his
		our their this that these those of to in on at for with from by about as if not no yes do does did have has had
		can could will would should what when where why who how there here still just get got im ive dont cant didnt
		its youre hes wasnt isnt please thanks thank hello hi hey help any some so all out up now very anybody anyone
		nobody someone after before than then too because over only also more flight been same`,
	french: `le la les un une des du de et ou mais est sont suis etait ete etre je tu il elle nous vous ils elles on me te se
		mon ma mes ton ta votre vos notre nos son sa ses ce cette ces que qui quoi dont ne pas plus jamais rien pour par
		avec sans sur dans en au aux y a à ai as avez ont avons j l d n c s qu quand pourquoi comment combien depuis très
		bien merci bonjour bonsoir salut coucou mdr svp beaucoup aidez encore toujours tout tous personne leur lui vol moi`,
	german: `der die das den dem des ein eine einen einem einer und oder aber ist sind bin war waren wird werden ich du er sie
		es wir ihr mich mir uns euch ihnen ihn mein meine meinen meinem meiner unser unsere euer eure sein kein keine
		nicht auch noch schon nur sehr für mit von zu zum zur auf an am im in aus bei nach über um seit wo wann warum
		wie was wer wenn dass weil bitte danke vielen dank hallo moin alles klar guten gute tag ging schnell ihr hat habe haben kann können könnt könnten gibt jetzt hier
		heute morgen immer niemand endlich flug da so mal doch`,
	spanish: `el la los las un una unos y o pero es son soy estoy está están era fue ser yo tu usted nosotros ellos me te se
		nos mi mis su sus este esta esto que quien no sí por para con sin sobre en de del al a lo le les ha he han hay
		cuando dónde donde cómo por qué porque muy más también gracias hola buenos días necesito favor vuelo todavía
		nadie mucho ya desde ayuda ayer hoy`,
	italian: `il lo la i gli le un uno una e o ma è sono sei era essere io tu lui lei noi voi loro mi ti ci si mio mia miei
		mie suo nostro questo questa che chi non per con senza su in di del della dei delle da dal al alla nel nella ho
		hai ha abbiamo hanno quando dove come perché molto più anche grazie ciao buongiorno volo ancora nessuno sempre
		già oggi ieri cosa bagaglio l dell`,
	portuguese: `o a os as um uma e ou mas é são sou estou está era foi ser eu tu você nós eles me te se meu minha meus minhas
		seu sua este esta isto que quem não sim por para com sem sobre em de do da dos das no na nos nas ao à tem tenho
		há quando onde como porque muito mais também obrigado obrigada olá bom boa dia voo ainda ninguém já desde hoje
		ontem pelo pela`,
	dutch: `de het een en of maar is zijn ben was waren wordt ik jij je u hij zij ze wij we jullie me mij ons mijn jouw uw
		hun dit dat deze die niet geen ook nog al heel zeer voor met van naar op aan in uit bij over om sinds waar
		wanneer waarom hoe wat wie als omdat dank bedankt hallo goedemorgen goed gaat heb heeft hebben kan kunnen jullie vlucht
		er te nu hier vandaag altijd niemand mogen graag alstublieft koffer moet`,
}

// conjunctions begin a clause of their own.
const conjunctions = `and but because und aber weil denn et mais car pero ma mas maar`

// aiming verbs take a person: "help Leo", "erstattet Leo".
const aiming = `help refund rebook pay give assist contact reimburse aidez aider remboursez helft helfen hilf erstattet ayuden`
