package local_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ines/infra/local"
	"ines/shared/policy"
)

// spelled are the files below a folder, the packed ones unpacked, in which a word
// stands.
func spelled(t *testing.T, dir, word string) (in []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			return nil
		}
		if zip, no := gzip.NewReader(bytes.NewReader(content)); err == nil && no == nil {
			content, err = io.ReadAll(zip)
		}
		if err != nil {
			return err
		}
		// An archived body is in base64, at one of three offsets.
		for _, form := range append([]string{word}, inBase64(word)...) {
			if bytes.Contains(content, []byte(form)) {
				in = append(in, name+" as "+form)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// TestErasedFromTheWholeDisk: after erasing a customer no byte of the data folder has
// his words, name or handle: not the database, nor its log, nor its free pages, nor
// the archive, nor the record of what was sent.
func TestErasedFromTheWholeDisk(t *testing.T) {
	dir := t.TempDir()
	// Its department is told in a chat, in lines that name nobody's handle.
	d, stop := serve(t, dir, func(c *local.Config) {
		for i := range c.Desk.Departments {
			c.Desk.Departments[i].Feed = policy.Feed{Slack: "northline-slack", Channel: "C0TOLD"}
		}
	})
	erases(t, d, stop, func(word string) []string { return spelled(t, dir, word) })
}

// erases has a customer write, be answered, be erased and write again. spelled is where
// a word stands.
func erases(t *testing.T, d target, stop func(), spelled func(word string) []string) {
	t.Helper()
	now := time.Now()
	const handle, other = "1716450569358098555", "1716450569358098111"
	mine := d.deliveryOf(said{"northline-x", "2080761390344930555", handle, "2080761390344930555", "@northline my zither was crushed", now})
	d.deliver(mine, d.deliveryOf(said{"northline-x", "2080761390344930111", other, "2080761390344930111", "@northline my harp is fine, thank you, but late", now}))
	d.deliver(d.deliveryOf(said{"northline-app", "m9", "member-oboe", "chat-9", "an oboe went missing", now}))
	d.settle()
	var mineCase caseView
	for _, c := range d.cases() {
		if len(c.Threads) == 1 && c.Threads[0].Key == "2080761390344930555" {
			mineCase = c
		}
	}
	d.must("POST", "/api/cases/"+mineCase.ID+"/claim", "{}", nil)
	d.must("POST", "/api/cases/"+mineCase.ID+"/replies", `{"text":"We will mend the zither."}`, nil)
	d.must("POST", "/api/cases/"+mineCase.ID+"/notes", `{"text":"zither player, rang twice"}`, nil)
	d.deliver(mine) // once more
	d.settle()
	before := d.balanced()
	words := []string{"zither", handle}
	for _, w := range words {
		if len(spelled(w)) == 0 {
			t.Fatalf("%q was never there", w)
		}
	}
	var done struct {
		State  string
		DryRun bool `json:"dry_run"`
		Counts struct{ Cases, Messages, Replies, Notes, Deliveries int }
	}
	path := "/api/customers/" + mineCase.Customer.ID
	if d.must("POST", path+"/erase", `{"why":"asked by letter","dry_run":true}`, &done); done.State != "would_erase" || !done.DryRun || done.Counts.Cases != 1 || done.Counts.Messages != 1 || done.Counts.Replies != 1 || done.Counts.Notes != 1 {
		t.Errorf("it would do %+v", done)
	}
	if len(spelled("zither")) == 0 {
		t.Error("looking erased something")
	}
	if d.must("POST", path+"/erase", `{"why":"asked by letter"}`, &done); done.State != "erased" || done.DryRun || done.Counts.Deliveries < 2 {
		t.Errorf("it did %+v", done)
	}
	for _, w := range words {
		for _, where := range spelled(w) {
			t.Errorf("%q is still in %s", w, where)
		}
	}
	for _, w := range []string{"harp", other, "oboe"} {
		if len(spelled(w)) == 0 {
			t.Errorf("%q, which is another's, is gone", w)
		}
	}
	if d.call("GET", path, "", nil) != http.StatusGone || d.call("POST", path+"/erase", `{"why":"again"}`, nil) != http.StatusGone ||
		d.call("POST", "/api/cases/"+mineCase.ID+"/claim", "{}", nil) != http.StatusGone {
		t.Error("who is erased is not gone")
	}
	if after := d.balanced(); after.Items != before.Items || after.Outcomes["filed"] != before.Outcomes["filed"] {
		t.Errorf("outcomes were %+v and are %+v", before, after)
	}
	// The platform delivers it again: it is a duplicate, and the archive loses it
	// within the minute.
	d.deliver(mine)
	d.settle()
	d.advance("1m")
	for _, w := range words {
		for _, where := range spelled(w) {
			t.Errorf("after another delivery %q is in %s", w, where)
		}
	}
	if o := d.balanced(); o.Outcomes["duplicate"] != before.Outcomes["duplicate"]+1 {
		t.Errorf("outcomes: %+v", o)
	}
	// He writes anew, and is new.
	d.deliver(d.deliveryOf(said{"northline-x", "2080761390344930999", handle, "2080761390344930999", "@northline hello", now.Add(time.Minute)}))
	d.settle()
	found := false
	for _, c := range d.cases() {
		if len(c.Threads) == 1 && c.Threads[0].Key == "2080761390344930999" {
			found = c.Customer.ID != mineCase.Customer.ID && c.ID != mineCase.ID
		}
	}
	if !found {
		t.Errorf("who writes again is not a new customer: %+v", d.cases())
	}
	stop()
	if len(spelled("zither")) > 0 {
		t.Error("after a stop it is back")
	}
}

// TestErasedWhileAReplyIsOnItsWay: what the queues held at that moment leaves the disk
// when they have done with it.
func TestErasedWhileAReplyIsOnItsWay(t *testing.T) {
	dir := t.TempDir()
	d, stop := serve(t, dir)
	d.deliver(d.deliveryOf(said{"northline-app", "m1", "member-viola", "chat-1", "Where is my viola?", time.Now()}))
	d.settle()
	d.must("POST", "/local/faults", `{"channel":"web","times":1,"hang":"20s"}`, nil)
	id := d.only()
	d.must("POST", "/api/cases/"+id.ID+"/replies", `{"text":"Your viola is in Porto."}`, nil)
	for len(d.sent()) == 0 { // until it is on its way
	}
	d.must("POST", "/api/customers/"+id.Customer.ID+"/erase", `{"why":"asked by letter"}`, nil)
	if len(spelled(t, dir, "viola")) == 0 {
		t.Error("the reply had come back already: nothing is shown")
	}
	d.advance("5m")
	d.advance("1m")
	for _, where := range spelled(t, dir, "viola") {
		t.Errorf("it is still in %s", where)
	}
	stop()
	if len(spelled(t, dir, "viola")) > 0 {
		t.Error("after a stop it is back")
	}
}

// slow is a network that answers when it is told to.
type slow struct{ asked, answer chan struct{} }

func (s slow) RoundTrip(*http.Request) (*http.Response, error) {
	s.asked <- struct{}{}
	<-s.answer
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

// A call that a platform answers after the customer was erased is recorded as a call,
// and says nothing of him.
func TestACallThatOutlivesItsCustomer(t *testing.T) {
	dir := t.TempDir()
	network := slow{make(chan struct{}), make(chan struct{})}
	d, _ := serve(t, dir, func(c *local.Config) { c.Live, c.Network = true, network })
	d.deliver(d.deliveryOf(said{"northline-app", "m1", "member-viola", "chat-1", "Where is my viola?", time.Now()}))
	d.settle()
	c := d.only()
	d.must("POST", "/api/cases/"+c.ID+"/replies", `{"text":"Your viola is in Porto."}`, nil)
	<-network.asked
	d.must("POST", "/api/customers/"+c.Customer.ID+"/erase", `{"why":"asked by letter"}`, nil)
	close(network.answer)
	d.advance("1m")
	if calls := d.sent(); len(calls) != 1 || calls[0].Status != http.StatusOK || calls[0].Body != "" {
		t.Errorf("recorded: %+v", calls)
	}
	d.advance("1m")
	for _, where := range spelled(t, dir, "viola") {
		t.Errorf("it is still in %s", where)
	}
}

// TestRetentionByTheClock: a closed case goes by itself when its brand's time has come.
func TestRetentionByTheClock(t *testing.T) {
	dir := t.TempDir()
	d, _ := serve(t, dir, func(c *local.Config) {
		for i := range c.Desk.Brands {
			c.Desk.Brands[i].Retention = 30 * 24 * time.Hour
		}
	})
	d.deliver(d.deliveryOf(said{"northline-app", "m1", "member-1", "chat-1", "Where is my bassoon?", time.Now()}))
	d.settle()
	d.must("POST", "/api/cases/"+d.only().ID+"/resolve", "{}", nil)
	d.advance("696h") // 29 days
	if len(spelled(t, dir, "bassoon")) == 0 {
		t.Error("it went too early")
	}
	d.advance("25h")
	for _, where := range spelled(t, dir, "bassoon") {
		t.Errorf("after thirty days it is in %s", where)
	}
	if cases := d.cases(); len(cases) != 0 {
		t.Errorf("cases: %+v", cases)
	}
	if o := d.balanced(); o.Outcomes["filed"] != 1 {
		t.Errorf("outcomes: %+v", o)
	}
}

// inBase64 are the parts of a word that stand in base64 wherever it begins.
func inBase64(word string) (forms []string) {
	for offset := range 3 {
		text := strings.Repeat("\x00", offset) + word
		enc := base64.StdEncoding.EncodeToString([]byte(text))
		first, last := 0, len(text)/3*4
		if offset > 0 {
			first = 4
		}
		if last-first >= 4 {
			forms = append(forms, enc[first:last])
		}
	}
	return forms
}
