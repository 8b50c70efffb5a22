package aws

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	algorithm   = "AWS4-HMAC-SHA256"
	stampLayout = "20060102T150405Z"
)

// Sign adds Signature Version 4 over the method, path, query, payload and the
// headers host, content-type and x-amz-*. The request's path must be escaped as it
// is to be sent; S3 signs it as it is, other services escape it once more. Channels sign
// with it what they call through a client of their own.
func Sign(r *http.Request, payload []byte, keys Credentials, region, service string, now time.Time) {
	stamp := now.UTC().Format(stampLayout)
	r.Header.Set("X-Amz-Date", stamp)
	if keys.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", keys.SessionToken)
	}
	hash := hexHash(payload)
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	if service == S3 {
		r.Header.Set("X-Amz-Content-Sha256", hash)
	} else {
		path = escape(path, true)
	}
	headers, names := signedHeaders(r)
	request := strings.Join([]string{r.Method, path, query(r.URL.Query()), headers, names, hash}, "\n")
	scope := strings.Join([]string{stamp[:8], region, service, "aws4_request"}, "/")
	text := strings.Join([]string{algorithm, stamp, scope, hexHash([]byte(request))}, "\n")
	key := []byte("AWS4" + keys.SecretAccessKey)
	for _, part := range []string{stamp[:8], region, service, "aws4_request"} {
		key = mac(key, part)
	}
	r.Header.Set("Authorization", algorithm+" Credential="+keys.AccessKeyID+"/"+scope+", SignedHeaders="+names+", Signature="+hex.EncodeToString(mac(key, text)))
}

func signedHeaders(r *http.Request) (lines, names string) {
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	values := map[string]string{"host": host}
	list := []string{"host"}
	for name, v := range r.Header {
		low := strings.ToLower(name)
		if low != "content-type" && !strings.HasPrefix(low, "x-amz-") {
			continue
		}
		parts := make([]string, len(v))
		for i, s := range v {
			parts[i] = strings.Join(strings.Fields(s), " ")
		}
		values[low] = strings.Join(parts, ",")
		list = append(list, low)
	}
	slices.Sort(list)
	var b strings.Builder
	for _, name := range list {
		b.WriteString(name + ":" + values[name] + "\n")
	}
	return b.String(), strings.Join(list, ";")
}

// query is the canonical query: sorted by escaped name, then by escaped value.
func query(values url.Values) string {
	var pairs [][2]string
	for name, list := range values {
		for _, v := range list {
			pairs = append(pairs, [2]string{escape(name, false), escape(v, false)})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if c := strings.Compare(a[0], b[0]); c != 0 {
			return c
		}
		return strings.Compare(a[1], b[1])
	})
	joined := make([]string, len(pairs))
	for i, p := range pairs {
		joined[i] = p[0] + "=" + p[1]
	}
	return strings.Join(joined, "&")
}

// Escape percent-encodes all but unreserved characters, which is what S3 wants of
// the names in paths; slashes stay.
func Escape(path string) string { return escape(path, true) }

func escape(s string, slashes bool) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~', c == '/' && slashes:
			b.WriteByte(c)
		default:
			const digits = "0123456789ABCDEF"
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
