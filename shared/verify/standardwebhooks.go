package verify

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Tolerance is how far a signed time may be from the clock, either way.
const Tolerance = 5 * time.Minute

// maxSignatures bounds the work that one request can cause.
const maxSignatures = 16

// StandardWebhooks checks the headers webhook-id, webhook-timestamp and
// webhook-signature (or, when none of these is there, svix-id, svix-timestamp,
// svix-signature) over "{id}.{timestamp}.{body}". header has lower-case names.
//
// A secret is "whsec_" + base64 of 24 to 64 bytes (signatures v1, HMAC-SHA256),
// "whpk_" + base64 of an Ed25519 public key, or "whsk_" + base64 of the private
// one (signatures v1a). One valid signature of the list is enough; versions we
// don't know are passed over. now is held against the timestamp, ±Tolerance.
func StandardWebhooks(header map[string]string, body []byte, secrets []string, now time.Time) error {
	keys, err := webhookKeys(secrets)
	if err != nil {
		return err
	}
	id, stamp, list, err := webhookHeaders(header)
	if err != nil {
		return err
	}
	at, err := webhookTime(stamp)
	if err != nil {
		return err
	}
	if off := now.Sub(at); off > Tolerance || off < -Tolerance {
		return fmt.Errorf("%w: signed %s before our clock", ErrStale, off.Round(time.Second))
	}
	signed := webhookBytes(id, stamp, body)
	sigs := strings.Split(list, " ")
	if len(sigs) > maxSignatures {
		return fmt.Errorf("%w: %d signatures in one header", ErrMalformed, len(sigs))
	}
	known, match := false, false
	for _, sig := range sigs {
		version, text, _ := strings.Cut(sig, ",")
		if (version == "v1" || version == "v1a") && strings.Contains(text, ",") { // joined by "," without a blank
			return fmt.Errorf("%w: webhook-signature came more than once", ErrMalformed)
		}
		got, ok := webhookSignature(version, text)
		if !ok {
			continue
		}
		known = true
		for _, k := range keys {
			if k.matches(version, signed, got) {
				match = true
			}
		}
	}
	switch {
	case match:
		return nil
	case !known:
		return fmt.Errorf("%w: no v1 or v1a signature in the list", ErrMalformed)
	}
	return ErrMismatch
}

// SignStandardWebhooks makes the three webhook-* headers for a message. The
// secret is "whsec_…" or "whsk_…"; id must be neither empty nor hold a dot,
// a blank or a comma.
func SignStandardWebhooks(id string, at time.Time, body []byte, secret string) (map[string]string, error) {
	keys, err := webhookKeys([]string{secret})
	if err != nil {
		return nil, err
	}
	if err := webhookID(id); err != nil {
		return nil, err
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	if _, err := webhookTime(stamp); err != nil {
		return nil, err
	}
	signed := webhookBytes(id, stamp, body)
	k, sig := keys[0], ""
	switch {
	case k.shared != nil:
		sig = "v1," + base64.StdEncoding.EncodeToString(hmacSHA256(k.shared, signed))
	case k.private != nil:
		sig = "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(k.private, signed))
	default:
		return nil, fmt.Errorf("%w: a public key (whpk_) cannot sign", ErrNoSecret)
	}
	return map[string]string{"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": sig}, nil
}

func webhookHeaders(h map[string]string) (id, stamp, list string, err error) {
	prefix := "webhook-"
	if h["webhook-id"] == "" && h["webhook-timestamp"] == "" && h["webhook-signature"] == "" {
		prefix = "svix-"
	}
	values := [3]string{}
	for i, name := range [3]string{"id", "timestamp", "signature"} {
		values[i] = h[prefix+name]
		if values[i] == "" { // named as the specification does, also when neither set is there
			return "", "", "", fmt.Errorf("%w: no webhook-%s", ErrMissing, name)
		}
		if err := single(prefix+name, values[i]); err != nil {
			return "", "", "", err
		}
	}
	if err := webhookID(values[0]); err != nil {
		return "", "", "", err
	}
	return values[0], values[1], values[2], nil
}

// webhookID refuses a dot above all: "a.1" + "2" and "a" + "1.2" would be signed
// alike.
func webhookID(id string) error {
	if id == "" || strings.ContainsAny(id, "., \t\r\n") {
		return fmt.Errorf("%w: webhook-id %q is empty or holds a dot, comma or blank", ErrMalformed, id)
	}
	return nil
}

func webhookTime(stamp string) (time.Time, error) {
	if len(stamp) > 12 || strings.Trim(stamp, "0123456789") != "" {
		return time.Time{}, fmt.Errorf("%w: webhook-timestamp is not a number of seconds", ErrMalformed)
	}
	sec, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: webhook-timestamp is not a number of seconds", ErrMalformed)
	}
	return time.Unix(sec, 0), nil
}

func webhookBytes(id, stamp string, body []byte) []byte {
	b := make([]byte, 0, len(id)+len(stamp)+len(body)+2)
	b = append(b, id...)
	b = append(b, '.')
	b = append(b, stamp...)
	b = append(b, '.')
	return append(b, body...)
}

// webhookSignature decodes one entry of the list. False: not one we can check.
func webhookSignature(version, text string) ([]byte, bool) {
	size := 0
	switch version {
	case "v1":
		size = sha256.Size
	case "v1a":
		size = ed25519.SignatureSize
	default:
		return nil, false
	}
	if len(text) != strict64.EncodedLen(size) {
		return nil, false
	}
	got, err := strict64.DecodeString(text)
	return got, err == nil && len(got) == size
}

func hmacSHA256(key, signed []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(signed)
	return mac.Sum(nil)
}
