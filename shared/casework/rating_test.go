package casework

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/message"
	"ines/shared/policy"
)

const asks = "\nratings: {ask: 100, after: 10m, within: 24h, text: {de: \"{first_name}, von 1 bis 5?\"}}\n"

// helped is a case in a direct message that a colleague has answered.
func helped(t testing.TB, sections string) *file {
	f := newFile(t)
	f.desk = deskWith(t, sections)
	r := dm("1", "leo", "my bag is gone", f.now)
	r.Message.Author.Name = "Leo Marsh"
	f.do("", r)
	f.do("ines", SendReply{By: "ines", Text: "It is on the next flight."})
	f.sent()
	return f
}

// asked is one whose customer was asked how it was.
func asked(t testing.TB) *file {
	f := helped(t, asks)
	f.has(f.do("ines", Resolve{By: "ines"}), "rating_planned")
	f.wait(10 * time.Minute)
	f.has(f.do("", FireTimers{}), "rating_asked")
	f.sent()
	return f
}

func says(f *file, id, text string, about About) []Event {
	r := dm(id, "leo", text, f.now)
	r.About = about
	return f.do("", r)
}

var (
	smallTalk = About{Language: "en", Kind: "small_talk", Urgency: "normal"}
	complains = About{Language: "en", Kind: "complaint", Tone: "negative", Urgency: "normal"}
)

// TestRatingIsAskedOnceInTheWindowByThePolicysSampling: after the case is resolved, in
// the thread that the customer used last, signed as automatic, and never again.
func TestRatingIsAskedOnceInTheWindowByThePolicysSampling(t *testing.T) {
	f := helped(t, asks)
	planned := f.has(f.do("ines", Resolve{By: "ines"}), "rating_planned").(RatingPlanned)
	if due := f.now.Add(10 * time.Minute); !planned.Due.Equal(due) || !slices.Equal(f.c.Timers(), []Timer{{"rating", due}}) || planned.Why.Facts["ask"] != 100 {
		t.Fatalf("planned %+v, timers %v", planned, f.c.Timers())
	}
	if events := f.do("", FireTimers{}); len(events) > 0 {
		t.Fatalf("asked at once: %v", kinds(events))
	}
	f.wait(10 * time.Minute)
	events := f.do("", FireTimers{})
	reply, e := f.has(events, "reply_requested").(ReplyRequested), f.has(events, "rating_asked").(RatingAsked)
	if reply.Thread != "t1" || !reply.Automatic || !reply.Notice || reply.To.ID != "leo" || e.Reply != reply.Reply || !e.Until.Equal(f.now.Add(24*time.Hour)) {
		t.Errorf("asked by %+v, %+v", reply, e)
	}
	if !strings.HasPrefix(reply.Text, "Hello Leo, how well") || !strings.HasSuffix(reply.Text, "\n\nInes, automatically") {
		t.Errorf("asked %q", reply.Text)
	}
	f.sent()
	if f.c.Status != StatusResolved || f.c.Resolution.Met.IsZero() || len(f.c.Timers()) > 0 {
		t.Errorf("asking stirs the case: %s, %v", f.c.Status, f.c.Timers())
	}
	// Nothing asks a second time: no timer that comes again, no second end.
	for range 2 {
		if events := f.do("", FireTimers{}); len(events) > 0 {
			t.Fatalf("asked again: %v", kinds(events))
		}
		f.do("ines", Reopen{By: "ines", Why: "forgot something"})
		f.do("ines", SendReply{By: "ines", Text: "One thing more."})
		f.sent()
		f.do("ines", Resolve{By: "ines"})
		f.wait(time.Hour)
	}
	if n := strings.Count(strings.Join(kinds(flat(f.log)), " "), "rating_asked"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	german := helped(t, asks)
	german.c.About.Language = "de"
	german.do("ines", Resolve{By: "ines"})
	german.wait(time.Hour)
	if text := german.has(german.do("", FireTimers{}), "reply_requested").(ReplyRequested).Text; text != "Leo, von 1 bis 5?\n\nInes, automatisch" {
		t.Errorf("in German: %q", text)
	}
}

func flat(log []Commit) (all []Event) {
	for _, cm := range log {
		all = append(all, cm.Events...)
	}
	return all
}

func TestRatingSampleIsTheSameAlwaysAndOfTheSizeWanted(t *testing.T) {
	drawn := 0
	for i := range 10_000 {
		id := CaseID("x", "northline-x", strings.Repeat("a", i%7)+string(rune('0'+i%10))+time.Duration(i).String(), "")
		if sampled(id, 20) != sampled(id, 20) || sampled(id, 20) && !sampled(id, 21) || sampled(id, 0) || !sampled(id, 100) {
			t.Fatal("a draw changes, or a larger sample lacks what a smaller one has")
		}
		if sampled(id, 20) {
			drawn++
		}
	}
	if drawn < 1800 || drawn > 2200 {
		t.Errorf("%d of 10000 drawn, 2000 wanted", drawn)
	}
	if f := helped(t, ""); slices.Contains(kinds(f.do("ines", Resolve{By: "ines"})), "rating_planned") {
		t.Error("a desk without ratings asks")
	}
}

func TestWhoIsNotAskedForARatingAndWhy(t *testing.T) {
	mayWrite := message.Consent{Channel: "x", Inbox: "northline-x", Author: message.Author{Handle: message.Handle{Channel: "x", ID: "leo"}}, Refused: true, Why: "STOP"}
	for name, tt := range map[string]struct {
		before func(f *file) // the end
		after  func(f *file)
		why    string
	}{
		"only a machine answered":  {func(f *file) { f.c.Answers = 0 }, nil, "no person has answered"},
		"only a broadcast":         {func(f *file) { f.c.Answers = 0; broadcast(f) }, nil, "no person has answered"},
		"spam":                     {func(f *file) { f.c.About.Kind = "spam" }, nil, "it was spam"},
		"answer never arrived":     {func(f *file) { f.do("ines", SendReply{By: "ines", Text: "And?"}) }, nil, "nobody knows yet that our answer"},
		"another case goes on":     {nil, func(f *file) { f.do("", NoteFollowUp{Case: "case-2"}) }, "another case goes on"},
		"window closed":            {nil, func(f *file) { f.wait(25 * time.Hour) }, "can't be answered now"},
		"refused":                  {nil, func(f *file) { mayWrite.At = f.now; f.do("", HearConsent{mayWrite}) }, "can't be answered now"},
		"in public only":           {nil, func(f *file) { f.c.Threads[0].Visibility = message.Public }, "in public only"},
		"a thread with another":    {nil, func(f *file) { f.c.Threads[0].With.ID = "aunt" }, "in public only"},
		"policy changed meanwhile": {nil, func(f *file) { f.desk = desk(f.t) }, "asks nobody any more"},
	} {
		t.Run(name, func(t *testing.T) {
			f := helped(t, asks)
			if tt.before != nil {
				tt.before(f)
			}
			events := f.do("ines", Resolve{By: "ines"})
			if tt.after != nil {
				f.has(events, "rating_planned")
				tt.after(f)
				f.wait(time.Hour)
				events = f.do("", FireTimers{})
			}
			if e := f.has(events, "rating_spared").(RatingSpared); !strings.Contains(e.Why.Text, tt.why) {
				t.Errorf("explained as %q, want %q", e.Why.Text, tt.why)
			}
			if len(f.c.Timers()) > 0 || slices.Contains(kinds(events), "reply_requested") {
				t.Errorf("%v, timers %v", kinds(events), f.c.Timers())
			}
		})
	}
	merged := helped(t, asks)
	merged.do("ines", Resolve{By: "ines"})
	merged.do("", MergeInto{Case: "other", Why: "theirs"})
	reopened := helped(t, asks)
	reopened.do("ines", Resolve{By: "ines"})
	reopened.do("ines", Reopen{By: "ines", Why: "too soon"})
	told := helped(t, asks)
	told.do("ines", Resolve{By: "ines"})
	told.do("ines", Rate{By: "ines", Score: 5})
	for name, f := range map[string]*file{"merged away": merged, "reopened": reopened, "rated already": told} {
		f.wait(time.Hour)
		if k := kinds(f.do("", FireTimers{})); slices.Contains(k, "rating_asked") || slices.Contains(k, "rating_spared") {
			t.Errorf("%s: %v", name, k)
		}
	}
}

// broadcast sends an incident's answer into the case.
func broadcast(f *file) {
	f.c.Incident = "inc-1"
	f.do("tom", AnswerIncident{By: "tom", Incident: "inc-1", Number: 1, Text: func(string) string { return "The airport is closed." }})
	f.sent()
}

// TestRatingAnswerIsRecordedAndOpensNothing: a number and kind words are the rating;
// what asks for something opens the case again besides, what is none is a message.
func TestRatingAnswerIsRecordedAndOpensNothing(t *testing.T) {
	for _, tt := range []struct {
		text    string
		about   About
		score   int // 0: no rating
		comment string
		reopens bool
	}{
		{"5", smallTalk, 5, "", false},
		{"5", complains, 5, "", false}, // a classifier knows nothing of numbers
		{"1", About{Kind: "request", Urgency: "now"}, 1, "", false},
		{"★★★★", About{}, 4, "", false},
		{"4 thanks", About{Kind: "praise", Tone: "positive"}, 4, "thanks", false},
		{"3, the form is too long", complains, 3, "the form is too long", false},
		{"1, still no bag!", complains, 1, "still no bag!", true},
		{"2, please call me", About{Kind: "request"}, 2, "please call me", true},
		{"5, and when does it land?", About{Kind: "question"}, 5, "and when does it land?", true},
		{"5, but I stand at the gate", About{Kind: "complaint", Urgency: "now"}, 5, "but I stand at the gate", true},
		{"5, bitte noch die Rechnung schicken", About{}, 5, "bitte noch die Rechnung schicken", true},
		{"2, it was what it was", About{}, 2, "it was what it was", true},
		{"4, it was what it was", About{}, 4, "it was what it was", false},
		{"2 bags are missing", complains, 0, "", true},
		{"my bag is gone again", complains, 0, "", true},
		{"thank you", About{Kind: "praise"}, 0, "", false},
	} {
		f := asked(t)
		f.wait(time.Hour)
		events := says(f, "2", tt.text, tt.about)
		f.has(events, "message_received")
		var got Rated
		for _, e := range events {
			if r, ok := e.(Rated); ok {
				got = r
			}
		}
		if got.Score != tt.score || got.Text != tt.comment || f.c.Rated.Score != tt.score || tt.score > 0 && (got.Colleague != "ines" || got.Message != "2" || got.Thread != "t1") {
			t.Errorf("%q: rated %+v", tt.text, got)
		}
		if reopened := f.c.Status == StatusOpen; reopened != tt.reopens || f.c.Next.owed() != tt.reopens {
			t.Errorf("%q: reopened %v, next answer %+v", tt.text, reopened, f.c.Next)
		}
	}
}

func TestRatingCountsOnlyWhereAndAsLongAsItWasAsked(t *testing.T) {
	f := asked(t)
	says(f, "2", "4", smallTalk)
	if events := says(f, "3", "sorry, 5", complains); f.c.Rated.Score != 4 {
		t.Errorf("a second number counts: %v", kinds(events))
	}
	if events := says(f, "4", "5", complains); !slices.Equal(kinds(events), []string{"message_received"}) {
		t.Errorf("the number again: %v", kinds(events))
	}
	f.refused(CodeInvalid, "ines", Rate{By: "ines", Score: 1})

	for name, change := range map[string]func(f *file, r *Receive){
		"too late":             func(f *file, r *Receive) { f.wait(24 * time.Hour) },
		"written too late":     func(f *file, r *Receive) { r.Message.SentAt = f.now.Add(25 * time.Hour) },
		"another thread":       func(f *file, r *Receive) { r.Message.Thread = "200-leo" },
		"another person":       func(f *file, r *Receive) { r.Message.Author.Handle.ID, r.Customer = "aunt", Person{ID: "aunt"} },
		"a machine":            func(f *file, r *Receive) { r.Message.Automatic = true },
		"deleted":              func(f *file, r *Receive) { r.Deleted = true },
		"filed in another one": func(f *file, r *Receive) { r.Again = true },
	} {
		f := asked(t)
		r := dm("2", "leo", "5", f.now)
		r.About = complains
		change(f, &r)
		if k := kinds(f.do("", r)); slices.Contains(k, "rated") {
			t.Errorf("%s: %v", name, k)
		}
	}
	// Once the case is open again a number may answer what a colleague asks.
	g := asked(t)
	says(g, "2", "my bag is gone again", complains)
	g.do("ines", SendReply{By: "ines", Text: "How many bags were there?"})
	g.sent()
	if k := kinds(says(g, "3", "2", About{Kind: "complaint"})); slices.Contains(k, "rated") || !g.c.Next.owed() {
		t.Errorf("a number in a conversation: %v", k)
	}
	if g.c.Rated.Asked.IsZero() {
		t.Error("it is forgotten that he was asked")
	}
}

// People are asked where machines may write, which is not always where people may.
func TestRatingIsNotAskedWhereOnlyPeopleMayWrite(t *testing.T) {
	f := asked(t)
	c := f.c.Clone()
	c.Threads[0].Extra = map[string]string{"people": "only"}
	d := &draft{c: c, env: f.env()}
	if _, err := d.request(c.Threads[0], outgoing{text: "1 to 5?", automatic: true}); err == nil || !strings.Contains(err.Error(), "takes only what a person writes") {
		t.Errorf("got %v", err)
	}
	if _, err := d.request(c.Threads[0], outgoing{text: "Hello."}); err != nil {
		t.Error(err)
	}
}

func TestRatingQuestionsAreOneInEveryLanguage(t *testing.T) {
	brand := policy.Brand{}
	for _, language := range []string{"en", "fr", "de", "es", "it", "pt", "nl"} {
		text := policy.Ratings{}.Question(language)
		if !strings.Contains(text, "1") || !strings.Contains(text, "5") || !strings.Contains(text, " {first_name}") || text == (policy.Ratings{}).Question("xx") && language != "en" {
			t.Errorf("%s: %q", language, text)
		}
		if brand.AutomaticSign(language) == "" {
			t.Errorf("nobody signs in %s", language)
		}
	}
}
