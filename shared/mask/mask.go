// Package mask takes personal data out of text: card numbers, bank accounts, phone
// numbers, mail addresses and booking references become typed placeholders such as
// <card>. Logs, exports and whatever leaves the stack go through it. It imports
// nothing of ours and anybody may import it.
//
// It looks for shapes and check digits, not for names: what it returns is less
// personal, never anonymous.
package mask

import (
	"strings"
	"unicode/utf8"
)

// Placeholders.
const (
	Card    = "<card>"
	IBAN    = "<iban>"
	Phone   = "<phone>"
	Email   = "<email>"
	Booking = "<booking>"
)

// Text returns s with personal data replaced. A placeholder has no digits and
// no @, so masking again finds nothing in it. Where there is any, the blanks, dashes
// and digits of other scripts become plain ones.
func Text(s string) string {
	read := plain(s)
	if !worthLooking(read) {
		return s
	}
	if masked := string(walk(make([]byte, 0, len(read)), read, nil)); masked != read {
		return masked
	}
	return s
}

// worthLooking is a cheap test that most small talk fails.
func worthLooking(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= '0' && c <= '9' || c == '@' {
			return true
		}
	}
	return cued(s)
}

// walk appends the masked s, which is plain, to b, and says what it replaced, if anybody
// asks.
func walk(b []byte, s string, found func(what, text string)) []byte {
	told := func(what, text string) {
		if found != nil {
			found(what, text)
		}
	}
	cues := cued(s)
	kept := 0      // from here on b ends with the text as it is
	cue := -1      // where the words end that announce a booking reference
	below := false // … and a line ended since
	for i := 0; i < len(s); {
		c := s[i]
		begins := i == 0 || !wordByte(s[i-1])
		if cue >= 0 && begins && wordByte(c) {
			if n := word(s[i:]); reference(s[i:i+n]) && !linking(s[i:i+n]) && !(below && spelled(s[i:i+n])) {
				told(Booking, s[i:i+n])
				b, i, cue = append(b, Booking...), i+n, -1
				kept = i
				continue
			}
		}
		switch {
		case c == '@':
			if from, to := address(s, i); to > i+1 && from < i && from >= kept {
				told(Email, s[from:to])
				b = append(b[:len(b)-(i-from)], Email...)
				i, kept = to, to
				continue
			}
		case begins && (digit(c) || c == '+' || c == '('):
			if n, what := number(s[i:]); what != "" {
				told(what, s[i:i+n])
				b, i = append(b, what...), i+n
				kept = i
				continue
			} else if n > 0 { // a long number that is none of ours: nothing inside it is
				b, i = append(b, s[i:i+n]...), i+n
				continue
			} else if n := span(s[i:]); n > 0 {
				// An IPv4 address, a date, an amount: the number that was announced.
				b, i, cue = append(b, s[i:i+n]...), i+n, -1
				continue
			}
		case begins && letter(c):
			if n := iban(s[i:]); n > 0 {
				told(IBAN, s[i:i+n])
				b, i = append(b, IBAN...), i+n
				kept = i
				continue
			}
		}
		if cues && begins && wordByte(c) {
			n := word(s[i:])
			switch {
			case isCue(s[i : i+n]):
				cue, below = i, false
			case cue >= 0 && !linking(s[i:i+n]):
				cue = -1
			}
			b, i = append(b, s[i:i+n]...), i+n
			continue
		}
		if c == '\n' { // forms have the reference below its name
			below = true
		}
		if c == '?' || c == '!' || c == '.' && !shortened(s[:i]) {
			cue = -1
		}
		b, i = append(b, c), i+1
	}
	return b
}

// spelled reports whether a reference has letters only: on a line of its own it may as
// well be somebody who shouts.
func spelled(w string) bool { return !strings.ContainsAny(w, "0123456789") }

func digit(c byte) bool  { return c >= '0' && c <= '9' }
func upper(c byte) bool  { return c >= 'A' && c <= 'Z' }
func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// wordByte belongs to a word; bytes of other scripts do.
func wordByte(c byte) bool { return letter(c) || digit(c) || c >= utf8.RuneSelf }

func word(s string) int {
	n := 0
	for n < len(s) && wordByte(s[n]) {
		n++
	}
	return n
}

// address is the mail address around the @ at s[at]: from before it, to after it.
func address(s string, at int) (from, to int) {
	from, to = at, at+1
	for from > 0 && (addressByte(s, from-1) || strings.IndexByte("._%+-", s[from-1]) >= 0) {
		from--
	}
	dot := 0
	for to < len(s) && (addressByte(s, to) || s[to] == '.' || s[to] == '-') {
		if s[to] == '.' {
			dot = to
		}
		to++
	}
	for to > at && (s[to-1] == '.' || s[to-1] == '-') {
		to--
		if dot >= to {
			dot = strings.LastIndexByte(s[at:to], '.') + at
		}
	}
	if dot <= at+1 || to-dot < 3 || digit(s[dot+1]) {
		return at, at
	}
	return from, to
}

// addressByte reports whether s[i] is of a letter or digit that addresses have: those
// of the Latin alphabet with accents too, but of no script that is written without
// blanks, or an address would reach into the words around it.
func addressByte(s string, i int) bool {
	c := s[i]
	accent := func(i int) bool { return s[i] >= 0xC3 && s[i] <= 0xC5 } // the first byte of À to ſ
	return letter(c) || digit(c) || accent(i) || i > 0 && c >= 0x80 && c < 0xC0 && accent(i-1)
}

// cueWords announce a booking reference, in the languages of most desks.
var cueWords = []string{
	"booking", "bookings", "reservation", "reference", "ref", "pnr", "locator", "confirmation", "code", "ticket",
	"réservation", "référence", "réf", "dossier", "billet", "buchung", "buchungsnummer", "buchungscode", "referenz", "vorgangsnummer",
	"reserva", "localizador", "prenotazione", "boeking", "boekingsnummer",
}

var linkWords = []string{"is", "number", "no", "nr", "code", "reference", "ref", "est", "numéro", "le", "ist", "lautet", "nummer", "die", "der", "my", "mon", "meine", "the", "es", "numero", "número", "n"}

// cued reports whether any cue word can be in s at all: the rest is then worth its
// time.
func cued(s string) bool {
	for i := 0; i < len(s); {
		if !wordByte(s[i]) {
			i++
			continue
		}
		n := word(s[i:])
		if isCue(s[i : i+n]) {
			return true
		}
		i += n
	}
	return false
}

func isCue(w string) bool   { return among(cueWords, w) }
func linking(w string) bool { return isCue(w) || among(linkWords, w) }

// shortened reports whether what ends here ends in a word that a full stop cuts short.
func shortened(s string) bool {
	n := len(s)
	for n > 0 && wordByte(s[n-1]) {
		n--
	}
	return among([]string{"ref", "réf", "nr", "no"}, s[n:])
}

func among(words []string, w string) bool {
	for _, each := range words {
		if len(each) == len(w) && strings.EqualFold(each, w) {
			return true
		}
	}
	return false
}

// reference reports whether a word has the shape of a booking reference: five to
// eight letters and digits of both kinds, or exactly six capitals.
func reference(w string) bool {
	if len(w) < 5 || len(w) > 8 {
		return false
	}
	digits, capitals := 0, 0
	for i := range len(w) {
		switch {
		case digit(w[i]):
			digits++
		case upper(w[i]):
			capitals++
		case !letter(w[i]):
			return false
		}
	}
	return digits > 0 && digits < len(w) || capitals == 6 && len(w) == 6
}
