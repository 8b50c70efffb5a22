package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/policy"
	"ines/shared/table"
)

// order is one action asked for.
type order struct {
	action  action
	caseID  string
	input   input
	version int64  // 0: whatever it is; below 0: one that no case has
	seen    int64  // the version that the console's page showed; 0: none
	key     string // idempotency key, or ""
}

// fingerprint is what two requests with one key must have in common.
func (o order) fingerprint() string {
	content, err := json.Marshal([]any{o.action.path, o.caseID, o.input.part, o.input.body})
	if err != nil {
		panic("a body is plain data: " + err.Error())
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:16])
}

// act runs a command once per idempotency key. The answer is kept in the commit's
// own transaction, so that whoever sees the one sees the other.
func (d *Desk) act(ctx context.Context, o order) (a docket.Answer, replayed bool, err error) {
	if !plausible(o.caseID) || o.input.part != "" && !plausible(o.input.part) {
		return a, false, unknownCase
	}
	for range 3 {
		var slot docket.Slot
		if o.key != "" {
			if slot, err = d.docket.Remembered(ctx, o.input.by, o.key, o.input.now); err != nil {
				return a, false, err
			}
			if slot.Answer != nil {
				return o.again(*slot.Answer)
			}
		}
		a, err = d.once(ctx, o, slot)
		if err == nil || o.key == "" {
			return a, false, err
		}
		if slot.Taken(err) {
			continue // the same request, faster: its answer is there now
		}
		var refusal *casework.Refusal
		if errors.As(err, &refusal) {
			// Perhaps refused only because the same request was faster.
			if slot, lookErr := d.docket.Remembered(ctx, o.input.by, o.key, o.input.now); lookErr == nil && slot.Answer != nil {
				return o.again(*slot.Answer)
			}
		}
		return a, false, err
	}
	return a, false, err
}

// again gives a remembered answer to a request that deserves it.
func (o order) again(a docket.Answer) (docket.Answer, bool, error) {
	if a.Request != o.fingerprint() {
		return a, false, &problem{Status: http.StatusUnprocessableEntity, Code: codeKeyReused,
			Detail: "This Idempotency-Key came with another request within the last 24 hours. Take a new one."}
	}
	return a, true, nil
}

func (d *Desk) once(ctx context.Context, o order, slot docket.Slot) (docket.Answer, error) {
	cmd, err := o.action.command(o.input)
	if err != nil {
		return docket.Answer{}, err
	}
	var a docket.Answer
	do := docket.Order{Case: o.caseID, Command: cmd, By: o.input.by, Now: o.input.now, IfVersion: o.version, IfSeen: o.seen,
		Cause: casework.Cause{Kind: "command", ID: o.key}}
	if o.input.body.flag("dry_run") {
		after, events, err := d.docket.Foresee(ctx, do)
		if err != nil {
			return a, err
		}
		return d.preview(o, after, events)
	}
	if o.key != "" {
		do.With = func(after *casework.Case, events []casework.Event) ([]table.Write, error) {
			var err error
			if a, err = d.answer(o, after, events); err != nil {
				return nil, err
			}
			a.Case = o.caseID
			return slot.Remember(a, o.input.now)
		}
	}
	after, events, err := d.docket.Do(ctx, do)
	var refusal *casework.Refusal
	switch {
	case errors.As(err, &refusal) && refusal.Code == casework.CodeVersionStale && o.version < 0:
		return a, &casework.Refusal{Code: refusal.Code, More: refusal.More,
			Detail: "If-Match names no version of this case; it is the ETag that the case was read with."}
	case err != nil || o.key != "":
		return a, err
	}
	return d.answer(o, after, events)
}

func (d *Desk) answer(o order, after *casework.Case, events []casework.Event) (docket.Answer, error) {
	out := outcome{Case: d.caseJSON(after.View(), o.input.now), events: events}
	words := o.input.body.text("text")
	if tell := o.input.body.text("tell"); tell != "" {
		words = tell
	}
	out.reply, out.proposed = d.said(after, events, words)
	return d.encode(o, out, after.Seq)
}

func (d *Desk) encode(o order, out outcome, version int64) (docket.Answer, error) {
	a := docket.Answer{Request: o.fingerprint(), Status: o.action.status, ETag: etag(version)}
	out.reply.Case = out.Case
	var shown any = caseAnswer{out.Case}
	if o.action.answer != nil {
		var status int
		if shown, status = o.action.answer(out); status != 0 {
			a.Status = status
		}
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	var err error
	a.Body, err = json.Marshal(shown)
	return a, err
}

// serveAction is the API's way to act.
func (d *Desk) serveAction(a action) func(http.ResponseWriter, *http.Request, policy.Colleague) error {
	return func(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			return malformed("", "The body can't be read.")
		}
		b, err := decode(raw, a.fields)
		if err != nil {
			return err
		}
		key := strings.TrimSpace(r.Header.Get("Idempotency-Key"))
		if err := checkKey(key); err != nil {
			return err
		}
		answer, replayed, err := d.act(r.Context(), order{action: a, caseID: r.PathValue("id"), version: ifMatch(r.Header.Get("If-Match")), key: key,
			input: input{by: who.ID, part: part(r), body: b, now: d.now()}})
		if err != nil {
			return err
		}
		w.Header().Set("ETag", answer.ETag)
		if replayed {
			w.Header().Set("Idempotency-Replayed", "true")
		}
		return writeRaw(w, answer.Status, answer.Body)
	}
}

// part is the id in the path below a case's own.
func part(r *http.Request) string {
	return cmp.Or(r.PathValue("pid"), r.PathValue("aid"), r.PathValue("qid"))
}

func checkKey(key string) error {
	switch {
	case utf8.RuneCountInString(key) > 200:
		return malformed("Idempotency-Key", "An Idempotency-Key has at most 200 characters.")
	case !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl):
		return malformed("Idempotency-Key", "An Idempotency-Key is text without control characters.")
	}
	return nil
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// ifMatch is the version that a header asks for: 0 for any, -1 for what can't be
// a version.
func ifMatch(header string) int64 {
	tag := strings.TrimSpace(header)
	if tag == "" || tag == "*" {
		return 0
	}
	tag = strings.Trim(strings.TrimPrefix(tag, "W/"), `"`)
	if v, err := strconv.ParseInt(tag, 10, 64); err == nil && v > 0 {
		return v
	}
	return -1
}

// plausible keeps what can't be one of our ids away from the table's keys.
func plausible(id string) bool {
	return id != "" && len(id) <= 100 && utf8.ValidString(id) && !strings.ContainsFunc(id, unicode.IsControl)
}

// viewerZone is where whoever looks at a page is, as his browser says by a cookie; nil
// if it does not.
func viewerZone(r *http.Request) *time.Location {
	c, err := r.Cookie("ines_zone")
	if err != nil {
		return nil
	}
	return zoneNamed(c.Value)
}

// zoneNamed is the zone that a browser names, nil if there is none.
func zoneNamed(name string) *time.Location {
	if name == "" || len(name) > 64 {
		return nil
	}
	return policy.ZoneNamed(name)
}

// zoneOf is where a case's customers look at the clock.
func (d *Desk) zoneOf(community string) *time.Location {
	if com, ok := d.policy.Community(community); ok && com.Hours != nil {
		return com.Hours.Zone()
	}
	return time.UTC
}
