package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/table"
)

// The desk's own codes, beside those of casework's refusals.
const (
	codeMalformed = "malformed"
	codeNotFound  = casework.CodeNotFound
	codeMethod    = "method-not-allowed"
	codeUnknown   = "unauthenticated"
	// codeNotColleague: known to the issuer of sign-ins, and not to the desk policy.
	codeNotColleague = "not-a-colleague"
	codeCrossOrigin  = "cross-origin"
	codeTooLarge     = "too-large"
	codeKeyReused    = "idempotency-key-reused"
	codeUnavailable  = "unavailable"
	codeInternal     = "internal"
)

// problem is an error as RFC 9457 tells it. Detail is a sentence for people.
type problem struct {
	Status int
	Code   string
	Detail string
	More   map[string]any
	header map[string]string
}

func (p *problem) Error() string { return p.Code + ": " + p.Detail }

// statuses say how each refusal goes over HTTP.
var statuses = map[string]int{
	casework.CodeInvalid:      http.StatusUnprocessableEntity,
	casework.CodeClaimed:      http.StatusConflict,
	casework.CodeNotClaimed:   http.StatusConflict,
	casework.CodeOpenPromise:  http.StatusConflict,
	casework.CodeOpenApproval: http.StatusConflict,
	casework.CodeAnswered:     http.StatusConflict,
	casework.CodeClosed:       http.StatusConflict,
	casework.CodeMerged:       http.StatusConflict,
	casework.CodeFollowedUp:   http.StatusConflict,
	casework.CodeErased:       http.StatusGone,
	casework.CodeNotFound:     http.StatusNotFound,
	casework.CodeWindow:       http.StatusConflict,
	casework.CodeTooLong:      http.StatusUnprocessableEntity,
	casework.CodeUnreachable:  http.StatusUnprocessableEntity,
	casework.CodeNotAllowed:   http.StatusForbidden,
	casework.CodeThreadInUse:  http.StatusConflict,
	casework.CodeVersionStale: http.StatusPreconditionFailed,
	casework.CodeAtCapacity:   http.StatusConflict,
	casework.CodeOneCustomer:  http.StatusConflict,
}

var titles = map[string]string{
	casework.CodeInvalid:      "This can't be done as asked",
	casework.CodeClaimed:      "Somebody else has this case",
	casework.CodeNotClaimed:   "The case is not yours",
	casework.CodeOpenPromise:  "A promise is still open",
	casework.CodeOpenApproval: "Something waits for an approval",
	casework.CodeAnswered:     "Somebody has answered it",
	casework.CodeClosed:       "The case is resolved",
	casework.CodeMerged:       "The case is part of another one",
	casework.CodeErased:       "It was erased",
	casework.CodeFollowedUp:   "The matter goes on in another case",
	casework.CodeNotFound:     "Not found",
	casework.CodeWindow:       "The customer can't be written to there now",
	casework.CodeTooLong:      "The text is too long",
	casework.CodeUnreachable:  "The customer can't be reached there",
	casework.CodeNotAllowed:   "Not allowed",
	casework.CodeThreadInUse:  "The thread belongs to another case",
	casework.CodeVersionStale: "The case has changed",
	casework.CodeAtCapacity:   "You have as many cases as you can",
	casework.CodeOneCustomer:  "They are one customer",
	codeMalformed:             "The request can't be understood",
	codeMethod:                "Method not allowed",
	codeUnknown:               "Who is asking?",
	codeNotColleague:          "Not a colleague of this desk",
	codeCrossOrigin:           "Request from another site",
	codeTooLarge:              "The request is too large",
	codeKeyReused:             "The idempotency key was used for something else",
	codeUnavailable:           "Not available at the moment",
	codeInternal:              "Internal error",
}

func (p *problem) title() string { return titles[p.Code] }

// malformed is a request whose form is wrong; field names the part, or is "".
func malformed(field, format string, args ...any) *problem {
	return aboutField(&problem{Status: http.StatusBadRequest, Code: codeMalformed, Detail: fmt.Sprintf(format, args...)}, field)
}

// invalid is a well-formed request whose content makes no sense.
func invalid(field, format string, args ...any) *problem {
	return aboutField(&problem{Status: http.StatusUnprocessableEntity, Code: casework.CodeInvalid, Detail: fmt.Sprintf(format, args...)}, field)
}

func aboutField(p *problem, field string) *problem {
	if field != "" {
		p.More = map[string]any{"field": field}
	}
	return p
}

var unknownCase = &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "There is no such case."}

// problemOf gives every error its place. What nobody foresaw is logged and told
// to the caller without its insides.
func (d *Desk) problemOf(r *http.Request, err error) *problem {
	var p *problem
	var refusal *casework.Refusal
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		status, known := statuses[refusal.Code]
		if !known {
			status = http.StatusConflict
		}
		return &problem{Status: status, Code: refusal.Code, Detail: refusal.Detail, More: refusal.More}
	case errors.Is(err, docket.ErrNoCase):
		return unknownCase
	case errors.Is(err, docket.ErrCursor):
		return malformed("cursor", "The cursor does not belong to this list. Begin again without one.")
	case errors.Is(err, table.ErrUnavailable), table.Conflicted(err), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		d.log.Warn("desk: table unavailable", "method", r.Method, "path", r.URL.Path, "error", err)
		return &problem{Status: http.StatusServiceUnavailable, Code: codeUnavailable, Detail: "The desk can't read or write just now. Try again in a moment.",
			header: map[string]string{"Retry-After": "1"}}
	}
	d.log.Error("desk: error", "method", r.Method, "path", r.URL.Path, "error", err)
	return &problem{Status: http.StatusInternalServerError, Code: codeInternal, Detail: "Something broke on our side. It has been logged."}
}

func (p *problem) write(w http.ResponseWriter, instance string) {
	members := map[string]any{}
	maps.Copy(members, p.More)
	maps.Copy(members, map[string]any{"type": "urn:ines:problem:" + p.Code, "title": p.title(), "status": p.Status,
		"detail": p.Detail, "instance": instance, "code": p.Code})
	body, err := json.Marshal(members)
	if err != nil {
		panic("a problem's members are plain data: " + err.Error())
	}
	for name, v := range p.header {
		w.Header().Set(name, v)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // into a recorder
}
