// Package ssm finds secrets in the SecureString parameters of AWS Systems Manager:
// <prefix>/inbox/<inbox>/secret, …/token and …/verify, and <prefix>/link/key. The
// current version of a parameter and the one before it are both live, so that a key
// rotates by putting the new one; putting the same value twice ends the old one's
// life. Of a token only the current version counts.
//
// Values are kept in memory for some minutes, because every webhook asks. While SSM
// does not answer, what was read before goes on being used for an hour, and what was
// never read is refused. Bootstraps, the operator's command and tests import it; it
// imports secret and aws. Values appear in no error.
//
// The right that it needs is GetParameter, and PutParameter for Put.
package ssm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ines/shared/aws"
	"ines/shared/secret"
)

// Config says where and how long. Prefix is required; the rest has defaults.
type Config struct {
	Prefix string // such as /ines/prod
	// Fresh is how long a value is used without asking again, and how long a
	// missing one is taken for missing: 5 minutes. Within it a rotation or a
	// revocation may go unnoticed.
	Fresh time.Duration
	// Stale is for how long after its reading a value is used when SSM can't be
	// asked: an hour.
	Stale time.Duration
	// Again is how long after a failure SSM is asked the next time: 10 seconds.
	// It keeps a failing SSM from slowing every request.
	Again time.Duration
	Now   func() time.Time
}

// Source implements secret.Source.
type Source struct {
	aws aws.Config
	c   Config

	mu    sync.Mutex
	kept  map[string]*kept
	limit int
}

// kept is what is known of one parameter.
type kept struct {
	turn   chan struct{} // held by whoever asks SSM
	values []string      // nil: missing
	read   time.Time     // zero: never
	failed time.Time     // the last failure after it
	err    error
}

var _ secret.Source = (*Source)(nil)

// mostKept bounds what is remembered: an inbox that does not exist is no reason to
// keep anything for ever.
const mostKept = 1000

// attempts is how often SSM is asked for what was never read, within the caller's time.
// It answers 40 requests a second to all of an account's region where nobody has raised
// that: when a storm begins, and with it many copies of a function, they have to stand
// in line. Some seconds of waiting are better than as many of refusing.
const attempts = 10

// Open makes a source. It asks nothing of SSM yet.
func Open(c aws.Config, s Config) (*Source, error) {
	if !strings.HasPrefix(s.Prefix, "/") || strings.HasSuffix(s.Prefix, "/") {
		return nil, fmt.Errorf("secret/ssm: the prefix is %q, want one such as /ines/prod", s.Prefix)
	}
	for d, usual := range map[*time.Duration]time.Duration{&s.Fresh: 5 * time.Minute, &s.Stale: time.Hour, &s.Again: 10 * time.Second} {
		if *d == 0 {
			*d = usual
		}
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	return &Source{aws: c, c: s, kept: map[string]*kept{}, limit: mostKept}, nil
}

// Name is the parameter of a secret, "" if there is no such use or the inbox is
// missing or can't be part of a name.
func (s *Source) Name(use secret.Use, inbox string) string {
	switch use {
	case secret.Link:
		if inbox == "" {
			return s.c.Prefix + "/link/key"
		}
	case secret.Sign, secret.Token, secret.Verify:
		if inbox != "" && !strings.ContainsFunc(inbox, unfit) {
			return s.c.Prefix + "/inbox/" + inbox + "/" + string(use)
		}
	}
	return ""
}

// unfit are the characters that names of parameters don't have, and the slash.
func unfit(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
}

// Values implements secret.Source.
func (s *Source) Values(ctx context.Context, use secret.Use, inbox string) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	name := s.Name(use, inbox)
	if name == "" {
		return nil, fmt.Errorf("%w: there is no %q of inbox %q", secret.ErrMissing, use, inbox)
	}
	return s.values(ctx, name, use)
}

// Parameter is any parameter's current value, alone in a list, kept as others are:
// such as /aws/reference/secretsmanager/<name>, by which a secret of Secrets Manager
// is read.
func (s *Source) Parameter(ctx context.Context, name string) ([]string, error) {
	return s.values(ctx, name, "")
}

func (s *Source) values(ctx context.Context, name string, use secret.Use) ([]string, error) {
	k := s.entry(name)
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	now := s.c.Now()
	if k.read.IsZero() || now.Sub(k.read) >= s.c.Fresh {
		if k.failed.IsZero() || now.Sub(k.failed) >= s.c.Again {
			s.refresh(ctx, k, name, use)
		}
		if ctx.Err() != nil && (k.read.IsZero() || s.c.Now().Sub(k.read) >= s.c.Fresh) {
			return nil, ctx.Err()
		}
	}
	switch {
	case k.read.IsZero(), k.err != nil && s.c.Now().Sub(k.read) >= s.c.Stale:
		return nil, fmt.Errorf("%w: parameter %s: %v", secret.ErrUnavailable, name, k.err)
	case k.values == nil:
		return nil, fmt.Errorf("%w: there is no parameter %s; ines secret put makes it", secret.ErrMissing, name)
	}
	return slices.Clone(k.values), nil
}

func (s *Source) entry(name string) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.kept[name]
	if !ok {
		if len(s.kept) >= s.limit {
			clear(s.kept)
		}
		k = &kept{turn: make(chan struct{}, 1)}
		s.kept[name] = k
	}
	return k
}

// refresh asks SSM. A caller who went away is no failure of it.
func (s *Source) refresh(ctx context.Context, k *kept, name string, use secret.Use) {
	c := s.aws
	if k.read.IsZero() && c.Attempts == 0 {
		c.Attempts = attempts
	}
	values, err := read(ctx, c, name, use)
	switch {
	case err == nil:
		k.values, k.read, k.failed, k.err = values, s.c.Now(), time.Time{}, nil
	case ctx.Err() == nil:
		k.failed, k.err = s.c.Now(), err
	}
}

// read gets the live values; none and no error is a parameter that is not there.
func read(ctx context.Context, c aws.Config, name string, use secret.Use) ([]string, error) {
	value, version, err := get(ctx, c, name)
	if err != nil || value == "" {
		return nil, err
	}
	values := []string{value}
	if use == secret.Token || use == "" || version <= 1 {
		return values, nil
	}
	before, _, err := get(ctx, c, name+":"+strconv.Itoa(version-1))
	if err != nil {
		return nil, err
	}
	if before != "" && before != value {
		values = append(values, before)
	}
	return values, nil
}

// get is one parameter's value; "" is one that is not there. What refers to Secrets
// Manager has version 0.
func get(ctx context.Context, c aws.Config, name string) (value string, version int, err error) {
	var answer struct {
		Parameter struct {
			Value, Type string
			Version     int
		}
	}
	err = c.JSON(ctx, aws.SSM, "1.1", "AmazonSSM.GetParameter", map[string]any{"Name": name, "WithDecryption": true}, &answer)
	var refused *aws.Error
	switch {
	case errors.As(err, &refused) && (refused.Code == "ParameterNotFound" || refused.Code == "ParameterVersionNotFound"):
		return "", 0, nil
	case err != nil:
		return "", 0, err
	case answer.Parameter.Value == "":
		return "", 0, errors.New("SSM's answer has no value")
	case answer.Parameter.Type != "SecureString":
		return "", 0, fmt.Errorf("its type is %q: %w; put it again with ines secret put", answer.Parameter.Type, errOpen)
	}
	return answer.Parameter.Value, answer.Parameter.Version, nil
}

// errOpen is about a parameter that anybody may read.
var errOpen = errors.New("a secret must be a SecureString")

// Put makes value the current one and the one that was current the previous. It
// returns the version.
func (s *Source) Put(ctx context.Context, use secret.Use, inbox, value string) (version int, err error) {
	name := s.Name(use, inbox)
	switch {
	case name == "":
		return 0, fmt.Errorf("%w: there is no %q of inbox %q", secret.ErrMissing, use, inbox)
	case value == "":
		return 0, fmt.Errorf("%w: the value of %s is empty", secret.ErrUnavailable, name)
	}
	version, err = s.put(ctx, name, value)
	switch {
	case err != nil && ctx.Err() != nil && errors.Is(err, errUnsure):
		return 0, fmt.Errorf("put parameter %s: %w; %w", name, ctx.Err(), errUnsure)
	case err != nil && ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil:
		return 0, fmt.Errorf("%w: put parameter %s: %v", secret.ErrUnavailable, name, err)
	}
	s.mu.Lock()
	delete(s.kept, name)
	s.mu.Unlock()
	return version, nil
}

// errUnsure is of a value that was sent, and nobody knows whether it came.
var errUnsure = errors.New("it may have been put all the same: look at the parameter's history before it is put again")

// puts is how often a value is put that SSM does not say to have.
const puts = 5

// put makes a version, once. Another one with the same value would end the life of the
// value before it: where an answer got lost, SSM is asked what it has before the value
// is put again.
func (s *Source) put(ctx context.Context, name, value string) (version int, err error) {
	once := s.aws
	once.Attempts = 1
	var refused *aws.Error
	_, before, unknown := get(ctx, s.aws, name)
	if unknown != nil && !errors.As(unknown, &refused) && !errors.Is(unknown, errOpen) {
		return 0, unknown // SSM can't be reached
	}
	in := map[string]any{"Name": name, "Value": value, "Type": "SecureString", "Overwrite": true, "Tier": "Intelligent-Tiering"}
	for n := 1; ; n++ {
		var answer struct{ Version int }
		err := once.JSON(ctx, aws.SSM, "1.1", "AmazonSSM.PutParameter", in, &answer)
		if err == nil {
			return answer.Version, nil
		}
		said := errors.As(err, &refused) && refused.Status < 500 // and did nothing
		switch {
		case said && (!refused.Temporary() || n == puts || ctx.Err() != nil):
			return 0, err
		case !said && (unknown != nil || ctx.Err() != nil):
			return 0, fmt.Errorf("%w; %w", err, errUnsure)
		}
		if ended := s.aws.Backoff(ctx, n); ended != nil && said {
			return 0, ended
		} else if ended != nil {
			return 0, fmt.Errorf("%w; %w", ended, errUnsure)
		}
		if said {
			continue
		}
		now, version, lost := get(ctx, s.aws, name)
		if lost != nil {
			return 0, fmt.Errorf("%w; %w", errors.Join(err, lost), errUnsure)
		}
		if version > before && now == value {
			return version, nil
		}
		if n == puts {
			return 0, err
		}
	}
}
