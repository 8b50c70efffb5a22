package wording

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"ines/shared/policy"
	"ines/shared/policy/policyfile"

	"pgregory.net/rapid"
)

// hours of a desk in London, open from eight to eight, and to two on Saturdays.
func hours(t testing.TB) *policy.Calendar {
	d, err := policyfile.Parse("desk.yaml", []byte(`
brands: [{id: northline}]
communities: [{id: northline-en, brand: northline, languages: [en], hours: {zone: Europe/London, mon-fri: ["08:00-20:00"], sat: ["09:00-14:00"]}}]
inboxes: [{id: northline-x, channel: x, account: "2244994945", community: northline-en}]
departments: [{id: care, default: true}]
colleagues: [{id: ines, name: Ines Silva}]
`))
	if err != nil {
		t.Fatal(err)
	}
	return d.Communities[0].Hours
}

// It is Thursday 19 November 2026, 14:20 in London.
var now = time.Date(2026, 11, 19, 14, 20, 0, 0, time.UTC)

func TestPromisesInThreeLanguages(t *testing.T) {
	cal := hours(t)
	for text, want := range map[string]string{
		// English
		"I'll get back to you by 5":                                   "19 17:00",
		"Sorry about that, Leo. I’ll get back to you by 5. ^Ines":     "19 17:00",
		"I will get back to you by 5pm today.":                        "19 17:00",
		"We'll call you by 9.":                                        "20 09:00", // nine at night is shut
		"We'll call you by 9:30 tomorrow":                             "20 09:30",
		"I'll ring you at 5.30 p.m. from our own number.":             "19 17:30",
		"I will have an answer for you before 17:45.":                 "19 17:45",
		"I'll be in touch within two hours":                           "19 16:20",
		"I'll be in touch within the hour.":                           "19 15:20",
		"You'll hear from me in half an hour.":                        "19 14:50",
		"I'll look into it and get back to you in 45 minutes":         "19 15:05",
		"In the next three hours you will hear from us.":              "19 17:20",
		"I'll write to you tomorrow morning":                          "20 12:00",
		"I'll write to you tomorrow":                                  "20 20:00",
		"We will send it this afternoon.":                             "19 18:00",
		"I'll phone you tonight.":                                     "19 21:00",
		"I'll let you know by noon tomorrow":                          "20 12:00",
		"You will have your money back by Friday.":                    "20 20:00",
		"I'll have an answer by Saturday.":                            "21 14:00",
		"I'll get back to you by Friday 17:00":                        "20 17:00",
		"I'll ring you tomorrow, 9:30.":                               "20 09:30",
		"We'll refund it by the end of the day":                       "19 20:00",
		"We'll have it sorted by the end of the week.":                "20 20:00",
		"I'll update you within 2 working days.":                      "21 14:00",
		"We'll refund you by 30 November.":                            "30 20:00", // of the day's hours
		"If it hasn't come by 4, I'll ring you at 6.":                 "19 18:00",
		"I'll call you back by two o'clock tomorrow.":                 "20 14:00",
		"Let me check with Payments. You'll have an answer by 3 p.m.": "19 15:00",
		// French
		"Je reviens vers vous avant 17h.":                               "19 17:00",
		"Je vous rappelle à 17 h 30.":                                   "19 17:30",
		"Je vous rappelle vendredi 17h.":                                "20 17:00",
		"Je reviens vers vous demain à 9h30.":                           "20 09:30",
		"Nous vous répondrons dans deux heures":                         "19 16:20",
		"Je vous tiens au courant d'ici une demi-heure":                 "19 14:50",
		"Vous aurez une réponse sous 24 heures.":                        "20 14:20",
		"Je vous recontacte demain matin.":                              "20 12:00",
		"Je vous écris demain.":                                         "20 20:00",
		"Je vous réponds ce soir":                                       "19 21:00",
		"Nous vous rembourserons d'ici vendredi.":                       "20 20:00",
		"Je vous rappelle demain avant 10h":                             "20 10:00",
		"Je m’en occupe et je vous tiens au courant cet après-midi.":    "19 18:00",
		"Nous revenons vers vous d'ici la fin de la journée.":           "19 20:00",
		"Je vous enverrai le bon d’ici 2h.":                             "19 16:20",
		"Vous recevrez votre remboursement le 30 novembre.":             "30 20:00",
		"Bonjour Leo, je suis désolée. Je vous rappelle dans une heure": "19 15:20",
		// German
		"Ich melde mich bis 17 Uhr.":                            "19 17:00",
		"Ich melde mich bis 17:30 Uhr bei Ihnen.":               "19 17:30",
		"Ich melde mich bis Freitag 17 Uhr.":                    "20 17:00",
		"Ich melde mich bis morgen 11:30 Uhr.":                  "20 11:30",
		"Wir melden uns innerhalb von zwei Stunden":             "19 16:20",
		"Ich rufe Sie in einer halben Stunde an.":               "19 14:50",
		"Ich schreibe Ihnen morgen früh.":                       "20 12:00",
		"Ich schreibe Ihnen morgen.":                            "20 20:00",
		"Sie hören bis morgen Mittag von mir.":                  "20 12:00",
		"Wir werden Ihnen heute Abend antworten.":               "19 21:00",
		"Ich gebe Ihnen bis halb fünf Bescheid.":                "19 16:30",
		"Sie bekommen Ihr Geld bis Freitag zurück.":             "20 20:00",
		"Wir kümmern uns darum und melden uns übermorgen.":      "21 14:00",
		"Ich rufe Sie am Freitagnachmittag an.":                 "20 18:00",
		"Ich kläre das und melde mich heute Nachmittag.":        "19 18:00",
		"Sie erhalten innerhalb von 2 Werktagen eine Antwort.":  "21 14:00",
		"Ich melde mich bis Feierabend.":                        "19 20:00",
		"Wenn Sie mögen, rufe ich Sie um 16 Uhr an.":            "19 16:00",
		"Das Geld erstatten wir; ich melde mich in 20 Minuten.": "19 14:40",
	} {
		got := Promises(text, "", now, cal)
		if len(got) != 1 {
			t.Errorf("%q: %d promises, want one by %s", text, len(got), want)
			continue
		}
		if s := got[0].Due.Format("02 15:04"); s != want {
			t.Errorf("%q is due %s, want %s", text, s, want)
		}
		if !strings.Contains(text, got[0].Text) || got[0].Text == "" {
			t.Errorf("%q promises %q", text, got[0].Text)
		}
	}
}

func TestWhatIsNoPromise(t *testing.T) {
	cal := hours(t)
	for _, text := range []string{
		"", "Thank you, Leo.", "Can I call you by 5?", "Shall I ring you tomorrow?", "You can reach us by 5.", "The flight leaves at 5.",
		"I won't be able to call you by 5.", "We will not be open tomorrow.", "I'll get back to you.", "I will be honest with you.",
		"Your flight was delayed by 5 hours, I'll look into it.", "We'll see to it that 5 of 10 come.", "I'll have called by this morning.",
		"If you write to us by 5, it will be quicker.", "We can't promise a call by 5.",
		"Le vol part à 17h.", "Je ne peux pas vous promettre une réponse avant 17h.", "Puis-je vous rappeler à 17h ?",
		"Der Flug geht um 17 Uhr.", "Ich kann Ihnen nicht versprechen, dass es bis 17 Uhr klappt.", "Darf ich Sie um 17 Uhr anrufen?",
		"I'll get back to you within 900 hours.", "I'll call by 25:00", "I'll call by 31 February and 99:99",
	} {
		for _, p := range Promises(text, "en", now, cal) {
			if text != "I'll call by 31 February and 99:99" { // taken for 3 March: proposed, and for the colleague to see
				t.Errorf("%q promises %q by %s", text, p.Text, p.Due)
			}
		}
	}
}

func TestSeveralPromisesInOneText(t *testing.T) {
	got := Promises("Hi Leo. I'll ring you by 4 p.m. today. Your refund will follow. You'll have it in writing by Friday!", "en", now, hours(t))
	if len(got) != 2 || got[0].Due.Hour() != 16 || got[1].Due.Weekday() != time.Friday || got[1].Text != "You'll have it in writing by Friday!" {
		t.Errorf("%+v", got)
	}
	long := strings.Repeat("I'll ring you by 4. ", 400)
	if got := Promises(long, "en", now, nil); len(got) != maxPromises {
		t.Errorf("%d promises", len(got))
	}
}

// The wall clock counts, also across the night when it is put back.
func TestPromisesKeepTheWallClock(t *testing.T) {
	eve := time.Date(2026, 10, 24, 15, 0, 0, 0, time.UTC) // 16:00 in London, summer time
	got := Promises("I'll call you on Monday at 9.", "en", eve, hours(t))
	if len(got) != 1 || !got[0].Due.Equal(time.Date(2026, 10, 26, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", got)
	}
}

// Whatever is read, at any moment: no panic, and only the future is promised.
func TestPromisesAreToCome(t *testing.T) {
	cal := hours(t)
	parts := []string{"I'll ", "we will ", "get back ", "call you ", "by 5", "by 5 pm ", "tomorrow ", "within ", "two ", "hours ", "Friday", ". ", "? ", "not ", "à 17h ", "je vous rappelle ",
		"dans ", "morgen ", "bis 17 Uhr ", "ich melde mich ", "halb ", "12", "99", "by the 31 february ", "noon ", "’", "ß", "\xff", "\n"}
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom(parts)).Draw(rt, "parts"), "")
		if rapid.Bool().Draw(rt, "any") {
			text += rapid.String().Draw(rt, "text")
		}
		at := now.Add(time.Duration(rapid.IntRange(0, 400*24*60).Draw(rt, "later")) * time.Minute)
		c := cal
		if rapid.Bool().Draw(rt, "always open") {
			c = nil
		}
		for _, p := range Promises(text, rapid.SampledFrom([]string{"", "de-AT", "fr", "en", "xx"}).Draw(rt, "language"), at, c) {
			if !p.Due.After(at) || p.Due.After(at.AddDate(0, 3, 0)) || p.Text == "" {
				rt.Fatalf("%q at %s promises %+v", text, at, p)
			}
		}
	})
}
