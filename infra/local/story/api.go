package story

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxAnswer bounds what is read of any answer, in bytes.
const maxAnswer = 64 << 20

// Case is a case as the API shows it in lists, as far as stories look at it.
type Case struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Customer struct {
		Name string `json:"name"`
	} `json:"customer"`
	Brand      string    `json:"brand"`
	Community  string    `json:"community"`
	Department string    `json:"department"`
	Segment    string    `json:"segment"`
	Owner      string    `json:"owner"`
	Topic      string    `json:"topic"`
	Language   string    `json:"language"`
	Kind       string    `json:"kind"`
	Tone       string    `json:"tone"`
	Urgency    string    `json:"urgency"`
	WaitingFor string    `json:"waiting_for"`
	DueFor     string    `json:"due_for"`
	Bystanders int       `json:"bystanders"`
	Messages   int       `json:"messages"`
	OpenedAt   time.Time `json:"opened_at"`
	Threads    []Thread  `json:"threads"`
}

// Thread is one conversation of a case.
type Thread struct {
	ID         string `json:"id"`
	Channel    string `json:"channel"`
	Visibility string `json:"visibility"`
}

func (c Case) threadNames() []string {
	names := make([]string, len(c.Threads))
	for i, t := range c.Threads {
		names[i] = t.Channel + " " + t.Visibility
	}
	return names
}

// Entry is one line of a case's timeline: the API's flat object.
type Entry map[string]any

// Text is a field as text, "" if the entry doesn't have it.
func (e Entry) Text(name string) string {
	switch v := e[name].(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

// At is when it happened by the desk's clock.
func (e Entry) At() time.Time {
	at, err := time.Parse(time.RFC3339Nano, e.Text("at"))
	if err != nil {
		return time.Time{} // the API always says it
	}
	return at
}

// call is one entry of /local/sent.
type call struct {
	Channel string `json:"channel"`
	Inbox   string `json:"inbox"`
	Method  string `json:"method"`
	URL     string `json:"url"`
	Body    string `json:"body"`
	Status  int    `json:"status"`
}

// api talks to the desk as one who sits outside.
type api struct {
	base   string
	client *http.Client
}

// answer is what the desk said.
type answer struct {
	status int
	body   []byte
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

// problem is the answer's words, if it is a problem document.
func (a answer) problem() (code, detail string) {
	var p struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
		Title  string `json:"title"`
	}
	if json.Unmarshal(a.body, &p) != nil {
		return "", clip(string(a.body), 300)
	}
	if p.Detail == "" {
		p.Detail = p.Title
	}
	return p.Code, p.Detail
}

func (d api) do(ctx context.Context, method, path, as string, header map[string]string, body []byte) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, d.base+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	if as != "" {
		req.Header.Set("Authorization", "Bearer "+as)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("the desk does not answer: %w", err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: the answer broke off: %w", method, path, err)
	}
	return answer{resp.StatusCode, raw}, nil
}

// get decodes the answer to a GET that must work.
func (d api) get(ctx context.Context, path, as string, into any) error {
	a, err := d.do(ctx, http.MethodGet, path, as, nil, nil)
	if err != nil {
		return err
	}
	if !a.ok() {
		_, detail := a.problem()
		return fmt.Errorf("GET %s: %d %s", path, a.status, detail)
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	return nil
}

// cases lists every case, all pages of it.
func (d api) cases(ctx context.Context, as string) ([]Case, error) {
	var all []Case
	for cursor := ""; ; {
		var page struct {
			Cases  []Case `json:"cases"`
			Cursor string `json:"cursor"`
		}
		if err := d.get(ctx, "/api/cases?limit=100&cursor="+url.QueryEscape(cursor), as, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Cases...)
		if cursor = page.Cursor; cursor == "" {
			return all, nil
		}
	}
}

// told is one case with its timeline.
type told struct {
	Case     Case    `json:"case"`
	Timeline []Entry `json:"timeline"`
}

func (d api) told(ctx context.Context, id, as string) (told, error) {
	var t told
	err := d.get(ctx, "/api/cases/"+url.PathEscape(id), as, &t)
	return t, err
}

func (d api) sent(ctx context.Context) ([]call, error) {
	var s struct {
		Sent []call `json:"sent"`
	}
	err := d.get(ctx, "/local/sent", "", &s)
	return s.Sent, err
}

func (d api) outcomes(ctx context.Context) (map[string]int, error) {
	var o struct {
		Outcomes map[string]int `json:"outcomes"`
	}
	err := d.get(ctx, "/local/outcomes", "", &o)
	return o.Outcomes, err
}

// advance moves the desk's clock and waits until the pipeline is at rest. Moving
// it by nothing only waits.
func (d api) advance(ctx context.Context, by time.Duration) (now time.Time, err error) {
	const path = "/local/clock"
	for range 6 { // each attempt waits some seconds itself
		body, err := json.Marshal(map[string]string{"advance": by.String()})
		if err != nil {
			return now, err
		}
		a, err := d.do(ctx, http.MethodPost, path, "", map[string]string{"Content-Type": "application/json"}, body)
		if err != nil {
			return now, err
		}
		var at struct {
			Now  time.Time `json:"now"`
			Busy string    `json:"busy"`
		}
		if err := json.Unmarshal(a.body, &at); err != nil || !a.ok() {
			_, detail := a.problem()
			return now, fmt.Errorf("POST %s: %d %s (stories are told to the embedded engine: ines run)", path, a.status, detail)
		}
		if at.Busy == "" {
			return at.Now, nil
		}
		now, by = at.Now, 0
	}
	return now, nil // what is not there yet, the expectations will miss
}

func clip(s string, n int) string {
	if r := []rune(strings.Join(strings.Fields(s), " ")); len(r) > n {
		return string(r[:n]) + "…"
	}
	return strings.Join(strings.Fields(s), " ")
}
