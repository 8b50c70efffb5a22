// Package linktoken makes and checks the signed tokens that join an answer to its
// case (a mail's plus-address, a deep link). A token names one case, expires on a
// day, and consists of lower-case letters, digits, dots and nothing else, so that
// it survives mail servers that fold case. It imports nothing of ours.
package linktoken

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strconv"
	"strings"
	"time"

	"ines/shared/pattern"
)

var (
	// ErrInvalid is a token that we did not make.
	ErrInvalid = errors.New("not a link token of ours")
	// ErrExpired is a token of ours whose day is over.
	ErrExpired = errors.New("the link token has expired")
)

var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

const day = 24 * time.Hour

// Mint makes a token for a case that is good until the end of the UTC day that
// is life after now. The form is <case>.<day>.<80-bit HMAC-SHA256>. The same
// arguments on the same day give the same token.
func Mint(key, caseID string, now time.Time, life time.Duration) string {
	body := caseID + "." + strconv.FormatInt(now.Add(life).Unix()/int64(day/time.Second), 36)
	return body + "." + sum(key, body)
}

// Check returns the case that a token was made for under one of the keys.
func Check(keys []string, token string, now time.Time) (caseID string, err error) {
	// Telegram's start parameters have no dots: they come as underscores.
	token = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(token)), "_", ".")
	i := strings.LastIndexByte(token, '.')
	if i < 0 {
		return "", ErrInvalid
	}
	body, mac := token[:i], token[i+1:]
	good := false
	for _, key := range keys {
		if key != "" && hmac.Equal([]byte(mac), []byte(sum(key, body))) {
			good = true
		}
	}
	caseID, expiry, ok := strings.Cut(body, ".")
	if !good || !ok {
		return "", ErrInvalid
	}
	last, err := strconv.ParseInt(expiry, 36, 64)
	if err != nil {
		return "", ErrInvalid
	}
	if now.Unix()/int64(day/time.Second) > last {
		return "", ErrExpired
	}
	return caseID, nil
}

var shape = pattern.Late{Expr: `\b[0-9a-z]{16}[._][0-9a-z]{3,6}[._][0-9a-z]{16}\b`}

// Find is what looks like a token in a text (a message that a link had prepared), ""
// if nothing does. Check says whether it is one.
func Find(text string) string {
	if len(text) > longestText {
		return ""
	}
	return shape.FindString(strings.ToLower(text))
}

// longestText bounds what is searched, in bytes: prepared messages are short.
const longestText = 4096

func sum(key, body string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte("ines link " + body))
	return encoding.EncodeToString(h.Sum(nil)[:10])
}
