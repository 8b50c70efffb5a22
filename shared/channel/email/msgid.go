package email

import (
	"slices"
	"strconv"
	"strings"

	"ines/shared/channel"
	"ines/shared/message"
	"ines/shared/pattern"
)

var bracketed = pattern.Late{Expr: `<([^<>\s]+)>`}

// mostIDs bounds what is read of one header.
const mostIDs = 1000

// longestID bounds ids, which become parts of table keys, in bytes.
const longestID = 250

// msgIDs lists the message ids of a header, without angle brackets, each once.
// Ids without brackets count too if they look like ids.
func msgIDs(value string) []string {
	var ids []string
	add := func(id string) {
		if len(ids) == mostIDs {
			return
		}
		if len(id) > longestID {
			id = message.DeriveID(id) + "@long-message-id.invalid"
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if found := bracketed.FindAllStringSubmatch(value, mostIDs); len(found) > 0 {
		for _, f := range found {
			add(f[1])
		}
		return ids
	}
	for _, w := range strings.Fields(value) {
		if w = strings.Trim(w, "<>,;"); strings.Contains(w, "@") {
			add(w)
		}
	}
	return ids
}

// rootOf is the thread's key: the first message that this one knows of.
func rootOf(id string, answers, refs []string) string {
	switch {
	case len(refs) > 0:
		return refs[0]
	case len(answers) > 0:
		return answers[0]
	}
	return id
}

// newestFirst lists what a mail answers: In-Reply-To, then References, each from
// last to first.
func newestFirst(id string, answers, refs []string) []string {
	var out []string
	for _, list := range [][]string{answers, bounded(refs)} {
		for _, r := range slices.Backward(list) {
			if r != id && !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// mostRefs is how many references are kept of a long thread.
const mostRefs = 30

// bounded keeps the root and the newest of a chain, oldest first.
func bounded(chain []string) []string {
	if len(chain) <= mostRefs {
		return chain
	}
	return append([]string{chain[0]}, chain[len(chain)-mostRefs+1:]...)
}

var notIDText = pattern.Late{Expr: `[^A-Za-z0-9._-]+`}

// ownID is the Message-ID of a reply, without brackets.
func ownID(in channel.Inbox, replyID string) string {
	return notIDText.ReplaceAllString(replyID, "-") + "@" + domainOf(in.Account)
}

// replyOf is the reply's id in one of our Message-IDs, or "" if it is not ours.
func replyOf(in channel.Inbox, id string) string {
	local, domain := cutAddress(id)
	if domain == "" || !strings.EqualFold(domain, domainOf(in.Account)) {
		return ""
	}
	return local
}

// partRef says which attachment of the archived mail is meant.
func partRef(n int) string { return "part:" + strconv.Itoa(n) }

func partNumber(ref string) (int, bool) {
	text, ok := strings.CutPrefix(ref, "part:")
	n, err := strconv.Atoi(text)
	return n, ok && err == nil && n >= 0
}
