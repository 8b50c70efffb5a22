package x

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ines/shared/sorting"
)

// authorize puts the account's credential on a call. A credential of four parts,
//
//	consumer key:consumer secret:access token:access token secret
//
// signs by OAuth 1.0a; its tokens live until they are revoked. Anything else is an
// OAuth 2 user token, which X lets expire after two hours.
func authorize(req *http.Request, credential string, at time.Time) {
	parts := strings.Split(credential, ":")
	if len(parts) != 4 || slices.Contains(parts, "") {
		req.Header.Set("Authorization", "Bearer "+credential)
		return
	}
	req.Header.Set("Authorization", keys{parts[0], parts[1], parts[2], parts[3]}.header(req, at, rand.Text()))
}

// keys are an app's and its user's credentials of OAuth 1.0a (RFC 5849).
type keys struct{ consumer, consumerSecret, token, tokenSecret string }

// header is the Authorization header of a request whose body is no form. Bodies of
// JSON are not signed, queries are.
func (k keys) header(req *http.Request, at time.Time, nonce string) string {
	own := [][2]string{
		{"oauth_consumer_key", k.consumer},
		{"oauth_nonce", nonce},
		{"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", strconv.FormatInt(at.Unix(), 10)},
		{"oauth_token", k.token},
		{"oauth_version", "1.0"},
	}
	mac := hmac.New(sha1.New, []byte(encode(k.consumerSecret)+"&"+encode(k.tokenSecret)))
	mac.Write([]byte(signatureBase(req.Method, req.URL, own)))
	own = append(own, [2]string{"oauth_signature", base64.StdEncoding.EncodeToString(mac.Sum(nil))})
	var h []string
	for _, p := range own {
		h = append(h, fmt.Sprintf("%s=%q", p[0], encode(p[1])))
	}
	return "OAuth " + strings.Join(h, ", ")
}

// signatureBase is the text that is signed: RFC 5849, section 3.4.1.
func signatureBase(method string, u *url.URL, own [][2]string) string {
	var pairs []string
	add := func(name, value string) { pairs = append(pairs, encode(name)+"="+encode(value)) }
	for _, p := range own {
		add(p[0], p[1])
	}
	for name, values := range u.Query() {
		for _, v := range values {
			add(name, v)
		}
	}
	sorting.By(pairs, func(a, b string) int { // by name, then by value, as they are encoded
		an, av, _ := strings.Cut(a, "=")
		bn, bv, _ := strings.Cut(b, "=")
		if c := strings.Compare(an, bn); c != 0 {
			return c
		}
		return strings.Compare(av, bv)
	})
	place := strings.ToLower(u.Scheme+"://"+u.Host) + u.EscapedPath()
	return method + "&" + encode(place) + "&" + encode(strings.Join(pairs, "&"))
}

// encode is the percent-encoding of RFC 5849, section 3.6: all but letters, digits
// and -._~ by bytes.
func encode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
