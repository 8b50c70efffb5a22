package channeltest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/lambdahttp"
	"ines/shared/message"

	"github.com/aws/aws-lambda-go/events"
)

// LoadEvent reads a saved event and what a channel gets to see of it. (Tools that
// are no tests do the same with lambdahttp.Load.)
func LoadEvent(path string) (events.APIGatewayV2HTTPRequest, channel.Request, error) {
	e, r, err := lambdahttp.Load(path)
	return e, channel.Request{Method: r.Method, Query: r.Query, Header: r.Header, Body: r.Body}, err
}

// fixture is one saved event.
type fixture struct {
	name    string // of the file, without .json
	path    string
	at      time.Time // when the gateway took it
	request channel.Request
	deposit []byte // what lies in a bucket: the file <name>.deposit.… beside it
}

func (f fixture) busted() bool { return strings.HasPrefix(f.name, "busted_") }
func (f fixture) echo() bool   { return strings.Contains(f.name, "echo") }

// nameless: the message's id is made of what it says.
func (f fixture) nameless() bool { return strings.Contains(f.name, "no_message_id") }

// envelope is what `receive` would put on the queue.
func (f fixture) envelope(in channel.Inbox) message.Envelope {
	e := envelope(in, f.request, f.at)
	e.Content = slices.Clone(f.deposit)
	return e
}

func envelope(in channel.Inbox, r channel.Request, at time.Time) message.Envelope {
	h := maps.Clone(r.Header)
	delete(h, "authorization")
	return message.Envelope{
		ID: message.EnvelopeID("fixture", at.UnixMilli(), in.Channel, in.ID, r.Body), Channel: in.Channel, Inbox: in.ID,
		ReceivedAt: at, Method: r.Method, Query: r.Query, Header: h, Body: slices.Clone(r.Body),
	}
}

func loadFixtures(t testing.TB, ch channel.Channel, c Config) []fixture {
	t.Helper()
	var out []fixture
	seen := map[string]string{}
	for _, dir := range c.Dirs {
		paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, ".items.json") {
				continue
			}
			e, r, err := LoadEvent(path)
			if err != nil {
				t.Fatal(err)
			}
			inbox, ok := strings.CutPrefix(e.RawPath, "/webhooks/"+ch.Name()+"/")
			if !ok {
				t.Fatalf("%s: rawPath %q is not /webhooks/%s/{inbox}", path, e.RawPath, ch.Name())
			}
			if inbox != c.Inbox.ID {
				continue
			}
			name := strings.TrimSuffix(filepath.Base(path), ".json")
			if other := seen[name]; other != "" {
				t.Fatalf("%s and %s have one name; their golden items would be one file", other, path)
			}
			seen[name] = path
			out = append(out, fixture{name: name, path: path, at: time.UnixMilli(e.RequestContext.TimeEpoch).UTC(), request: r, deposit: deposit(t, dir, name)})
		}
	}
	return out
}

// deposit is what lies in a bucket for a saved event, or nil.
func deposit(t testing.TB, dir, name string) []byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, name+".deposit.*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		return nil
	}
	content, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// resign puts right the signature headers in the file, and touches nothing else.
func (f *fixture) resign(t *testing.T, saved channel.Saved, c Config) {
	t.Helper()
	signed, err := saved.Sign(c.Inbox, c.Secrets, f.request, f.at)
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	raw, err := os.ReadFile(f.path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, name := range slices.Sorted(maps.Keys(signed.Header)) {
		was, now := f.request.Header[name], signed.Header[name]
		if was == now {
			continue
		}
		old := quote(t, name) + ": " + quote(t, was)
		if !strings.Contains(text, old) {
			t.Fatalf("%s has no header line %s to put the signature in; add one, its value doesn't matter", f.path, old)
		}
		text = strings.Replace(text, old, quote(t, name)+": "+quote(t, now), 1)
	}
	if !bytes.Equal(signed.Body, f.request.Body) {
		text = withBody(t, text, signed.Body)
	}
	if text != string(raw) {
		if err := os.WriteFile(f.path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f.request = signed
}

// withBody replaces the body in a saved event's text.
func withBody(t *testing.T, text string, body []byte) string {
	t.Helper()
	var e struct {
		Base64 bool `json:"isBase64Encoded"`
	}
	const mark = "\n  \"body\": "
	at := strings.Index(text, mark)
	if err := json.Unmarshal([]byte(text), &e); err != nil || at < 0 {
		t.Fatalf("the saved event has no line with its body: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(text[at+len(mark):]))
	var was string
	if err := dec.Decode(&was); err != nil {
		t.Fatal(err)
	}
	is := string(body)
	if e.Base64 {
		is = base64.StdEncoding.EncodeToString(body)
	}
	var quoted bytes.Buffer
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(is); err != nil {
		t.Fatal(err)
	}
	return text[:at+len(mark)] + strings.TrimSpace(quoted.String()) + text[at+len(mark)+int(dec.InputOffset()):]
}

func quote(t *testing.T, s string) string {
	t.Helper()
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
