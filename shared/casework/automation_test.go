package casework

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/message"
)

const automatic = `
topics: [{id: seat, name: seats}, {id: refund}]
automation:
  - id: seat
    topic: seat
    when: 'segment != "stranded" && kind != "complaint"'
    text:
      en: "Hi {first_name}, seats of {brand} are chosen here."
      fr: "Bonjour {first_name}, vous choisissez votre place."
    deflect: {to: "https://northline.example/seats", text: {en: "See {to}", fr: "Voir {to}"}}
    quiet: 24h
    resolve: true
  - {id: refund, topic: refund, certainty: 80, public: true, text: {en: "Refunds take five days."}, deflect: {to: email, text: {en: "Write to {to}."}}}
`

func automated(t testing.TB) *file {
	f := newFile(t)
	f.desk = deskWith(t, automatic)
	return f
}

// seatQuestion is a private question that the machine is sure about.
func seatQuestion(f *file, id, text string) Receive {
	r := dm(id, "leo", text, f.now)
	r.Message.Author.Name = "Leo Marsh"
	r.About = About{Language: "en", Kind: "question", Urgency: "normal", Tone: "neutral", Topic: "seat", TopicP: 0.98, TopicSure: true}
	return r
}

// sent lets the platform take every reply that waits.
func (f *file) sent() {
	for id := range f.c.Clone().Sendings {
		f.do("", ReportReply{Reply: id, State: "sent", Platform: "p-" + id, At: f.now})
	}
}

func machineAnswered(t testing.TB) *file {
	f := automated(t)
	events := f.do("", seatQuestion(f, "1", "Can I sit at the window?"))
	f.has(events, "automatic_answer")
	f.sent()
	return f
}

func TestAutomaticAnswerSaysWhoSpeaksAndHowToReachAPerson(t *testing.T) {
	f := automated(t)
	events := f.do("", seatQuestion(f, "1", "Can I sit at the window?"))
	reply := f.has(events, "reply_requested").(ReplyRequested)
	want := "Hi Leo, seats of Northline are chosen here.\n\nSee https://northline.example/seats\n\n" +
		"Rather talk to a person? Just write “person” and one of us takes over.\n\nInes, automatically"
	if reply.Text != want || !reply.Automatic || reply.Thread != "t1" {
		t.Errorf("reply %+v, want %q", reply, want)
	}
	a := f.has(events, "automatic_answer").(AutomaticAnswer)
	if a.Answer != "seat" || a.Reply != reply.Reply || a.Message != "1" || !strings.Contains(a.Why.Text, "automation[0] holds") || a.Why.Facts["probability"] != 0.98 {
		t.Errorf("explained as %+v", a)
	}
	if f.c.Touched || f.c.Owner != "" || f.c.LastHelper != "" || f.c.Status != StatusOpen {
		t.Error("a machine counts as a colleague, or the case is out of sight")
	}
	french := automated(t)
	r := seatQuestion(french, "1", "Puis-je choisir ma place ?")
	r.About.Language, r.Message.Author.Name = "fr-CA", "www.win.example"
	text := french.has(french.do("", r), "reply_requested").(ReplyRequested).Text
	if !strings.HasPrefix(text, "Bonjour, vous") || !strings.Contains(text, "« conseiller »") || !strings.HasSuffix(text, "Ines, réponse automatique") {
		t.Errorf("French: %q", text)
	}
}

func TestNoAutomaticAnswerAndWhy(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(f *file, r *Receive)
		why    string // "": not even a word about it
	}{
		"unsure topic":         {func(_ *file, r *Receive) { r.About.TopicSure = false }, "not sure enough"},
		"no topic":             {func(_ *file, r *Receive) { r.About.Topic = "" }, "none for the topic (not known)"},
		"topic without answer": {func(_ *file, r *Receive) { r.About.Topic = "crew" }, "none for the topic crew"},
		"rule does not hold":   {func(_ *file, r *Receive) { r.About.Kind = "complaint" }, "none of those for the topic seat is meant"},
		"other language":       {func(_ *file, r *Receive) { r.About.Language = "sv" }, "no text in sv"},
		"below the certainty":  {func(_ *file, r *Receive) { r.About.Topic, r.About.TopicP = "refund", 0.79 }, "79 percent, 80 are wanted"},
		"public post":          {func(_ *file, r *Receive) { r.Message.Visibility, r.Message.Thread = message.Public, "1" }, "not for public posts"},
		"old message":          {func(_ *file, r *Receive) { r.Message.SentAt = r.Message.SentAt.Add(-61 * time.Minute) }, "older than an hour"},
		"refused":              {func(_ *file, r *Receive) { r.Consent = &message.Consent{Refused: true} }, "refused to be written to"},
		"asks for a person":    {func(_ *file, r *Receive) { r.Message.Text = "Please let me talk to a real person" }, "wants a person"},
		"moment of truth":      {func(_ *file, r *Receive) { r.About.Urgency = "now" }, "is meant for this message"},
		"moment of truth, any": {func(_ *file, r *Receive) { r.About.Urgency, r.About.Topic = "now", "refund" }, "can't wait"},
		"window closed":        {func(_ *file, r *Receive) { r.Message.Author.Handle.ID, r.Message.Thread = "closed", "closed" }, "can't be answered now"},
		"three today":          {func(f *file, _ *Receive) { f.today = 3 }, "had 3 automatic answers today"},
		"a machine":            {func(_ *file, r *Receive) { r.Message.Automatic = true }, ""},
		"thanks":               {func(_ *file, r *Receive) { r.About.Kind = "praise" }, ""},
		"spam":                 {func(_ *file, r *Receive) { r.About.Kind = "spam" }, ""},
		"filed again":          {func(_ *file, r *Receive) { r.Again = true }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := automated(t)
			r := seatQuestion(f, "1", "Can I sit at the window?")
			tt.change(f, &r)
			events := f.do("", r)
			if k := kinds(events); slices.Contains(k, "automatic_answer") || slices.Contains(k, "reply_requested") {
				t.Fatalf("answered: %v", k)
			}
			if tt.why == "" {
				if slices.Contains(kinds(events), "answer_withheld") {
					t.Errorf("events %v", kinds(events))
				}
				return
			}
			if w := f.has(events, "answer_withheld").(AnswerWithheld); !strings.Contains(w.Why.Text, tt.why) || w.Why.Outcome != "none" {
				t.Errorf("explained as %+v, want %q", w.Why, tt.why)
			}
		})
	}
}

func TestAutomaticAnswersComeOncePerThreadAndNotAfterAColleague(t *testing.T) {
	f := machineAnswered(t)
	f.wait(time.Minute)
	// A kind word ends well, and a second question in the thread is a person's.
	thanks := seatQuestion(f, "2", "thanks a lot")
	thanks.About = About{Language: "en", Kind: "praise", Tone: "positive", Urgency: "normal"}
	if o := f.has(f.do("", thanks), "automation_outcome").(AutomationOutcome); o.Outcome != OutcomeSolved {
		t.Errorf("thanks make it %+v", o)
	}
	if w := f.has(f.do("", seatQuestion(f, "3", "and the aisle?")), "answer_withheld").(AnswerWithheld); !strings.Contains(w.Why.Text, "in this thread") {
		t.Errorf("explained as %+v", w.Why)
	}

	g := automated(t)
	g.do("", dm("1", "leo", "hello?", g.now))
	g.do("ines", SendReply{By: "ines", Text: "Hello Leo."})
	if w := g.has(g.do("", seatQuestion(g, "2", "window seat?")), "answer_withheld").(AnswerWithheld); !strings.Contains(w.Why.Text, "a colleague has the matter") {
		t.Errorf("explained as %+v", w.Why)
	}
}

// Nothing that a machine says makes a machine speak: not its own words that come back,
// nor another machine's answer to them.
func TestAnAutomaticAnswerNeverCausesAnother(t *testing.T) {
	f := machineAnswered(t)
	for i, id := range []string{"2", "3", "4"} {
		r := seatQuestion(f, id, "Out of office. Your seats message was received.")
		r.Message.Automatic = i != 1 // even one that does not say what it is
		r.Message.Thread = "other-" + id
		if k := kinds(f.do("", r)); slices.Contains(k, "reply_requested") {
			t.Fatalf("answered again: %v", k)
		}
	}
	f.wait(25 * time.Hour)
	for range 3 {
		if events, err := f.try("", FireTimers{}); err != nil || slices.Contains(kinds(events), "reply_requested") {
			t.Fatalf("%v, %v", kinds(events), err)
		}
	}
}

func TestWhoComesBackUnsatisfiedGoesToAPersonSooner(t *testing.T) {
	for name, tt := range map[string]struct {
		text    string
		about   About
		outcome string
	}{
		"asks again":          {"But where is the button?", About{Kind: "question", Tone: "neutral"}, OutcomeCameBack},
		"is angry":            {"Great, thanks for nothing", About{Kind: "small_talk", Tone: "negative", Anger: 0.8}, OutcomeCameBack},
		"asks for a person":   {"agent!", About{Kind: "small_talk", Tone: "neutral"}, OutcomeAskedPerson},
		"in another language": {"Ich möchte mit einem Menschen sprechen", About{Kind: "question", Tone: "neutral"}, OutcomeAskedPerson},
	} {
		t.Run(name, func(t *testing.T) {
			f := machineAnswered(t)
			if f.c.owesAWord() {
				t.Fatal("the automatic answer met no clock")
			}
			f.wait(10 * time.Minute)
			r := seatQuestion(f, "2", tt.text)
			r.About.Kind, r.About.Tone, r.About.Anger = tt.about.Kind, tt.about.Tone, tt.about.Anger
			events := f.do("", r)
			o := f.has(events, "automation_outcome").(AutomationOutcome)
			if o.Outcome != tt.outcome || o.Answer != "seat" || o.Message != "2" || o.Why.Text == "" {
				t.Errorf("outcome %+v", o)
			}
			if f.c.About.Urgency != "high" || !slices.Contains(f.c.About.Points, pointCameBack) {
				t.Errorf("urgency %q for %v", f.c.About.Urgency, f.c.About.Points)
			}
			// A person owes the next word as soon as a first one.
			if !f.c.WaitsForUs() || !f.c.Next.Due.Equal(f.now.Add(f.c.Targets.FirstAnswer)) {
				t.Errorf("waits for us: %v, due %v", f.c.WaitsForUs(), f.c.Next.Due)
			}
			if slices.Contains(kinds(events), "reply_requested") {
				t.Error("the machine spoke again")
			}
			f.wait(25 * time.Hour)
			f.do("", FireTimers{})
			if f.c.Status != StatusOpen || f.c.Automatic() != tt.outcome {
				t.Errorf("later %s, %s", f.c.Status, f.c.Automatic())
			}
		})
	}
}

func TestAQuietCustomerWasHelped(t *testing.T) {
	f := machineAnswered(t)
	if next := f.c.Timers()[0]; next.For != "automation" || !next.At.Equal(morning.Add(24*time.Hour)) {
		t.Errorf("next timer %+v", next)
	}
	f.wait(24 * time.Hour)
	events := f.do("", FireTimers{})
	if o := f.has(events, "automation_outcome").(AutomationOutcome); o.Outcome != OutcomeSolved || o.Message != "" {
		t.Errorf("outcome %+v", o)
	}
	if f.c.Status != StatusResolved || f.c.owesAWord() {
		t.Errorf("status %s", f.c.Status)
	}
	// Without the policy's word the case stays open; what never arrived helped nobody.
	g := automated(t)
	r := seatQuestion(g, "1", "refund?")
	r.About.Topic = "refund"
	g.has(g.do("", r), "automatic_answer")
	g.wait(48 * time.Hour)
	if o := g.has(g.do("", FireTimers{}), "automation_outcome").(AutomationOutcome); o.Outcome != OutcomeNotSent || g.c.Status != StatusOpen {
		t.Errorf("outcome %+v, %s", o, g.c.Status)
	}
}

func TestAColleagueTakesAnAutomaticAnswerUp(t *testing.T) {
	f := machineAnswered(t)
	if o := f.has(f.do("ines", SendReply{By: "ines", Text: "I have moved you."}), "automation_outcome").(AutomationOutcome); o.Outcome != OutcomeTakenUp {
		t.Errorf("outcome %+v", o)
	}
	g := machineAnswered(t)
	if o := g.has(g.do("ines", Resolve{By: "ines"}), "automation_outcome").(AutomationOutcome); o.Outcome != OutcomeSolved {
		t.Errorf("outcome %+v", o)
	}
}

func TestDeflectionToAChannelIsMeasuredAndNoDeadEnd(t *testing.T) {
	f := automated(t)
	r := seatQuestion(f, "1", "my refund?")
	r.About.Topic = "refund"
	text := f.has(f.do("", r), "reply_requested").(ReplyRequested).Text
	if !strings.Contains(text, "Write to help@northline.example.") || !strings.Contains(text, "“person”") {
		t.Errorf("text %q", text)
	}
	f.sent()
	m := seatQuestion(f, "2", "As you said, here is my booking")
	m.Message.Channel, m.Message.Inbox, m.Message.Thread, m.Via = "email", "northline-mail", "<a@b>", "token"
	m.Message.Author.Handle = message.Handle{Channel: "email", ID: "leo@kite.example"}
	m.About.Topic = "refund"
	events := f.do("", m)
	if o := f.has(events, "automation_outcome").(AutomationOutcome); o.Outcome != OutcomeWentThere || f.c.About.Urgency != "normal" {
		t.Errorf("outcome %+v, urgency %s", o, f.c.About.Urgency)
	}
	if slices.Contains(kinds(events), "automatic_answer") && f.c.Automated[1].Deflect == "email" {
		t.Error("he was sent where he is")
	}
}

func TestAskingForAPersonIsRecognised(t *testing.T) {
	for _, text := range []string{
		"agent", "That is no answer. A human please", "Human please!", "person", "can I speak to someone?", "I'd like to talk to a real person", "give me a human", "I want a human",
		"please connect me with an agent", "not a bot please", "Operator!!", "is there a real person there?", "put me through to your supervisor",
		"un conseiller", "Un conseiller s'il vous plaît", "je voudrais parler à un conseiller", "parler à quelqu’un", "je veux une vraie personne", "humain",
		"passez-moi un responsable", "marre de ce robot",
		"Mensch", "mit einem Menschen", "Ich will mit einem Mitarbeiter sprechen", "kann ich mit jemandem sprechen?", "echter Mensch bitte", "kein Bot!",
		"quiero hablar con una persona", "agente", "voglio parlare con un operatore", "quero falar com um atendente", "ik wil met een medewerker spreken", "mens",
		"is there anybody there I can talk to?", "je veux un humain", "je voudrais une conseillère", "Ich möchte einen Mitarbeiter sprechen", "ich brauche einen Menschen",
		"quiero un humano", "páseme con un agente", "voglio un umano", "mi passi un operatore", "quero um humano", "passe-me a um assistente",
		"ik wil een mens spreken", "ik wil iemand spreken", "mag ik een medewerker spreken?", "een medewerker graag", "verbind me door met een medewerker", "ik wil een mens",
	} {
		if _, ok := AsksForPerson(text); !ok {
			t.Errorf("not recognised: %q", text)
		}
	}
	for _, text := range []string{
		"", "Can I change my seat?", "two seats, one person per row", "The person at the counter was lovely", "we are five people", "My agent booked this flight",
		"I was told the crew would help me", "Où est ma valise ?", "une personne m'a dit le contraire", "Der Mensch am Schalter war nett", "Ein Mitarbeiter hat mir geholfen",
		"thanks, that helped", "Merci beaucoup", "Danke!", "una persona en mi fila", "mens erger je niet", "de medewerker was onvriendelijk", "iemand heeft mijn koffer", "un agent m'a dit que non", "Ich habe einen Mitarbeiter gefragt", "a human error", "Is there wifi on board?", "I spoke with the agent at gate 4",
	} {
		if found, ok := AsksForPerson(text); ok {
			t.Errorf("%q: found %q", text, found)
		}
	}
}

// The word that an automatic answer tells the customer to write is understood, in
// every language that there is a default for.
func TestTheWayToAPersonWorks(t *testing.T) {
	brand, _ := deskWith(t, automatic).Brand("northline")
	quotes := strings.NewReplacer("“", "|", "”", "|", "«", "|", "»", "|", "„", "|")
	for _, language := range PersonLanguages {
		words := brand.PersonWords(language)
		parts := strings.Split(quotes.Replace(words), "|")
		if len(parts) != 3 || language != "en" && words == brand.PersonWords("en") {
			t.Fatalf("%s: %q names no word of its own", language, words)
		}
		if _, ok := AsksForPerson(strings.TrimSpace(parts[1])); !ok {
			t.Errorf("%s: %q is not understood", language, parts[1])
		}
	}
}

func FuzzAsksForPerson(f *testing.F) {
	f.Add("agent, please")
	f.Add("mit einem\xff Menschen")
	f.Fuzz(func(t *testing.T, text string) {
		if found, ok := AsksForPerson(text); ok && found == "" {
			t.Errorf("%q: found nothing", text)
		}
	})
}
