package email

import (
	"slices"
	"strings"

	"ines/shared/message"
)

// longestBody is how much of a mail's text is looked at for quotes, in bytes: eight
// times what a case keeps of it. The rest is in the archive.
const longestBody = 8 * message.MaxText

// splitReply parts what the sender wrote from what was quoted, and cuts off the
// signature. Both parts are trimmed; the quoted part holds everything cut, in the
// order of the mail. If nothing would remain the whole text counts as written, and
// so it does in a forwarded mail, where the "quote" is the point.
func splitReply(subject, text string) (reply, quoted string) {
	text = tidy(message.Clip(text, longestBody))
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
		if by := attribution(lines[i:]); by.lines > 0 {
			from := i + by.lines
			if end := quoteEnd(lines, from); end > from {
				cut = append(cut, lines[i:end]...)
				i = end
				continue
			}
			if by.sure { // the quote isn't marked: it is everything below
				return kept, append(cut, lines[i:]...)
			}
		}
		if separator.MatchString(line) || headerBlock(lines[i:]) || len(line) < longestAttribution && aboveThis.MatchString(line) {
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

// longestAttribution keeps prose that happens to begin and end alike from
// counting, in bytes.
const longestAttribution = 300

// longestAdvertisement does the same for what phones add, in bytes.
const longestAdvertisement = 120

// introduction is a line that introduces a quote.
type introduction struct {
	lines int // how many, 0 if it is none
	// sure is one that has an address or a time of day in it. Without a marked
	// quote below, another may be prose: "Am 3. schrieb ich Ihnen:".
	sure bool
}

// attribution looks at the first lines: programs fold theirs, so they are tried on a
// line and on it joined with the next two. Without a figure in it (a date) no line
// is one: "On the phone he wrote:" is prose.
func attribution(lines []string) introduction {
	first := strings.TrimSpace(lines[0])
	starts := attributionStart.MatchString(first) || openAddress.MatchString(first)
	joined := ""
	for n, line := range lines[:min(3, len(lines))] {
		if line = strings.TrimSpace(line); line == "" || n > 0 && !starts {
			return introduction{}
		}
		if joined != "" && !strings.HasSuffix(joined, "<") {
			joined += " "
		}
		joined += line
		if len(joined) > longestAttribution {
			return introduction{}
		}
		whole, ends := strings.CutSuffix(strings.ReplaceAll(joined, "：", ":"), ":")
		if !ends || !strings.ContainsAny(whole, "0123456789") {
			continue
		}
		whole += ":"
		found := introduction{lines: n + 1, sure: addressed.MatchString(whole) || timed.MatchString(whole)}
		if starts && attributionStart.MatchString(first) && addressed.MatchString(whole) && dated.MatchString(whole) {
			return found // Gmail where it has no phrase, whatever the language
		}
		if !starts && !dated.MatchString(whole) {
			continue
		}
		for _, a := range attributions {
			if a.MatchString(whole) {
				return found
			}
		}
	}
	return introduction{}
}

// headerBlock reports whether the lines begin with the head of another mail: its
// sender or date first, then the other of them, and a recipient or subject. A date
// that is not one of sending needs a subject besides: "From: Lisbon, To: London,
// Date: 3 May" is a wish.
func headerBlock(lines []string) bool {
	first := strings.TrimSpace(lines[0])
	if !blockFrom.MatchString(first) && !blockSent.MatchString(first) {
		return false
	}
	from, sent, date, to, subject, seen := false, false, false, false, false, 0
	for _, line := range lines {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if seen++; seen > 7 || len(line) > 2000 {
			return false
		}
		switch {
		case !from && blockFrom.MatchString(line):
			from = true
		case blockSent.MatchString(line):
			sent = true
		case blockSubj.MatchString(line):
			subject = true
		case blockTo.MatchString(line):
			to = true
		case blockDate.MatchString(line):
			date = true
		}
		if from && (sent && (to || subject) || date && subject) {
			return true
		}
	}
	return false
}

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
		if len(line) > longestAdvertisement || !sentFrom.MatchString(line) {
			break
		}
		end = n - 1
	}
	return lines[:end], slices.Clone(lines[end:])
}

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
		if marked(line) || separator.MatchString(line) || attribution(lines[i:]).lines > 0 {
			return false
		}
	}
	return false
}
