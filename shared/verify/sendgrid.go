package verify

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The headers of SendGrid's signed webhooks.
const (
	SendGridSignature = "x-twilio-email-event-webhook-signature"
	SendGridTimestamp = "x-twilio-email-event-webhook-timestamp"
)

// SendGrid checks a signed webhook: base64 of an ASN.1 ECDSA signature (P-256) over
// SHA-256 of timestamp and the exact body, which ends with a line end that no JSON
// library keeps. header has lower-case names. A secret is the verification key as
// SendGrid shows it, base64 or PEM; a private key serves as well, for replays.
func SendGrid(header map[string]string, body []byte, secrets []string, now time.Time) error {
	if err := usable(secrets); err != nil {
		return err
	}
	keys := make([]*ecdsa.PublicKey, len(secrets))
	for i, s := range secrets {
		k, _, err := p256Key(s)
		if err != nil {
			return fmt.Errorf("%w: number %d of %d is %w", ErrNoSecret, i+1, len(secrets), err)
		}
		keys[i] = k
	}
	text, stamp := header[SendGridSignature], header[SendGridTimestamp]
	if err := single(SendGridSignature, text); err != nil {
		return err
	}
	if err := single(SendGridTimestamp, stamp); err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || seconds < 0 || stamp[0] == '+' {
		return fmt.Errorf("%w: the timestamp is not one in seconds", ErrMalformed)
	}
	if strings.ContainsAny(text, "\r\n") {
		return fmt.Errorf("%w: line ends in the signature", ErrMalformed)
	}
	got, err := strict64.DecodeString(text)
	if err != nil {
		return fmt.Errorf("%w: the signature is not base64", ErrMalformed)
	}
	sum := sendGridSum(stamp, body)
	match := false
	for _, k := range keys {
		if ecdsa.VerifyASN1(k, sum, got) {
			match = true
		}
	}
	if !match {
		return ErrMismatch
	}
	if off := now.Sub(time.Unix(seconds, 0)); off > Tolerance || off < -Tolerance {
		return fmt.Errorf("%w: signed %s before our clock", ErrStale, off.Round(time.Second))
	}
	return nil
}

func sendGridSum(stamp string, body []byte) []byte {
	h := sha256.New()
	h.Write([]byte(stamp))
	h.Write(body)
	return h.Sum(nil)
}

// SignSendGrid makes both headers with a private key.
func SignSendGrid(at time.Time, body []byte, secret string) (map[string]string, error) {
	_, private, err := p256Key(secret)
	if err != nil {
		return nil, fmt.Errorf("%w: the key to sign with is %w", ErrNoSecret, err)
	}
	if private == nil {
		return nil, fmt.Errorf("%w: a public key signs nothing", ErrNoSecret)
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	raw, err := ecdsa.SignASN1(rand.Reader, private, sendGridSum(stamp, body))
	if err != nil {
		return nil, fmt.Errorf("signing for SendGrid: %w", err)
	}
	return map[string]string{SendGridSignature: base64.StdEncoding.EncodeToString(raw), SendGridTimestamp: stamp}, nil
}

var errNoP256 = errors.New("no ECDSA key on P-256, in base64 or PEM")

// p256Key's error never quotes the text.
func p256Key(text string) (*ecdsa.PublicKey, *ecdsa.PrivateKey, error) {
	var der []byte
	if block, _ := pem.Decode([]byte(unfolded(text))); block != nil {
		der = block.Bytes
	} else {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil {
			return nil, nil, errNoP256
		}
		der = raw
	}
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		if k, ok := key.(*ecdsa.PublicKey); ok && k.Curve == elliptic.P256() {
			return k, nil, nil
		}
		return nil, nil, errNoP256
	}
	private, err := x509.ParseECPrivateKey(der)
	if err != nil {
		key, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return nil, nil, errNoP256
		}
		private, _ = key.(*ecdsa.PrivateKey)
	}
	if private == nil || private.Curve != elliptic.P256() {
		return nil, nil, errNoP256
	}
	return &private.PublicKey, private, nil
}
