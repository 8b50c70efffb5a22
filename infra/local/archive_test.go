package local_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/local"
	"ines/infra/plan"
	"ines/shared/archive/dir"
)

// Replaying the archive into an empty table gives the same cases with the same ids
// and timelines; into the table that it came from it changes nothing, not even a
// counter.
func TestReplayingTheArchive(t *testing.T) {
	first := t.TempDir()
	d, stop := serve(t, first)
	base := time.Now().Add(-time.Hour).Truncate(time.Second)
	for n := range 40 {
		who := num(n % 6)
		d.deliver(d.deliveryOf(said{"northline-app", "m" + num(n), "member-" + who, "chat-" + who, "sentence " + num(n), base.Add(time.Duration(n) * time.Minute)}))
	}
	d.settle()
	want, counted := told(d), d.balanced()
	stop()

	event := archived(t, first)
	second := t.TempDir()
	for _, where := range []string{first, second} {
		invoke(t, where, plan.Classify, event)
		d, stop := serve(t, where)
		d.settle()
		if got := told(d); !slices.Equal(got, want) {
			t.Errorf("replayed:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if o := d.balanced(); o.Items != counted.Items || o.Outcomes["filed"] != counted.Outcomes["filed"] {
			t.Errorf("counted %+v, want %+v", o, counted)
		}
		stop()
	}
}

// told is each case by its id and what was said in it.
func told(d target) []string {
	d.Helper()
	var list []string
	for _, c := range d.cases() {
		list = append(list, c.ID+" "+c.Customer.ID+" "+strings.Join(texts(d.timeline(c.ID)), "; "))
	}
	slices.Sort(list)
	return list
}

// archived is everything in a desk's archive as one batch of the inbound queue.
func archived(t *testing.T, data string) []byte {
	t.Helper()
	arch, err := dir.New(filepath.Join(data, "archive"))
	if err != nil {
		t.Fatal(err)
	}
	var e events.SQSEvent
	for r, err := range arch.Read(t.Context(), time.Time{}, time.Now().Add(time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		e.Records = append(e.Records, events.SQSMessage{MessageId: r.ID, ReceiptHandle: "1.1", Body: string(r.Data)})
	}
	if len(e.Records) != 40 {
		t.Fatalf("%d envelopes in the archive, want 40", len(e.Records))
	}
	body, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// invoke runs one function over a desk's folder, with nothing else running.
func invoke(t *testing.T, data, name string, event []byte) {
	t.Helper()
	desk, secrets := sampleDesk(t)
	host, err := local.Open(local.Config{Data: data, Desk: desk, Secrets: secrets, Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	out, err := host.Invoke(t.Context(), name, event)
	if err != nil || strings.Contains(string(out), "itemIdentifier") {
		t.Fatalf("%s: %s %v", name, out, err)
	}
}
