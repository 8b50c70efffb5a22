package story

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Tell prints every case of a desk with its timeline, oldest first.
func Tell(ctx context.Context, how Player, w io.Writer) error {
	how = how.complete()
	desk, reader := api{how.BaseURL, how.HTTP}, how.Desk.Colleagues[0].ID
	cases, err := desk.cases(ctx, reader)
	if err != nil {
		return err
	}
	slices.SortStableFunc(cases, func(a, b Case) int { return a.OpenedAt.Compare(b.OpenedAt) })
	for _, c := range cases {
		t, err := desk.told(ctx, c.ID, reader)
		if err != nil {
			return err
		}
		if err := PrintTimeline(w, t.Case, t.Timeline, zoneOf(how.Desk)); err != nil {
			return err
		}
	}
	return nil
}

// The columns of a printed timeline: time, who, where, what.
const (
	whoWidth   = 17
	whereWidth = 15
	textWidth  = 66
	indent     = 2 + 5 + 2 + whoWidth + 1 + whereWidth + 1
)

// PrintTimeline writes a case for a terminal of 110 columns: what people said with
// when, who and where before it, and what happened besides in a line each, set in.
func PrintTimeline(w io.Writer, c Case, timeline []Entry, zone *time.Location) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s, case %s: %s, %s\n", c.Customer.Name, c.ID, c.Status, strings.Join(c.threadNames(), ", "))
	day := ""
	for _, e := range timeline {
		if d := e.At().In(zone).Format("Monday, 2 January 2006"); d != day {
			day = d
			fmt.Fprintf(&b, "\n  %s\n", d)
		}
		e.print(&b, zone)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (e Entry) print(b *strings.Builder, zone *time.Location) {
	kind := e.Text("kind")
	at := e.At().In(zone).Format("15:04")
	if kind != "message_received" && kind != "reply_requested" && kind != "note_added" {
		if said := e.happened(zone); said != "" {
			lines := wrap(said, textWidth+whereWidth+whoWidth)
			fmt.Fprintf(b, "  %s    · %s\n", at, strings.Join(lines, "\n             "))
		}
		return
	}
	who, where := e.Text("author"), e.Text("channel")+" "+e.Text("visibility")
	switch {
	case kind == "note_added":
		who, where = e.Text("by"), "note"
	case kind == "reply_requested":
		who = "→ " + e.Text("by")
	case e.Text("by") != "customer":
		who = "(" + who + ")"
	}
	text := e.Text("text")
	if e["deleted"] == true {
		text = "[withdrawn]"
	}
	if state := e.Text("state"); state != "" && state != "sent" {
		text += " [" + state + "]"
	}
	lines := wrap(text, textWidth)
	fmt.Fprintf(b, "  %s  %s %s %s\n", at, pad(who, whoWidth), pad(where, whereWidth), lines[0])
	for _, line := range lines[1:] {
		if line != "" {
			line = strings.Repeat(" ", indent) + line
		}
		fmt.Fprintln(b, line)
	}
}

// happened is an event in a few words, or "" for one that matters to machines only.
// explained is the sentence of a decision that the entry records.
func (e Entry) explained() string {
	why, _ := e["why"].(map[string]any)
	text, _ := why["text"].(string)
	return text
}

func (e Entry) happened(zone *time.Location) string {
	clock := func(name string) string {
		at, err := time.Parse(time.RFC3339Nano, e.Text(name))
		if err != nil {
			return "?"
		}
		if day, err := time.Parse(time.RFC3339Nano, e.Text("at")); err == nil && day.In(zone).YearDay() != at.In(zone).YearDay() {
			return at.In(zone).Format("2 January 15:04")
		}
		return at.In(zone).Format("15:04")
	}
	money := strings.TrimSpace(strings.TrimSpace(e.Text("action")+" "+e.Text("amount")) + " " + e.Text("currency"))
	by := e.Text("by")
	switch e.Text("kind") {
	case "case_opened":
		return "case opened: " + e.Text("why")
	case "thread_joined":
		if e.Text("via") == "opened" {
			return ""
		}
		return fmt.Sprintf("thread joined: %s %s (%s)", e.Text("channel"), e.Text("visibility"), via[e.Text("via")])
	case "bystander_split":
		return "a bystander has a case of their own now: " + e.Text("why")
	case "clock_missed":
		return "late: " + strings.ReplaceAll(e.Text("clock"), "_", " ")
	case "claimed":
		return "claimed by " + by
	case "claim_expired":
		return "the claim of " + e.Text("colleague") + " ended"
	case "released":
		return "released by " + by
	case "taken_over":
		return fmt.Sprintf("%s took over from %s: %s", by, e.Text("from"), e.Text("why"))
	case "assigned":
		return fmt.Sprintf("%s assigned it to %s", by, e.Text("colleague"))
	case "transferred":
		return fmt.Sprintf("%s passed it to %s: %s", by, e.Text("department"), e.Text("why"))
	case "reply_delayed", "reply_unconfirmed", "reply_failed":
		return strings.ReplaceAll(e.Text("kind"), "_", " ") + ": " + e.Text("why")
	case "handle_linked":
		return "known now as the customer's own address: " + e.Text("source")
	case "call_logged":
		return fmt.Sprintf("%s logged a call, %s, %s: %s. %s", by, e.Text("direction"), e.Text("number"), strings.ReplaceAll(e.Text("outcome"), "_", " "), e.Text("text"))
	case "promise_made":
		return fmt.Sprintf("%s promised by %s: %s", by, clock("due"), e.Text("text"))
	case "promise_kept":
		late := ""
		if e["late"] == true {
			late = ", late"
		}
		return fmt.Sprintf("promise kept%s: %s", late, e.Text("what"))
	case "promise_moved":
		return fmt.Sprintf("promise moved to %s: %s", clock("due"), e.Text("why"))
	case "promise_broken":
		return "promise broken: " + e.Text("what")
	case "approval_requested":
		return fmt.Sprintf("%s asks for a yes to %s by %s: %s", by, money, clock("due"), e.Text("text"))
	case "approval_granted":
		return fmt.Sprintf("%s said yes to %s: %s", by, e.Text("what"), e.Text("text"))
	case "approval_declined":
		return fmt.Sprintf("%s said no: %s", by, e.Text("text"))
	case "approval_overdue":
		return "nobody has answered the approval in time"
	case "action_taken":
		return fmt.Sprintf("%s: %s, %s", by, money, e.Text("text"))
	case "case_absorbed":
		return "another case became part of this one: " + e.Text("why")
	case "automatic_answer":
		return "answered automatically (" + e.Text("answer") + "): " + e.explained()
	case "automation_outcome":
		return strings.ReplaceAll(e.Text("outcome"), "_", " ") + ": " + e.explained()
	case "person_asked_for":
		return "asks for a person: “" + e.Text("found") + "”"
	case "rating_planned", "rating_spared":
		return e.explained()
	case "rating_asked":
		return "asked how it was: " + e.explained()
	case "rated":
		return strings.TrimSuffix(fmt.Sprintf("gave %v of 5: %s", e["score"], e.Text("text")), ": ")
	case "personal_data_public":
		return "personal data stands in public"
	case "snoozed":
		return fmt.Sprintf("%s snoozed it until %s", by, clock("until"))
	case "woken", "reopened":
		return e.Text("kind") + ": " + e.Text("why")
	case "resolved":
		return strings.TrimSuffix(fmt.Sprintf("resolved by %s: %s", by, e.Text("text")), ": ")
	}
	return ""
}

// via says how a thread came to its case.
var via = map[string]string{
	"token": "the answer carried our link token", "known": "we know the thread", "sent": "an answer to what we sent",
	"customer": "the same customer", "private": "we wrote there",
}

// wrap breaks a text into lines of at most width characters; words stay whole
// unless one alone is longer, and one empty line stands between paragraphs.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line := ""
		for word := range strings.FieldsSeq(paragraph) {
			switch {
			case line == "":
				line = word
			case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
				line += " " + word
			default:
				lines, line = append(lines, line), word
			}
		}
		if line != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, line)
		}
	}
	if lines == nil {
		lines = []string{""}
	}
	return lines
}

// pad fills or cuts to a width in characters.
func pad(s string, width int) string {
	r := []rune(s)
	if len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return s + strings.Repeat(" ", width-len(r))
}
