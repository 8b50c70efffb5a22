package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Privacy is what a brand says to take a conversation out of the public eye. Texts
// are per language; where one is missing ours is used.
type Privacy struct {
	// Invitation is said where the customer is; {link} leads to the private thread.
	Invitation map[string]string `yaml:"invitation" policy:"lines"`
	// Opening are the first words in a private thread that we open.
	Opening map[string]string `yaml:"opening" policy:"lines"`
	// Warning is proposed when a customer posts personal data in public.
	Warning map[string]string `yaml:"warning" policy:"lines"`
	Warn    bool              `yaml:"warn"` // the warning is given by itself, and signed as automatic
}

// InvitationFields are what the texts may have filled in.
var InvitationFields = []string{"{first_name}", "{name}", "{brand}", "{link}"}

var (
	defaultInvitation = map[string]string{
		"en": "Let us go on where nobody else reads along: {link}",
		"fr": "Continuons là où personne d’autre ne nous lit : {link}",
		"de": "Schreiben wir dort weiter, wo niemand mitliest: {link}",
		"es": "Sigamos donde nadie más nos lee: {link}",
		"it": "Continuiamo dove nessun altro ci legge: {link}",
		"pt": "Continuemos onde mais ninguém nos lê: {link}",
		"nl": "Laten we verdergaan waar niemand meeleest: {link}",
	}
	defaultOpening = map[string]string{
		"en": "Hello {first_name}, here we are among ourselves. Just answer this message.",
		"fr": "Bonjour {first_name}, ici nous sommes entre nous. Répondez simplement à ce message.",
		"de": "Guten Tag {first_name}, hier sind wir unter uns. Antworten Sie einfach auf diese Nachricht.",
		"es": "Hola {first_name}, aquí nadie más nos lee. Responda sin más a este mensaje.",
		"it": "Buongiorno {first_name}, qui nessun altro ci legge. Risponda pure a questo messaggio.",
		"pt": "Olá {first_name}, aqui mais ninguém nos lê. Basta responder a esta mensagem.",
		"nl": "Hallo {first_name}, hier leest niemand mee. Antwoord gewoon op dit bericht.",
	}
	defaultWarning = map[string]string{
		"en": "A word for your own sake: everybody can read what you wrote here, your personal details too. You may want to delete it. {link}",
		"fr": "Un mot dans votre intérêt : tout le monde peut lire ce que vous avez écrit ici, vos données personnelles aussi. Mieux vaut le supprimer. {link}",
		"de": "Ein Wort in Ihrem Interesse: Hier kann jeder mitlesen, auch Ihre persönlichen Daten. Löschen Sie den Beitrag am besten. {link}",
		"es": "Por su propio bien: cualquiera puede leer lo que ha escrito aquí, también sus datos personales. Quizá prefiera borrarlo. {link}",
		"it": "Nel Suo interesse: chiunque può leggere ciò che ha scritto qui, anche i Suoi dati personali. Forse è meglio cancellarlo. {link}",
		"pt": "Para sua segurança: qualquer pessoa pode ler o que escreveu aqui, incluindo os seus dados pessoais. Talvez prefira apagar. {link}",
		"nl": "Voor uw eigen bestwil: iedereen kan lezen wat u hier schreef, ook uw persoonlijke gegevens. U kunt het beter verwijderen. {link}",
	}
)

// InvitationText, OpeningText and WarningText are the brand's in a language.
func (b Brand) InvitationText(language string) string {
	return said(b.Privacy.Invitation, defaultInvitation, language)
}

// OpeningText is described there.
func (b Brand) OpeningText(language string) string {
	return said(b.Privacy.Opening, defaultOpening, language)
}

// WarningText is described there.
func (b Brand) WarningText(language string) string {
	return said(b.Privacy.Warning, defaultWarning, language)
}

// tokenField stands for the link token in an inbox's link.
const tokenField = "{token}"

func (c *checker) privacy() {
	for i, b := range c.desk.Brands {
		path := fmt.Sprintf("brands[%d].privacy", i)
		c.texts(path+".invitation", b.Privacy.Invitation, InvitationFields)
		c.texts(path+".opening", b.Privacy.Opening, InvitationFields)
		c.texts(path+".warning", b.Privacy.Warning, InvitationFields)
		for _, language := range sortedKeys(b.Privacy.Invitation) {
			if !strings.Contains(b.Privacy.Invitation[language], "{link}") {
				c.at(path+".invitation."+language, path+".invitation."+language+" leads nowhere", "write {link} where the way to the private thread belongs")
			}
		}
	}
	for i, in := range c.desk.Inboxes {
		path := fmt.Sprintf("inboxes[%d].link", i)
		if in.Link == "" {
			continue
		}
		for _, p := range placeholder.FindAllString(in.Link, -1) {
			if !slices.Contains([]string{tokenField}, p) {
				c.at(path, fmt.Sprintf("unknown placeholder %s", p), tokenField)
			}
		}
		if !httpsURL(strings.ReplaceAll(in.Link, tokenField, "token")) {
			c.at(path, fmt.Sprintf("%q is no https address", in.Link), "such as https://t.me/NorthlineBot?start={token}")
		}
	}
}
