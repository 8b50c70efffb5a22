package lambdahttp_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/lambdahttp"

	"github.com/aws/aws-lambda-go/events"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// What goes in as HTTP comes out as HTTP, through the JSON of the event.
func TestRequestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.StringMatching(`(/[a-z%éà ]{0,6}){1,3}`).Draw(t, "path")
		body := rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(t, "body")
		in := httptest.NewRequest(rapid.SampledFrom([]string{"GET", "POST"}).Draw(t, "method"), "http://desk.example/", bytes.NewReader(body))
		in.URL.Path = path
		in.URL.RawQuery = rapid.StringMatching(`([a-c]=[a-z0-9%]{0,3}&?){0,3}`).Draw(t, "query")
		for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"X-One", "X-Two", "Accept"}), rapid.ID[string]).Draw(t, "names") {
			for range rapid.IntRange(1, 2).Draw(t, "times") {
				in.Header.Add(name, rapid.StringMatching(`[a-z0-9=;,]{1,8}`).Draw(t, "value"))
			}
		}
		cookies := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,3}=[a-z0-9]{0,3}`), 0, 3).Draw(t, "cookies")
		if len(cookies) > 0 {
			in.Header.Set("Cookie", strings.Join(cookies, "; "))
		}

		raw, err := json.Marshal(lambdahttp.FromHTTP(in, body, "req-1", noon))
		if err != nil {
			t.Fatal(err)
		}
		var e events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		out, err := lambdahttp.ToHTTP(&e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(out.Body)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, body) {
			t.Fatalf("body %q, was %q", got, body)
		}
		if out.Method != in.Method || out.URL.Path != in.URL.Path || out.URL.RawQuery != in.URL.RawQuery || out.Host != "desk.example" {
			t.Fatalf("%s %s %s, was %s %s", out.Method, out.URL, out.Host, in.Method, in.URL)
		}
		want := map[string]string{}
		for name, v := range in.Header {
			want[name] = strings.Join(v, ",")
		}
		have := map[string]string{}
		for name := range out.Header {
			have[name] = out.Header.Get(name)
		}
		if !maps.Equal(have, want) {
			t.Fatalf("headers %v, were %v", have, want)
		}
		if r, err := lambdahttp.Read(&e); err != nil || !bytes.Equal(r.Body, body) || r.Path != in.URL.EscapedPath() || r.Query != in.URL.RawQuery {
			t.Fatalf("Read: %+v, %v", r, err)
		}
	})
}

func TestResponseRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		status := rapid.IntRange(200, 599).Draw(t, "status")
		body := rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(t, "body")
		cookies := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,3}=[a-z0-9]{0,3}`), 0, 3).Draw(t, "cookies")
		var rec lambdahttp.Recorder
		rec.Header().Set("Content-Type", "application/octet-stream")
		for _, c := range cookies {
			rec.Header().Add("Set-Cookie", c)
		}
		rec.WriteHeader(status)
		rec.WriteHeader(500)                // as net/http: the first one counts
		rec.Header().Set("X-Too-Late", "1") // and this is lost
		rec.Write(body)                     //nolint:errcheck // never fails

		raw, err := json.Marshal(rec.Response())
		if err != nil {
			t.Fatal(err)
		}
		var resp events.APIGatewayV2HTTPResponse
		if err := json.Unmarshal(raw, &resp); err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		if err := lambdahttp.WriteResponse(w, resp); err != nil {
			t.Fatal(err)
		}
		if w.Code != status || !bytes.Equal(w.Body.Bytes(), body) || w.Header().Get("X-Too-Late") != "" ||
			!slices.Equal(w.Header().Values("Set-Cookie"), cookies) || w.Header().Get("Content-Type") != "application/octet-stream" {
			t.Fatalf("%d %q %v", w.Code, w.Body, w.Header())
		}
	})
}

func TestReadRefusesBrokenBase64(t *testing.T) {
	e := events.APIGatewayV2HTTPRequest{Body: "%%%", IsBase64Encoded: true}
	if _, err := lambdahttp.Read(&e); !errors.Is(err, lambdahttp.ErrBody) {
		t.Errorf("got %v", err)
	}
	if err := lambdahttp.WriteResponse(httptest.NewRecorder(), events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "%%%", IsBase64Encoded: true}); !errors.Is(err, lambdahttp.ErrBody) {
		t.Errorf("got %v", err)
	}
	if err := lambdahttp.WriteResponse(httptest.NewRecorder(), events.APIGatewayV2HTTPResponse{}); err == nil {
		t.Error("an empty response was sent")
	}
}

func TestReadLowersNames(t *testing.T) {
	e := events.APIGatewayV2HTTPRequest{Headers: map[string]string{"X-Sig": "1", "x-sig": "2", "host": "a"}}
	r, err := lambdahttp.Read(&e)
	if err != nil || !maps.Equal(r.Header, map[string]string{"x-sig": "1,2", "host": "a"}) {
		t.Errorf("%v, %v", r.Header, err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	good := write("good.json", `{"version":"2.0","rawPath":"/webhooks/x/shop","headers":{},"requestContext":{"http":{"method":"POST"}},"body":"e30=","isBase64Encoded":true}`)
	if e, r, err := lambdahttp.Load(good); err != nil || string(r.Body) != "{}" || e.RawPath != "/webhooks/x/shop" {
		t.Errorf("%+v, %v", r, err)
	}
	for _, p := range []string{
		filepath.Join(dir, "absent.json"), write("text.json", "hello"), write("sqs.json", `{"Records":[]}`),
		write("base64.json", `{"version":"2.0","requestContext":{"http":{"method":"POST"}},"body":"%","isBase64Encoded":true}`),
	} {
		if _, _, err := lambdahttp.Load(p); err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func TestToHTTPRefuses(t *testing.T) {
	for _, e := range []events.APIGatewayV2HTTPRequest{
		{RawPath: "no-slash"},
		{RawPath: "/", RequestContext: events.APIGatewayV2HTTPRequestContext{HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: "A B"}}},
	} {
		if _, err := lambdahttp.ToHTTP(&e); err == nil {
			t.Errorf("%q %q was taken", e.RequestContext.HTTP.Method, e.RawPath)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/x/shop", nil)
	r.Header.Set("Content-Type", "application/json")
	e := lambdahttp.FromHTTP(r, bytes.Repeat([]byte("a"), 1300), "req-1", noon)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := lambdahttp.Read(&e); err != nil {
			b.Fatal(err)
		}
	}
}
