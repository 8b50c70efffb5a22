package oidc

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// Claims are what a verified ID token says.
type Claims struct {
	Subject, Nonce string
	Expires        time.Time
	All            map[string]any
}

// Text is a claim as text: booleans are "true" and "false", as API Gateway's
// authorizer writes them.
func (c Claims) Text(name string) string {
	switch v := c.All[name].(type) {
	case string:
		return v
	case bool:
		return fmt.Sprint(v)
	}
	return ""
}

const (
	// leeway is how far the issuer's clock may be from ours.
	leeway = time.Minute
	// keysLast is how long keys are used without asking whether they still are.
	keysLast = 12 * time.Hour
	// keysAgain is the shortest time between two questions for keys, so that
	// tokens with made-up key ids cause no flood.
	keysAgain = 30 * time.Second
	// weakest is the length of the shortest key that is accepted, in bits.
	weakest = 2048
	// longest is the length of the longest token that is looked at.
	longest = 16 << 10
)

type header struct {
	Algorithm string   `json:"alg"`
	Key       string   `json:"kid"`
	Critical  []string `json:"crit"`
}

// Verify checks an ID token. Errors wrap ErrRefused (and ErrExpired), ErrUnavailable
// or are the context's.
func (c *Client) Verify(ctx context.Context, token string) (Claims, error) {
	refuse := func(format string, args ...any) (Claims, error) {
		return Claims{}, fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > longest {
		return refuse("not a token")
	}
	var h header
	if !decode(parts[0], &h) {
		return refuse("the token's header can't be read")
	}
	// One algorithm and no other: what the token says of itself decides nothing.
	if h.Algorithm != "RS256" || len(h.Critical) > 0 {
		return refuse("the token is signed by %q, want RS256", h.Algorithm)
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return refuse("the token's signature can't be read")
	}
	key, err := c.key(ctx, h.Key)
	if err != nil {
		return Claims{}, err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return refuse("the token's signature is wrong")
	}
	return c.claims(parts[1])
}

func (c *Client) claims(part string) (Claims, error) {
	refuse := func(format string, args ...any) (Claims, error) {
		return Claims{}, fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
	}
	var said struct {
		Issuer     string   `json:"iss"`
		Subject    string   `json:"sub"`
		Audience   audience `json:"aud"`
		Authorized string   `json:"azp"`
		Use        string   `json:"token_use"` // Cognito's: id or access
		Nonce      string   `json:"nonce"`
		Expires    float64  `json:"exp"`
		Issued     float64  `json:"iat"`
		NotBefore  float64  `json:"nbf"`
	}
	all := map[string]any{}
	if !decode(part, &said) || !decode(part, &all) {
		return refuse("the token's claims can't be read")
	}
	now := c.c.Now()
	switch {
	case said.Issuer != c.c.Issuer:
		return refuse("the token is of the issuer %q", said.Issuer)
	case !slices.Contains(said.Audience, c.c.Client):
		return refuse("the token is for %q", []string(said.Audience))
	case said.Authorized != "" && said.Authorized != c.c.Client, len(said.Audience) > 1 && said.Authorized == "":
		return refuse("the token was given to %q", said.Authorized)
	case said.Use != "" && said.Use != "id":
		return refuse("it is an %s token, want an ID token", said.Use)
	case said.Subject == "" || said.Expires == 0 || said.Issued == 0:
		return refuse("the token lacks sub, exp or iat")
	case said.Issued > stamp(now.Add(leeway)) || said.NotBefore > stamp(now.Add(leeway)):
		return refuse("the token is of the future")
	case said.Expires <= stamp(now):
		return Claims{}, fmt.Errorf("%w: the token: %w", ErrRefused, ErrExpired)
	}
	return Claims{Subject: said.Subject, Nonce: said.Nonce, Expires: time.Unix(int64(said.Expires), 0), All: all}, nil
}

func stamp(t time.Time) float64 { return float64(t.Unix()) }

// audience is one name or a list of them.
type audience []string

func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

func decode(part string, out any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, out) == nil
}

// key finds a key of the issuer's by its id, and asks for the keys when it is not
// among them or they are old.
func (c *Client) key(ctx context.Context, id string) (*rsa.PublicKey, error) {
	a, err := c.discover(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.c.Now()
	known, ok := c.keys[id]
	if age := now.Sub(c.fetched); ok && age < keysLast || age < keysAgain && c.keys != nil {
		if !ok {
			return nil, fmt.Errorf("%w: the issuer has no key %q", ErrRefused, id)
		}
		return known, nil
	}
	keys, err := c.fetch(ctx, a.Keys)
	if err != nil {
		if ok {
			return known, nil // an issuer that is down signs nobody out
		}
		return nil, err
	}
	c.keys, c.fetched = keys, now
	if known, ok = keys[id]; !ok {
		return nil, fmt.Errorf("%w: the issuer has no key %q", ErrRefused, id)
	}
	return known, nil
}

func (c *Client) fetch(ctx context.Context, at string) (map[string]*rsa.PublicKey, error) {
	var set struct {
		Keys []struct {
			Type      string `json:"kty"`
			ID        string `json:"kid"`
			Use       string `json:"use"`
			Algorithm string `json:"alg"`
			Modulus   string `json:"n"`
			Exponent  string `json:"e"`
		} `json:"keys"`
	}
	if err := c.get(ctx, at, &set); err != nil {
		return nil, err
	}
	keys := map[string]*rsa.PublicKey{}
	for _, k := range set.Keys {
		if k.Type != "RSA" || k.Use != "" && k.Use != "sig" || k.Algorithm != "" && k.Algorithm != "RS256" {
			continue
		}
		n, errN := base64.RawURLEncoding.DecodeString(k.Modulus)
		e, errE := base64.RawURLEncoding.DecodeString(k.Exponent)
		if errN != nil || errE != nil || len(e) == 0 || len(e) > 4 {
			continue
		}
		key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
		if key.N.BitLen() >= weakest && key.E >= 3 {
			keys[k.ID] = key
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: it publishes no RSA key of %d bits or more", ErrUnavailable, weakest)
	}
	return keys, nil
}
