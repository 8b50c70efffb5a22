// Package secret is the port to secrets: what inboxes are verified and replies
// are sent with. Drivers are in the folders below (env for one machine, ssm for
// AWS) and must pass secrettest. Values are never logged.
package secret

import (
	"context"
	"errors"
	"fmt"
)

// Use is what a secret is for.
type Use string

const (
	Sign   Use = "secret" // verifying webhooks: INES_SECRET_<INBOX>, /ines/<stage>/inbox/<inbox>/secret
	Token  Use = "token"  // sending replies: INES_TOKEN_<INBOX>, …/token
	Verify Use = "verify" // Meta's handshake token: INES_VERIFY_<INBOX>, …/verify
	Link   Use = "link"   // signing link tokens; inbox is "": INES_LINK_KEY, /ines/<stage>/link/key
)

// Source is the port. Implementations are safe for concurrent use and may cache
// for some minutes.
type Source interface {
	// Values returns the live values, the current one first; while a key
	// rotates there are two. ErrMissing (wrapped) if there is none: callers
	// must then refuse, never skip the check.
	Values(ctx context.Context, use Use, inbox string) ([]string, error)
}

var (
	ErrMissing     = errors.New("no such secret")
	ErrUnavailable = errors.New("secrets unavailable")
)

// Static is a Source over fixed values, keyed by use and inbox ("secret/shop-x").
// For tests and tools.
type Static map[string][]string

// Values implements Source.
func (s Static) Values(_ context.Context, use Use, inbox string) ([]string, error) {
	if v := s[string(use)+"/"+inbox]; len(v) > 0 {
		return v, nil
	}
	return nil, fmt.Errorf("%w: %s of inbox %q", ErrMissing, use, inbox)
}
