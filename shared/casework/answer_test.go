package casework

import (
	"testing"
	"time"
)

// "Yes" is small talk, and after a question of ours the answer that we asked for.
func TestAnAnswerToOurQuestionIsOwedTheNextWord(t *testing.T) {
	for text, owed := range map[string]bool{"Shall I rebook you? Just say yes.": true, "It is on its way.": false} {
		f := open(t)
		f.do("ines", SendReply{By: "ines", Text: text})
		f.sent()
		f.wait(time.Minute)
		r := post("2", "leo", "yes", f.now)
		r.About.Kind = "small_talk"
		f.do("", r)
		if f.c.Next.owed() != owed {
			t.Errorf("after %q a yes is owed an answer: %v", text, f.c.Next.owed())
		}
		thanks := post("3", "leo", "thank you", f.now)
		thanks.About.Kind = "praise"
		g := open(t)
		g.do("ines", SendReply{By: "ines", Text: text})
		g.sent()
		g.do("", thanks)
		g.do("ines", Resolve{By: "ines"})
		g.do("", r)
		if g.c.Status != StatusResolved {
			t.Errorf("after %q thanks or a late yes stir the case: %s", text, g.c.Status)
		}
	}
}

// What a platform gives us for one answer to a message is spent with the first.
func TestASecondAnswerToAMessageSaysSo(t *testing.T) {
	f := open(t)
	again := func(text string) bool {
		return f.has(f.do("ines", SendReply{By: "ines", Text: text}), "reply_requested").(ReplyRequested).Again
	}
	if again("One moment.") || !again("Here it is.") {
		t.Error("the second answer to a message is not told from the first")
	}
	f.do("", post("2", "leo", "and the other one?", f.now.Add(time.Minute)))
	if again("That, too.") {
		t.Error("the first answer to the next message is said to be the second")
	}
	long := open(t)
	long.c.Threads[0].Channel, long.c.Threads[0].Visibility = "telegram", "private"
	var parts []bool
	for _, e := range long.do("ines", SendReply{By: "ines", Text: "a text that takes three parts, all in all"}) {
		if r, ok := e.(ReplyRequested); ok {
			parts = append(parts, r.Again)
		}
	}
	if len(parts) < 2 || parts[0] || !parts[1] {
		t.Errorf("parts %v", parts)
	}
}

// A service clock is the same on every channel: who was spoken to was answered, who
// was not reached still waits.
func TestACallThatWasAnsweredIsAnAnswer(t *testing.T) {
	for _, outcome := range callOutcomes {
		f := open(t)
		f.wait(time.Minute)
		f.do("ines", LogCall{By: "ines", Number: "+44 20 7946 0958", Direction: "outbound", Outcome: outcome})
		if spoken := outcome == "answered"; f.c.First.owed() == spoken || f.c.Resolution.Paused != spoken {
			t.Errorf("%s: first answer owed %v, resolution paused %v", outcome, f.c.First.owed(), f.c.Resolution.Paused)
		}
	}
}
