package casework

import (
	"fmt"
	"strings"
	"time"
)

// movedWords tell the customer that a promise takes longer. They say nothing of what
// was promised: he knows, and the thread may be public.
func (d *draft) movedWords(from, to time.Time) string {
	language, _, _ := strings.Cut(d.c.About.Language, "-")
	if _, ok := movedTexts[language]; !ok {
		language = "en"
		if com, ok := d.env.Policy.Community(d.c.Community); ok && len(com.Languages) > 0 {
			if first, _, _ := strings.Cut(com.Languages[0], "-"); movedTexts[first] != "" {
				language = first
			}
		}
	}
	return fmt.Sprintf(movedTexts[language], d.clockWords(language, from), d.clockWords(language, to))
}

var movedTexts = map[string]string{
	"en": "I promised you this by %s. I need until %s to do it properly, and I am sorry for the wait.",
	"fr": "Je vous avais promis cela pour %s. Ce sera pour %s, le temps de bien faire ; veuillez m’excuser de cette attente.",
	"de": "Das hatte ich Ihnen bis %s versprochen. Ich brauche noch bis %s, um es richtig zu machen. Bitte entschuldigen Sie, dass Sie warten müssen.",
}

// clockWords write a time for a customer: the day only where it isn't today.
func (d *draft) clockWords(language string, t time.Time) string {
	zone := time.UTC
	if cal := d.calendar(); cal != nil {
		zone = cal.Zone()
	}
	t = t.In(zone)
	now := d.env.Now.In(zone)
	clock := t.Format("15:04")
	switch language {
	case "fr":
		clock = t.Format("15 h 04")
	case "de":
		clock += " Uhr"
	}
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return clock
	}
	month := int(t.Month()) - 1
	switch language {
	case "fr":
		return fmt.Sprintf("le %d %s à %s", t.Day(), frenchMonths[month], clock)
	case "de":
		return fmt.Sprintf("zum %d. %s, %s", t.Day(), germanMonths[month], clock)
	}
	return t.Format("15:04 on 2 January")
}

var (
	frenchMonths = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	germanMonths = [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
)
