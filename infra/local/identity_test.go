package local_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// person is what GET /api/customers/{id} says, as far as the test looks.
type person struct {
	Customer struct {
		ID, Name string
		Handles  []struct {
			Channel, ID, Key, Source string
			MergedFrom               string `json:"merged_from"`
			FirstSeen                string `json:"first_seen"`
		}
		MergedFrom []struct{ Customer struct{ ID, Name string } } `json:"merged_from"`
		Proposals  []struct {
			ID, Case string
			With     struct{ ID, Name string }
			Evidence []struct{ Kind, Mine, Theirs string }
		}
		Declined []struct{ With struct{ ID string } }
	}
	Cases []caseView
}

func (d target) person(id string) (p person) {
	d.Helper()
	d.must("GET", "/api/customers/"+id, "", &p)
	return p
}

// TestIdentityEndToEnd: a customer names his booking and his mail address in a private
// message on X, and writes a mail later. The desk proposes that he is one; a colleague
// says so; what he writes from either then finds the other's case, and is answered
// there; and when it turns out wrong the two part.
func TestIdentityEndToEnd(t *testing.T) {
	d, _ := serve(t, t.TempDir())
	const address = "mara.quill@mail.example"
	d.deliver(d.saved("x/direct_message.json", "Booking ref is NLX 7Q4, card ends 4417. Mobile +44 7700 900123 &amp; I'm home after 6.", "my booking is 7KX2PM, mail "+address))
	d.settle()
	chat := d.only()
	d.deliver(d.saved("email/first_mail.json"))
	d.settle()
	var mail caseView
	for _, c := range d.cases() {
		if c.ID != chat.ID {
			mail = c
		}
	}
	proposed := func(id string) (n int) {
		for _, e := range d.timeline(id) {
			if e["kind"] == "identity_proposed" {
				n++
				if s := e["why"].(string); strings.Contains(s, address) || strings.Contains(s, "7KX2PM") || e["with"].(map[string]any)["id"] != chat.Customer.ID {
					t.Errorf("%v", e)
				}
			}
		}
		return n
	}
	if proposed(mail.ID) != 1 || proposed(chat.ID) != 0 {
		t.Fatalf("timelines: %v and %v", kinds(d.timeline(chat.ID)), kinds(d.timeline(mail.ID)))
	}
	for id, other := range map[string]string{chat.Customer.ID: mail.Customer.ID, mail.Customer.ID: chat.Customer.ID} {
		p := d.person(id).Customer
		if len(p.Proposals) != 1 || p.Proposals[0].With.ID != other || p.Proposals[0].Case != mail.ID || len(p.Proposals[0].Evidence) != 2 || len(p.Handles) != 1 || p.Handles[0].Source != "wrote_from" {
			t.Errorf("%+v", p)
		}
	}
	var done struct {
		Customer        string
		Cases, Separate []string
		Version         int64
	}
	d.must("POST", "/api/customers/"+mail.Customer.ID+"/merge", `{"into":"`+chat.Customer.ID+`","why":"the same booking, and he says so"}`, &done)
	if done.Customer != chat.Customer.ID || len(done.Cases) != 2 || len(done.Separate) != 2 {
		t.Errorf("%+v", done)
	}
	d.settle()
	for _, id := range []string{chat.Customer.ID, mail.Customer.ID} {
		p := d.person(id)
		if p.Customer.ID != chat.Customer.ID || len(p.Customer.Handles) != 2 || len(p.Customer.Proposals) != 0 || len(p.Customer.MergedFrom) != 1 || p.Customer.MergedFrom[0].Customer.Name != "Mara Quill" || len(p.Cases) != 2 {
			t.Errorf("%+v", p)
		}
	}
	if d.call("POST", "/api/customers/"+chat.Customer.ID+"/merge", `{"into":"`+mail.Customer.ID+`","why":"x"}`, nil) != http.StatusConflict {
		t.Error("merged twice")
	}
	for _, id := range []string{chat.ID, mail.ID} {
		if !contains(kinds(d.timeline(id)), "customers_merged") {
			t.Errorf("case %s says nothing of it", id)
		}
	}
	// The matter of the mail is done. His next mail belongs to what he has open, and
	// is answered where he wrote it.
	d.must("POST", "/api/cases/"+mail.ID+"/resolve", `{"text":"rebooked"}`, nil)
	second := []string{"1001.mail", "1002.mail", "7e57ab1e-0000-4000-9000-000000000001", "7e57ab1e-0000-4000-9000-000000000002"}
	d.deliver(d.saved("email/first_mail.json", second...), d.saved("email/first_mail.json", second...))
	d.settle()
	if len(d.cases()) != 2 || len(texts(d.timeline(chat.ID))) != 2 {
		t.Fatalf("%+v, %v", d.cases(), texts(d.timeline(chat.ID)))
	}
	d.must("POST", "/api/cases/"+chat.ID+"/claim", `{}`, nil)
	d.must("POST", "/api/cases/"+chat.ID+"/replies", `{"text":"We have both your messages."}`, nil)
	d.settle()
	calls := d.sent()
	if n := len(calls); n != 1 || calls[0].Channel != "email" || !strings.Contains(calls[0].Body, address) {
		t.Fatalf("sent: %+v", calls)
	}

	d.must("POST", "/api/customers/"+chat.Customer.ID+"/unmerge", `{"customer":"`+mail.Customer.ID+`","why":"father and daughter"}`, nil)
	d.settle()
	if p := d.person(mail.Customer.ID); p.Customer.ID != mail.Customer.ID || len(p.Customer.Handles) != 1 || len(p.Customer.Declined) != 1 || len(p.Customer.MergedFrom) != 0 {
		t.Errorf("%+v", p)
	}
	if p := d.person(chat.Customer.ID); len(p.Customer.Handles) != 1 || len(p.Cases) != 1 {
		t.Errorf("%+v", p)
	}
	if got := d.timeline(chat.ID); !contains(kinds(got), "customers_parted") || len(texts(got)) != 2 {
		t.Errorf("what was filed has to stay: %v, %v", kinds(got), texts(got))
	}
	// The conversation that he began meanwhile goes on in a case of his own, with what
	// he wrote in it; the other one's goes on where it was.
	d.deliver(d.saved("email/first_mail.json", "1001.mail", "1003.mail", "7e57ab1e-0000-4000-9000-000000000001", "7e57ab1e-0000-4000-9000-000000000003",
		`"Headers":[`, `"Headers":[{"Name":"In-Reply-To","Value":"<1002.mail@mail.example>"},`))
	d.settle()
	own := d.person(mail.Customer.ID).Cases
	i := slices.IndexFunc(own, func(c caseView) bool { return c.ID != mail.ID })
	if len(own) != 2 || i < 0 || len(texts(d.timeline(own[i].ID))) != 2 || len(texts(d.timeline(chat.ID))) != 2 {
		t.Fatalf("%+v", own)
	}
	if o := d.balanced(); o.Outcomes["filed"] != 4 || o.Outcomes["duplicate"] != 1 {
		t.Errorf("outcomes: %v", o.Outcomes)
	}
}
