// Package oidc signs people in at an OpenID Connect issuer, Cognito or any other, by
// the authorization code flow with PKCE for a client without a secret, and verifies
// the ID tokens that come of it: RS256 signatures by the issuer's published keys,
// issuer, audience, times and nonce. The desk imports it; it imports nothing of ours.
//
// Sources: OpenID Connect Core 1.0 (sections 3.1 and 12), Discovery 1.0, RFC 7636
// (PKCE), RFC 7515 and 7517 (JWS and JWK), and OAuth 2.0's security practice,
// RFC 9700.
package oidc

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Config says who the issuer is. Issuer and Client are required.
type Config struct {
	Issuer string // its URL, exactly as in the iss claim
	Client string // our client id
	HTTP   *http.Client
	Now    func() time.Time
}

// Client knows one issuer. It is safe for concurrent use.
type Client struct {
	c Config

	mu      sync.Mutex
	about   *about
	keys    map[string]*rsa.PublicKey
	fetched time.Time // when the keys were asked for last, with whatever success
}

var (
	// ErrRefused is wrapped by errors about a token or a code that proves nothing.
	ErrRefused = errors.New("not accepted")
	// ErrExpired is wrapped, too, where a token was good and its time is over.
	ErrExpired = errors.New("expired")
	// ErrUnavailable is wrapped by errors about an issuer that does not answer as
	// it should.
	ErrUnavailable = errors.New("the issuer of sign-ins is unavailable")
)

// answerTime bounds a question to the issuer, in all.
const answerTime = 5 * time.Second

// New makes a client. It asks nothing of the issuer yet.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the issuer is %q, want a URL such as https://sign-in.example", c.Issuer)
	}
	if c.Client == "" {
		return nil, errors.New("the client id at the issuer is missing")
	}
	if c.HTTP == nil {
		c.HTTP = &http.Client{Timeout: answerTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Client{c: c}, nil
}

// about is the part of the issuer's discovery document that matters.
type about struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	Keys          string `json:"jwks_uri"`
	EndSession    string `json:"end_session_endpoint"`
}

// discover reads the document once, and again after a failure.
func (c *Client) discover(ctx context.Context) (*about, error) {
	c.mu.Lock()
	known := c.about
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	var a about
	if err := c.get(ctx, strings.TrimSuffix(c.c.Issuer, "/")+"/.well-known/openid-configuration", &a); err != nil {
		return nil, err
	}
	if a.Issuer != c.c.Issuer {
		return nil, fmt.Errorf("%w: it calls itself %q, and the desk knows it as %q", ErrUnavailable, a.Issuer, c.c.Issuer)
	}
	for what, endpoint := range map[string]string{"authorization_endpoint": a.Authorization, "token_endpoint": a.Token, "jwks_uri": a.Keys} {
		u, err := url.Parse(endpoint)
		if err != nil || u.Host == "" || u.Scheme != "https" && strings.HasPrefix(c.c.Issuer, "https:") {
			return nil, fmt.Errorf("%w: its %s is %q", ErrUnavailable, what, endpoint)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.about = &a
	return &a, nil
}

// Start is where a browser goes to sign in. State and nonce are random and kept with
// the browser, and so is the verifier, of which only the hash is told.
func (c *Client) Start(ctx context.Context, back, state, nonce, verifier string) (string, error) {
	a, err := c.discover(ctx)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(verifier))
	return with(a.Authorization, url.Values{
		"response_type": {"code"}, "client_id": {c.c.Client}, "redirect_uri": {back}, "scope": {"openid email profile"},
		"state": {state}, "nonce": {nonce}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}), nil
}

// End is where a browser goes to end the issuer's own session too, "" if the issuer
// has no such place. Cognito's parameter is logout_uri, the standard's the other.
func (c *Client) End(ctx context.Context, back string) (string, error) {
	a, err := c.discover(ctx)
	if err != nil || a.EndSession == "" {
		return "", err
	}
	return with(a.EndSession, url.Values{"client_id": {c.c.Client}, "logout_uri": {back}, "post_logout_redirect_uri": {back}}), nil
}

func with(endpoint string, query url.Values) string {
	join := "?"
	if strings.Contains(endpoint, "?") {
		join = "&"
	}
	return endpoint + join + query.Encode()
}

// Tokens are what a sign-in gives. Refresh may be "".
type Tokens struct {
	ID      string
	Claims  Claims // the ID token's, verified
	Refresh string
}

// Exchange makes tokens of the code that the browser came back with.
func (c *Client) Exchange(ctx context.Context, code, back, nonce, verifier string) (Tokens, error) {
	t, err := c.tokens(ctx, url.Values{"grant_type": {"authorization_code"}, "client_id": {c.c.Client}, "code": {code}, "redirect_uri": {back}, "code_verifier": {verifier}})
	if err != nil {
		return t, err
	}
	if nonce == "" || t.Claims.Nonce != nonce {
		return Tokens{}, fmt.Errorf("%w: the ID token is another sign-in's (its nonce differs)", ErrRefused)
	}
	return t, nil
}

// Refresh makes fresh tokens of a refresh token. The old one stays good if there is
// no new one.
func (c *Client) Refresh(ctx context.Context, refresh string) (Tokens, error) {
	t, err := c.tokens(ctx, url.Values{"grant_type": {"refresh_token"}, "client_id": {c.c.Client}, "refresh_token": {refresh}})
	if err == nil && t.Refresh == "" {
		t.Refresh = refresh
	}
	return t, err
}

func (c *Client) tokens(ctx context.Context, form url.Values) (Tokens, error) {
	a, err := c.discover(ctx)
	if err != nil {
		return Tokens{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.Token, strings.NewReader(form.Encode()))
	if err != nil {
		return Tokens{}, fmt.Errorf("%w: %v", ErrUnavailable, err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		ID      string `json:"id_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := c.do(r, &answer); err != nil {
		return Tokens{}, err
	}
	claims, err := c.Verify(ctx, answer.ID)
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{ID: answer.ID, Claims: claims, Refresh: answer.Refresh}, nil
}

func (c *Client) get(ctx context.Context, at string, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrUnavailable, err)
	}
	return c.do(r, out)
}

// largest is how much of an issuer's answer is read.
const largest = 1 << 20

// do asks the issuer. A 4xx at the token endpoint is a refusal: its body names the
// reason, and never a token.
func (c *Client) do(r *http.Request, out any) error {
	r.Header.Set("Accept", "application/json")
	resp, err := c.c.HTTP.Do(r)
	if err != nil {
		if r.Context().Err() != nil {
			return r.Context().Err()
		}
		return fmt.Errorf("%w: %s: no answer", ErrUnavailable, r.URL.Host)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, largest))
	if err != nil {
		return fmt.Errorf("%w: %s: its answer breaks off", ErrUnavailable, r.URL.Host)
	}
	switch {
	case resp.StatusCode == http.StatusOK:
		if json.Unmarshal(text, out) != nil {
			return fmt.Errorf("%w: %s%s answers with something other than JSON", ErrUnavailable, r.URL.Host, r.URL.Path)
		}
		return nil
	case resp.StatusCode >= 400 && resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests && r.Method == http.MethodPost:
		var said struct {
			Error string `json:"error"`
		}
		_ = json.Unmarshal(text, &said) // "" is said as such
		return fmt.Errorf("%w: the issuer says %q", ErrRefused, said.Error)
	}
	return fmt.Errorf("%w: %s%s answers %s", ErrUnavailable, r.URL.Host, r.URL.Path, resp.Status)
}
