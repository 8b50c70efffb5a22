package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestExportOfCorrections asks a server that answers as the desk does: two pages, a
// message corrected twice, one that was erased, and a card number.
func TestExportOfCorrections(t *testing.T) {
	cases := map[string]string{
		"a": `{"case":{},"timeline":[{"kind":"message_received","text":"charged twice to 4111 1111 1111 1111","message":{"id":"m1"}},
			{"kind":"corrected","field":"topic","from":"booking","to":"refund","message":"m1"},
			{"kind":"corrected","field":"urgency","from":"now","to":"normal","message":"m1"},
			{"kind":"corrected","field":"topic","from":"refund","to":"payment","message":"m1"}]}`,
		"b": `{"case":{},"timeline":[{"kind":"message_received","message":{"id":"m2"}},{"kind":"corrected","field":"topic","to":"crew","message":"m2"}]}`,
		"c": `{"case":{},"timeline":[{"kind":"message_received","text":"my seat, please","message":{"id":"m3"}},{"kind":"corrected","field":"topic","to":"seat","message":"m3"}]}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer ines" {
			http.Error(w, `{"title":"Who are you?"}`, http.StatusUnauthorized)
			return
		}
		id, one := strings.CutPrefix(r.URL.Path, "/api/cases/")
		q := r.URL.Query()
		switch {
		case one:
			fmt.Fprint(w, cases[id])
		case q.Get("status") == "open" && q.Get("cursor") == "":
			fmt.Fprint(w, `{"cases":[{"id":"a"}],"cursor":"more"}`)
		case q.Get("status") == "open":
			fmt.Fprint(w, `{"cases":[{"id":"b"}]}`)
		case q.Get("status") == "resolved":
			fmt.Fprint(w, `{"cases":[{"id":"c"},{"id":"a"}]}`) // a was resolved since
		default:
			fmt.Fprint(w, `{"cases":[]}`)
		}
	}))
	defer server.Close()
	code, out, errs := said(t, "examples", "export", "--api", server.URL, "--as", "ines")
	if want := "text,label\ncharged twice to <card>,payment\n\"my seat, please\",seat\n"; code != 0 || out != want {
		t.Errorf("code %d\n%s%s\nwant\n%s", code, out, errs, want)
	}
	if code, out, _ = said(t, "examples", "export", "--field", "urgency", "--api", server.URL, "--as", "ines"); code != 0 || out != "text,label\ncharged twice to <card>,normal\n" {
		t.Errorf("urgency: code %d\n%s", code, out)
	}
	if code, _, errs = said(t, "examples", "export", "--api", server.URL, "--as", "nobody"); code != 1 || !strings.Contains(errs, "401") {
		t.Errorf("a stranger: code %d %s", code, errs)
	}
	if code, _, _ = said(t, "examples", "import"); code != 2 {
		t.Errorf("import: code %d", code)
	}
}

// TestExportOfADesk: what colleagues corrected comes out of a desk with every kind of
// entry in its timelines.
func TestExportOfADesk(t *testing.T) {
	url := desk(t)
	// The saved review isn't among them, as it is deleted again: what is gone teaches nothing.
	if code, out, errs := said(t, "replay", "--to", url, "--desk", root+"/infra/desk.yaml", root+"/events/web/form_sent.json", root+"/events/web/message_created.json",
		root+"/events/x", root+"/events/email"); code != 0 {
		t.Fatalf("code %d\n%s%s", code, out, errs)
	}
	client := deskAPI{url, "ines", http.DefaultClient}
	var found struct{ Cases []struct{ ID, Topic string } }
	if err := client.get(t.Context(), "/api/cases?channel=web", &found); err != nil || len(found.Cases) == 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	for _, c := range found.Cases {
		topic := "crew"
		if c.Topic == topic {
			topic = "seat"
		}
		for what, body := range map[string]string{"correct": `{"topic":"` + topic + `"}`, "replies": `{"text":"We look for it."}`, "notes": `{"text":"at the airport"}`} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/cases/"+c.ID+"/"+what, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer ines")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode/100 != 2 {
				t.Fatalf("%s of case %s: %s", what, c.ID, answer.Status)
			}
		}
	}
	// A correction moves cases from one department's list to another's; who reads both
	// meanwhile may miss one.
	if _, ok := (replayer{to: url, client: http.DefaultClient}).settled(t.Context()); !ok {
		t.Fatal("the desk doesn't come to rest")
	}
	code, out, errs := said(t, "examples", "export", "--api", url, "--as", "ines")
	if want := fmt.Sprint(len(found.Cases), " corrections of the topic\n"); code != 0 || errs != want || strings.Count(out, ",crew\n")+strings.Count(out, ",seat\n") != len(found.Cases) {
		t.Errorf("code %d\n%s%s\nwant %s", code, out, errs, want)
	}
}
