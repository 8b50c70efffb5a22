package classify_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"ines/shared/classify"
	"ines/shared/classify/heads"
)

// TestHeadsOnSentences holds the heads to sentences that none of them was trained
// on; the word lists, which they take cues from, have seen them.
func TestHeadsOnSentences(t *testing.T) {
	c := classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(topics)})
	labelled, right := map[string]int{}, map[string]int{}
	for _, s := range sentences(t, "testdata/sentences.psv") {
		var got classify.Result
		c.Classify(classify.Input{Text: s.text, Languages: declared}, &got)
		if err := sound(got); err != nil {
			t.Errorf("line %d: %v", s.line, err)
		}
		points := slices.DeleteFunc(got.Points, func(p classify.Point) bool { return p.Name == "angry" })
		for _, head := range []struct{ name, want, got string }{
			{"kind", s.kind, answer(got.Kind)},
			{"tone", s.tone, answer(got.Tone)},
			{"language", s.language, answer(got.Language)},
			{"topic", s.topic, answer(got.Topic)},
			{"urgency", strings.TrimPrefix(strings.TrimSuffix(strings.TrimSuffix(s.points, "angry"), ","), "-"), strings.TrimPrefix(named(points), "-")},
		} {
			if head.want == "*" || strings.Contains(head.want, "*") {
				continue
			}
			labelled[head.name]++
			if head.want == head.got {
				right[head.name]++
			} else if testing.Verbose() {
				t.Logf("line %d: %s is %q, want %q: %s", s.line, head.name, head.got, head.want, s.text)
			}
		}
	}
	for head, least := range map[string]float64{"kind": 0.92, "tone": 0.92, "language": 0.96, "topic": 1, "urgency": 0.99} {
		share := float64(right[head]) / float64(labelled[head])
		t.Logf("%s: %d of %d", head, right[head], labelled[head])
		if labelled[head] < 120 || share < least {
			t.Errorf("%s: %.3f of %d, want at least %.2f", head, share, labelled[head], least)
		}
	}
}

func TestLanguageIsHeldToScriptAndDesk(t *testing.T) {
	c := classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(nil)})
	for _, s := range []struct {
		text, hint string
		languages  []string
		want       string
	}{
		{"", "", []string{"fr"}, "fr"},
		{"774120 ??", "", []string{"fr"}, "fr"},
		{"12345", "", nil, "-"},
		{"😀", "de", []string{"fr"}, "de"},
		{"荷物が届きません OK", "", []string{"en"}, "ja"},
		{"Мой рейс отменили, помогите пожалуйста", "", []string{"en"}, "ru"},
		{"Полетот е откажан и никој не кажува ништо", "mk", nil, "mk"},
		{"پرواز من لغو شد لطفا کمک کنید", "", nil, "fa"},
		{"Uçuşum iptal edildi ve kimse yardım etmiyor", "", []string{"en", "de"}, "tr"},
		{"Mój lot został odwołany, proszę o pomoc", "", []string{"en"}, "pl"},
		{"Lennoltani katosi matkalaukku, voitteko auttaa", "", []string{"en"}, "fi"},
		{"Minha mala não chegou e ninguém responde", "pt-BR", []string{"en"}, "pt"},
		{"no", "", []string{"es", "en"}, "es"},
		{"Vielen Dank für die schnelle Hilfe, das war sehr nett", "en", []string{"en"}, "de"},
	} {
		var got classify.Result
		c.Classify(classify.Input{Text: s.text, Hint: s.hint, Languages: s.languages}, &got)
		if answer(got.Language) != s.want {
			t.Errorf("%q, hint %q, inbox %v: %v, want %s", s.text, s.hint, s.languages, got.Language, s.want)
		}
	}
	if n := len(heads.Open().Language.Labels); n < 27 {
		t.Errorf("%d languages", n)
	}
}

// TestJunk: what is sold to everybody by text message is spam, in words of today or of
// twenty years ago; customers' numbers and prices are not.
func TestJunk(t *testing.T) {
	c := classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(nil)})
	for text, want := range map[string]bool{
		"CONGRATS! Your mobile number has won a £500 cash prize. Txt CLAIM to 80888 now, 150p per msg":        true,
		"FREE ringtone waiting for u! Reply YES to 87123 or call 09061234567 to stop. T&Cs apply":             true,
		"Urgent! We tried to contact you about your prize of 2 tickets. Call 09050001122 from land line, 18+": true,
		"My booking 2LK8WV for 14 June was charged 240 pounds twice, please refund one":                       false,
		"Call me back on 0161 496 0123 please, I have been waiting since 9":                                   false,
		"Please ring 0161 496 0123, nobody answers your hotline":                                              false,
		"I was told to call 0800 496 0199 about the claim but it is always engaged":                           false,
		"can someone phone 01632 960 001 about the missing pushchair":                                         false,
		"Ist der Flug NL310 um 18:40 heute pünktlich?":                                                        false,
		"J'ai payé 86 euros le 3 mai et toujours pas de billet":                                               false,
		"Lennon NL204 lähtöaika 18.40, odotetaanko jatkolennolla?":                                            false,
	} {
		var got classify.Result
		c.Classify(classify.Input{Text: text}, &got)
		if (got.Kind.Name == classify.KindSpam) != want {
			t.Errorf("%q is %+v, spam should be %v", text, got.Kind, want)
		}
	}
}

func TestLearnedAllocatesNothing(t *testing.T) {
	c := classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(topics)})
	out := classify.Result{Points: make([]classify.Point, 0, 16)}
	in := classify.Input{Text: sample, Hint: "en", Languages: declared}
	c.Classify(in, &out)
	if n := testing.AllocsPerRun(200, func() { c.Classify(in, &out) }); n > 0 && !forgetful {
		t.Errorf("%v allocations a message", n)
	}
}

func TestLearnedIsTheSameForEverybody(t *testing.T) {
	c := classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(topics)})
	all := sentences(t, "testdata/sentences.psv")
	want := make([]string, len(all))
	say := func(s sentence, r *classify.Result) string {
		c.Classify(classify.Input{Text: s.text, Languages: declared}, r)
		return answer(r.Kind) + answer(r.Tone) + answer(r.Language) + answer(r.Topic) + named(r.Points)
	}
	for i, s := range all {
		var r classify.Result
		want[i] = say(s, &r)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var r classify.Result
			for i, s := range all {
				if got := say(s, &r); got != want[i] {
					t.Errorf("line %d: %s, want %s", s.line, got, want[i])
				}
			}
		})
	}
	wg.Wait()
}

func FuzzLearned(f *testing.F) {
	for _, s := range sentences(f, "testdata/sentences.psv") {
		f.Add("", s.text, "", "en")
	}
	c := classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(topics)})
	f.Fuzz(func(t *testing.T, subject, text, hint, language string) {
		var got classify.Result
		c.Classify(classify.Input{Subject: subject, Text: text, Hint: hint, Languages: []string{language, "en"}}, &got)
		if err := sound(got); err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkAllHeads(b *testing.B) {
	c := classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(topics)})
	b.ReportAllocs()
	out := classify.Result{Points: make([]classify.Point, 0, 16)}
	in := classify.Input{Text: sample, Languages: declared}
	for b.Loop() {
		c.Classify(in, &out)
	}
}

// BenchmarkOtherTexts is BenchmarkAllHeads with another text each time, of five
// sentences: the same text again finds everything in the processor's nearer memory.
func BenchmarkOtherTexts(b *testing.B) {
	c := classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(topics)})
	all := sentences(b, "testdata/sentences.psv")
	var texts []string
	size := 0
	for step := 1; step <= 20; step++ {
		for i := range all {
			text := all[i].text
			for n := range 4 {
				text += " " + all[(i+(2*n+1)*step)%len(all)].text
			}
			texts = append(texts, text)
			size += len(text)
		}
	}
	b.ReportAllocs()
	out := classify.Result{Points: make([]classify.Point, 0, 16)}
	i := 0
	for b.Loop() {
		c.Classify(classify.Input{Text: texts[i], Languages: declared}, &out)
		i = (i + 17) % len(texts)
	}
	b.ReportMetric(float64(size)/float64(len(texts)), "bytes/text")
}

func BenchmarkOpenHeads(b *testing.B) {
	for b.Loop() {
		heads.Open()
	}
}

// TestNegationsOfSevenLanguages: what is denied is the opposite, in every language that
// the lists know.
func TestNegationsOfSevenLanguages(t *testing.T) {
	c := classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(nil)})
	for _, s := range []struct{ text, kind, tone string }{
		{"I am not happy with your answer", classify.KindComplaint, classify.ToneNegative},
		{"Je ne suis pas content de votre réponse", classify.KindComplaint, classify.ToneNegative},
		{"Ich bin nicht zufrieden mit Ihrer Antwort", classify.KindComplaint, classify.ToneNegative},
		{"No estoy contento con su respuesta", classify.KindComplaint, classify.ToneNegative},
		{"Non sono contento della vostra risposta", classify.KindComplaint, classify.ToneNegative},
		{"Não estou contente nem satisfeito com a resposta", classify.KindComplaint, classify.ToneNegative},
		{"Ik ben niet tevreden met jullie antwoord", classify.KindComplaint, classify.ToneNegative},
		{"Gracias por nada", classify.KindComplaint, classify.ToneNegative},
		{"Grazie di niente", classify.KindComplaint, classify.ToneNegative},
		{"Obrigada por nada", classify.KindComplaint, classify.ToneNegative},
		{"Bedankt voor niks", classify.KindComplaint, classify.ToneNegative},
		{"Die Dame war alles andere als nett", classify.KindComplaint, classify.ToneNegative},
		{"No problem at all with the new line, lovely team", classify.KindPraise, classify.TonePositive},
		{"Ningún problema, un equipo encantador", classify.KindPraise, classify.TonePositive},
		{"Nessun problema, personale gentilissimo", classify.KindPraise, classify.TonePositive},
		{"Geen enkel probleem, prima geholpen", classify.KindPraise, classify.TonePositive},
		{"Da kann man nicht meckern", classify.KindPraise, classify.TonePositive},
		// Without their accents these would be other words.
		{"Ich warte schon drei Tage", classify.KindComplaint, classify.ToneNegative},
		{"Schon wieder eine falsche Rechnung", classify.KindComplaint, classify.ToneNegative},
		{"Wie schön war das, danke", classify.KindPraise, classify.TonePositive},
		{"Quand mon dossier sera-t-il prêt ?", classify.KindQuestion, classify.ToneNeutral},
	} {
		var r classify.Result
		c.Classify(classify.Input{Text: s.text}, &r)
		if r.Kind.Name != s.kind || r.Tone.Name != s.tone {
			t.Errorf("%q is %s and %s, want %s and %s", s.text, r.Kind.Name, r.Tone.Name, s.kind, s.tone)
		}
	}
}

// TestUrgencyOfSevenLanguages: who stands there now, and who only speaks of minutes.
func TestUrgencyOfSevenLanguages(t *testing.T) {
	c := classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(nil)})
	for _, s := range []struct{ text, urgency string }{
		{"My train leaves in 20 minutes and the app is blank", classify.UrgencyNow},
		{"Mon train part dans 20 minutes et l'appli est vide", classify.UrgencyNow},
		{"Mein Zug fährt in 20 Minuten und die App ist leer", classify.UrgencyNow},
		{"Mi tren sale en 20 minutos y la app está vacía", classify.UrgencyNow},
		{"Il mio treno parte tra 20 minuti e l'app è vuota", classify.UrgencyNow},
		{"O meu comboio parte em 20 minutos e a app está vazia", classify.UrgencyNow},
		{"Mijn trein vertrekt over 20 minuten en de app is leeg", classify.UrgencyNow},
		{"Estoy en la puerta de embarque y no hay nadie", classify.UrgencyNow},
		{"Siamo al gate e non c'è nessuno", classify.UrgencyNow},
		{"Estou na porta de embarque e não está ninguém", classify.UrgencyNow},
		{"Ik sta bij de gate en er is niemand", classify.UrgencyNow},
		{"Stuck in Oslo since yesterday without a hotel", classify.UrgencyHigh},
		{"Seit gestern sitzen wir fest, ohne Hotel", classify.UrgencyHigh},
		{"Nobody answered in 50 minutes", classify.UrgencyNormal},
		{"I have waited over 40 minutes", classify.UrgencyNormal},
		{"Solved in 20 minutes, well done", classify.UrgencyNormal},
		{"Dossier réglé en 20 minutes, bravo", classify.UrgencyNormal},
		{"When does the gate close?", classify.UrgencyNormal},
		{"No es urgente, ¿cuándo abren?", classify.UrgencyNormal},
	} {
		var r classify.Result
		c.Classify(classify.Input{Text: s.text}, &r)
		if r.Urgency != s.urgency {
			t.Errorf("%q is %s by %v, want %s", s.text, r.Urgency, r.Points, s.urgency)
		}
	}
}

// TestLanguagesOfOneWordAndOfOtherNames: what a language's own word says holds for a
// message of one word, and a desk hears its languages called what it calls them.
func TestLanguagesOfOneWordAndOfOtherNames(t *testing.T) {
	c := classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(nil)})
	for _, s := range []struct {
		text     string
		declared []string
		want     string
	}{
		{"merci", nil, "fr"}, {"ciao", nil, "it"}, {"hola", declared, "es"}, {"obrigada", declared, "pt"}, {"danke", declared, "de"},
		{"Hvor er kofferten min, jeg venter fortsatt på den", []string{"en", "no"}, "no"},
		{"Hvor er kofferten min, jeg venter fortsatt på den", []string{"en", "nb-NO"}, "nb"},
		{"Nasaan na po ang maleta ko", []string{"en", "fil"}, "fil"},
	} {
		var r classify.Result
		c.Classify(classify.Input{Text: s.text, Languages: s.declared}, &r)
		if r.Language.Name != s.want {
			t.Errorf("%q for a desk of %v is in %s, want %s", s.text, s.declared, r.Language.Name, s.want)
		}
	}
}
