package local

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/lambdahttp"
)

// gateway is the HTTP API: it turns requests into the events that API Gateway would
// make of them, and functions' answers into responses.
type gateway struct {
	routes  []route
	receive *function
	ids     *requestIDs
	front   *frontDoor
	wall    func() time.Time
	log     *slog.Logger
}

const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 90 * time.Second // time travel takes its while
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
	webhooks      = "/webhooks/"
	// maxDrain is how much of a refused body is read and thrown away, so that
	// a client that writes first and reads later sees the refusal.
	maxDrain = 64 << 20
)

func (g *gateway) server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(g.log.Handler(), slog.LevelInfo),
	}
}

// ServeHTTP implements http.Handler.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route, parameters, found := g.route(r)
	if route.fn == g.receive {
		g.front.enter()
		defer g.front.leave()
	}
	if !found {
		say(w, http.StatusNotFound, "Not Found")
		return
	}
	body, err := read(w, r)
	if err != nil {
		if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
			refuse(w, r)
			return
		}
		say(w, http.StatusBadRequest, "Bad Request")
		return
	}
	e := lambdahttp.FromHTTP(r, body, g.ids.next(), g.wall())
	e.RouteKey, e.RequestContext.RouteKey = route.key, route.key
	e.PathParameters = parameters
	var answer events.APIGatewayV2HTTPResponse
	route.fn.busy.begin()
	defer route.fn.busy.end()
	if err = route.fn.invoke(r.Context(), e, &answer); err == nil {
		err = lambdahttp.WriteResponse(w, answer)
	}
	if err == nil {
		return
	}
	g.log.Error("the function failed", "function", route.fn.Name, "request", e.RequestContext.RequestID, "error", err.Error())
	if route.fn == g.receive {
		// A platform has to come again.
		say(w, http.StatusServiceUnavailable, "Service Unavailable")
		return
	}
	say(w, http.StatusInternalServerError, "Internal Server Error")
}

// route finds the function of a request. All below /webhooks/ is receive's, wrong
// methods and paths too: it answers as platforms expect.
func (g *gateway) route(r *http.Request) (route, map[string]string, bool) {
	found, parameters, ok := find(g.routes, r.Method, r.URL.EscapedPath())
	if strings.HasPrefix(r.URL.Path, webhooks) && (!ok || found.fn != g.receive) {
		return route{key: "$default", fn: g.receive}, nil, true
	}
	return found, parameters, ok
}

// read takes the whole body unless it is more than Lambda could be given.
func read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > plan.MaxRequestBody {
		return nil, &http.MaxBytesError{Limit: plan.MaxRequestBody}
	}
	if r.ContentLength == 0 {
		return nil, nil
	}
	limited := io.LimitReader(r.Body, plan.MaxRequestBody+1)
	var body []byte
	var err error
	if r.ContentLength > 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(limited, body)
	} else {
		body, err = io.ReadAll(limited)
	}
	if err != nil {
		return nil, fmt.Errorf("the body broke off: %w", err)
	}
	if len(body) > plan.MaxRequestBody {
		return nil, &http.MaxBytesError{Limit: plan.MaxRequestBody}
	}
	return body, nil
}

// refuse answers at once that the body is too large, and then reads on for a while.
func refuse(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	duplex := control.EnableFullDuplex() == nil
	w.Header().Set("Connection", "close")
	say(w, http.StatusRequestEntityTooLarge, "Request Too Long")
	if !duplex || r.Header.Get("Expect") != "" || control.Flush() != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
}

// say answers as API Gateway does when it answers itself.
func say(w http.ResponseWriter, status int, words string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"message":%q}`, words)
}
