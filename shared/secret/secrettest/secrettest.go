// Package secrettest is the conformance suite of the secret port. Driver tests
// import it; it imports secret.
package secrettest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"ines/shared/secret"
)

// Run runs the suite. Open returns a source that holds exactly these secrets,
// put where the driver looks for them; the lists have the current value first.
func Run(t *testing.T, open func(t testing.TB, set secret.Static) secret.Source) {
	t.Helper()
	set := secret.Static{
		"secret/shop-x":    {"hunter2"},
		"secret/shop-mail": {"user:pass word", "user:old#=\"'$HOME"},
		"secret/shop-pem":  {"-----BEGIN CERTIFICATE-----\nMIIB+/==\n-----END CERTIFICATE-----"},
		"token/shop-x":     {"AC1:to,ken"},
		"verify/shop-x":    {"handshake"},
		"link/":            {"new key", "old key"},
	}
	source := open(t, set)
	t.Run("values", func(t *testing.T) {
		for name, want := range set {
			use, inbox, _ := strings.Cut(name, "/")
			got, err := source.Values(t.Context(), secret.Use(use), inbox)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %d values, %v; want the %d that were set", name, len(got), err, len(want))
			}
		}
	})
	t.Run("missing", func(t *testing.T) {
		for _, tt := range []struct {
			use   secret.Use
			inbox string
		}{
			{secret.Sign, "shop-y"}, {secret.Token, "shop-mail"}, {secret.Verify, "shop-mail"}, {secret.Sign, ""}, {secret.Sign, "shop"}, {"other", "shop-x"},
		} {
			got, err := source.Values(t.Context(), tt.use, tt.inbox)
			if !errors.Is(err, secret.ErrMissing) || len(got) != 0 {
				t.Errorf("%s of %q: %d values, %v; want ErrMissing", tt.use, tt.inbox, len(got), err)
			}
			for name, values := range set {
				if err != nil && slices.ContainsFunc(values, func(v string) bool { return strings.Contains(err.Error(), v) }) {
					t.Errorf("%s of %q: the error shows %s", tt.use, tt.inbox, name)
				}
			}
		}
		if _, err := open(t, nil).Values(t.Context(), secret.Link, ""); !errors.Is(err, secret.ErrMissing) {
			t.Errorf("link key: %v, want ErrMissing", err)
		}
	})
	t.Run("callers own what they get", func(t *testing.T) {
		got, err := source.Values(t.Context(), secret.Link, "")
		if err != nil {
			t.Fatal(err)
		}
		got[0] = "scribbled over"
		if again, err := source.Values(t.Context(), secret.Link, ""); err != nil || again[0] != "new key" {
			t.Errorf("a caller changed what others get: %v", err)
		}
	})
	t.Run("at the same time", func(t *testing.T) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 20 {
					if got, err := source.Values(t.Context(), secret.Sign, "shop-mail"); err != nil || len(got) != 2 {
						t.Errorf("%d values, %v", len(got), err)
					}
				}
			})
		}
		all.Wait()
	})
	t.Run("canceled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		got, err := open(t, set).Values(ctx, secret.Sign, "shop-x")
		if !errors.Is(err, context.Canceled) || len(got) != 0 {
			t.Errorf("%d values, %v; want the context's error", len(got), err)
		}
	})
}
