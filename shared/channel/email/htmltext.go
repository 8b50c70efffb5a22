package email

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlWords is splitReply for a mail without a text part. Clients mark quotes in
// HTML more reliably than in text: the marked ones are cut first.
func htmlWords(subject, source string) (text, quoted string) {
	written, cut := htmlText(source, true)
	whole, _ := htmlText(source, false)
	if written == "" || forwards(subject, whole) {
		return splitReply(subject, whole)
	}
	text, quoted = splitReply(subject, written)
	return text, strings.TrimSpace(quoted + "\n" + cut)
}

// htmlText is what a reader sees of an HTML mail, as plain lines. With divide,
// the quotes that clients mark go to quoted instead.
func htmlText(source string, divide bool) (written, quoted string) {
	w := walker{divide: divide}
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		if w.body.b.Len()+w.quote.b.Len() > longestBody {
			return w.body.text(), w.quote.text()
		}
		switch z.Next() {
		case html.ErrorToken: // the end: a string has no other error
			return w.body.text(), w.quote.text()
		case html.TextToken:
			w.write(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			w.open(z.Token())
		case html.EndTagToken:
			w.close(z.Token().DataAtom)
		}
	}
}

type walker struct {
	divide      bool
	body, quote lines
	// hidden is the element whose content nobody sees, until it closes.
	hidden atom.Atom
	// quoting is the element that holds a quote, depth how many of its kind
	// are open within. toEnd: the quote has no end.
	quoting atom.Atom
	depth   int
	toEnd   bool
	pre     int
}

func (w *walker) out() *lines {
	if w.quoting != 0 || w.toEnd {
		return &w.quote
	}
	return &w.body
}

func (w *walker) write(text string) {
	if w.hidden == 0 {
		w.out().add(text, w.pre > 0)
	}
}

func (w *walker) open(t html.Token) {
	if w.hidden != 0 {
		return
	}
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Title, atom.Template:
		if t.Type == html.StartTagToken {
			w.hidden = t.DataAtom
		}
		return
	case atom.Pre:
		w.pre++
	}
	if w.quoting != 0 && t.DataAtom == w.quoting && t.Type == html.StartTagToken {
		w.depth++
	} else if w.divide && w.quoting == 0 && !w.toEnd {
		switch quoteOf(t) {
		case quoteElement:
			w.out().end(1)
			w.quoting, w.depth = t.DataAtom, 1
		case quoteRest:
			w.out().end(1)
			w.toEnd = true
		}
	}
	switch t.DataAtom {
	case atom.Br:
		w.out().br()
	case atom.Li:
		w.out().end(1)
		w.out().add("- ", true)
	case atom.Td, atom.Th:
		w.out().add(" ", false)
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.Blockquote:
		w.out().end(2)
	default:
		if block(t.DataAtom) {
			w.out().end(1)
		}
	}
}

func (w *walker) close(a atom.Atom) {
	if w.hidden != 0 {
		if a == w.hidden {
			w.hidden = 0
		}
		return
	}
	switch a {
	case atom.Pre:
		w.pre = max(0, w.pre-1)
		w.out().end(1)
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.Blockquote:
		w.out().end(2)
	default:
		if block(a) {
			w.out().end(1)
		}
	}
	if w.quoting != 0 && a == w.quoting {
		if w.depth--; w.depth == 0 {
			w.quoting = 0
			w.body.end(1)
		}
	}
}

func block(a atom.Atom) bool {
	switch a {
	case atom.Address, atom.Article, atom.Center, atom.Dd, atom.Div, atom.Dl, atom.Dt, atom.Footer, atom.H5, atom.H6, atom.Header, atom.Hr,
		atom.Ol, atom.Pre, atom.Section, atom.Table, atom.Tr, atom.Ul:
		return true
	}
	return false
}

type quoteKind int

const (
	noQuote quoteKind = iota
	quoteElement
	quoteRest
)

// quoteIDs, quoteClasses and quoteNames are the marks of quotes and signatures, by
// the attribute that has them: of Outlook on the web and on phones, Gmail, Yahoo,
// Thunderbird, Proton, Zoho, Front, Tuta, GMX and web.de, Samsung, mail.ru, AOL.
var (
	quoteIDs = map[string]quoteKind{
		"divRplyFwdMsg": quoteRest, "appendonsend": quoteRest, "mail-editor-reference-message-container": quoteRest,
		"ms-outlook-mobile-body-separator-line": quoteRest, "reply-intro": quoteElement,
		"OLK_SRC_BODY_SECTION": quoteElement,
		"Signature":            quoteElement, "ms-outlook-mobile-signature": quoteElement, "composer_signature": quoteElement,
		"AppleMailSignature": quoteElement, "x_Signature": quoteElement, "x_divRplyFwdMsg": quoteRest, "x_appendonsend": quoteRest, "aolmail_AOLMsgPart": quoteElement,
	}
	quoteClasses = map[string]quoteKind{
		"gmail_quote": quoteElement, "gmail_signature": quoteElement, "gmail_signature_prefix": quoteElement, "yahoo_quoted": quoteElement, "moz-cite-prefix": quoteElement, "moz-signature": quoteElement,
		"protonmail_quote": quoteElement, "protonmail_signature_block": quoteElement, "zmail_extra": quoteElement, "front-blockquote": quoteElement, "tutanota_quote": quoteElement,
		"ms-outlook-mobile-reference-message": quoteRest, "WM_quote": quoteElement, "mail-quote-collapse": quoteElement, "aolmail_extra": quoteElement,
	}
	quoteNames = map[string]quoteKind{"quote": quoteElement, "quoted-content": quoteElement}
)

// quoteOf says whether an element begins what another has written, or a signature.
func quoteOf(t html.Token) quoteKind {
	if t.Type != html.StartTagToken {
		return noQuote
	}
	for _, a := range t.Attr {
		switch a.Key {
		case "id":
			if k := quoteIDs[a.Val]; k != noQuote {
				return k
			}
		case "name":
			if k := quoteNames[a.Val]; k != noQuote && t.DataAtom == atom.Div {
				return k
			}
		case "type":
			if t.DataAtom == atom.Blockquote && strings.EqualFold(a.Val, "cite") {
				return quoteElement
			}
		case "class":
			for c := range strings.FieldsSeq(a.Val) {
				if k := quoteClasses[c]; k != noQuote {
					return k
				}
			}
		}
	}
	return noQuote
}

// lines collects text, folding white space as a browser does.
type lines struct {
	b strings.Builder
	// breaks is how many line ends are due before the next text, space
	// whether a blank is.
	breaks int
	space  bool
}

func (l *lines) add(text string, exact bool) {
	if exact {
		l.flush()
		l.b.WriteString(text)
		return
	}
	for i, word := range strings.Fields(tidy(text)) {
		if i > 0 || startsBlank(text) {
			l.space = true
		}
		l.flush()
		l.b.WriteString(word)
	}
	if endsBlank(text) {
		l.space = true
	}
}

func startsBlank(s string) bool {
	return s != "" && strings.ContainsAny(s[:1], " \t\r\n") || strings.HasPrefix(s, "\u00a0")
}
func endsBlank(s string) bool {
	return s != "" && strings.ContainsAny(s[len(s)-1:], " \t\r\n") || strings.HasSuffix(s, "\u00a0")
}

func (l *lines) flush() {
	if l.b.Len() > 0 {
		switch {
		case l.breaks > 0:
			l.b.WriteString(strings.Repeat("\n", min(l.breaks, 2)))
		case l.space:
			l.b.WriteByte(' ')
		}
	}
	l.breaks, l.space = 0, false
}

// end asks for at least n line ends before the next text.
func (l *lines) end(n int) { l.breaks = max(l.breaks, n) }

// br is a line end of its own: two make an empty line.
func (l *lines) br() { l.breaks++ }

func (l *lines) text() string { return strings.TrimSpace(strings.ToValidUTF8(l.b.String(), "\ufffd")) }
