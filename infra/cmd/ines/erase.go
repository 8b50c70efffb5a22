package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const eraseUsage = "erase CUSTOMER --why TEXT [--dry-run] [--to URL] [--as COLLEAGUE | --token JWT]"

// eraseCustomer asks a running desk, here or deployed, to forget a customer: the desk
// alone knows all the places, and on one machine it alone has the file.
func eraseCustomer(ctx context.Context, t terminal, args []string) error {
	fs := flags(t, "erase")
	why := fs.String("why", "", "who asked for it, and when")
	dry := fs.Bool("dry-run", false, "say what would go, and change nothing")
	to := fs.String("to", "http://127.0.0.1:8080", "the desk's `URL`")
	as := fs.String("as", "", "the `colleague` who does it, on one machine")
	token := fs.String("token", "", "a `JWT` of the issuer, for a deployed desk")
	rest, err := parse(fs, args)
	switch {
	case err != nil:
		return err
	case len(rest) != 1 || rest[0] == "":
		return usagef("name one customer, by the id that his cases show")
	case strings.TrimSpace(*why) == "":
		return usagef("say --why: who asked for it, and when")
	case (*as == "") == (*token == ""):
		return usagef("say who does it: --as on one machine, --token for a deployed desk")
	}
	body, err := json.Marshal(map[string]any{"why": *why, "dry_run": *dry})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(*to, "/")+"/api/customers/"+url.PathEscape(rest[0])+"/erase", bytes.NewReader(body))
	if err != nil {
		return usagef("--to: %v", err)
	}
	req.Header.Set("Authorization", "Bearer "+*as+*token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "erase-"+rand.Text())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the desk: %w", err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("the desk's answer: %w", err)
	}
	var said struct {
		State  string
		Detail string
		Counts struct{ Cases, Messages, Replies, Notes, Files, Handles, Mentions, Deliveries int }
	}
	if err := json.Unmarshal(raw, &said); err != nil {
		return fmt.Errorf("%s answers %s, and not as a desk does", *to, resp.Status)
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s", said.Detail)
	}
	head, ok := map[string]string{"would_erase": "would erase", "erased": "erased", "under_way": "is erasing (the archive takes a while; function clock sees it through)"}[said.State]
	if !ok {
		head = said.State
	}
	c := said.Counts
	fmt.Fprintf(t.out, "%s of customer %s:\n", head, rest[0])
	for _, row := range []struct {
		n    int
		what string
	}{{c.Cases, "cases"}, {c.Messages, "messages"}, {c.Replies, "replies"}, {c.Notes, "notes, calls and promises"}, {c.Files, "files"},
		{c.Handles, "handles"}, {c.Mentions, "cases of others in which the customer wrote"}, {c.Deliveries, "deliveries in the archive (those known so far)"}} {
		fmt.Fprintf(t.out, "%6d %s\n", row.n, row.what)
	}
	return nil
}
