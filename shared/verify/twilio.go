package verify

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// TwilioRequest is what Twilio signs of a request.
type TwilioRequest struct {
	// URL is the webhook's address as it was given to Twilio, without a query. It
	// comes from configuration, never from the request's Host.
	URL         string
	Query       string // raw, as received, without "?"
	ContentType string
	Body        []byte // empty on a GET
}

// Twilio checks X-Twilio-Signature: base64 HMAC-SHA1, under the auth token of the
// account that owns the number, over the URL with its query, followed for a form by
// each parameter's name and distinct values, both in byte order. A body that is no
// form (JSON) is signed by its SHA-256 in the query's bodySHA256. Twilio sometimes
// writes the scheme's default port into the URL and sometimes not: both pass.
func Twilio(signature string, r TwilioRequest, secrets []string) error {
	if err := usable(secrets); err != nil {
		return err
	}
	if err := single("x-twilio-signature", signature); err != nil {
		return err
	}
	if r.URL == "" {
		return fmt.Errorf("%w: the webhook's own URL is not configured", ErrNoSecret)
	}
	// The length is checked first: Go's decoder skips line ends.
	if len(signature) != strict64.EncodedLen(sha1.Size) {
		return fmt.Errorf("%w: %d characters of base64, not %d", ErrMalformed, len(signature), strict64.EncodedLen(sha1.Size))
	}
	var got [sha1.Size + 2]byte
	n, err := strict64.Decode(got[:], []byte(signature))
	if err != nil || n != sha1.Size {
		return fmt.Errorf("%w: not the base64 of %d bytes", ErrMalformed, sha1.Size)
	}
	params, err := twilioParams(r)
	if err != nil {
		return err
	}
	match := false
	for _, base := range twilioURLs(r.URL) {
		signed := twilioURL(base, r.Query) + params
		for _, s := range secrets {
			if hmac.Equal(got[:n], sumSHA1(signed, s)) {
				match = true
			}
		}
	}
	if !match {
		return ErrMismatch
	}
	return nil
}

// twilioParams is what follows the URL in the signed string. For a body that is no
// form it is nothing, and the body is held against its hash in the query.
func twilioParams(r TwilioRequest) (string, error) {
	query, err := url.ParseQuery(r.Query)
	hash := query["bodySHA256"]
	switch {
	case len(r.Body) == 0 && len(hash) == 0:
		return "", nil
	case len(hash) > 0 && !isForm(r.ContentType):
		if err != nil || len(hash) != 1 {
			return "", fmt.Errorf("%w: the query has no single bodySHA256", ErrMalformed)
		}
		want, err := hex.DecodeString(hash[0])
		if err != nil || len(want) != sha256.Size {
			return "", fmt.Errorf("%w: bodySHA256 is not the hex of %d bytes", ErrMalformed, sha256.Size)
		}
		sum := sha256.Sum256(r.Body)
		if subtle.ConstantTimeCompare(sum[:], want) != 1 {
			return "", fmt.Errorf("%w: the body's SHA-256 is another", ErrMismatch)
		}
		return "", nil
	case r.ContentType != "" && !isForm(r.ContentType):
		return "", fmt.Errorf("%w: a body of type %.40q that no bodySHA256 covers", ErrMalformed, r.ContentType)
	}
	form, err := url.ParseQuery(string(r.Body))
	if err != nil {
		return "", fmt.Errorf("%w: the form can't be read", ErrMalformed)
	}
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, v := range slices.Compact(slices.Sorted(slices.Values(form[name]))) {
			out.WriteString(name)
			out.WriteString(v)
		}
	}
	return out.String(), nil
}

func isForm(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(media), "application/x-www-form-urlencoded")
}

// twilioURLs are the spellings of one address: with and without the default port.
func twilioURLs(base string) []string {
	scheme, rest, ok := strings.Cut(base, "://")
	if !ok {
		return []string{base}
	}
	port := map[string]string{"https": ":443", "http": ":80"}[strings.ToLower(scheme)]
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, path := rest[:end], rest[end:]
	name := host[strings.LastIndex(host, "@")+1:] // user:password may stand before it
	bracket := strings.LastIndex(name, "]")       // an IPv6 address has colons of its own
	switch {
	case port == "":
		return []string{base}
	case strings.HasSuffix(name, port):
		return []string{base, scheme + "://" + strings.TrimSuffix(host, port) + path}
	case strings.LastIndex(name, ":") > bracket: // another port
		return []string{base}
	}
	return []string{base, scheme + "://" + host + port + path}
}

func twilioURL(base, query string) string {
	if query == "" {
		return base
	}
	return base + "?" + query
}

func sumSHA1(signed, secret string) []byte {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

// SignTwilio makes what Twilio accepts. The query of a body that is no form must
// hold its bodySHA256 already.
func SignTwilio(r TwilioRequest, secret string) (string, error) {
	if err := usable([]string{secret}); err != nil {
		return "", err
	}
	params, err := twilioParams(r)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(sumSHA1(twilioURL(r.URL, r.Query)+params, secret)), nil
}
