package casework

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ines/shared/message"
)

// TestErasedEventsSayNothing: whatever kind of event there is, filled to the brim: of
// its texts only those are left that are ours, it still loads, and numbers stay.
func TestErasedEventsSayNothing(t *testing.T) {
	for _, kind := range slices.Sorted(maps.Keys(eventTypes())) {
		var es Events
		if err := json.Unmarshal([]byte("["+filled(t, kind)+"]"), &es); err != nil {
			t.Fatal(err)
		}
		cm := Commit{Case: "c", Seq: 3, At: morning, Cause: Cause{Kind: "command", ID: "a key of somebody's"}, Events: es}
		empty, err := cm.Blank()
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if len(empty.Events) != 1 || empty.Events[0].Kind() != kind || empty.Seq != 3 {
			t.Errorf("%s became %+v", kind, empty)
		}
		raw, err := json.Marshal(empty)
		if err != nil {
			t.Fatal(err)
		}
		for _, telling := range []string{"a text", "a name", "a username", "a id", "a key", "a what", "a subject", "a quoted", "a why", "a with", "a number", "a address", "a platform", "a url", "a message"} {
			if strings.Contains(strings.ReplaceAll(string(raw), `"action_id":"a id"`, ""), `"`+telling+`"`) {
				t.Errorf("%s still has %q: %s", kind, telling, raw)
			}
		}
		again, err := empty.Blank()
		if err != nil {
			t.Fatal(err)
		}
		twice, _ := json.Marshal(again)
		if !bytes.Equal(raw, twice) {
			t.Errorf("%s: erasing it twice makes %s of %s", kind, twice, raw)
		}
	}
}

// TestErasedLogsFold: the released logs, erased, fold to the stone that a case that
// remembers more becomes by the same event.
func TestErasedLogsFold(t *testing.T) {
	names, err := filepath.Glob(goldenLogs + "/*.ndjson")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden logs: %v", err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var log, blank []Commit
		for line := range bytes.Lines(raw) {
			var cm Commit
			if err := json.Unmarshal(line, &cm); err != nil {
				t.Fatal(err)
			}
			empty, err := cm.Blank()
			if err != nil {
				t.Fatal(err)
			}
			log, blank = append(log, cm), append(blank, empty)
		}
		c, err := Fold(nil, log)
		if err != nil {
			t.Fatal(err)
		}
		events, err := Decide(c, Erase{Erasure: "e", Customer: c.Customer.ID}, Env{Now: morning})
		if err != nil || len(events) != 1 {
			t.Fatalf("%v, %v", events, err)
		}
		end := Commit{Case: c.ID, Seq: c.Seq + 1, At: morning, Events: events}
		remembers, err := Fold(c, []Commit{end})
		if err != nil {
			t.Fatal(err)
		}
		anew, err := Fold(nil, append(blank, end))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := asJSON(t, remembers), asJSON(t, anew); a != b {
			t.Errorf("%s: %s\nbut from the log that was erased %s", filepath.Base(name), a, b)
		}
		if !anew.IsErased() || anew.Customer != (Person{}) || anew.Messages != c.Messages {
			t.Errorf("%s: %s", filepath.Base(name), asJSON(t, anew))
		}
	}
}

func TestAnErasedCaseTakesNothing(t *testing.T) {
	c := &Case{ID: "c", Seq: 4, Status: StatusResolved, ErasedAt: morning}
	for _, cmd := range []Command{Receive{}, Edit{}, Delete{}, NoteFile{}, NoteName{}, HearConsent{}, FireTimers{}, ReportReply{}, ReportThread{}, NoteSplit{}, MergeInto{}, NoteFollowUp{}, LinkIncident{}, AnswerIncident{By: "tom", Number: 1}, Erase{}} {
		if events, err := Decide(c, cmd, Env{Now: morning}); len(events) > 0 || err != nil {
			t.Errorf("%T: %v, %v", cmd, events, err)
		}
	}
	for _, cmd := range []Command{Claim{By: "ines"}, Reopen{By: "ines", Why: "x"}, Note{By: "ines", Text: "x"}, Merge{By: "ines", Into: "d"}} {
		_, err := Decide(c, cmd, Env{Policy: desk(t), Channels: platforms{}, Now: morning})
		if r, ok := err.(*Refusal); !ok || r.Code != CodeErased {
			t.Errorf("%T: %v", cmd, err)
		}
	}
}

// TestWithoutOnePerson takes one person's words out of somebody else's case, and the
// name and handle wherever they stand, and leaves the others'.
func TestWithoutOnePerson(t *testing.T) {
	mia, leo := message.Handle{Channel: "x", ID: "7781234"}, message.Handle{Channel: "x", ID: "900"}
	said := func(h message.Handle, name, text string) MessageReceived {
		return MessageReceived{Thread: "t1", Role: RoleBystander, Message: message.Message{ID: "m-" + h.ID, Text: text, Author: message.Author{Handle: h, Name: name}}}
	}
	log := []Commit{
		{Seq: 1, Events: Events{said(leo, "Leo Marsh", "my bag, @miawinter knows"), said(mia, "Mia Winter", "poor you")}},
		{Seq: 2, Events: Events{BystanderSplit{Author: Person{ID: "p", Handle: mia, Name: "Mia Winter"}, Case: "d"}, NoteAdded{Text: "Mia Winter wants to help"}}},
		{Seq: 3, Events: Events{CaseAbsorbed{Case: "d", Splits: map[string]Bystander{mia.Key(): {Name: "Mia Winter", Split: "d"}, leo.Key(): {Name: "Leo Marsh"}}}}},
		{Seq: 4, Events: Events{Claimed{Why: "x"}}},
	}
	traces := Traces{Handles: []message.Handle{mia}, Words: []string{"Mia Winter", "miawinter"}}
	for i, cm := range log {
		before := asJSON(t, cm)
		out, changed, err := cm.Without(traces)
		if err != nil || changed != (i < 3) {
			t.Fatalf("%d: changed %v, %v", i, changed, err)
		}
		after := asJSON(t, out)
		for _, gone := range []string{"Mia", "mia", mia.ID + `"`, "poor you"} {
			if i < 3 && strings.Contains(strings.ReplaceAll(after, "m-…", ""), gone) {
				t.Errorf("%d still has %q: %s", i, gone, after)
			}
		}
		if i == 0 && !strings.Contains(after, "my bag, @… knows") || i == 2 && !strings.Contains(after, "Leo Marsh") {
			t.Errorf("%d lost what others said: %s", i, after)
		}
		if asJSON(t, cm) != before {
			t.Errorf("%d: the commit itself was changed", i)
		}
		if _, changed, _ := out.Without(traces); changed {
			t.Errorf("%d: a second time changes it again: %s", i, after)
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
