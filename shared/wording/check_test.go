package wording

import (
	"slices"
	"strings"
	"testing"

	"ines/shared/policy"

	"pgregory.net/rapid"
)

func checks(ws []Warning) string {
	names := make([]string, len(ws))
	for i, w := range ws {
		names[i] = w.Check
	}
	return strings.Join(names, " ")
}

func TestWordingWarns(t *testing.T) {
	for text, want := range map[string]string{
		"I have your case and I am keeping it until it is done. ^Ines": "",
		"Your ticket number is #48213.":                                "ticket_number",
		"Please quote case 2026-00417 when you write.":                 "ticket_number",
		"Ref: NL-004417":                                                       "ticket_number",
		"Votre numéro de dossier : 4471-22":                                    "ticket_number",
		"Ihre Vorgangsnummer lautet 884213":                                    "ticket_number",
		"Your booking reference NL4F2K is fine, and so is flight NL 204.":      "personal_data",
		"Your booking is fine, and so is flight NL 204.":                       "",
		"Your ticket was never booked.":                                        "",
		"Please do not reply to this message.":                                 "do_not_reply",
		"Merci de ne pas répondre à ce message.":                               "do_not_reply",
		"Bitte nicht auf diese Mail antworten.":                                "do_not_reply",
		"YOU HAVE TO WAIT like everybody else":                                 "shouting",
		"That is wrong!!!":                                                     "shouting",
		"The IBAN and BIC go to our UK office.":                                "",
		"Great news! It is done.":                                              "",
		"We have your number +44 7700 900461.":                                 "personal_data",
		"Is leo.marsh@post.example still right?":                               "personal_data",
		"Your card 4111 1111 1111 1111 was charged.":                           "personal_data",
		"The money went to GB82 WEST 1234 5698 7654 32.":                       "personal_data",
		"Write to help@northline.example any time.":                            "",
		"It was on 2026-11-19, £214.60 in all.":                                "",
		"I'll get back to you shortly.":                                        "undated_promise",
		"I'll get back to you by 5.":                                           "",
		"Je reviens vers vous dès que possible.":                               "undated_promise",
		"Ich melde mich so schnell wie möglich.":                               "undated_promise",
		"Shall I call you?":                                                    "",
		"Ticket 55123: DO NOT REPLY HERE!! I'll call you soon on 07700 900461": "ticket_number do_not_reply shouting personal_data undated_promise",
	} {
		got := Check(text, Setting{Public: true, Own: "help@northline.example"})
		if checks(got) != want {
			t.Errorf("%q warns of %q, want %q: %+v", text, checks(got), want, got)
		}
		for _, w := range got {
			if w.Text == "" || w.Found == "" || !strings.Contains(plain(text), plain(w.Found)) {
				t.Errorf("%q: %+v", text, w)
			}
		}
	}
	if got := Check("We have your number +44 7700 900461.", Setting{}); got != nil {
		t.Errorf("in private: %+v", got)
	}
}

// Every check can be switched off, and nothing else goes with it.
func TestEachWordingCheckCanBeSwitchedOff(t *testing.T) {
	text := "Ticket 55123: DO NOT REPLY HERE!! I'll call you soon on 07700 900461"
	for _, off := range policy.Checks {
		got := Check(text, Setting{Public: true, Wording: policy.Wording{Off: []string{off}}})
		want := slices.DeleteFunc(slices.Clone(policy.Checks), func(c string) bool { return c == off })
		if checks(got) != strings.Join(want, " ") {
			t.Errorf("without %s: %s", off, checks(got))
		}
	}
}

func FuzzWording(f *testing.F) {
	f.Add("I'll ring you by 5. Ticket #4444", "en")
	f.Add("Ich melde mich bis halb fünf\xff", "de")
	f.Fuzz(func(t *testing.T, text, language string) {
		Check(text, Setting{Public: true, Language: language})
		for _, p := range Promises(text, language, now, nil) {
			if !p.Due.After(now) {
				t.Errorf("%q promises the past", text)
			}
		}
	})
}

func TestChecksTakeAnyText(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		Check(rapid.String().Draw(rt, "text"), Setting{Public: true})
	})
}
