package casework

import "testing"

func TestRatingsAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]struct {
		score   int // 0: no rating
		comment string
	}{
		"5": {5, ""}, " 4 ": {4, ""}, "4!": {4, ""}, "5/5": {5, ""}, "4 / 5.": {4, ""}, "3 out of 5": {3, ""}, "4 of 5 stars": {4, ""}, "vier von fünf": {4, ""},
		"4 sur 5": {4, ""}, "4 de 5": {4, ""}, "★★★★": {4, ""}, "★★★☆☆": {3, ""}, "⭐⭐⭐⭐⭐": {5, ""}, "⭐️⭐️ slow": {2, "slow"}, "5⭐": {5, ""}, "5️⃣": {5, ""}, "４": {4, ""},
		"vier": {4, ""}, "Fünf": {5, ""}, "quatre": {4, ""}, "cinco estrellas": {5, ""}, "un": {1, ""}, "één": {1, ""}, "Three.": {3, ""},
		"4 thanks": {4, "thanks"}, "4 quick and friendly": {4, "quick and friendly"}, "3 ok": {3, "ok"}, "1 rude": {1, "rude"}, "5 Sterne, danke an Tom": {5, "danke an Tom"}, "4, but it took a day": {4, "but it took a day"}, "2 because nobody rang": {2, "because nobody rang"},
		"1, still no bag!": {1, "still no bag!"}, "3 - the form is too long": {3, "the form is too long"}, "5\n\nBest regards\nLeo": {5, "Best regards\nLeo"}, "5 😀": {5, "😀"}, "5👍": {5, "👍"}, "5 stars all the way": {5, "all the way"},
		"Rating: 4": {4, ""}, "I'd give you a 4": {4, ""}, "je mets un 4": {4, ""}, "Ich gebe Ihnen eine 5": {5, ""}, "4 (slow)": {4, "(slow)"},
		"Thanks! 5": {5, ""}, "thank you so much, 5 stars because of Tom": {5, "thank you so much, 5 stars because of Tom"},
		"4.5": {4, "4.5"}, "4,5 danke": {4, "4,5 danke"}, "9/10": {5, "9/10"}, "8 out of 10": {4, "8 out of 10"}, "10/10!": {5, "10/10!"}, "1/10": {1, "1/10"},
		// What only looks like one.
		"": {}, "0": {}, "6": {}, "10": {}, "55": {}, "5?": {}, "5%": {}, "5€": {}, "5 €": {}, "£5": {}, "5th": {}, "5 bags are missing": {}, "2 of us are still here": {},
		"1 more thing": {}, "3 days and nothing": {}, "4 weeks later, still no refund": {}, "5:30 at the gate": {}, "5-6 pm": {}, "5,000 miles are missing": {}, "5.50 was charged": {}, "1, 2 and 3 are lost": {},
		"4 of 5 bags are missing": {}, "5 points are missing": {}, "4/7": {}, "0/5": {}, "6/5": {}, "5 / 12 / 2026": {}, "one of your colleagues was rude": {}, "One moment": {}, "Un problème": {}, "+1": {}, "#1": {}, "-5": {}, "★★★★★★": {},
		"my bag is still missing": {}, "thanks": {}, "👍": {}, "I want to talk to a person": {}, "20261122": {}, "4 5": {}, "☆☆": {}, "No, 5 is wrong": {},
	} {
		score, comment, ok := RatingIn(text)
		if ok != (want.score > 0) || score != want.score || comment != want.comment {
			t.Errorf("%q is %d %q %v, want %d %q", text, score, comment, ok, want.score, want.comment)
		}
	}
}

func FuzzRatingIn(f *testing.F) {
	for _, text := range []string{"5", "4/5 thanks", "★★★☆", "5️⃣", "４，好", "je mets un 4", "\xff5", "9 out of 10 because"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		score, comment, ok := RatingIn(text)
		if ok && (score < 1 || score > 5) || !ok && (score != 0 || comment != "") || len(comment) > len(text) {
			t.Errorf("%q is %d %q %v", text, score, comment, ok)
		}
	})
}
