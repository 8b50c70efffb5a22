package desk

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ines/infra/plan"
	"ines/shared/oidc"
)

// SignIn signs people in at an OpenID Connect issuer. The console's session is the
// issuer's ID token in a cookie that no script can read, verified on every request;
// the API takes only what the HTTP API's authorizer has verified. Neither does for
// the other, so that a page's cookie can't be made to command the API.
type SignIn struct {
	Issuer *oidc.Client
	// ConsoleURL is where browsers reach the console, without a slash at the end.
	ConsoleURL string
	// Claim names the claim by which an issuer says who somebody is: a colleague's
	// id or e-mail address. "" is custom:colleague, which only administrators set,
	// else an email that the issuer has verified.
	Claim string
}

// The cookies. The prefix __Host- makes browsers refuse them from a neighbour's host
// or without TLS. Lax, not Strict: people come back from the issuer, and from links
// in mail.
const (
	sessionCookie = "__Host-ines_session"
	loginCookie   = "__Host-ines_login"
	// refreshCookie goes to the sign-in pages only, which __Host- does not allow.
	refreshCookie = "__Secure-ines_refresh"

	loginTime   = 10 * time.Minute
	refreshTime = 12 * time.Hour
	// largestCookie is what browsers keep of one cookie, name included, and some
	// less for the attributes.
	largestCookie = 4000
)

// login is what the browser keeps while its user is at the issuer.
type login struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Next     string `json:"x"`
}

// identity is who asks, as the issuer says it; ok is false for strangers.
func (d *Desk) identity(r *http.Request) (claim func(string) string, ok bool) {
	if r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/") {
		a := RequestContext(r).Authorizer
		if a == nil || a.JWT == nil || len(a.JWT.Claims) == 0 {
			return nil, false
		}
		return func(name string) string { return a.JWT.Claims[name] }, true
	}
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil, false
	}
	claims, err := d.signIn.Issuer.Verify(r.Context(), c.Value)
	if err != nil {
		if !errors.Is(err, oidc.ErrExpired) {
			d.log.Warn("desk: session refused", "error", err.Error())
		}
		return nil, false
	}
	return claims.Text, true
}

// named finds the colleague whom the claims name; said is how they name him.
func (d *Desk) named(claim func(string) string) (id, said string) {
	byID := func(name string) (string, bool) {
		c, ok := d.policy.Colleague(name)
		return c.ID, ok && name != ""
	}
	byMail := func(address string) (string, bool) {
		for _, c := range d.policy.Colleagues {
			if c.Email != "" && strings.EqualFold(c.Email, address) {
				return c.ID, true
			}
		}
		return "", false
	}
	if d.signIn.Claim != "" {
		said = claim(d.signIn.Claim)
		if id, ok := byID(said); ok {
			return id, said
		}
		id, _ = byMail(said)
		return id, said
	}
	if said = claim("custom:colleague"); said != "" {
		id, _ = byID(said)
		return id, said
	}
	if said = claim("email"); said != "" && claim("email_verified") == "true" {
		id, _ = byMail(said)
	}
	return id, said
}

// signedIn is Identity in the cloud.
func (d *Desk) signedIn(r *http.Request) (string, bool) {
	claim, ok := d.identity(r)
	if !ok {
		return "", false
	}
	id, _ := d.named(claim)
	return id, id != ""
}

// refused is why somebody is not let in: he is nobody, or nobody of this desk.
func (d *Desk) refused(r *http.Request) *problem {
	if d.signIn != nil {
		if claim, ok := d.identity(r); ok {
			_, said := d.named(claim)
			return notOfThisDesk(said)
		}
	}
	return &problem{Status: http.StatusUnauthorized, Code: codeUnknown, Detail: "Say who you are: this needs a colleague of the desk policy.",
		header: map[string]string{"WWW-Authenticate": "Bearer"}}
}

func notOfThisDesk(said string) *problem {
	who := "You are signed in"
	if said != "" {
		who += " as " + said
	}
	return &problem{Status: http.StatusForbidden, Code: codeNotColleague,
		Detail: who + ", and the desk policy has no such colleague. Whoever looks after the desk adds you there: your e-mail address, as your account has it and verified, or your id."}
}

// begin sends the browser to the issuer, or renews the session when it still can.
func (d *Desk) begin(w http.ResponseWriter, r *http.Request) {
	next := localPath(r.URL.Query().Get("next"))
	if c, err := r.Cookie(refreshCookie); err == nil {
		t, err := d.signIn.Issuer.Refresh(r.Context(), c.Value)
		if err == nil && d.keep(w, t) == nil {
			http.Redirect(w, r, next, http.StatusSeeOther)
			return
		}
		d.forget(w, refreshCookie)
	}
	l := login{State: rand.Text(), Nonce: rand.Text(), Verifier: rand.Text() + rand.Text(), Next: next}
	at, err := d.signIn.Issuer.Start(r.Context(), d.signIn.ConsoleURL+plan.SignInCallback, l.State, l.Nonce, l.Verifier)
	if err != nil {
		d.failPage(w, r, d.issuerProblem(err))
		return
	}
	text, err := json.Marshal(l)
	if err != nil {
		panic(err) // four strings
	}
	d.set(w, loginCookie, base64.RawURLEncoding.EncodeToString(text), loginTime)
	http.Redirect(w, r, at, http.StatusSeeOther)
}

// comeBack ends the sign-in that this browser began, and no other.
func (d *Desk) comeBack(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var l login
	c, err := r.Cookie(loginCookie)
	if err == nil {
		var text []byte
		if text, err = base64.RawURLEncoding.DecodeString(c.Value); err == nil {
			err = json.Unmarshal(text, &l)
		}
	}
	d.forget(w, loginCookie)
	if err != nil || l.State == "" || subtle.ConstantTimeCompare([]byte(l.State), []byte(q.Get("state"))) != 1 {
		d.failPage(w, r, &problem{Status: http.StatusBadRequest, Code: codeMalformed,
			Detail: "This sign-in was not begun here, or too long ago, or in another window. Go back to the cases and sign in again."})
		return
	}
	if q.Get("code") == "" {
		d.log.Warn("desk: sign-in refused by the issuer", "error", clip(q.Get("error")))
		d.failPage(w, r, &problem{Status: http.StatusForbidden, Code: codeUnknown, Detail: "Signing in did not succeed. Go back to the cases to try again."})
		return
	}
	t, err := d.signIn.Issuer.Exchange(r.Context(), q.Get("code"), d.signIn.ConsoleURL+plan.SignInCallback, l.Nonce, l.Verifier)
	if err != nil {
		d.failPage(w, r, d.issuerProblem(err))
		return
	}
	if id, said := d.named(t.Claims.Text); id == "" {
		d.failPage(w, r, notOfThisDesk(said))
		return
	}
	if err := d.keep(w, t); err != nil {
		d.failPage(w, r, d.issuerProblem(err))
		return
	}
	http.Redirect(w, r, localPath(l.Next), http.StatusSeeOther)
}

var errTokenTooLarge = errors.New("the ID token is larger than a cookie can be: let the issuer put fewer claims (groups, for instance) into it")

// keep puts the tokens into cookies. Without a refresh token, or with one that is
// too large, people sign in again when the ID token ends.
func (d *Desk) keep(w http.ResponseWriter, t oidc.Tokens) error {
	if len(sessionCookie)+len(t.ID) > largestCookie {
		return errTokenTooLarge
	}
	d.set(w, sessionCookie, t.ID, t.Claims.Expires.Sub(d.wall()))
	if t.Refresh != "" && len(refreshCookie)+len(t.Refresh) <= largestCookie {
		d.set(w, refreshCookie, t.Refresh, refreshTime)
	}
	return nil
}

// leave ends the session here. Going on to the issuer is a link on the next page:
// the console's policy lets no form lead to another host.
func (d *Desk) leave(w http.ResponseWriter, r *http.Request) {
	for _, name := range []string{sessionCookie, refreshCookie, loginCookie} {
		d.forget(w, name)
	}
	http.Redirect(w, r, plan.SignedOut, http.StatusSeeOther)
}

type signedOutPage struct {
	page
	Issuer address // where the company's session is ended, "" for nowhere
}

func (d *Desk) signedOut(w http.ResponseWriter, r *http.Request) {
	end, err := d.signIn.Issuer.End(r.Context(), d.signIn.ConsoleURL+plan.SignedOut)
	if err != nil {
		d.log.Warn("desk: the issuer's sign-out is not known", "error", err.Error())
	}
	d.render(w, http.StatusOK, signedOutPage{page{Title: "Signed out"}, elsewhere(end)}.html())
}

// set makes a cookie. The refresh cookie is for the sign-in pages alone.
func (d *Desk) set(w http.ResponseWriter, name, value string, life time.Duration) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: max(int(life/time.Second), 1), HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode}
	if name == refreshCookie {
		c.Path = "/sign-in"
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func (d *Desk) forget(w http.ResponseWriter, name string) { d.set(w, name, "", 0) }

// issuerProblem tells people what to do and the log what it was.
func (d *Desk) issuerProblem(err error) *problem {
	d.log.Error("desk: sign-in failed", "error", err.Error())
	if errors.Is(err, oidc.ErrRefused) {
		return &problem{Status: http.StatusForbidden, Code: codeUnknown, Detail: "Signing in did not succeed. Go back to the cases to try again."}
	}
	return &problem{Status: http.StatusServiceUnavailable, Code: codeUnavailable, Detail: "Signing in is not possible at the moment. Try again in a minute; the log says why."}
}

func clip(s string) string { return s[:min(len(s), 100)] }

// consoleOrigin is where the console's own forms come from, "" if there is no URL.
func (s *SignIn) consoleOrigin() string {
	u, err := url.Parse(s.ConsoleURL)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
