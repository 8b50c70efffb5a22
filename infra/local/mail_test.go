package local_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/local"
	"ines/infra/plan"
	"ines/shared/archive/dir"
	"ines/shared/channel"
	"ines/shared/channel/registry"
	"ines/shared/deposit"
	"ines/shared/docket"
	"ines/shared/lambdahttp"
)

// savedMail is a saved event of the sample inbox at SES, as it would come now.
func (d target) savedMail(file string) delivery {
	d.Helper()
	_, r, err := lambdahttp.Load(file)
	if err != nil {
		d.Fatal(err)
	}
	in, ok := d.desk.Inbox("northline-post")
	if !ok {
		d.Fatal("the sample desk has no inbox at SES")
	}
	ch, _ := registry.Find("email")
	fresh, err := ch.(channel.Saved).Freshen(docket.InboxAt(in, d.url), channel.Request{Method: r.Method, Header: r.Header, Body: r.Body}, time.Now())
	if err != nil {
		d.Fatal(err)
	}
	w := d.sign(in.ID, string(fresh.Body))
	w.header["content-type"] = r.Header["content-type"]
	return w
}

// withBuckets lets a desk fetch from a copy of the sample buckets.
func withBuckets(t *testing.T) (buckets string, change func(*local.Config)) {
	t.Helper()
	buckets = filepath.Join(t.TempDir(), "buckets")
	if err := os.CopyFS(buckets, os.DirFS("../../events/buckets")); err != nil {
		t.Fatal(err)
	}
	folder, err := deposit.OpenFolder(buckets)
	if err != nil {
		t.Fatal(err)
	}
	return buckets, func(c *local.Config) { c.Deposits = folder }
}

// TestAMailWithPicturesIsReadForUs: the notification has its head, the bucket the mail.
// The case has what the customer said and showed, twice delivered is once, a replay of
// the archive into an empty table finds it all when the bucket is empty, and an erasure
// leaves no byte of it.
func TestAMailWithPicturesIsReadForUs(t *testing.T) {
	first := t.TempDir()
	buckets, fetching := withBuckets(t)
	d, stop := serve(t, first, fetching)
	mail := d.savedMail("../../events/email/large_mail.json")
	d.deliver(mail, mail)
	d.settle()
	c := d.only()
	if said := texts(d.timeline(c.ID)); len(said) != 1 || !strings.Contains(said[0], "buggy for our youngest") || !strings.Contains(said[0], "Theo Brandt") {
		t.Fatalf("the case has %q", said)
	}
	files := picturesOf(t, d, c.ID)
	if len(files) != 2 {
		t.Errorf("%d pictures, want 2", len(files))
	}
	if o := d.balanced(); o.Outcomes["filed"] != 1 || o.Outcomes["duplicate"] != 1 {
		t.Errorf("outcomes %v", o.Outcomes)
	}
	want := told(d)
	stop()

	// The bucket's lifecycle rule has done its work.
	if err := os.RemoveAll(buckets); err != nil {
		t.Fatal(err)
	}
	second := t.TempDir()
	if err := os.CopyFS(filepath.Join(second, "archive"), os.DirFS(filepath.Join(first, "archive"))); err != nil {
		t.Fatal(err)
	}
	arch, err := dir.New(filepath.Join(first, "archive"))
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
	batch, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	invoke(t, second, plan.Classify, batch)
	again, _ := serve(t, second)
	again.settle()
	if got := told(again); !slices.Equal(got, want) {
		t.Errorf("replayed:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := picturesOf(t, again, c.ID); !slices.Equal(got, files) {
		t.Errorf("replayed, the pictures are %v, were %v", got, files)
	}

	again.must("POST", "/api/customers/"+c.Customer.ID+"/erase", `{"why":"asked by letter"}`, nil)
	for _, word := range []string{"buggy for our youngest", "theo.brandt@post.example", "buggy-wheel.png"} {
		if where := spelled(t, second, word); len(where) > 0 {
			t.Errorf("after the erasure %q is still in %v", word, where)
		}
	}
	if left, err := filepath.Glob(filepath.Join(second, "archive", "blobs", "*", "*")); err != nil || len(left) > 0 {
		t.Errorf("after the erasure there is %v (%v)", left, err)
	}
}

// picturesOf are the hashes of a case's files.
func picturesOf(t *testing.T, d target, id string) (hashes []string) {
	t.Helper()
	for _, e := range d.timeline(id) {
		m, _ := e["message"].(map[string]any)
		list, _ := m["attachments"].([]any)
		for _, one := range list {
			a, _ := one.(map[string]any)
			if a["lost"] != nil || a["mime"] != "image/png" || a["sha256"] == nil {
				t.Errorf("a file: %v", a)
			}
			hashes = append(hashes, fmt.Sprint(a["sha256"]))
		}
	}
	return hashes
}

// TestAMailThatCannotBeFetched is there all the same, with the reason and the way to
// it; nobody waits for it.
func TestAMailThatCannotBeFetched(t *testing.T) {
	d, _ := serve(t, t.TempDir()) // told of no bucket
	d.deliver(d.savedMail("../../events/email/large_mail.json"))
	d.settle()
	c := d.only()
	said := texts(d.timeline(c.ID))
	if len(said) != 1 || !strings.Contains(said[0], "told of no bucket") || !strings.Contains(said[0], "s3://northline-post-in/in/") || c.Customer.Name != "Theo Brandt" {
		t.Errorf("the case of %q has %q", c.Customer.Name, said)
	}
	d.balanced()
	if status := d.call("GET", "/api/cases/"+c.ID, "", nil); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if calls := d.sent(); len(calls) > 0 {
		t.Errorf("somebody was called: %+v", calls)
	}
}
