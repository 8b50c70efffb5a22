package casework

import (
	"testing"
	"time"
)

// TestAnotherTopicIsNewsOnceInAWindow: who has an open case counts for a topic that it
// is not about, once in three hours however much he writes; the case stays what it was.
func TestAnotherTopicIsNewsOnceInAWindow(t *testing.T) {
	f := newFile(t)
	for _, step := range []struct {
		after               time.Duration
		author, topic, kind string
		want                string
	}{
		{0, "leo", "refund", "complaint", ""}, // opens the case: counted as that
		{time.Minute, "leo", "refund", "complaint", ""},
		{time.Minute, "leo", "", "question", ""},
		{time.Minute, "leo", "baggage", "praise", ""},
		{time.Minute, "eve", "baggage", "complaint", ""}, // a bystander's
		{time.Minute, "leo", "baggage", "complaint", "baggage"},
		{time.Minute, "leo", "baggage", "complaint", ""}, // one loud author
		{time.Minute, "leo", "refund", "complaint", ""},
		{3*time.Hour - 3*time.Minute, "leo", "baggage", "complaint", ""},
		{time.Minute, "leo", "baggage", "complaint", "baggage"},
	} {
		f.now = f.now.Add(step.after)
		r := post(f.now.Format(time.TimeOnly), step.author, "so it is", f.now)
		r.About.Topic, r.About.Kind = step.topic, step.kind
		f.do("system", r)
		if got := f.c.NewsOf(f.log[len(f.log)-1]); got != step.want {
			t.Errorf("%s by %s about %q, %s: %q is news, want %q", f.now.Format(time.TimeOnly), step.author, step.topic, step.kind, got, step.want)
		}
	}
	if f.c.About.Topic != "refund" || len(f.c.News) != 1 {
		t.Errorf("about %q, news %v", f.c.About.Topic, f.c.News)
	}
	copied := f.c.Clone()
	delete(copied.News, "baggage")
	if len(f.c.News) != 1 {
		t.Error("a copy shares the news")
	}
}
