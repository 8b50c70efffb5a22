package erasure_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"ines/shared/archive"
	"ines/shared/archive/dir"
	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/erasure"
	"ines/shared/message"
)

func TestMark(t *testing.T) {
	mark := erasure.MarkOf(docket.Erasure{Whole: true, Marks: []string{"2080761390344930555"}, People: []message.Handle{
		{Channel: "sms", ID: "+447700900123"}, {Channel: "email", ID: "Mia.Winter@post.example"}, {Channel: "x", ID: "777"}}})
	for _, c := range []struct {
		channel, text string
		want          bool
	}{
		{"sms", "From=%2B447700900123&Body=hi", true},
		{"sms", "From=%2B4477009001234&Body=hi", false},
		{"sms", `{"from":"+447700900123"}`, true},
		{"whatsapp", `{"from":"+447700900123"}`, false},
		{"email", "From: MIA.winter@post.example", true},
		{"email", "From: amia.winter@post.example", false},
		{"x", `{"author_id":"777"}`, true},
		{"x", `{"author_id":"17771"}`, false},
		{"x", `{"in_reply_to":"2080761390344930555"}`, true},
		{"facebook", "", false},
	} {
		if got := mark.Text(c.channel, []byte(c.text)); got != c.want {
			t.Errorf("%s %q: %v", c.channel, c.text, got)
		}
	}
}

// TestWhatDepartmentsWereToldIsKnownByTheCase: a line in a chat names no handle.
func TestWhatDepartmentsWereToldIsKnownByTheCase(t *testing.T) {
	mark := erasure.MarkOf(docket.Erasure{Cases: []string{"h86836p261gv3n1a"}, Others: []string{"arwrf5rayhmrjh3k"}})
	for body, want := range map[string]bool{
		`{"text":"Mia: where is it?","metadata":{"event_payload":{"reply_id":"h86836p261gv3n1a/12"}}}`: true,
		`{"data":{"id":"arwrf5rayhmrjh3k/1","events":[]}}`:                                             true,
		`{"data":{"id":"zarwrf5rayhmrjh3k/1"}}`:                                                        false,
		`{"text":"your case is h86836p261gv3n1a"}`:                                                     false,
	} {
		if got := mark.Told([]byte(body)); got != want {
			t.Errorf("%s: %v", body, got)
		}
	}
}

// failing is an archive that fails where it is told.
type failing struct {
	archive.Archive
	drops int // so many of Drop fail before anything is done
}

var errDown = errors.New("down")

func (f *failing) Drop(ctx context.Context, from, to time.Time, picked func(archive.Record) bool) (int, error) {
	if f.drops > 0 {
		f.drops--
		return 0, errDown
	}
	return f.Archive.Drop(ctx, from, to, picked)
}

// TestAnErasureIsSeenThrough: where the archive fails, the desk's answer says that it
// is under way, and function clock goes on with it until it is done.
func TestAnErasureIsSeenThrough(t *testing.T) {
	b := dockettest.Open(t, dockettest.Setup{})
	store, err := dir.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m := dockettest.DM("5550001", "77810042", "my passport", dockettest.Morning)
	in := b.Deliver(m, dockettest.Complaint, dockettest.Morning)
	key, err := store.Put(t.Context(), []byte(`{"from":"77810042","text":"my passport"}`))
	if err != nil {
		t.Fatal(err)
	}
	keep := func(env message.Envelope) {
		raw, err := json.Marshal(env)
		if err == nil {
			_, err = store.Append(t.Context(), archive.Record{ID: env.ID, At: env.ReceivedAt, Data: raw})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	keep(message.Envelope{ID: in.Envelope, Channel: "x", ReceivedAt: dockettest.Morning, BodyRef: key})
	copied, err := store.Put(t.Context(), []byte("To: 77810042\r\n\r\nmy passport, with a picture"))
	if err != nil {
		t.Fatal(err)
	}
	keep(message.Envelope{ID: "copied", Channel: "x", ReceivedAt: dockettest.Morning.Add(time.Hour), Body: []byte(`{"from":"77810042","bucketName":"mail"}`), ContentRef: copied})
	keep(message.Envelope{ID: "twice", Channel: "x", ReceivedAt: dockettest.Morning.Add(50 * time.Hour), Body: []byte(`{"from":"77810042"}`)})
	keep(message.Envelope{ID: "other", Channel: "x", ReceivedAt: dockettest.Morning, Body: []byte(`{"from":"900"}`)})
	b.MustFile(in)
	b.CatchUp()
	b.Advance(72 * time.Hour)
	down := &failing{Archive: store, drops: 2}
	eraser := &erasure.Eraser{Docket: b.Docket, Archive: down, Now: b.Now, Log: slog.New(slog.DiscardHandler)}
	e, err := eraser.Erase(t.Context(), casework.CustomerID(m.Author.Handle), "tom", "asked")
	if err != nil || e.Phase != docket.PhaseArchive {
		t.Fatalf("phase %s, %v", e.Phase, err)
	}
	for range 2 {
		if err := eraser.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := b.Erasures(t.Context()); len(all) != 0 || err != nil {
		t.Errorf("still under way: %+v, %v", all, err)
	}
	var left []string
	for r, err := range store.Read(t.Context(), dockettest.Morning, dockettest.Morning.Add(100*time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, r.ID)
	}
	if len(left) != 1 || left[0] != "other" {
		t.Errorf("the archive has %v", left)
	}
	for _, apart := range []string{key, copied} {
		if _, err := store.Get(t.Context(), apart); !errors.Is(err, archive.ErrNotFound) {
			t.Errorf("what lay apart is there: %v", err)
		}
	}
	if done, ok, err := b.Forgotten(t.Context(), e.Customer); !ok || err != nil || done.Phase != docket.PhaseDone || done.Count.Messages != 1 {
		t.Errorf("%+v, %v", done, err)
	}
}
