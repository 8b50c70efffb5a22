package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"ines/shared/mask"
)

const examplesUsage = "examples export --field topic|kind|urgency [--api URL] [--as TOKEN] [-o FILE.csv]"

// examples turns what colleagues have corrected into rows to train from. It reads
// through the desk's API, so it needs no more rights than a colleague has, and it
// works on this machine and on a deployed desk alike.
func examples(ctx context.Context, t terminal, args []string) error {
	fs := flags(t, "examples")
	field := fs.String("field", "topic", "which corrections: topic, kind or urgency")
	api := fs.String("api", "http://127.0.0.1:8080", "the desk's `address`")
	token := fs.String("as", os.Getenv("INES_TOKEN"), "the `token` of a colleague; on this machine the colleague's id")
	out := fs.String("o", "", "the `file` to write; the default is the standard output")
	rest, err := parse(fs, args)
	switch {
	case err != nil:
		return err
	case len(rest) != 1 || rest[0] != "export":
		return usagef("there is examples export")
	case !slices.Contains([]string{"topic", "kind", "urgency"}, *field):
		return usagef("--field %s: there are topic, kind and urgency", *field)
	case *token == "":
		return usagef("say with --as who asks (or INES_TOKEN)")
	}
	desk := deskAPI{strings.TrimSuffix(*api, "/"), *token, &http.Client{Timeout: 30 * time.Second}}
	rows, err := desk.corrections(ctx, *field)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := writeExamples(&b, rows); err != nil {
		return err
	}
	fmt.Fprintf(t.err, "%d corrections of the %s\n", len(rows), *field)
	if *out == "" {
		_, err = io.WriteString(t.out, b.String())
		return err
	}
	return replace(*out, []byte(b.String()))
}

// An example is a text and what a colleague says that it is.
type example struct{ text, label string }

func writeExamples(w io.Writer, rows []example) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"text", "label"}); err != nil {
		return err
	}
	for _, r := range rows {
		if err := out.Write([]string{r.text, r.label}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

type deskAPI struct {
	base, token string
	client      *http.Client
}

func (d deskAPI) get(ctx context.Context, path string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+d.token)
	answer, err := d.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64<<20))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s: %.300s", path, answer.Status, body)
	}
	return json.Unmarshal(body, into)
}

// corrections asks for all cases, open and closed, and takes the last correction of
// each message. Personal data leaves the text here.
func (d deskAPI) corrections(ctx context.Context, field string) ([]example, error) {
	var rows []example
	read := map[string]bool{} // a case that is resolved meanwhile is in two lists
	for _, status := range []string{"open", "snoozed", "resolved"} {
		for cursor := ""; ; {
			var page struct {
				Cases  []struct{ ID string }
				Cursor string
			}
			q := url.Values{"status": {status}}
			if cursor != "" {
				q.Set("cursor", cursor)
			}
			if err := d.get(ctx, "/api/cases?"+q.Encode(), &page); err != nil {
				return nil, err
			}
			for _, c := range page.Cases {
				if read[c.ID] {
					continue
				}
				read[c.ID] = true
				found, err := d.ofCase(ctx, c.ID, field)
				if err != nil {
					return nil, err
				}
				rows = append(rows, found...)
			}
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
	}
	return rows, nil
}

func (d deskAPI) ofCase(ctx context.Context, id, field string) ([]example, error) {
	var c struct{ Timeline []json.RawMessage }
	if err := d.get(ctx, "/api/cases/"+url.PathEscape(id), &c); err != nil {
		return nil, err
	}
	texts, labels := map[string]string{}, map[string]string{}
	var order []string
	for _, entry := range c.Timeline {
		var (
			e        struct{ Kind string } // entries of other kinds have other things under the same names
			received struct {
				Text    string
				Message struct{ ID string }
			}
			corrected struct{ Field, To, Message string }
		)
		err := json.Unmarshal(entry, &e)
		switch {
		case err != nil:
		case e.Kind == "message_received":
			err = json.Unmarshal(entry, &received)
			texts[received.Message.ID] = received.Text
		case e.Kind == "corrected":
			err = json.Unmarshal(entry, &corrected)
			if corrected.Field != field {
				break
			}
			if !slices.Contains(order, corrected.Message) {
				order = append(order, corrected.Message)
			}
			labels[corrected.Message] = corrected.To
		}
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", id, err)
		}
	}
	var rows []example
	for _, m := range order {
		if text := strings.TrimSpace(mask.Text(texts[m])); text != "" { // erased ones teach nothing
			rows = append(rows, example{text, labels[m]})
		}
	}
	return rows, nil
}
