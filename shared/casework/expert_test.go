package casework

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// solved is what the colleagues of the test desk have solved.
func solved(counts ...any) (all []Solved) {
	for i := 0; i < len(counts); i += 2 {
		all = append(all, Solved{counts[i].(string), counts[i+1].(map[string]int64)})
	}
	return all
}

func TestExpertsAreRankedByWhatTheySolvedWhenAndInWhichLanguage(t *testing.T) {
	d := desk(t)
	all := solved("ines", map[string]int64{"en/2026-11": 3}, "noor", map[string]int64{"en/2025-05": 9}, "tom", map[string]int64{"fr/2026-10": 2}, "gone", map[string]int64{"en/2026-11": 99})
	order := func(w Wanted) (ids []string) {
		w.Now = morning
		for _, e := range RankExperts(d, w, all) {
			ids = append(ids, e.Colleague)
			if e.Colleague == w.By || e.Why == "" || !strings.Contains(e.Why, e.Name) {
				t.Errorf("%+v", e)
			}
		}
		return ids
	}
	for _, c := range []struct {
		w    Wanted
		want string
	}{
		{Wanted{}, "ines tom noor"},                                 // old cases count little
		{Wanted{Language: "fr"}, "tom ines noor"},                   // and those in the language twice
		{Wanted{Language: "en"}, "ines noor tom"},                   // Noor's nine count 2.25
		{Wanted{By: "ines", Language: "en"}, "noor tom"},            // never the one asking
		{Wanted{Topic: "baggage", Language: "en"}, "ines noor tom"}, // the topic is the caller's filter
	} {
		if got := strings.Join(order(c.w), " "); got != c.want {
			t.Errorf("%+v: %s, want %s", c.w, got, c.want)
		}
	}
	if e := RankExperts(d, Wanted{Topic: "baggage", Language: "en", Now: morning}, all)[1]; e.Solved != 9 || e.InLanguage != 9 || e.Last != "2025-05" ||
		e.Why != "Noor Haddad has solved 9 cases about baggage, the last in 2025-05; 9 in en." {
		t.Errorf("%+v", e)
	}
}

func TestAnExpertIsAskedFromInsideTheCase(t *testing.T) {
	f := open(t)
	f.do("ines", Claim{By: "ines"})
	f.refused(CodeInvalid, "ines", AskExpert{By: "ines", Text: " "})
	f.refused(CodeInvalid, "ines", AskExpert{By: "ines", Colleague: "ines", Text: "what now?"})
	f.refused(CodeInvalid, "ines", AskExpert{By: "ines", Colleague: "nobody", Text: "what now?"})
	asked := f.has(f.do("ines", AskExpert{By: "ines", Colleague: "noor", Text: "Which form?"}), "expert_asked").(ExpertAsked)
	if asked.Colleague != "noor" || !asked.Due.Equal(f.now.Add(2*time.Hour)) || asked.Why.Rule != "named" {
		t.Fatalf("%+v", asked)
	}
	// The customer's deadline stays the case's.
	if _, what := f.c.Due(); what != ClockFirst || len(f.c.View().Questions) != 1 {
		t.Errorf("due for %q, questions %v", what, f.c.View().Questions)
	}
	if es := f.do("tom", Note{By: "tom", Text: "no idea"}); len(es) != 1 {
		t.Errorf("a note of somebody else made %v", kinds(es))
	}
	// She answers by a note, without holding the claim.
	e := f.has(f.do("noor", Note{By: "noor", Text: "Form B"}), "expert_answered").(ExpertAnswered)
	if e.Question != asked.Question || e.Late || !slices.Equal(e.Who, []string{"ines"}) || len(f.c.Questions) != 0 || f.c.Owner != "ines" {
		t.Errorf("%+v, left %v", e, f.c.Questions)
	}
	if es := f.do("noor", Note{By: "noor", Text: "and sign it"}); len(es) != 1 {
		t.Errorf("answered twice: %v", kinds(es))
	}
	// In the side conversation one question is answered, not all.
	one := f.has(f.do("ines", AskExpert{By: "ines", Colleague: "noor", Text: "Where?"}), "expert_asked").(ExpertAsked)
	f.do("ines", AskExpert{By: "ines", Colleague: "noor", Text: "When?"})
	f.refused(CodeNotAllowed, "tom", AnswerExpert{By: "tom", Question: one.Question, Text: "at the gate"})
	f.do("noor", AnswerExpert{By: "noor", Question: one.Question, Text: "at the gate"})
	if len(f.c.Questions) != 1 || f.c.Questions[0].Text != "When?" {
		t.Errorf("left %v", f.c.Questions)
	}
}

func TestTheBestKnownIsPickedAndNeverTheOneAsking(t *testing.T) {
	f := open(t)
	ask := func(by string, s []Solved) (ExpertAsked, error) {
		env := f.env()
		env.Solved = s
		es, err := Decide(f.c, AskExpert{By: by, Text: "Do you know?"}, env)
		if err != nil {
			return ExpertAsked{}, err
		}
		return f.has(es, "expert_asked").(ExpertAsked), nil
	}
	known := solved("ines", map[string]int64{"en/2026-11": 9}, "tom", map[string]int64{"en/2026-11": 1})
	if e, err := ask("noor", known); err != nil || e.Colleague != "ines" || e.Why.Outcome != "ines" || e.Why.Facts["solved"] != int64(9) {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := ask("ines", known); err != nil || e.Colleague != "tom" {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := ask("ines", nil); err != nil || e.Colleague != "noor" || !strings.Contains(e.Why.Text, "Nobody else has solved") {
		t.Errorf("nobody has solved any: %+v, %v", e, err)
	}
	f.do("ines", AskExpert{By: "ines", Colleague: "tom", Text: "?"})
	if e, err := ask("ines", known); err != nil || e.Colleague != "noor" {
		t.Errorf("one who is asked already: %+v, %v", e, err)
	}
}

func TestAnUnansweredQuestionIsReminded(t *testing.T) {
	f := open(t)
	f.desk = deskWith(t, "cases: {expert_answer: 30m}\nescalation: [{do: remind, on: [expert]}, {do: tell_lead, on: [expert], after: 20m}]\n")
	f.do("ines", AskExpert{By: "ines", Colleague: "noor", Text: "Which form?"})
	f.wait(21 * time.Minute)
	if e := f.has(f.do("", FireTimers{}), "deadline_near").(DeadlineNear); e.For != "expert" || !slices.Equal(e.Who, []string{"noor"}) {
		t.Errorf("%+v", e)
	}
	f.wait(9 * time.Minute)
	es := f.do("", FireTimers{})
	f.has(es, "expert_overdue")
	if e := f.has(es, "escalated").(Escalated); e.Do != "remind" || !slices.Equal(e.Who, []string{"noor"}) || e.What != "question “Which form?”" {
		t.Errorf("%+v", e)
	}
	if es := f.do("", FireTimers{}); len(es) != 0 {
		t.Errorf("again: %v", kinds(es))
	}
	f.wait(20 * time.Minute)
	if e := f.has(f.do("", FireTimers{}), "escalated").(Escalated); e.Do != "tell_lead" || !slices.Equal(e.Who, []string{"tom"}) {
		t.Errorf("%+v", e)
	}
	if e := f.has(f.do("noor", Note{By: "noor", Text: "Form B"}), "expert_answered").(ExpertAnswered); !e.Late {
		t.Errorf("%+v", e)
	}
}

func TestQuestionsAtHandOversAndOnClosedCases(t *testing.T) {
	f := open(t)
	f.do("ines", Claim{By: "ines"})
	f.do("ines", AskExpert{By: "ines", Colleague: "noor", Text: "Which form?"})
	f.do("tom", TakeOver{By: "tom", Why: "her shift is over"})
	if len(f.c.Questions) != 1 {
		t.Fatal("the question went with the owner")
	}
	// Who asked and who has the case now wait for it.
	if e := f.has(f.do("noor", Note{By: "noor", Text: "B"}), "expert_answered").(ExpertAnswered); !slices.Equal(e.Who, []string{"ines", "tom"}) {
		t.Errorf("%+v", e)
	}
	// Whoever gets the case needs no asking.
	f.do("tom", AskExpert{By: "tom", Colleague: "noor", Text: "And where?"})
	if e := f.has(f.do("tom", Assign{By: "tom", Colleague: "noor"}), "expert_released").(ExpertReleased); e.Why != "Noor Haddad has the case now" {
		t.Errorf("%+v", e)
	}
	f.do("noor", AskExpert{By: "noor", Colleague: "ines", Text: "Why?"})
	q := f.c.Questions[0].ID
	f.desk = deskWith(t, "")
	f.has(f.do("ines", ReleaseExpert{By: "ines", Question: q}), "expert_released")
	f.do("noor", AskExpert{By: "noor", Colleague: "ines", Text: "Why?"})
	es := f.do("noor", Resolve{By: "noor"})
	f.has(es, "expert_released")
	if r := f.has(es, "resolved").(Resolved); len(f.c.Questions) != 0 || !slices.Equal(r.Solvers, []string{"noor"}) {
		t.Errorf("%+v, left %v", r, f.c.Questions)
	}
	f.refused(CodeClosed, "noor", AskExpert{By: "noor", Colleague: "ines", Text: "Why?"})
	if es := f.do("ines", Note{By: "ines", Text: "because"}); len(es) != 1 {
		t.Errorf("a note on a closed case made %v", kinds(es))
	}
}

// Each colleague is counted once for a case, however often it is reopened.
func TestACaseIsSolvedOnceByEach(t *testing.T) {
	f := answered(t)
	f.do("ines", AskExpert{By: "ines", Colleague: "noor", Text: "Which form?"})
	f.do("noor", Note{By: "noor", Text: "B"})
	if r := f.has(f.do("ines", Resolve{By: "ines"}), "resolved").(Resolved); !slices.Equal(r.Solvers, []string{"ines", "noor"}) || r.Language != "en" {
		t.Errorf("%+v", r)
	}
	f.do("tom", Reopen{By: "tom", Why: "not yet"})
	if r := f.has(f.do("tom", Resolve{By: "tom"}), "resolved").(Resolved); !slices.Equal(r.Solvers, []string{"tom"}) {
		t.Errorf("%+v", r)
	}
}

// Whoever asks is never answer to himself, whatever was solved.
func TestNobodyIsHisOwnExpert(t *testing.T) {
	d := desk(t)
	rapid.Check(t, func(rt *rapid.T) {
		ids := rapid.SliceOfN(rapid.SampledFrom([]string{"ines", "noor", "tom", "gone", ""}), 0, 6).Draw(rt, "who")
		var all []Solved
		for _, id := range ids {
			all = append(all, Solved{id, rapid.MapOfN(rapid.SampledFrom([]string{"en/2026-11", "fr/2024-01", "/2026-10", "x", "en/never"}), rapid.Int64Range(-2, 9), 0, 4).Draw(rt, "counts")})
		}
		w := Wanted{By: rapid.SampledFrom([]string{"ines", "noor"}).Draw(rt, "by"), Language: rapid.SampledFrom([]string{"", "en", "fr"}).Draw(rt, "language"), Now: morning}
		last := 1e18
		for _, e := range RankExperts(d, w, all) {
			if e.Colleague == w.By || e.Solved <= 0 || e.Score > last || e.Score < 0 {
				rt.Fatalf("%+v among %+v", e, all)
			}
			last = e.Score
		}
	})
}
