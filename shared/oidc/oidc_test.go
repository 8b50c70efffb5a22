package oidc_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"ines/shared/oidc"
	"ines/shared/oidc/oidctest"
)

func open(t testing.TB) (*oidc.Client, *oidctest.Issuer, *time.Time) {
	t.Helper()
	i := oidctest.New(t)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	i.Now = func() time.Time { return now }
	c, err := oidc.New(oidc.Config{Issuer: i.URL, Client: oidctest.Client, Now: i.Now})
	if err != nil {
		t.Fatal(err)
	}
	return c, i, &now
}

func TestVerify(t *testing.T) {
	c, i, now := open(t)
	day := float64(now.Unix())
	for name, tt := range map[string]struct {
		head, claims map[string]any
		good         bool
	}{
		"good":                {good: true},
		"audience in a list":  {claims: map[string]any{"aud": []string{oidctest.Client}}, good: true},
		"authorized party":    {claims: map[string]any{"aud": []string{"other", oidctest.Client}, "azp": oidctest.Client}, good: true},
		"issued a little off": {claims: map[string]any{"iat": day + 30}, good: true},
		"no use named":        {claims: map[string]any{"token_use": nil}, good: true},

		"alg none":            {head: map[string]any{"alg": "none"}},
		"alg HS256":           {head: map[string]any{"alg": "HS256"}},
		"alg rs256":           {head: map[string]any{"alg": "rs256"}},
		"critical extension":  {head: map[string]any{"crit": []string{"b64"}}},
		"unknown key":         {head: map[string]any{"kid": "other"}},
		"wrong audience":      {claims: map[string]any{"aud": "other"}},
		"no audience":         {claims: map[string]any{"aud": nil}},
		"two audiences":       {claims: map[string]any{"aud": []string{"other", oidctest.Client}}},
		"given to another":    {claims: map[string]any{"azp": "other"}},
		"wrong issuer":        {claims: map[string]any{"iss": "https://evil.example"}},
		"access token":        {claims: map[string]any{"token_use": "access", "client_id": oidctest.Client}},
		"expired":             {claims: map[string]any{"exp": day}},
		"no expiry":           {claims: map[string]any{"exp": nil}},
		"of the future":       {claims: map[string]any{"iat": day + 3600}},
		"not yet":             {claims: map[string]any{"nbf": day + 3600}},
		"nobody":              {claims: map[string]any{"sub": nil}},
		"expiry in words":     {claims: map[string]any{"exp": "tomorrow"}},
		"audience a number":   {claims: map[string]any{"aud": 7}},
		"no time of issuance": {claims: map[string]any{"iat": nil}},
	} {
		got, err := c.Verify(t.Context(), i.Token(tt.head, tt.claims))
		if tt.good && (err != nil || got.Subject != "person-1") || !tt.good && (!errors.Is(err, oidc.ErrRefused) || got.Subject != "") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if (name == "expired") != errors.Is(err, oidc.ErrExpired) {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := i.Token(nil, nil)
	parts := strings.Split(good, ".")
	for name, token := range map[string]string{
		"empty": "", "two parts": parts[0] + "." + parts[1], "no signature": parts[0] + "." + parts[1] + ".", "other claims": parts[0] + "." + parts[0] + "." + parts[2],
		"cut": good[:len(good)-4], "header of another": "e30." + parts[1] + "." + parts[2], "not base64": good + "!", "long": good + strings.Repeat("A", 20000),
	} {
		if _, err := c.Verify(t.Context(), token); !errors.Is(err, oidc.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestKeys: kept, asked for again when a new one appears, and not at everybody's
// whim; an issuer that is down signs nobody out.
func TestKeys(t *testing.T) {
	c, i, now := open(t)
	old := i.Token(nil, map[string]any{"exp": now.Add(48 * time.Hour).Unix()})
	for range 3 {
		if _, err := c.Verify(t.Context(), old); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if _, err := c.Verify(t.Context(), i.Token(map[string]any{"kid": "made up"}, nil)); !errors.Is(err, oidc.ErrRefused) {
			t.Fatal(err)
		}
	}
	if n := i.Asked("/keys"); n != 1 {
		t.Errorf("asked for keys %d times, want once", n)
	}
	i.Rotate()
	*now = now.Add(time.Minute)
	if _, err := c.Verify(t.Context(), i.Token(nil, nil)); err != nil {
		t.Errorf("a new key: %v", err)
	}
	if _, err := c.Verify(t.Context(), old); !errors.Is(err, oidc.ErrRefused) {
		t.Errorf("a key that is no longer published: %v", err)
	}
	*now = now.Add(13 * time.Hour)
	i.Down = true
	if _, err := c.Verify(t.Context(), i.Token(nil, nil)); err != nil {
		t.Errorf("the issuer is down: %v", err)
	}
}

func TestDown(t *testing.T) {
	c, i, _ := open(t)
	i.Down = true
	if _, err := c.Verify(t.Context(), i.Token(nil, nil)); !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	i.Down = false
	if _, err := c.Verify(t.Context(), i.Token(nil, nil)); err != nil {
		t.Errorf("up again: %v", err)
	}
	other, err := oidc.New(oidc.Config{Issuer: i.URL + "/", Client: oidctest.Client, Now: i.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Start(t.Context(), "b", "s", "n", "v"); !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("an issuer of another name: %v", err)
	}
}

func TestFlow(t *testing.T) {
	c, i, _ := open(t)
	const back = "https://desk.example/sign-in/callback"
	begin := func() string {
		at, err := c.Start(t.Context(), back, "state-1", "nonce-1", "verifier-1")
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(i.Authorize(t, at))
		if err != nil || u.Query().Get("state") != "state-1" {
			t.Fatal(u, err)
		}
		return u.Query().Get("code")
	}
	code := begin()
	got, err := c.Exchange(t.Context(), code, back, "nonce-1", "verifier-1")
	if err != nil || got.Claims.Subject != "person-1" || got.Refresh != "refresh-1" {
		t.Fatalf("%+v, %v", got.Claims, err)
	}
	for name, try := range map[string]func() error{
		"the code again":   func() error { _, err := c.Exchange(t.Context(), code, back, "nonce-1", "verifier-1"); return err },
		"another verifier": func() error { _, err := c.Exchange(t.Context(), begin(), back, "nonce-1", "verifier-2"); return err },
		"another nonce":    func() error { _, err := c.Exchange(t.Context(), begin(), back, "nonce-2", "verifier-1"); return err },
		"no nonce":         func() error { _, err := c.Exchange(t.Context(), begin(), back, "", "verifier-1"); return err },
		"another place": func() error {
			_, err := c.Exchange(t.Context(), begin(), back+"/x", "nonce-1", "verifier-1")
			return err
		},
		"another refresh": func() error { _, err := c.Refresh(t.Context(), "refresh-2"); return err },
	} {
		if err := try(); !errors.Is(err, oidc.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if again, err := c.Refresh(t.Context(), got.Refresh); err != nil || again.Refresh != "refresh-1" || again.Claims.Subject != "person-1" {
		t.Errorf("%+v, %v", again.Claims, err)
	}
}

func FuzzVerify(f *testing.F) {
	c, i, _ := open(f)
	good := i.Token(nil, nil)
	f.Add(good)
	f.Add(i.Token(map[string]any{"alg": "none"}, nil))
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if got, err := c.Verify(t.Context(), token); err == nil && token != good || err != nil && got.Subject != "" {
			t.Errorf("%q was accepted: %+v, %v", token, got, err)
		}
	})
}
