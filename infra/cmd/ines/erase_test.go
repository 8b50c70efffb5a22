package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestEraseAsksTheDesk(t *testing.T) {
	answers := map[string]string{
		"/api/customers/c1/erase":      `{"state":"would_erase","counts":{"cases":2,"messages":7}}`,
		"/api/customers/nobody/erase":  `{"detail":"There is no such customer."}`,
		"/api/customers/strange/erase": `<html>`,
	}
	desk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Why    string
			DryRun bool `json:"dry_run"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.Why != "by letter" || !body.DryRun || r.Method != http.MethodPost ||
			r.Header.Get("Authorization") != "Bearer tom" || r.Header.Get("Idempotency-Key") == "" {
			t.Errorf("asked %s %s %+v %v", r.Method, r.URL, body, r.Header)
		}
		if strings.Contains(r.URL.Path, "nobody") {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte(answers[r.URL.Path]))
	}))
	defer desk.Close()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"c1", "--dry-run", "--why", "by letter", "--as", "tom", "--to", desk.URL}, 0, "would erase of customer c1:\n     2 cases\n     7 messages"},
		{[]string{"nobody", "--dry-run", "--why", "by letter", "--as", "tom", "--to", desk.URL}, 1, "There is no such customer."},
		{[]string{"strange", "--dry-run", "--why", "by letter", "--as", "tom", "--to", desk.URL}, 1, "not as a desk does"},
		{[]string{"c1", "--as", "tom"}, 2, "--why"},
		{[]string{"c1", "--why", "x"}, 2, "--as"},
		{[]string{"--why", "x", "--as", "tom"}, 2, "name one customer"},
	} {
		var said bytes.Buffer
		if code := dispatch(t.Context(), terminal{&said, &said}, append([]string{"erase"}, c.args...)); code != c.code || !strings.Contains(said.String(), c.says) {
			t.Errorf("%v: %d, %s", c.args, code, said.String())
		}
	}
}
