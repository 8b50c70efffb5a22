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
