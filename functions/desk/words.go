package desk

import (
	"fmt"
	"strings"
	"time"

	"ines/shared/mask"
)

// moment is a time for <time datetime>: for machines and for people.
type moment struct{ ISO, Words, Full string }

// at writes a time as people at the desk say it, shorter the nearer it is.
func at(t, now time.Time, zone *time.Location) moment {
	t, now = t.In(zone), now.In(zone)
	m := moment{ISO: t.Format(time.RFC3339), Full: t.Format("Monday 2 January 2006, 15:04 MST")}
	m.Words = stamp(t, now)
	switch day := t.Format(time.DateOnly); day {
	case now.AddDate(0, 0, -1).Format(time.DateOnly):
		m.Words = t.Format("yesterday 15:04")
	case now.AddDate(0, 0, 1).Format(time.DateOnly):
		m.Words = t.Format("tomorrow 15:04")
	}
	return m
}

// stamp is a time that stands well in any sentence.
func stamp(t, now time.Time) string {
	switch {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return t.Format("15:04")
	case t.Year() == now.Year():
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2 Jan 2006 15:04")
}

// unmasked says in words what a list leaves out of the customer's.
var unmasked = strings.NewReplacer(mask.Card, "[card number]", mask.IBAN, "[account number]", mask.Phone, "[phone number]", mask.Email, "[mail address]", mask.Booking, "[booking number]")

// span writes a length of time roughly: 40 min, 3 h, 2 days.
func span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d < time.Minute:
		return "under a minute"
	case d < 100*time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 36*time.Hour:
		return fmt.Sprintf("%d h", int(d.Round(time.Hour).Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Round(24*time.Hour).Hours()/24))
}

// dueWords say what is owed and when; Level is late, soon or "".
type dueWords struct {
	What, Words, Level string
	At                 moment
}

func dueIn(due *time.Time, what string, now time.Time, zone *time.Location) dueWords {
	if due == nil {
		return dueWords{}
	}
	d := dueWords{What: owed[what], At: at(*due, now, zone)}
	if d.What == "" {
		d.What = strings.ReplaceAll(what, "_", " ")
	}
	switch left := due.Sub(now); {
	case left < 0 && left > -time.Minute:
		d.Words, d.Level = "overdue just now", "late"
	case left < 0:
		d.Words, d.Level = "overdue by "+span(left), "late"
	case left < 15*time.Minute:
		d.Words, d.Level = "due in "+span(left), "soon"
	default:
		d.Words = "due in " + span(left)
	}
	return d
}

// wordless says in a list what came without words: an attachment's type, or nothing
// that is there any more.
func wordless(file string) string {
	switch file {
	case "image":
		return "sent a picture"
	case "audio":
		return "sent a recording"
	case "location":
		return "sent a place"
	case "video", "file", "sticker", "contact", "link":
		return "sent a " + file
	case "":
		return "no words"
	}
	return "sent something that can’t be shown here"
}

var owed = map[string]string{"first_answer": "First answer", "next_answer": "Next answer", "resolution": "Solution", "promise": "Promise", "approval": "Approval"}

var channelNames = map[string]string{"x": "X", "email": "E-mail", "whatsapp": "WhatsApp", "web": "Web", "sms": "SMS", "line": "LINE",
	"facebook": "Facebook", "messenger": "Messenger", "instagram": "Instagram", "telegram": "Telegram", "slack": "Slack", "voice": "Phone"}

func channelName(id string) string {
	if n, ok := channelNames[id]; ok {
		return n
	}
	return id
}

// initials are for the round mark beside a name.
func initials(name string) string {
	var out []rune
	for word := range strings.FieldsSeq(name) {
		for _, r := range word {
			out = append(out, r)
			break
		}
	}
	if len(out) > 2 {
		out = []rune{out[0], out[len(out)-1]}
	}
	return strings.ToUpper(string(out))
}
