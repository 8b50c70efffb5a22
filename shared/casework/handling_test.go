package casework

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestMergeSplitSnoozeTransferFollowUpAndReopen: each is explained on the timeline, and
// can be undone where that makes sense.
func TestMergeSplitSnoozeTransferFollowUpAndReopen(t *testing.T) {
	f := open(t)
	f.do("", post("2", "mia", "mine, too", f.now))

	f.do("ines", Transfer{By: "ines", Department: "baggage", Why: "they trace bags"})
	if f.c.Department != "baggage" || f.c.Owner != "" {
		t.Errorf("transferred to %s, owned by %q", f.c.Department, f.c.Owner)
	}
	f.refused(CodeInvalid, "ines", Transfer{By: "ines", Department: "care"})
	f.do("noor", Transfer{By: "noor", Department: "care", Why: "no bag of ours"})

	f.do("ines", Split{By: "ines", Author: "name-mia"})
	f.refused(CodeNotFound, "ines", Split{By: "ines", Author: "name-leo"})

	f.do("ines", Snooze{By: "ines", Until: f.now.Add(time.Hour)})
	if f.c.Status != StatusSnoozed {
		t.Errorf("the case is %s", f.c.Status)
	}
	f.do("ines", Wake{By: "ines"})

	f.do("ines", SendReply{By: "ines", Text: "Done."})
	f.sent()
	f.do("ines", Resolve{By: "ines"})
	f.refused(CodeInvalid, "ines", Reopen{By: "ines"})
	f.do("ines", Reopen{By: "ines", Why: "it was another bag"})
	if f.c.Status != StatusOpen || !f.c.Next.owed() || !f.c.Resolution.Running() {
		t.Errorf("reopened the case is %s, next answer %+v", f.c.Status, f.c.Next)
	}
	f.do("ines", Resolve{By: "ines"})
	f.do("", NoteFollowUp{Case: "case-2"})

	merged := open(t)
	target := open(t)
	target.c.ID = "case-9"
	merged.do("ines", Merge{By: "ines", Into: "case-9", Target: target.c})
	target.do("ines", Absorb{By: "ines", From: func() *Case { c := open(t).c.Clone(); c.ID = "case-1"; return c }()})
	merged.do("ines", Unmerge{By: "ines", Why: "two matters", Target: target.c})
	if merged.c.MergedInto != "" || merged.c.Status != StatusOpen {
		t.Errorf("parted again the case is %s, part of %q", merged.c.Status, merged.c.MergedInto)
	}

	told := map[string]string{} // by kind: what people can read
	for _, e := range append(append(Timeline(f.log), Timeline(merged.log)...), Timeline(target.log)...) {
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		told[e.Kind] += string(raw)
	}
	for kind, says := range map[string]string{
		"transferred": "they trace bags", "bystander_split": "split off by Ines Silva", "snoozed": `"by":"ines"`, "woken": "Ines Silva took it up again",
		"reopened": "it was another bag", "followed_up": "case-2", "merged": "found that it is one matter", "unmerged": "two matters", "case_absorbed": "one matter",
	} {
		if !strings.Contains(told[kind], says) {
			t.Errorf("%s says %s, want %q", kind, fmt.Sprintf("%.300s", told[kind]), says)
		}
	}
}
