package local_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"ines/shared/channel"
)

// asked are the look-ups of names that were made.
func (d target) asked() []sent {
	d.Helper()
	var answer struct{ Asked []sent }
	d.must("GET", "/local/sent", "", &answer)
	return answer.Asked
}

// madeUp is how the emulated platforms call somebody.
func madeUp(id string) string {
	first, last := channel.MadeUpName(id)
	return first + " " + last
}

func (d target) page(path string) string {
	d.Helper()
	req, err := http.NewRequestWithContext(d.Context(), http.MethodGet, d.url+path, nil)
	if err != nil {
		d.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer ines")
	resp, err := d.http.Do(req)
	if err != nil {
		d.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		d.Fatalf("GET %s: %d, %v", path, resp.StatusCode, err)
	}
	return string(text)
}

// Where a platform names people by an id alone the desk asks it once and shows the
// name; what is asked is told apart from what replies send.
func TestPeopleAreShownByName(t *testing.T) {
	for event, tc := range map[string]struct{ id, url string }{
		"slack/direct_message.json":     {"U02MARAQ7", "https://slack.com/api/users.info?user=U02MARAQ7"},
		"slack/channel_message.json":    {"U02MARAQ7", "https://slack.com/api/users.info?user=U02MARAQ7"},
		"slack/slash_command.json":      {"U02MARAQ7", "https://slack.com/api/users.info?user=U02MARAQ7"},
		"line/text.json":                {"U4af4980629000000000000000000a7a7", "https://api.line.me/v2/bot/profile/U4af4980629000000000000000000a7a7"},
		"messenger/text.json":           {"7301945826110343", "https://graph.facebook.com/v25.0/7301945826110343?fields=first_name%2Clast_name"},
		"facebook/private_message.json": {"7301945826110343", "https://graph.facebook.com/v25.0/7301945826110343?fields=first_name%2Clast_name"},
		"instagram/direct_message.json": {"5614879045272581", "https://graph.instagram.com/v25.0/5614879045272581?fields=name%2Cusername"},
	} {
		t.Run(event, func(t *testing.T) {
			d, _ := serve(t, t.TempDir())
			w := d.saved(event)
			d.deliver(w)
			d.settle()
			d.deliver(w) // once more
			d.settle()
			c := d.only()
			if want := madeUp(tc.id); c.Customer.Name != want {
				t.Errorf("the customer is %q, want %q", c.Customer.Name, want)
			}
			asked := d.asked()
			if len(asked) != 1 || asked[0].Method != http.MethodGet || asked[0].URL != tc.url || asked[0].Body != "" || len(d.sent()) != 0 {
				t.Errorf("asked %+v, sent %+v", asked, d.sent())
			}
			if got := asked[0].Headers["Authorization"]; got != "Bearer ***" {
				t.Errorf("authorization %q", got)
			}
			id := d.answer("Hello.")
			if n := posts(d, -1); n != 1 || len(d.sent()) != 1 || len(d.asked()) != 1 {
				t.Errorf("%d sent, %d asked", len(d.sent()), len(d.asked()))
			}
			if n := strings.Count(strings.Join(kinds(d.timeline(id)), " "), "author_named"); n != 1 {
				t.Errorf("timeline %v", kinds(d.timeline(id)))
			}
			for _, e := range d.timeline(id) {
				if e["kind"] == "message_received" && e["author"] != madeUp(tc.id) {
					t.Errorf("a message of %v", e["author"])
				}
			}
			for _, page := range []string{"/", "/cases/" + id, "/customers/" + c.Customer.ID} {
				if !strings.Contains(d.page(page), madeUp(tc.id)) {
					t.Errorf("%s does not show the name", page)
				}
			}
			d.balanced()
		})
	}
}

// What the platform's own message says is enough.
func TestNobodyIsAskedForWhoHasAName(t *testing.T) {
	for _, event := range []string{"telegram/private_text.json", "instagram/comment.json", "facebook/comment.json", "sms/text.json", "line/verify_button.json"} {
		d, _ := serve(t, t.TempDir())
		d.deliver(d.saved(event))
		d.settle()
		if asked := d.asked(); len(asked) != 0 {
			t.Errorf("%s: asked %+v", event, asked)
		}
	}
}

// While the platform does not answer the case shows the id, can be answered, and
// learns the name afterwards. A fault of replies is no fault of look-ups.
func TestANameComesWhenThePlatformIsBack(t *testing.T) {
	d, _ := serve(t, t.TempDir())
	d.must("POST", "/local/faults", `{"channel":"line","times":1,"status":429,"retry_after":"2s"}`, nil)
	d.must("POST", "/local/faults", `{"channel":"line","times":2,"status":503,"names":true}`, nil)
	d.must("POST", "/local/faults", `{"channel":"line","hang":"30s","names":true}`, nil)
	d.deliver(d.saved("line/text.json"))
	d.settle()
	const id = "U4af4980629000000000000000000a7a7"
	if c := d.only(); c.Customer.Name != id {
		t.Errorf("the customer is %q", c.Customer.Name)
	}
	of := d.answer("Hello.")
	d.advance("5s")
	if got := kinds(d.timeline(of)); !contains(got, "reply_delayed") || !contains(got, "reply_sent") {
		t.Errorf("timeline: %v", got)
	}
	if posts(d, 429) != 1 || posts(d, 200) != 1 {
		t.Errorf("sent: %+v", d.sent())
	}
	d.advance("5m")
	if c := d.only(); c.Customer.Name != madeUp(id) {
		t.Errorf("the customer is %q after %+v", c.Customer.Name, d.asked())
	}
	var how []int
	for _, a := range d.asked() {
		how = append(how, a.Status)
	}
	if len(how) != 4 || how[0] != 503 || how[1] != 503 || how[2] != 0 || how[3] != 200 {
		t.Errorf("asked %v", how)
	}
	if c := d.only(); c.Status != "open" || c.Owner != "ines" {
		t.Errorf("a name changed the case: %+v", c)
	}
	d.balanced()
}

// Who never answers is asked some times and no more, and holds nobody up.
func TestAPlatformThatNeverTellsIsLeftAlone(t *testing.T) {
	d, _ := serve(t, t.TempDir())
	d.must("POST", "/local/faults", `{"channel":"slack","times":100,"status":500,"names":true}`, nil)
	d.deliver(d.saved("slack/direct_message.json"))
	d.settle()
	d.advance("1h")
	if n := len(d.asked()); n < 5 || n > 20 {
		t.Errorf("asked %d times", n)
	}
	if c := d.only(); c.Customer.Name != "U02MARAQ7" {
		t.Errorf("the customer is %q", c.Customer.Name)
	}
	if o := d.balanced(); o.Queues["replies.fifo"].Dead != 0 {
		t.Errorf("queues: %+v", o.Queues)
	}
}

// Somebody who is erased while the platform does not answer is not asked for, and of
// one who was named before nothing stays on the disk.
func TestOfWhomeverIsErasedNoNameIsLeft(t *testing.T) {
	for _, before := range []bool{true, false} {
		dir := t.TempDir()
		d, stop := serve(t, dir)
		unnamed(t, d, stop, before, func(word string) []string { return spelled(t, dir, word) })
	}
}

// unnamed has somebody erased before or after his name was found.
func unnamed(t *testing.T, d target, stop func(), before bool, spelled func(word string) []string) {
	t.Helper()
	if !before {
		d.must("POST", "/local/faults", `{"channel":"messenger","times":3,"status":500,"names":true}`, nil)
	}
	d.deliver(d.saved("messenger/text.json"))
	d.settle()
	const id = "7301945826110343"
	c := d.only()
	if got := c.Customer.Name == madeUp(id); got != before {
		t.Fatalf("the customer is %q", c.Customer.Name)
	}
	if before && len(spelled(madeUp(id))) == 0 {
		t.Fatal("the name was never there")
	}
	d.must("POST", "/api/customers/"+c.Customer.ID+"/erase", `{"why":"asked by letter"}`, nil)
	asked := len(d.asked())
	d.advance("1h")
	if len(d.asked()) > asked {
		t.Errorf("asked for who was erased: %+v", d.asked())
	}
	_, last, _ := strings.Cut(madeUp(id), " ")
	words := []string{madeUp(id), last, id}
	if !before {
		stop() // the question waited in the queue: its id goes with the queue's journal
	}
	for _, w := range words {
		for _, where := range spelled(w) {
			t.Errorf("named %t before: %q is still in %s", before, w, where)
		}
	}
	stop()
}
