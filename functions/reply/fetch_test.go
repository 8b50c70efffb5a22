package reply

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"ines/shared/archive/dir"
	"ines/shared/attachment"
	"ines/shared/casework"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/queue"
)

// host is a platform's file server: each request takes the next of its answers,
// the last for ever.
type host struct {
	answers []int
	asked   []*http.Request
}

func (h *host) RoundTrip(r *http.Request) (*http.Response, error) {
	h.asked = append(h.asked, r)
	status := h.answers[0]
	if len(h.answers) > 1 {
		h.answers = h.answers[1:]
	}
	return &http.Response{StatusCode: status, Status: strconv.Itoa(status), Header: http.Header{}, Body: io.NopCloser(bytes.NewBufferString("%PDF-1.7 a ticket")), Request: r}, nil
}

// notes is cases.fifo, for what it is told about files.
type notes struct{ got []casework.NoteFile }

func (q *notes) Send(_ context.Context, _ string, ms ...queue.Message) error {
	for _, m := range ms {
		var w docket.Work
		if err := json.Unmarshal([]byte(m.Body), &w); err != nil {
			return err
		}
		q.got = append(q.got, *w.File)
	}
	return nil
}

// locating is a channel whose files need a key.
type locating struct{ channel.Channel }

func (locating) Locate(ctx context.Context, o channel.Outlet, a message.Attachment) (*http.Request, error) {
	if a.Ref == "gone" {
		return nil, &channel.SendError{Class: channel.Permanent, Code: "100", Detail: "no such media"}
	}
	if a.Ref == "asked" {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example/media", nil)
		if err != nil {
			return nil, err
		}
		if _, err = o.HTTP.Do(r); err != nil {
			return nil, channel.NetworkError(err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://files.example/"+a.Ref, nil)
	if err == nil {
		r.Header.Set("Authorization", "Bearer "+o.Token)
	}
	return r, err
}

func newFetching(t *testing.T, answers ...int) (*bench, *host, *notes) {
	t.Helper()
	b := newBench(t, false)
	var err error
	if b.Archive, err = dir.New(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	h, q := &host{answers: answers}, &notes{}
	b.Files, b.Reply.Queue = &http.Client{Transport: h}, q
	return b, h, q
}

func fileJob(a message.Attachment) docket.FetchJob {
	return docket.FetchJob{Case: "case-1", Channel: "x", Inbox: "northline-x", Thread: "1", Of: "m1", Index: 2, File: a}
}

// ask delivers the job for the n-th time and says whether it has to come again.
func (b *bench) ask(t *testing.T, job docket.FetchJob, n int) bool {
	t.Helper()
	m, err := job.Message()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := b.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", Body: m.Body,
		Attributes: map[string]string{"MessageGroupId": m.Group, "ApproximateReceiveCount": strconv.Itoa(n)}}}})
	if err != nil {
		t.Fatal(err)
	}
	return len(resp.BatchItemFailures) > 0
}

func TestAFileIsKeptAndNotAskedForTwice(t *testing.T) {
	b, h, q := newFetching(t, 503, 200, 404)
	job := fileJob(message.Attachment{Type: "file", MIME: "application/pdf", URL: "https://cdn.example/ticket.pdf"})
	if !b.ask(t, job, 1) || len(q.got) != 0 {
		t.Fatal("a host that is down for a moment loses the file")
	}
	if b.ask(t, job, 2) || b.ask(t, job, 3) {
		t.Fatal("it comes again though there is a copy")
	}
	if len(h.asked) != 2 || len(q.got) != 2 || q.got[0] != q.got[1] {
		t.Fatalf("asked %d times, the case was told %+v", len(h.asked), q.got)
	}
	n := q.got[0]
	if n.Message != "m1" || n.Conversation != "1" || n.Index != 2 || n.MIME != "application/pdf" || n.Size != 17 || len(n.SHA256) != 64 || n.Lost != "" {
		t.Errorf("note %+v", n)
	}
	if body, err := b.Archive.Get(t.Context(), n.Key); err != nil || string(body) != "%PDF-1.7 a ticket" {
		t.Errorf("archive: %q, %v", body, err)
	}
}

func TestAFileThatWillNeverComeIsToldToTheCase(t *testing.T) {
	link := message.Attachment{Type: "image", URL: "https://cdn.example/a.png"}
	for _, tc := range []struct {
		name string
		a    message.Attachment
		host int
		n    int
		why  string
	}{
		{"gone", link, 404, 1, "does not give it"},
		{"down for hours", link, 503, maxFetches, "503"},
		{"not https", message.Attachment{Type: "image", URL: "http://169.254.169.254/latest/meta-data"}, 200, 1, "only https"},
		{"no link", message.Attachment{Type: "image", Ref: "media-9"}, 200, 1, "does not say where"},
		{"a link that is none", message.Attachment{Type: "image", URL: "https://a b\x7f"}, 200, 1, "can't be read"},
	} {
		b, _, q := newFetching(t, tc.host)
		if b.ask(t, fileJob(tc.a), tc.n) {
			t.Errorf("%s: it comes again", tc.name)
		}
		if len(q.got) != 1 || !strings.Contains(q.got[0].Lost, tc.why) || q.got[0].Key != "" {
			t.Errorf("%s: the case was told %+v", tc.name, q.got)
		}
	}
}

func TestAFileBehindAKeyIsLocatedFirst(t *testing.T) {
	b, h, q := newFetching(t, 200)
	b.Find = func(string) (channel.Channel, bool) { return locating{}, true }
	if b.ask(t, fileJob(message.Attachment{Type: "file", MIME: "application/pdf", Ref: "media-9"}), 1) || q.got[0].Key == "" {
		t.Fatalf("the case was told %+v", q.got)
	}
	if r := h.asked[0]; r.URL.String() != "https://files.example/media-9" || r.Header.Get("Authorization") != "Bearer t" {
		t.Errorf("asked %s with %v", r.URL, r.Header)
	}
	gone := fileJob(message.Attachment{Type: "file", Ref: "gone"})
	gone.Of = "m2"
	if b.ask(t, gone, 1) || !strings.Contains(q.got[1].Lost, "no such media") {
		t.Errorf("the case was told %+v", q.got)
	}
}

// What the client won't ask for it won't ask for in two hours either, also where the
// platform has to be asked first.
func TestAFileThatIsNotAskedForIsLostAtOnce(t *testing.T) {
	b, _, q := newFetching(t, 200)
	b.Find = func(string) (channel.Channel, bool) { return locating{}, true }
	b.Files = attachment.Offline()
	if b.ask(t, fileJob(message.Attachment{Type: "image", Ref: "asked"}), 1) || len(q.got) != 1 || !strings.Contains(q.got[0].Lost, "without the network") {
		t.Errorf("the case was told %+v", q.got)
	}
}
