package email

import (
	"regexp"
	"slices"
	"strings"
)

// splitReply parts what the sender wrote from what was quoted, and cuts off the
// signature. Both parts are trimmed; the quoted part holds everything cut, in the
// order of the mail. If nothing would remain the whole text counts as written, and
// so it does in a forwarded mail, where the "quote" is the point.
func splitReply(subject, text string) (reply, quoted string) {
	text = tidy(text)
	whole := strings.TrimSpace(text)
	if whole == "" || forwards(subject, text) {
		return whole, ""
	}
	kept, cut := cutQuotes(strings.Split(text, "\n"))
	kept, tail := cutSignature(kept)
	cut = append(tail, cut...)
	reply = strings.TrimSpace(strings.Join(kept, "\n"))
	if reply == "" {
		return whole, ""
	}
	return reply, strings.TrimSpace(strings.Join(cut, "\n"))
}

// tidy makes line ends "\n" and odd blanks plain ones.
func tidy(text string) string {
	return odd.Replace(text)
}

var odd = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ", "\u202f", " ", "\u200b", "", "\ufeff", "", "\x00", "")

// cutQuotes walks down the lines. A line that introduces a quote marked with ">"
// takes that quote with it, and what follows is the sender's again (answers below
// or between the quotes); any other introduction takes the rest of the mail.
func cutQuotes(lines []string) (kept, cut []string) {
	for i := 0; i < len(lines); {
		line := lines[i]
		if marked(line) {
			cut = append(cut, line)
			i++
			continue
		}
		if n := attribution(lines[i:]); n > 0 {
			cut = append(cut, lines[i:i+n]...)
			i += n
			end := quoteEnd(lines, i)
			if end == i { // the quote isn't marked: it is everything below
				return kept, append(cut, lines[i:]...)
			}
			cut = append(cut, lines[i:end]...)
			i = end
			continue
		}
		if separator.MatchString(line) || headerBlock(lines[i:]) || strings.Contains(strings.ToLower(line), "reply above this line") {
			return kept, append(cut, lines[i:]...)
		}
		kept = append(kept, line)
		i++
	}
	return kept, cut
}

func marked(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " \t"), ">") }

// quoteEnd is where the block of marked lines that begins at i, after blank
// lines, ends; i if there is none.
func quoteEnd(lines []string, i int) int {
	end := i
	for n := i; n < len(lines); n++ {
		switch {
		case marked(lines[n]):
			end = n + 1
		case strings.TrimSpace(lines[n]) != "":
			return end
		}
	}
	return end
}

// separator is a line below which clients put the mail that is answered.
var separator = regexp.MustCompile(`(?i)^\s*(_{8,}` +
	`|[-_=*]{2,}\s*(original message|original appointment|message d'origine|message original|ursprüngliche nachricht|originalnachricht` +
	`|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|oorspronkelijk e-mailbericht)\s*[-_=*]{2,})\s*$`)

// attributions are the lines before a quote, by how they begin and end. They are
// tried on a line and on it joined with the next two, because clients fold them.
var attributions = []*regexp.Regexp{
	regexp.MustCompile(`^On\b.+\b(wrote|writes)\s*:$`),
	regexp.MustCompile(`^Le\b.+\ba écrit\s*:$`),
	regexp.MustCompile(`^(Am|Den)\b.+\bschrieb\b.*:$`),
	regexp.MustCompile(`^Am\b.+\bgeschrieben\s*:$`),
	regexp.MustCompile(`^El\b.+\bescribió\s*:$`),
	regexp.MustCompile(`^(Em|No dia|A)\b.+\bescreveu\s*:$`),
	regexp.MustCompile(`^(Il|In data)\b.+\bha scritto\s*:$`),
	regexp.MustCompile(`^Op\b.+\b(schreef|geschreven)\b.*:$`),
	// Name and address after an ISO date, as Gmail writes where it has no phrase.
	regexp.MustCompile(`^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b.*<[^<>\s]+@[^<>\s]+>\s*:$`),
}

var attributionStart = regexp.MustCompile(`^(On|Le|Am|Den|El|Em|No dia|A|Il|In data|Op|\d{4}[-/.]\d{1,2}[-/.]\d{1,2})\b`)

// longestAttribution keeps prose that happens to begin and end alike from
// counting, in bytes.
const longestAttribution = 300

// attribution is how many of the first lines introduce a quote, 0 if none do.
// Without a figure in it (a date) no line does: "On the phone he wrote:" is prose.
func attribution(lines []string) int {
	first := strings.TrimSpace(lines[0])
	if !attributionStart.MatchString(first) {
		return 0
	}
	joined := ""
	for n, line := range lines[:min(3, len(lines))] {
		if line = strings.TrimSpace(line); line == "" {
			return 0
		}
		joined = strings.TrimSpace(joined + " " + line)
		if len(joined) > longestAttribution {
			return 0
		}
		if !strings.HasSuffix(joined, ":") || !strings.ContainsAny(joined, "0123456789") {
			continue
		}
		for _, a := range attributions {
			if a.MatchString(joined) {
				return n + 1
			}
		}
	}
	return 0
}

var (
	blockFrom = regexp.MustCompile(`(?i)^[*_]*(from|de|von|da|van)\s*:[*_]*\s*\S`)
	blockDate = regexp.MustCompile(`(?i)^[*_]*(sent|date|envoyé|gesendet|datum|enviado( el| em)?|enviada em|fecha|data|inviato|verzonden)\s*:[*_]*\s*\S`)
	blockRest = regexp.MustCompile(`(?i)^[*_]*(to|à|an|para|a|aan|subject|objet|betreff|asunto|assunto|oggetto|onderwerp)\s*:[*_]*\s*\S`)
)

// headerBlock reports whether the lines begin with the sender, date and recipient
// or subject of another mail, as Outlook writes them.
func headerBlock(lines []string) bool {
	if !blockFrom.MatchString(strings.TrimSpace(lines[0])) {
		return false
	}
	date, rest, seen := false, false, 0
	for _, line := range lines[1:] {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		date = date || blockDate.MatchString(line)
		rest = rest || blockRest.MatchString(line)
		if seen++; seen == 5 || date && rest {
			break
		}
	}
	return date && rest
}

// sentFrom is the advertisement that phones and clients put below a text.
var sentFrom = regexp.MustCompile(`(?i)^\s*[-–—]*\s*(` +
	`sent from (my|mail|outlook|yahoo|proton|samsung|gmail|the)\b.*|get outlook for .*|sent with .* secure email\.?` +
	`|envoyé (de|depuis) (mon|ma|outlook|yahoo)\b.*|von (meinem|meiner) .* gesendet\.?|gesendet mit der .*|gesendet von (mail|outlook|meinem)\b.*` +
	`|enviado (desde|do|de) (mi|meu|outlook|yahoo)\b.*|inviato da(l mio|lla mia)? .*|verzonden vanaf mijn .*|verstuurd vanaf mijn .*)$`)

// cutSignature cuts from the signature mark ("-- ") on, and what a phone adds.
func cutSignature(lines []string) (kept, cut []string) {
	end := len(lines)
	for i, line := range lines {
		if i > 0 && (line == "-- " || line == "--") {
			end = i
			break
		}
	}
	for n := end; n > 0; n-- {
		line := lines[n-1]
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(line) > longestAttribution || !sentFrom.MatchString(line) {
			break
		}
		end = n - 1
	}
	return lines[:end], slices.Clone(lines[end:])
}

var (
	forwardSubject = regexp.MustCompile(`(?i)^\s*(fwd?|wg|tr|rv|enc|doorst|i)\s*:`)
	forwardMark    = regexp.MustCompile(`(?i)^\s*([-_*=]{2,}\s*(forwarded message|forwarded by .*|message transféré|weitergeleitete nachricht|mensaje reenviado` +
		`|mensagem encaminhada|messaggio inoltrato|doorgestuurd bericht)\b.*` +
		`|begin forwarded message:|début du message (transféré|réexpédié)\s*:|anfang der weitergeleiteten (nachricht|e-mail):` +
		`|inicio del mensaje reenviado:|início da mensagem (re)?encaminhada:|inizio messaggio inoltrato:|begin doorgestuurd bericht:)\s*$`)
)

// forwards reports whether a mail passes another one on: its subject says so, or
// a forward mark comes before anything that is quoted.
func forwards(subject, text string) bool {
	if forwardSubject.MatchString(subject) {
		return true
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if forwardMark.MatchString(line) {
			return true
		}
		if marked(line) || separator.MatchString(line) || attribution(lines[i:]) > 0 {
			return false
		}
	}
	return false
}
