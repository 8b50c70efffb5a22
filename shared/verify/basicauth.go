package verify

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
)

// BasicAuth checks an Authorization header against secrets of the form
// "user:password", neither part empty (Postmark signs nothing; credentials in
// the webhook's URL are all there is). The password may contain colons.
func BasicAuth(header string, secrets []string) error {
	if err := usable(secrets); err != nil {
		return err
	}
	for i, s := range secrets {
		if user, password, ok := strings.Cut(s, ":"); !ok || user == "" || password == "" {
			return fmt.Errorf("%w: number %d of %d is not user:password", ErrNoSecret, i+1, len(secrets))
		}
	}
	if err := single("authorization", header); err != nil {
		return err
	}
	scheme, text, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Basic") {
		return fmt.Errorf("%w: authorization is not of the scheme Basic", ErrMalformed)
	}
	if strings.ContainsAny(text, "\r\n") { // Go's decoder skips line ends
		return fmt.Errorf("%w: line ends in the credentials", ErrMalformed)
	}
	got, err := strict64.DecodeString(text)
	if err != nil {
		return fmt.Errorf("%w: credentials are not base64", ErrMalformed)
	}
	// Hashing makes the lengths equal: comparing tells nothing about them.
	sum := sha256.Sum256(got)
	match := 0
	for _, s := range secrets {
		want := sha256.Sum256([]byte(s))
		match |= subtle.ConstantTimeCompare(sum[:], want[:])
	}
	if match == 0 {
		return ErrMismatch
	}
	return nil
}

// SignBasicAuth makes the Authorization header for "user:password".
func SignBasicAuth(secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(secret))
}
