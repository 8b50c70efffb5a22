package verify

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // SNS's signature version 1 is made with it
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"ines/shared/pattern"
)

// SNSMessage is one delivery of Amazon SNS over HTTPS. The fields that a signature
// covers are nil where the body has none (or null).
type SNSMessage struct {
	Type, MessageID, TopicArn, Message, Subject, Timestamp, Token, SubscribeURL *string
	SigningCertURL, SignatureVersion, Signature                                 string
}

// The types of deliveries.
const (
	SNSNotification = "Notification"
	SNSSubscription = "SubscriptionConfirmation"
	SNSUnsubscribed = "UnsubscribeConfirmation"
)

// ReadSNS takes a body apart. Names count in their exact spelling, as the signature
// has them; of a name that is there twice the last one counts, for the signature
// and for every reader. Errors wrap ErrMalformed.
func ReadSNS(body []byte) (SNSMessage, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil || raw == nil {
		return SNSMessage{}, fmt.Errorf("%w: not the JSON object that SNS sends", ErrMalformed)
	}
	var m SNSMessage
	plain := func(names ...string) string {
		for _, name := range names {
			var s string
			if len(raw[name]) > 0 && json.Unmarshal(raw[name], &s) == nil && s != "" {
				return s
			}
		}
		return ""
	}
	for name, to := range map[string]**string{
		"Type": &m.Type, "MessageId": &m.MessageID, "TopicArn": &m.TopicArn, "Message": &m.Message,
		"Subject": &m.Subject, "Timestamp": &m.Timestamp, "Token": &m.Token, "SubscribeURL": &m.SubscribeURL,
	} {
		if len(raw[name]) == 0 {
			continue
		}
		if err := json.Unmarshal(raw[name], to); err != nil {
			return SNSMessage{}, fmt.Errorf("%w: %s is not a string", ErrMalformed, name)
		}
	}
	// Lambda's spelling differs.
	m.SigningCertURL, m.SignatureVersion, m.Signature = plain("SigningCertURL", "SigningCertUrl"), plain("SignatureVersion"), plain("Signature")
	return m, nil
}

// Text is a field's value, "" if it is not there.
func Text(field *string) string {
	if field == nil {
		return ""
	}
	return *field
}

// signed is what the signature covers, without Token if bare.
func (m SNSMessage) signed(bare bool) []byte {
	var b strings.Builder
	add := func(name string, value *string) {
		if value != nil {
			b.WriteString(name + "\n" + *value + "\n")
		}
	}
	confirms := Text(m.Type) != SNSNotification
	add("Message", m.Message)
	add("MessageId", m.MessageID)
	if confirms {
		add("SubscribeURL", m.SubscribeURL)
	} else {
		add("Subject", m.Subject)
	}
	add("Timestamp", m.Timestamp)
	if confirms && !bare {
		add("Token", m.Token)
	}
	add("TopicArn", m.TopicArn)
	add("Type", m.Type)
	return []byte(b.String())
}

// SNS checks a delivery's signature with any of the keys: RSA PKCS#1 v1.5 over
// SHA-1 (version 1) or SHA-256 (version 2). It says that SNS sent it, not whose
// topic did: hold TopicArn against a list. For an UnsubscribeConfirmation both
// readings of the documentation are taken, with Token signed and without.
func SNS(m SNSMessage, keys []*rsa.PublicKey) error {
	if len(keys) == 0 {
		return fmt.Errorf("%w: no certificate", ErrNoSecret)
	}
	switch Text(m.Type) {
	case SNSNotification, SNSSubscription, SNSUnsubscribed:
	default:
		return fmt.Errorf("%w: no Type of SNS's", ErrMalformed)
	}
	if m.Signature == "" {
		return fmt.Errorf("%w: no Signature", ErrMissing)
	}
	if m.Message == nil || m.MessageID == nil || m.TopicArn == nil || m.Timestamp == nil {
		return fmt.Errorf("%w: a field that is always signed is not there", ErrMalformed)
	}
	if strings.ContainsAny(m.Signature, "\r\n") { // Go's decoder skips line ends
		return fmt.Errorf("%w: line ends in the signature", ErrMalformed)
	}
	got, err := strict64.DecodeString(m.Signature)
	if err != nil {
		return fmt.Errorf("%w: Signature is not base64", ErrMalformed)
	}
	hash, sum, err := snsHash(m.SignatureVersion)
	if err != nil {
		return err
	}
	readings := []bool{false}
	if Text(m.Type) == SNSUnsubscribed && m.Token != nil {
		readings = append(readings, true)
	}
	match := false
	for _, bare := range readings {
		digest := sum(m.signed(bare))
		for _, k := range keys {
			if k != nil && rsa.VerifyPKCS1v15(k, hash, digest, got) == nil {
				match = true
			}
		}
	}
	if !match {
		return ErrMismatch
	}
	return nil
}

func snsHash(version string) (crypto.Hash, func([]byte) []byte, error) {
	switch version {
	case "1":
		return crypto.SHA1, func(b []byte) []byte { s := sha1.Sum(b); return s[:] }, nil
	case "2":
		return crypto.SHA256, func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }, nil
	}
	return 0, nil, fmt.Errorf("%w: SignatureVersion is %.20q, not 1 or 2", ErrMalformed, version)
}

// SignSNS makes the Signature of a message, of its SignatureVersion.
func SignSNS(m SNSMessage, key *rsa.PrivateKey) (string, error) {
	hash, sum, err := snsHash(m.SignatureVersion)
	if err != nil {
		return "", err
	}
	raw, err := rsa.SignPKCS1v15(rand.Reader, key, hash, sum(m.signed(false)))
	if err != nil {
		return "", fmt.Errorf("signing for SNS: %w", err)
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}

var snsHost = pattern.Late{Expr: `^sns\.[a-zA-Z0-9-]{3,}\.amazonaws\.com(\.cn)?$`}

// SNSAddress checks that an address in a message is one of SNS's own, over https
// and without user or port: nothing else may be fetched. certificate asks for the
// path of one besides. Errors wrap ErrMalformed.
func SNSAddress(address string, certificate bool) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || !snsHost.MatchString(u.Host):
		return fmt.Errorf("%w: %.100q is no https address at SNS", ErrMalformed, address)
	case certificate && !strings.HasSuffix(u.Path, ".pem"):
		return fmt.Errorf("%w: %.100q is no certificate's address", ErrMalformed, address)
	}
	return nil
}

var errNoRSA = errors.New("not a PEM certificate, public or private key of RSA")

// RSAKey reads a certificate or key in PEM. A line end may be written as \n or as a
// blank, because values of one line are what environments hold. private is nil
// unless it is a private key: replays and tests sign with one. The error never
// quotes the text.
func RSAKey(text string) (public *rsa.PublicKey, private *rsa.PrivateKey, err error) {
	block, _ := pem.Decode([]byte(unfolded(text)))
	if block == nil {
		return nil, nil, errNoRSA
	}
	var key any
	switch block.Type {
	case "CERTIFICATE":
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, nil, errNoRSA
		}
		key = cert.PublicKey
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, nil, errNoRSA
	}
	switch k := key.(type) {
	case *rsa.PublicKey:
		return k, nil, nil
	case *rsa.PrivateKey:
		return &k.PublicKey, k, nil
	}
	return nil, nil, errNoRSA
}

var pemEdges = pattern.Late{Expr: `(?s)^\s*(-----BEGIN [A-Z ]+-----)(.*)(-----END [A-Z ]+-----)\s*$`}

// unfolded gives a PEM block its line ends back.
func unfolded(text string) string {
	parts := pemEdges.FindStringSubmatch(strings.ReplaceAll(text, `\n`, "\n"))
	if parts == nil {
		return text
	}
	return parts[1] + "\n" + strings.Join(strings.Fields(parts[2]), "\n") + "\n" + parts[3] + "\n"
}
