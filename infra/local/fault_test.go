package local_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

func num(n int) string { return strconv.Itoa(n) }

// answered opens a case on X, asks for the fault, answers, and lets time pass.
func answered(t *testing.T, fault string) (d target, id string) {
	d, _ = serve(t, t.TempDir())
	d.deliver(d.deliveryOf(said{"northline-x", "2080761390344930001", "1716450569358098432", "2080761390344930001", "@northline is anybody there?", time.Now()}))
	d.settle()
	id = d.only().ID
	d.must("POST", "/local/faults", fault, nil)
	d.must("POST", "/api/cases/"+id+"/claim", "{}", nil)
	d.must("POST", "/api/cases/"+id+"/replies", `{"text":"Yes, I am."}`, nil)
	d.advance("0s")
	d.advance("2m")
	return d, id
}

func posts(d target, status int) (n int) {
	d.Helper()
	for _, c := range d.sent() {
		if c.Method == http.MethodPost && (status < 0 || c.Status == status) {
			n++
		}
	}
	return n
}

func TestFaultThrottled(t *testing.T) {
	d, id := answered(t, `{"channel":"x","times":2,"status":429,"retry_after":"2s"}`)
	if posts(d, 429) != 2 || posts(d, 201) != 1 || posts(d, -1) != 3 {
		t.Errorf("sent: %+v", d.sent())
	}
	if got := kinds(d.timeline(id)); !contains(got, "reply_delayed") || !contains(got, "reply_sent") {
		t.Errorf("timeline: %v", got)
	}
	d.balanced()
}

// Nobody knows whether what hung will still be taken: it is looked for, not found,
// and shown to a person, who decides.
func TestFaultHang(t *testing.T) {
	d, id := answered(t, `{"channel":"x","hang":"30s"}`)
	lookups := 0
	for _, c := range d.sent() {
		if c.Method == http.MethodGet {
			lookups++
		}
	}
	if posts(d, 0) != 1 || posts(d, -1) != 1 || lookups == 0 {
		t.Errorf("sent: %+v", d.sent())
	}
	if got := kinds(d.timeline(id)); contains(got, "reply_sent") || !contains(got, "reply_unconfirmed") {
		t.Errorf("timeline: %v", got)
	}
	d.balanced()
}

// The platform took it and the answer got lost: it is found there, and never sent
// again.
func TestFaultDropAfterAccept(t *testing.T) {
	d, id := answered(t, `{"channel":"x","drop_after_accept":true}`)
	if posts(d, -1) != 1 || posts(d, 201) != 1 {
		t.Errorf("sent: %+v", d.sent())
	}
	if got := kinds(d.timeline(id)); !contains(got, "reply_sent") || contains(got, "reply_unconfirmed") {
		t.Errorf("timeline: %v", got)
	}
	d.balanced()
}

// A platform that can't be asked: a person has to know, and nothing is sent twice.
func TestFaultWithoutLookup(t *testing.T) {
	d, _ := serve(t, t.TempDir())
	d.deliver(d.deliveryOf(said{"northline-app", "m1", "member-1", "chat-1", "Hello?", time.Now()}))
	d.settle()
	id := d.only().ID
	d.must("POST", "/local/faults", `{"channel":"web","times":1,"drop_after_accept":true}`, nil)
	d.must("POST", "/api/cases/"+id+"/claim", "{}", nil)
	d.must("POST", "/api/cases/"+id+"/replies", `{"text":"Hello."}`, nil)
	d.settle()
	d.advance("10m")
	if posts(d, -1) != 1 {
		t.Errorf("sent: %+v", d.sent())
	}
	if got := kinds(d.timeline(id)); !contains(got, "reply_unconfirmed") {
		t.Errorf("timeline: %v", got)
	}
}
