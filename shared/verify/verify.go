// Package verify holds the signature schemes of the platforms, one small file
// each: a function that checks a request, and the one that signs it (replays,
// stories and tests need that direction).
//
// All of it works over raw bytes, compares in constant time and tries every live
// secret, so that keys can rotate. All of it fails closed: without a secret, or
// with an empty one among the secrets, nothing passes. Standard library only; it
// imports nothing of ours, and the channels' folders, functions and tools may
// import it. Every function is safe for concurrent use.
//
// Header values are expected as the gateway hands them over: the values of a
// repeated header joined by ", " (or ","). Where one value is expected, such a pair is
// refused; picking one of two would let a sender show us a different one than
// whatever stands in front of us has looked at.
package verify

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of this package wrap exactly one of these.
var (
	// ErrMissing: a header that the scheme needs isn't there.
	ErrMissing = errors.New("signature missing")
	// ErrMalformed: it is there and cannot be a signature.
	ErrMalformed = errors.New("signature malformed")
	// ErrMismatch: it is well-formed and no live secret makes it.
	ErrMismatch = errors.New("signature does not match")
	// ErrStale: the signed time is too far from the clock, either way.
	ErrStale = errors.New("signature out of time")
	// ErrNoSecret: there is no usable secret to check with.
	ErrNoSecret = errors.New("no usable secret")
)

// usable refuses a list with nothing in it and one with an empty secret: HMAC
// takes an empty key without complaint, and anybody can sign with that.
func usable(secrets []string) error {
	if len(secrets) == 0 {
		return fmt.Errorf("%w: none is set", ErrNoSecret)
	}
	for i, s := range secrets {
		if s == "" {
			return fmt.Errorf("%w: number %d of %d is empty", ErrNoSecret, i+1, len(secrets))
		}
	}
	return nil
}

// single refuses a header that is missing or that arrived more than once.
func single(name, value string) error {
	if value == "" {
		return fmt.Errorf("%w: no %s", ErrMissing, name)
	}
	if strings.Contains(value, ", ") {
		return fmt.Errorf("%w: %s came more than once", ErrMalformed, name)
	}
	return nil
}
