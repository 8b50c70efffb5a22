// Package desk is the function that people work with: the agents' JSON API under
// /api and the console at /. Both give the same commands through one table of
// actions, and casework decides; the desk itself forbids nothing and allows
// nothing.
//
// It imports docket, casework, policy and lambdahttp; its bootstrap and the local
// host import it.
package desk

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"ines/shared/archive"
	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/erasure"
	"ines/shared/feed"
	"ines/shared/lambdahttp"
	"ines/shared/message"
	"ines/shared/policy"

	"github.com/aws/aws-lambda-go/events"
)

// Config is what a desk needs. Docket, Policy and Channels are required.
type Config struct {
	Docket   *docket.Docket
	Policy   *policy.Desk
	Channels casework.Channels
	Archive  archive.Archive // where the customers' files are; nil: nowhere
	Feeds    FeedReader      // the departments' feeds; nil: they are on a bus
	// About says what a message is about, as the classify function does; nil: whoever
	// simulates one has to say it himself.
	About  func(*message.Message) (casework.About, error)
	Eraser *erasure.Eraser  // nil: one that leaves the archive to function clock
	Now    func() time.Time // the desk clock; nil: the wall clock
	Log    *slog.Logger     // nil: silent
	// SignIn signs people in. nil believes what it is told, on one trusted machine:
	// a bearer token or cookie that is a colleague's id, with a page to choose it.
	SignIn *SignIn
	Wall   func() time.Time // the world's clock, by which sessions end; nil: the wall clock
}

// FeedReader reads departments' feeds: see feed.Shelf.
type FeedReader interface {
	Read(ctx context.Context, department, cursor string, limit int) (entries []feed.Entry, next string, err error)
}

// Desk serves the API and the console. It is safe for concurrent use.
type Desk struct {
	docket   *docket.Docket
	policy   *policy.Desk
	channels casework.Channels
	archive  archive.Archive
	feeds    FeedReader
	eraser   *erasure.Eraser
	about    func(*message.Message) (casework.About, error)
	now      func() time.Time
	log      *slog.Logger
	who      func(*http.Request) (colleague string, ok bool)
	signIn   *SignIn // nil: sign-in is ours, a page that lists the colleagues
	wall     func() time.Time
	origin   *http.CrossOriginProtection
	// Made when they are first asked for: whoever wants a page doesn't wait for the API,
	// nor the other way round.
	openAPI      func() []byte
	pages, calls func() *http.ServeMux
}

// New makes a desk.
func New(c Config) *Desk {
	d := &Desk{docket: c.Docket, policy: c.Policy, channels: c.Channels, archive: c.Archive, feeds: c.Feeds, about: c.About, now: c.Now, log: c.Log, signIn: c.SignIn, wall: c.Wall,
		origin: http.NewCrossOriginProtection()}
	if d.now == nil {
		d.now = time.Now
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.wall == nil {
		d.wall = time.Now
	}
	if d.eraser = c.Eraser; d.eraser == nil {
		d.eraser = &erasure.Eraser{Docket: d.docket, Now: d.now, Log: d.log}
	}
	d.who = localIdentity
	if d.signIn != nil {
		d.who = d.signedIn
		// Behind an edge the Host header is the HTTP API's, the page's is not.
		if err := d.origin.AddTrustedOrigin(d.signIn.consoleOrigin()); err != nil {
			d.log.Error("desk: the console's URL is not one", "url", d.signIn.ConsoleURL, "error", err.Error())
		}
	}
	d.openAPI = sync.OnceValue(func() []byte { return describe(d.api()) })
	d.pages = sync.OnceValue(d.console)
	d.calls = sync.OnceValue(func() *http.ServeMux {
		mux := http.NewServeMux()
		for _, r := range d.api() {
			mux.Handle(r.method+" "+r.path, d.apiHandler(r))
		}
		return mux
	})
	return d
}

// maxBody is the largest request body, in bytes.
const maxBody = 1 << 20

// Handle serves one request of the HTTP API. It never returns an error: whatever
// goes wrong is a response.
func (d *Desk) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	r, err := lambdahttp.ToHTTP(&e)
	if err != nil {
		w := &lambdahttp.Recorder{}
		secure(w.Header(), false)
		(&problem{Status: http.StatusBadRequest, Code: codeMalformed, Detail: "The request can't be read: " + err.Error() + "."}).write(w, "")
		return w.Response(), nil
	}
	r = r.WithContext(context.WithValue(ctx, eventKey{}, e.RequestContext))
	return d.serve(r).Response(), nil
}

type eventKey struct{}

// RequestContext is what API Gateway says about a request: the claims of a JWT
// authorizer are in it.
func RequestContext(r *http.Request) events.APIGatewayV2HTTPRequestContext {
	rc, _ := r.Context().Value(eventKey{}).(events.APIGatewayV2HTTPRequestContext)
	return rc
}

// serve answers into a fresh recorder; a panic's half-written answer is dropped.
func (d *Desk) serve(r *http.Request) (w *lambdahttp.Recorder) {
	begun := d.now()
	https := r.Header.Get("X-Forwarded-Proto") == "https"
	defer func() {
		if cause := recover(); cause != nil {
			d.log.Error("desk: panic", "method", r.Method, "path", r.URL.Path, "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			w = &lambdahttp.Recorder{}
			secure(w.Header(), https)
			d.fail(w, r, &problem{Status: http.StatusInternalServerError, Code: codeInternal, Detail: "Something broke on our side. It has been logged."})
		}
		d.log.Debug("desk: request", "method", r.Method, "path", r.URL.Path, "took", d.now().Sub(begun))
	}()
	w = &lambdahttp.Recorder{}
	secure(w.Header(), https)
	if r.ContentLength > maxBody {
		d.fail(w, r, &problem{Status: http.StatusRequestEntityTooLarge, Code: codeTooLarge, Detail: "A request to the desk has at most 1 MB."})
		return w
	}
	mux := d.pages
	if ofAPI(path.Clean("/" + r.URL.Path)) {
		mux = d.calls
	}
	h, pattern := mux().Handler(r)
	if pattern == "" {
		d.unknown(w, r, h)
		return w
	}
	// A bearer token is never sent by a browser of its own accord; a cookie is.
	if r.Header.Get("Authorization") == "" {
		if err := d.origin.Check(r); err != nil {
			d.fail(w, r, &problem{Status: http.StatusForbidden, Code: codeCrossOrigin, Detail: "This request came from another site."})
			return w
		}
	}
	mux().ServeHTTP(w, r)
	return w
}

// unknown says in our own form what the mux found out: no such route, or not by
// this method.
func (d *Desk) unknown(w http.ResponseWriter, r *http.Request, h http.Handler) {
	said := &lambdahttp.Recorder{}
	h.ServeHTTP(said, r)
	p := &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "There is nothing at " + r.URL.Path + "."}
	if allow := said.Header().Get("Allow"); allow != "" {
		p = &problem{Status: http.StatusMethodNotAllowed, Code: codeMethod, Detail: r.Method + " is not possible here; " + allow + " is.",
			header: map[string]string{"Allow": allow}}
	}
	d.fail(w, r, p)
}

// fail answers with a problem: as a page to people who look at the console, as
// JSON to everything else.
func (d *Desk) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := d.problemOf(r, err)
	if !ofAPI(r.URL.Path) && strings.Contains(r.Header.Get("Accept"), "text/html") {
		d.failPage(w, r, p)
		return
	}
	p.write(w, r.URL.Path)
}

// ofAPI reports whether a path is the API's; others are the console's.
func ofAPI(path string) bool {
	return path == "/api" || strings.HasPrefix(path, "/api/") || path == "/openapi.json" || path == "/healthz"
}

const (
	apiPolicy  = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

func secure(h http.Header, https bool) {
	h.Set("Content-Security-Policy", apiPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "private, no-cache")
	if https {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}
