package verify

import (
	"crypto/ed25519"
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// The bounds on a shared key, from the specification.
const (
	minWebhookKey = 24
	maxWebhookKey = 64
)

// webhookKey is one secret, decoded: shared, or public with private if we have
// that too.
type webhookKey struct {
	shared  []byte
	public  ed25519.PublicKey
	private ed25519.PrivateKey
}

// matches never lets a key check a signature of the other kind.
func (k webhookKey) matches(version string, signed, got []byte) bool {
	switch {
	case version == "v1" && k.shared != nil:
		return hmac.Equal(got, hmacSHA256(k.shared, signed))
	case version == "v1a" && k.public != nil:
		return ed25519.Verify(k.public, signed, got)
	}
	return false
}

func webhookKeys(secrets []string) ([]webhookKey, error) {
	if err := usable(secrets); err != nil {
		return nil, err
	}
	keys := make([]webhookKey, len(secrets))
	for i, s := range secrets {
		k, err := parseWebhookKey(s)
		if err != nil {
			return nil, fmt.Errorf("%w: number %d of %d %w", ErrNoSecret, i+1, len(secrets), err)
		}
		keys[i] = k
	}
	return keys, nil
}

var errKeyKind = errors.New("does not begin with whsec_, whpk_ or whsk_")

// parseWebhookKey's errors never quote the secret.
func parseWebhookKey(secret string) (webhookKey, error) {
	kind, text, ok := strings.Cut(secret, "_")
	if !ok {
		return webhookKey{}, errKeyKind
	}
	if strings.ContainsAny(text, "\r\n") {
		return webhookKey{}, errors.New("holds a line end")
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return webhookKey{}, fmt.Errorf("is not base64 after %s_", kind)
	}
	switch kind {
	case "whsec":
		if len(raw) < minWebhookKey || len(raw) > maxWebhookKey {
			return webhookKey{}, fmt.Errorf("holds %d bytes, not %d to %d", len(raw), minWebhookKey, maxWebhookKey)
		}
		return webhookKey{shared: raw}, nil
	case "whpk":
		if len(raw) != ed25519.PublicKeySize {
			return webhookKey{}, fmt.Errorf("holds %d bytes, not %d", len(raw), ed25519.PublicKeySize)
		}
		return webhookKey{public: raw}, nil
	case "whsk":
		var private ed25519.PrivateKey
		switch len(raw) {
		case ed25519.SeedSize:
			private = ed25519.NewKeyFromSeed(raw)
		case ed25519.PrivateKeySize:
			// The public half is made anew: one that doesn't belong to the
			// seed would make signatures that give the private key away.
			private = ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
			if !private.Equal(ed25519.PrivateKey(raw)) {
				return webhookKey{}, errors.New("holds two halves that don't belong together")
			}
		default:
			return webhookKey{}, fmt.Errorf("holds %d bytes, not %d or %d", len(raw), ed25519.SeedSize, ed25519.PrivateKeySize)
		}
		return webhookKey{private: private, public: private.Public().(ed25519.PublicKey)}, nil
	}
	return webhookKey{}, errKeyKind
}
