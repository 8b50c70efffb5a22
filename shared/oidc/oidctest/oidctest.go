// Package oidctest is an OpenID Connect issuer for tests: discovery, keys, codes that
// are good once and only with their verifier, refresh tokens, and tokens as wrong as
// a test wants them. Tests import it; it imports nothing of ours.
package oidctest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Client is the id of the one client.
const Client = "console"

// Issuer is the service. Its fields may be changed between requests.
type Issuer struct {
	URL     string
	Now     func() time.Time
	Claims  map[string]any // of the person who signs in
	Life    time.Duration  // of ID tokens
	Down    bool           // nothing answers
	NoRenew bool           // refresh tokens are refused
	Logout  string         // where its own session is ended

	mu     sync.Mutex
	key    *rsa.PrivateKey
	id     string
	codes  map[string]url.Values
	server *httptest.Server
	asked  map[string]int
}

var keys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var made [2]*rsa.PrivateKey
	for i := range made {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		made[i] = k
	}
	return made
})

// New starts an issuer.
func New(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{Now: time.Now, Life: time.Hour, key: keys()[0], id: "key-1", codes: map[string]url.Values{}, asked: map[string]int{}}
	i.server = httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(i.server.Close)
	i.URL = i.server.URL
	i.Logout = i.URL + "/logout"
	return i
}

// Rotate makes the issuer sign with another key and publish only that.
func (i *Issuer) Rotate() { i.key, i.id = keys()[1], "key-2" }

// Asked is how often a path was asked for.
func (i *Issuer) Asked(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked[path]
}

// Authorize is the person's part: it looks at where the browser was sent to, signs
// the person in and returns where the browser goes next.
func (i *Issuer) Authorize(t testing.TB, at string) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil || u.Path != "/authorize" {
		t.Fatalf("the browser was sent to %q, %v", at, err)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != Client || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("state") == "" || q.Get("nonce") == "" {
		t.Fatalf("sign-in was asked for by %v", q)
	}
	code := rand.Text()
	i.mu.Lock()
	i.codes[code] = q
	i.mu.Unlock()
	return q.Get("redirect_uri") + "?" + url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
}

// Token signs an ID token with the usual claims, those of the person and more; a nil
// claim is left out. Head replaces parts of its header.
func (i *Issuer) Token(head, more map[string]any) string {
	now := i.Now()
	claims := map[string]any{"iss": i.URL, "sub": "person-1", "aud": Client, "iat": now.Unix(), "exp": now.Add(i.Life).Unix(), "token_use": "id"}
	maps.Copy(claims, i.Claims)
	maps.Copy(claims, more)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	header := map[string]any{"alg": "RS256", "kid": i.id}
	maps.Copy(header, head)
	text := part(header) + "." + part(claims)
	if header["alg"] == "none" {
		return text + "."
	}
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, i.key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func part(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked[r.URL.Path]++
	if i.Down {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		answer(w, 200, map[string]string{"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token",
			"jwks_uri": i.URL + "/keys", "end_session_endpoint": i.Logout})
	case "/keys":
		answer(w, 200, map[string]any{"keys": []any{map[string]string{"kty": "RSA", "kid": i.id, "use": "sig", "alg": "RS256",
			"n": base64.RawURLEncoding.EncodeToString(i.key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(i.key.E)).Bytes())}}})
	case "/token":
		i.token(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(code string) { answer(w, 400, map[string]string{"error": code}) }
	if r.ParseForm() != nil || r.PostForm.Get("client_id") != Client {
		refuse("invalid_client")
		return
	}
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		asked, ok := i.codes[r.PostForm.Get("code")]
		delete(i.codes, r.PostForm.Get("code"))
		sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
		if !ok || asked.Get("redirect_uri") != r.PostForm.Get("redirect_uri") || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
			refuse("invalid_grant")
			return
		}
		answer(w, 200, map[string]string{"id_token": i.Token(nil, map[string]any{"nonce": asked.Get("nonce")}), "refresh_token": "refresh-1", "access_token": "a", "token_type": "Bearer"})
	case "refresh_token":
		if i.NoRenew || r.PostForm.Get("refresh_token") != "refresh-1" {
			refuse("invalid_grant")
			return
		}
		answer(w, 200, map[string]string{"id_token": i.Token(nil, nil), "access_token": "a", "token_type": "Bearer"})
	default:
		refuse("unsupported_grant_type")
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
