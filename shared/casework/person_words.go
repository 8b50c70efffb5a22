package casework

import (
	"strings"
	"sync"
)

// personWords are how people ask for a person, by language. ‹ and › stand for the
// begin and the end of a word; alone are words that say it in a
// sentence of their own.
// Every language is looked for in every message: whoever despairs of a machine may
// well change to another.
var personWords = []struct {
	language string
	alone    string
	within   string
}{
	{"en", `(?:a |an |real |live |human |the )*(?:person|human|human being|agent|operator|representative|rep|advis[oe]r|somebody|someone|staff|colleague)`,
		`‹(?:talk|speak|chat|write|get through|put me through|connect me|transfer me|pass me|hand me over|refer me)(?: on)?(?: to| with)? (?:(?:an?|any|the|your|one of your|some|real|actual|live|human|proper|competent) )*(?:person|people|human|humans|human being|agent|someone|somebody|anyone|anybody|representative|rep|advis[oe]r|colleague|colleagues|operator|member of staff|staff|manager|supervisor)›` +
			`|‹(?:want|need|like|give me|get me|prefer|is there|are there|find me) (?:(?:an?|any|the|some) )*(?:real|actual|live|human|proper) (?:person|people|human|agent|being|being|representative|advis[oe]r)›` +
			`|‹(?:want|need|give me|get me) (?:an? )?(?:human|agent|representative|operator)›` +
			`|‹(?:somebody|someone|anybody|anyone|a person|a human)(?: here| there)? (?:i|we) can (?:talk|speak|write) (?:to|with)›` +
			`|‹(?:not|no|stop|hate|tired of|stupid|bloody|this|useless) (?:(?:an?|any|the|this|to|talking|more|your) )*(?:bot|bots|chatbot|robot|robots|machine|automatic answers|automated answers|automatic replies)›`},
	{"fr", `(?:un |une |vrai |vraie |le |la )*(?:conseill(?:er|ère)|humain|humaine|agent|personne|opérateur|opératrice|quelqu'un|interlocuteur)`,
		`‹(?:parler|écrire|discuter|échanger|joindre|avoir|contacter|passer|passez-moi|voir|transférer)(?: à| avec| directement)* (?:un|une|des|quelqu'un|votre|vos|l'un)(?: de vos)?(?: vrai| vraie| véritable)? ?(?:conseill(?:er|ère)s?|humaine?s?|être humain|agente?s?|personnes?|opérat(?:eur|rice)s?|interlocut(?:eur|rice)s?|responsables?|collègues?|employée?s?|›)` +
			`|‹(?:parler|écrire) (?:à|avec) quelqu'un›|‹(?:vrai conseiller|vraie conseillère|vraie personne|vraies personnes|être humain)›` +
			`|‹(?:veux|voudrais|souhaite|exige|préfère) une? (?:vraie? )?(?:conseill(?:er|ère)|être humain|humaine?|agente?|opérat(?:eur|rice)|interlocut(?:eur|rice))›` +
			`|‹(?:pas|marre|assez)(?: parler)?(?: à| avec| d'| de)?(?: un| une| ce| cette| votre| vos)? ?(?:robots?|machines?|chatbots?|bots?|réponses? automatiques?)›`},
	{"de", `(?:ein(?:en|e|em|er)? |echte[rnm]? )*(?:mensch(?:en)?|mitarbeiter(?:in)?|berater(?:in)?|person|agent|ansprechpartner(?:in)?|sachbearbeiter(?:in)?)`,
		`‹mit (?:(?:ein(?:em|er|en)|'nem|jemand(?:em)?|ihren|einem ihrer|echten|richtigen|echter|richtiger|realen|lebenden) ?)*(?:menschen?|mitarbeiter(?:n|in)?|berater(?:n|in)?|person|kolleg(?:e|en|in)|ansprechpartner(?:in)?|agenten?|sachbearbeiter(?:in)?|vorgesetzten|jemand(?:em)?)›` +
			`|‹mit jemand(?:em)? (?:sprechen|reden|schreiben|telefonieren|chatten)|‹(?:jemand(?:en)? (?:sprechen|erreichen)|(?:echten|echter|richtigen|richtiger) (?:mensch|menschen|mitarbeiter|person|berater))›` +
			`|‹(?:eine[n]?|ihren|euren) (?:mitarbeiter(?:in)?|berater(?:in)?|menschen|ansprechpartner(?:in)?|kolleg(?:en|in)) (?:sprechen|erreichen|haben)›` +
			`|‹(?:will|möchte|brauche) eine[n]? (?:mitarbeiter(?:in)?|berater(?:in)?|menschen)›` +
			`|‹(?:kein(?:en|e|em)?|nicht|genug von|schluss mit)(?: mehr| mit| einem| dem| diesem| ihrem| den)* ?(?:bots?|roboter|maschinen?|automat(?:en)?|chatbots?|automatischen antworten)›`},
	{"es", `(?:un |una )?(?:persona|persona real|agente|humano|operador|operadora|asesor|asesora)`,
		`‹(?:hablar|chatear|comunicarme|contactar|escribir)(?: directamente)? (?:con|a) (?:una?|alguien|algún|otra)(?: ser)? ?(?:persona|humano|agente|operadora?|asesora?|representante|encargado|›)|‹persona (?:real|de verdad)›|‹(?:quiero|quisiera|necesito|prefiero|deme|dame|páseme|pásame|póngame)(?: con)? una?(?: ser)? (?:humano|humana|agente|operadora?|asesora?|persona|representante)›|‹no (?:quiero )?(?:un |hablar con un )(?:robot|bot|máquina)›`},
	{"it", `(?:un |una )?(?:persona|operatore|operatrice|umano|consulente|addetto)`,
		`‹(?:parlare|scrivere|chattare|contattare)(?: direttamente)? (?:con|a) (?:una?|qualcuno|un vero)(?: vera?| essere)? ?(?:persona|operatore|operatrice|umano|consulente|addetto|responsabile|›)|‹persona vera›|‹(?:voglio|vorrei|preferisco|datemi|mi dia|mi passi|mi passate|passatemi)(?: con)? una?(?: essere)? (?:umano|operatore|operatrice|persona|consulente|addetto)›|‹non (?:con )?un (?:robot|bot)›`},
	{"pt", `(?:uma? )?(?:pessoa|atendente|humano|operador|operadora|assistente)`,
		`‹(?:falar|conversar|escrever)(?: diretamente)? com (?:uma?|alguém|algum)(?: ser)? ?(?:pessoa|atendente|humano|agente|operadora?|assistente|responsável|›)|‹pessoa (?:real|de verdade)›|‹(?:quero|queria|prefiro|preciso de|passe-me|passem-me|me passe)(?: a| para| com)? uma?(?: ser)? (?:humano|atendente|operadora?|assistente|pessoa)›|‹não (?:quero )?(?:um |falar com um )(?:robô|robot|bot)›`},
	{"nl", `(?:een )?(?:echte? )?(?:mens|medewerker|persoon|iemand|agent)`,
		`‹met (?:een )?(?:echte? )?(?:mens|medewerker|persoon|iemand|collega|klantenservicemedewerker) (?:spreken|praten|chatten|bellen|schrijven|contact)|‹(?:spreken|praten|chatten) met (?:een )?(?:echte? )?(?:mens|medewerker|persoon|iemand)›|‹(?:echt mens|echte mens|echt persoon|echte persoon)›|‹(?:mens|medewerker|persoon|iemand|collega) (?:te )?spreken›|‹(?:wil|geef me|geef mij|door met|doorverbinden met) een (?:echte? )?(?:mens|medewerker|persoon|collega)›|‹geen (?:robot|bot|chatbot)›`},
}

// PersonLanguages are those in which AsksForPerson knows the words.
var PersonLanguages = func() (all []string) {
	for _, w := range personWords {
		all = append(all, w.language)
	}
	return all
}()

// personPattern is a language's: alone is what a whole sentence has to be.
type personPattern struct{ alone, within clued }

// personPatterns are compiled when the first text is read.
var personPatterns = sync.OnceValue(func() (all []personPattern) {
	word := strings.NewReplacer("‹", `(?:^|[^\p{L}\p{N}])`, "›", `(?:$|[^\p{L}\p{N}])`)
	for _, w := range personWords {
		polite := `(?:please|bitte|s'il vous plaît|svp|stp|por favor|per favore|alstublieft|alsjeblieft|graag|aub|now|jetzt|maintenant)?`
		all = append(all, personPattern{clue(`^[\s\p{P}\p{S}]*` + polite + `[\s\p{P}]*(?:` + w.alone + `)[\s\p{P}]*` + polite + `[\s\p{P}\p{S}]*$`),
			clue(word.Replace(w.within))})
	}
	return all
})

// plainMarks writes the marks of all keyboards as one.
var plainMarks = strings.NewReplacer("’", "'", "‘", "'", "ʼ", "'", "\u00a0", " ", "\u202f", " ")

// maxAsked bounds what is looked at, in bytes.
const maxAsked = 2000

// AsksForPerson recognises the wish to talk to a person instead of a machine, and
// gives the words that say so. It may see one where there is none: that costs a
// person a minute, the other mistake costs the customer his patience.
func AsksForPerson(text string) (found string, ok bool) {
	text = strings.ToLower(plainMarks.Replace(text))
	if len(text) > maxAsked {
		text = strings.ToValidUTF8(text[:maxAsked], "")
	}
	text = strings.Join(strings.Fields(text), " ")
	for _, p := range personPatterns() {
		found := p.within.find(text)
		if found == "" && p.alone.may(text) {
			for said := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(".!?;:\n", r) }) {
				if found = p.alone.find(said); found != "" {
					break
				}
			}
		}
		if found != "" {
			return strings.Trim(found, " .,;:!?«»“”\"'()"), true
		}
	}
	return "", false
}
