package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ines/infra/plan"
	"ines/shared/archive"
	"ines/shared/archive/dir"
	"ines/shared/archive/s3"
	"ines/shared/archive/s3/s3fake"
	"ines/shared/aws/awstest"
	"ines/shared/queue"
	"ines/shared/queue/sqs/sqsfake"
)

var archivedAt = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// fill puts 25 webhooks of two inboxes into an archive, a minute apart, and the first
// of them once more.
func fill(t *testing.T, a archive.Archive) {
	t.Helper()
	record := func(i int) archive.Record {
		inbox := "northline-x"
		if i%5 == 4 {
			inbox = "northline-mail"
		}
		return archive.Record{ID: fmt.Sprint("e", i), At: archivedAt.Add(time.Duration(i) * time.Minute), Data: fmt.Appendf(nil, `{"id":"e%d","inbox":%q}`, i, inbox)}
	}
	var all []archive.Record
	for i := range 25 {
		all = append(all, record(i))
	}
	for _, batch := range [][]archive.Record{all, {record(0)}} {
		if _, err := a.Append(t.Context(), batch...); err != nil {
			t.Fatal(err)
		}
	}
}

// TestArchiveReplay: what was archived in a time goes to inbound as it came, each once,
// in the group of its inbox.
func TestArchiveReplay(t *testing.T) {
	for _, tt := range []struct {
		name  string
		set   func(*refiler)
		from  time.Time
		sends int
		says  string
	}{
		{"all", func(*refiler) {}, archivedAt, 25, "northline-mail: 5\nnorthline-x: 20\n25 webhooks sent to inbound\n"},
		{"later", func(*refiler) {}, archivedAt.Add(20 * time.Minute), 5, "5 webhooks sent"},
		{"one inbox", func(r *refiler) { r.inbox = "northline-mail" }, archivedAt, 5, "northline-mail: 5\n5 webhooks sent"},
		{"dry", func(r *refiler) { r.dry = true }, archivedAt, 0, "25 webhooks would be sent"},
	} {
		where, f, out := newRedriver(t)
		fill(t, where.archive)
		r := &refiler{queue: where.queues, archive: where.archive, out: out}
		tt.set(r)
		if err := r.run(t.Context(), tt.from, archivedAt.Add(time.Hour)); err != nil || !strings.Contains(out.String(), tt.says) {
			t.Errorf("%s: %v, said %q", tt.name, err, out)
		}
		sent := f.Take(plan.Inbound)
		for _, m := range sent {
			if m.Group != inboxOf([]byte(m.Body)) || m.Group == "" {
				t.Errorf("%s: %+v", tt.name, m)
			}
		}
		if len(sent) != tt.sends {
			t.Errorf("%s: %d were sent, want %d", tt.name, len(sent), tt.sends)
		}
	}
}

func TestArchiveReplayFails(t *testing.T) {
	where, f, out := newRedriver(t)
	fill(t, where.archive)
	r := &refiler{queue: where.queues, archive: where.archive, out: out}
	f.Inject(awstest.Fault{Operation: "SendMessageBatch", Status: 500})
	if err := r.run(t.Context(), archivedAt, archivedAt.Add(time.Hour)); !errors.Is(err, queue.ErrUnavailable) || !strings.Contains(err.Error(), "run it again") {
		t.Errorf("%v", err)
	}
}

// TestArchiveCommand: from a stage's bucket to its queue, and on this machine.
func TestArchiveCommand(t *testing.T) {
	var names []string
	for _, q := range plan.Default().Queues {
		names = append(names, "ines-test-"+q.Name, "ines-test-"+queue.Dead(q.Name))
	}
	f, bucket := sqsfake.New(t, names...), s3fake.New(t)
	onAWS(t, f.URL)
	t.Setenv("AWS_ENDPOINT_URL_S3", bucket.URL)
	a, err := s3.Open(awstest.Config(t, bucket.URL), s3fake.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, a)
	var out bytes.Buffer
	if err := refile(t.Context(), terminal{&out, &out}, []string{"replay", "--from", "2026-11-20", "--to", "2026-11-20T12:10:00Z", "--stage", "test", "--archive", s3fake.Bucket}); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
	if sent := f.Take("ines-test-inbound"); len(sent) != 10 {
		t.Errorf("%d were sent\n%s", len(sent), &out)
	}
	data := t.TempDir()
	here, err := dir.New(filepath.Join(data, "archive"))
	if err != nil {
		t.Fatal(err)
	}
	fill(t, here)
	out.Reset()
	if err := refile(t.Context(), terminal{&out, &out}, []string{"replay", "--from", "2026-11-20", "--data", data}); err != nil || !strings.Contains(out.String(), "25 webhooks sent") {
		t.Errorf("%v\n%s", err, &out)
	}
	for _, args := range [][]string{
		{}, {"list", "--from", "2026-11-20", "--data", data}, {"replay", "--data", data}, {"replay", "--from", "yesterday", "--data", data},
		{"replay", "--from", "2026-11-20"}, {"replay", "--from", "2026-11-20", "--stage", "test"}, {"replay", "--from", "2026-11-20", "--to", "2026-11-20", "--data", data},
	} {
		if err := refile(t.Context(), terminal{&out, &out}, args); !errors.Is(err, errUsage) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
