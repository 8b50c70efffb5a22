package casework

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/message"
)

// stranger writes under an id alone.
func stranger(r Receive) Receive {
	r.Message.Author.Name = ""
	return r
}

func told(id, name, username string) NoteName {
	return NoteName{Author: message.Author{Handle: message.Handle{Channel: "x", ID: id}, Name: name, Username: username}}
}

// TestANameThatIsKnownStands: what was looked up fills in what is missing, changes
// nothing else, and is told once.
func TestANameThatIsKnownStands(t *testing.T) {
	for _, tc := range []struct {
		what, name, username string // as his message has it
		note                 NoteName
		want                 string // the label then; "" if nothing happens
	}{
		{"nothing was known", "", "", told("leo", "Leo Kant", "leo_k"), "Leo Kant"},
		{"only a user name is told", "", "", told("leo", "", "leo_k"), "leo_k"},
		{"a user name was known", "", "leo", told("leo", "Leo Kant", "leo_k"), "Leo Kant"},
		{"a name was known", "Leo K.", "", told("leo", "Leo Kant", ""), ""},
		{"the platform has none", "", "", told("leo", "", ""), ""},
		{"of somebody else", "", "", told("mia", "Mia Holt", ""), ""},
		{"of nobody", "", "", NoteName{}, ""},
	} {
		f := newFile(t)
		r := post("1", "leo", "nobody answers your phone", f.now)
		r.Message.Author.Name, r.Message.Author.Username = tc.name, tc.username
		f.do("", r)
		f.do("ines", Claim{By: "ines"})
		before := f.c.Clone()
		f.wait(time.Minute)
		events := f.do("", tc.note)
		if (len(events) > 0) != (tc.want != "") || f.c.Customer.Label() != cmp.Or(tc.want, before.Customer.Label()) {
			t.Errorf("%s: %v, the customer is %s", tc.what, kinds(events), f.c.Customer.Label())
		}
		if again := f.do("", tc.note); len(again) != 0 {
			t.Errorf("%s: told again it says %v", tc.what, kinds(again))
		}
		after := f.c.Clone()
		after.Seq, after.Customer.Name, after.Customer.Username = before.Seq, before.Customer.Name, before.Customer.Username
		if !reflect.DeepEqual(after, before) {
			t.Errorf("%s: more than the name has changed: %+v", tc.what, after)
		}
		for _, e := range events {
			if !Quiet(e) {
				t.Errorf("%s: %s makes pages stale", tc.what, e.Kind())
			}
		}
	}
}

func TestTheNameOfAMessageReplacesTheOneThatWasAskedFor(t *testing.T) {
	f := newFile(t)
	f.do("", stranger(post("1", "leo", "nobody answers your phone", f.now)))
	f.do("", told("leo", "Leo Kant", ""))
	f.do("", stranger(post("2", "leo", "still nobody", f.now)))
	if f.c.Customer.Name != "Leo Kant" {
		t.Errorf("a message without a name left %q", f.c.Customer.Name)
	}
	f.do("", post("3", "leo", "hello?", f.now))
	f.do("", stranger(post("4", "leo", "hello??", f.now)))
	f.do("", told("leo", "Leo Kant", ""))
	if f.c.Customer.Name != "name-leo" {
		t.Errorf("the platform's own word is gone, he is %q", f.c.Customer.Name)
	}
}

// TestATimelineShowsTheNameInPlaceOfTheID: what was written before the name was known
// is shown under it, too, and the log keeps what the platform said.
func TestATimelineShowsTheNameInPlaceOfTheID(t *testing.T) {
	f := newFile(t)
	f.do("", stranger(post("1", "U0LAN0Z89", "nobody answers your phone", f.now)))
	f.do("", told("U0LAN0Z89", "Leo Kant", ""))
	f.do("ines", Resolve{By: "ines"})
	f.do("", stranger(post("2", "U0LAN0Z89", "still nobody", f.now)))
	for _, e := range Timeline(f.log) {
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var says map[string]any
		if err := json.Unmarshal(raw, &says); err != nil {
			t.Fatal(err)
		}
		why, _ := says["why"].(string)
		if e.Kind == "message_received" && e.Author != "Leo Kant" || strings.Contains(why, "U0LAN") {
			t.Errorf("%s", raw)
		}
	}
	if r := f.log[0].Events[2].(MessageReceived); r.Message.Author.Name != "" {
		t.Errorf("the log says that the message came from %q", r.Message.Author.Name)
	}
}

// TestSomebodyWhoIsKnownOpensUnderHisName: rules and greetings have it from the start.
func TestSomebodyWhoIsKnownOpensUnderHisName(t *testing.T) {
	f := automated(t)
	r := stranger(seatQuestion(f, "1", "Can I sit at the window?"))
	r.Called = message.Author{Name: "Leo Kant"}
	events := f.do("", r)
	if o := f.has(events, "case_opened").(CaseOpened); o.Customer.Name != "Leo Kant" || o.Why != "first message of Leo Kant here" {
		t.Errorf("opened by %+v: %s", o.Customer, o.Why)
	}
	if text := f.has(events, "reply_requested").(ReplyRequested).Text; !strings.HasPrefix(text, "Hi Leo,") {
		t.Errorf("greeted by %q", text)
	}
}

// TestStrangers: who is worth asking for, and when.
func TestStrangers(t *testing.T) {
	f := newFile(t)
	asked := func(r Receive) (ids []string) {
		t.Helper()
		seq := f.c.Seq
		f.do("", r)
		for _, cm := range f.log[seq:] {
			for _, s := range f.c.Strangers(cm) {
				ids = append(ids, s.Person.Handle.ID+" in "+s.Thread.Key)
			}
		}
		return ids
	}
	second := stranger(dm("4", "leo", "privately", f.now))
	second.Message.Thread = "100-leo-2"
	linked := stranger(dm("6", "leo@work", "from my other one", f.now))
	linked.Customer, linked.Same = Person{ID: "customer-9"}, []string{CustomerID(message.Handle{Channel: "x", ID: "leo"}), "customer-9"}
	for _, step := range []struct {
		what string
		r    Receive
		want []string
	}{
		{"he opens the case", stranger(post("1", "leo", "nobody answers your phone", f.now)), []string{"leo in 1"}},
		{"he writes again", stranger(post("2", "leo", "still nobody", f.now)), nil},
		{"a friend joins in", stranger(post("3", "mia", "help him!", f.now)), nil},
		{"he writes in private", stranger(dm("3b", "leo", "psst", f.now)), []string{"leo in 100-leo"}},
		{"in private again, elsewhere", second, nil},
		{"with another handle", linked, []string{"leo@work in 100-leo@work"}},
		{"with a name", dm("7", "leo", "psst", f.now), nil},
	} {
		if got := asked(step.r); !slices.Equal(got, step.want) {
			t.Errorf("%s: asked for %v, want %v", step.what, got, step.want)
		}
	}

	f = newFile(t)
	known := stranger(post("1", "leo", "nobody answers your phone", f.now))
	known.Message.Author.Username = "leo_k"
	if got := asked(known); got != nil {
		t.Errorf("in public a user name will do; asked for %v", got)
	}
	private := stranger(dm("2", "leo", "psst", f.now))
	if got := asked(private); !slices.Equal(got, []string{"leo in 100-leo"}) {
		t.Errorf("in private asked for %v", got)
	}
	f = newFile(t)
	f.do("", stranger(post("1", "leo", "nobody answers your phone", f.now)))
	f.do("", told("leo", "Leo Kant", ""))
	if got := f.c.Strangers(f.log[0]); got != nil {
		t.Errorf("asked for %v, who is known by now", got)
	}
}

// TestAMergeIsUndoneWithTheNamesThatCameMeanwhile: a handle is the same one after its
// owner's name was found.
func TestAMergeIsUndoneWithTheNamesThatCameMeanwhile(t *testing.T) {
	other := newFile(t)
	other.do("", stranger(post("9", "mia", "my bag", other.now)))
	other.c.ID = "case-2"
	f := open(t)
	f.do("ines", Absorb{By: "ines", From: other.c})
	before := f.c.Clone()
	f.do("", told("mia", "Mia Holt", ""))
	if p, his := f.c.person(message.Handle{Channel: "x", ID: "mia"}); !his || p.Name != "Mia Holt" || before.Absorbed[0].People[0].Name != "" {
		t.Errorf("in the case she is %+v (%t), and was %+v", p, his, before.Absorbed[0].People)
	}
	f.do("ines", UndoAbsorb{By: "ines", From: "case-2", Why: "two matters"})
	if len(f.c.Handles) != 0 {
		t.Errorf("parted, the case still has %+v", f.c.Handles)
	}
}
