package casework

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ines/shared/message"
)

// Whatever customers, machines and colleagues do, in whatever order: a machine speaks
// once a thread, to a person's words, before anybody else has, says what it is and how
// to reach a person, and each time comes to one end.
func TestAutomationKeepsItsRulesUnderAnyCommands(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := automated(t)
		answers, ends := map[string]int{}, map[string]int{} // by thread, by reply
		spoken := 0
		f.do("", seatQuestion(f, "first", "hello"))
		for n := range rapid.IntRange(1, 30).Draw(rt, "commands") {
			f.wait(time.Duration(rapid.IntRange(0, 900).Draw(rt, "wait")) * time.Minute)
			f.today = rapid.IntRange(0, 3).Draw(rt, "today")
			by, cmd := automationCommand(rt, f, n)
			before := f.c.Clone()
			events, err := f.try(by, cmd)
			if err != nil {
				continue
			}
			r, received := cmd.(Receive)
			for _, e := range events {
				switch e := e.(type) {
				case ReplyRequested:
					if e.Automatic && !received {
						rt.Fatalf("%T made the machine speak", cmd)
					}
				case AutomaticAnswer:
					spoken++
					answers[e.Thread]++
					reply := f.has(events, "reply_requested").(ReplyRequested)
					_, reachable := AsksForPerson("person")
					switch {
					case answers[e.Thread] > 1:
						rt.Fatalf("answered twice in %s", e.Thread)
					case r.Message.Automatic || r.Again:
						rt.Fatal("answered a machine, or again")
					case before.Touched || before.AskedPerson || before.helpless() || f.c.AskedPerson:
						rt.Fatalf("answered although a person has to: %+v", e.Why)
					case f.today >= 3:
						rt.Fatal("answered beyond the day's bound")
					case r.Message.Visibility == message.Public && e.Answer == "seat":
						rt.Fatal("answered in public")
					case !reply.Automatic || !strings.Contains(reply.Text, "“person”") || !reachable || !strings.HasSuffix(reply.Text, "Ines, automatically"):
						rt.Fatalf("it says %q", reply.Text)
					}
				case AutomationOutcome:
					if ends[e.Reply]++; ends[e.Reply] > 1 {
						rt.Fatalf("the answer %s came to two ends, the second is %s", e.Reply, e.Outcome)
					}
					if failed(e.Outcome) && (!f.c.WaitsForUs() || rank(f.c.About.Urgency) < rank("high")) {
						rt.Fatalf("he came back and nobody owes him a word, or he is not urgent: %s", f.c.About.Urgency)
					}
				}
			}
		}
		f.wait(100 * 24 * time.Hour)
		f.do("", FireTimers{})
		if n := len(f.c.pending()); n > 0 && f.c.Status != StatusResolved {
			rt.Fatalf("%d of %d automatic answers never come to an end", n, spoken)
		}
	})
}

func automationCommand(t *rapid.T, f *file, n int) (string, Command) {
	switch rapid.IntRange(0, 9).Draw(t, "command") {
	case 0:
		return "ines", SendReply{By: "ines", Text: "I see to it."}
	case 1:
		return "ines", Resolve{By: "ines"}
	case 2, 3:
		return "", FireTimers{}
	case 4:
		for id := range f.c.Sendings {
			state := rapid.SampledFrom([]string{"sent", "failed", "unconfirmed"}).Draw(t, "state")
			return "", ReportReply{Reply: id, State: state, Platform: "p-" + id, At: f.now}
		}
	}
	text := rapid.SampledFrom([]string{"which seat?", "a human, please", "thanks", "that does not help"}).Draw(t, "text")
	r := seatQuestion(f, fmt.Sprint(n), text)
	if rapid.IntRange(0, 3).Draw(t, "public") == 0 {
		r = post(fmt.Sprint(n), "leo", text, f.now)
		r.About.TopicP, r.About.TopicSure = 0.98, true
	}
	if rapid.Bool().Draw(t, "elsewhere") {
		r.Message.Thread = fmt.Sprint("thread-", rapid.IntRange(0, 3).Draw(t, "thread"))
	}
	r.About.Topic = rapid.SampledFrom([]string{"", "seat", "refund", "crew"}).Draw(t, "topic")
	r.About.TopicSure = rapid.IntRange(0, 3).Draw(t, "sure") > 0
	r.About.Kind = rapid.SampledFrom([]string{"question", "complaint", "praise", "small_talk", "spam", ""}).Draw(t, "kind")
	r.About.Tone = rapid.SampledFrom([]string{"", "negative", "neutral", "positive"}).Draw(t, "tone")
	r.About.Urgency = rapid.SampledFrom([]string{"normal", "high", "now"}).Draw(t, "urgency")
	r.Message.Automatic = rapid.IntRange(0, 4).Draw(t, "automatic") == 0
	r.Again = rapid.IntRange(0, 6).Draw(t, "again") == 0
	return "", r
}
