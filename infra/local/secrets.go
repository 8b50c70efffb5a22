package local

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"ines/shared/policy"
	"ines/shared/secret"
	"ines/shared/sqlitefile"
)

// secrets adds to the operator's what the engine can make up by itself: the key of
// link tokens, and, while a sink stands in for the platforms, sending tokens.
type secrets struct {
	secret.Source
	linkKey string
	desk    *policy.Desk // nil: no made-up tokens
}

const linkKeyNote = "local/link-key"

// openSecrets finds or makes the link key. It is kept in the database, so that
// invitations survive restarts.
func openSecrets(ctx context.Context, db *sqlitefile.DB, from secret.Source, madeUpTokens *policy.Desk) (*secrets, error) {
	key, found, err := db.Get(ctx, linkKeyNote)
	if err == nil && !found {
		key = rand.Text()
		err = db.Set(ctx, linkKeyNote, key)
	}
	if err != nil {
		return nil, fmt.Errorf("the key of link tokens: %w", err)
	}
	return &secrets{Source: from, linkKey: key, desk: madeUpTokens}, nil
}

// Values implements secret.Source.
func (s *secrets) Values(ctx context.Context, use secret.Use, inbox string) ([]string, error) {
	values, err := s.Source.Values(ctx, use, inbox)
	if err == nil && use == secret.Token && s.desk != nil {
		return []string{s.forSink(inbox, values[0])}, nil
	}
	if !errors.Is(err, secret.ErrMissing) {
		return values, err
	}
	switch use {
	case secret.Link:
		return []string{s.linkKey}, nil
	case secret.Token:
		if s.desk == nil {
			break
		}
		if in, ok := s.desk.Inbox(inbox); ok {
			return []string{madeUpToken(in)}, nil
		}
		for _, d := range s.desk.Departments {
			if policy.FeedSecret(d.ID) == inbox {
				return []string{madeUpKey(inbox)}, nil
			}
		}
	}
	return nil, err
}

// forSink completes a credential that says no address: an app's webhook needs one,
// and the sink is at all of them; SES a pair of keys to sign with.
func (s *secrets) forSink(inbox, token string) string {
	in, ok := s.desk.Inbox(inbox)
	if ok && in.Provider == "ses" && !strings.Contains(token, ":") {
		return madeUpToken(in)
	}
	if !ok || in.Channel != "web" || strings.HasPrefix(in.Account, "http") || strings.HasPrefix(token, "http") {
		return token
	}
	made := madeUpToken(in)
	if endpoint, _, _ := strings.Cut(made, " "); strings.HasPrefix(token, "whsec_") {
		return endpoint + " " + token
	}
	return made
}

// madeUpToken opens nothing: only the sink ever sees it.
func madeUpToken(in policy.Inbox) string {
	if in.Provider == "ses" {
		return "AKIAMADEUP:made-up-secret-of-" + in.ID
	}
	if in.Channel != "web" {
		return "made-up-token-of-" + in.ID
	}
	return "https://" + strings.ToLower(in.ID) + ".example/hooks " + madeUpKey(in.ID)
}

func madeUpKey(name string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%-32.32s", "made up for "+name))
}
