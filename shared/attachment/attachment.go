// Package attachment brings the files that came with messages to us: over links
// that strangers chose, so that it goes to public addresses only, over TLS, to a
// bounded size and for types that are worth keeping. It imports nothing of ours but
// channel's error classes; the functions import it.
package attachment

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"ines/shared/channel"
)

// MaxBytes is the largest file that is kept, 20 MB: Telegram serves no larger ones
// to bots, and mail hardly ever brings them.
const MaxBytes = 20 << 20

// timeout bounds one file, its redirects included.
const timeout = 30 * time.Second

// kept are the types that a desk has a use for. A type that ends with "/" stands
// for all below it. Pages and programs are none: they are how attacks arrive.
var kept = []string{
	"image/", "audio/", "video/",
	"application/pdf", "application/json", "application/xml", "application/rtf", "application/zip",
	"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
	"application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.",
	"text/plain", "text/csv", "text/calendar", "text/vcard", "text/x-vcard", "message/rfc822",
}

// never are exceptions from kept: images that are programs.
var never = []string{"image/svg"}

// Type settles what a file is: what was declared, unless its first bytes say that
// it is a page or something else entirely. why is a sentence when the desk keeps no
// such files, else "".
func Type(declared string, body []byte) (is, why string) {
	seen, _, _ := mime.ParseMediaType(http.DetectContentType(body))
	is, _, err := mime.ParseMediaType(declared)
	if err != nil || is == "application/octet-stream" {
		is = seen
	}
	if seen == "text/html" || seen == "text/xml" && !strings.HasSuffix(is, "xml") {
		is = seen
	}
	if strings.HasPrefix(string(body), "MZ") || strings.HasPrefix(string(body), "\x7fELF") || strings.HasPrefix(string(body), "#!") {
		is = "application/x-executable"
	}
	if !among(is, kept) || among(is, never) {
		return is, "files of the type " + is + " are not kept"
	}
	return is, ""
}

func among(t string, list []string) bool {
	for _, entry := range list {
		if t == entry || strings.HasSuffix(entry, "/") && strings.HasPrefix(t, entry) || strings.HasSuffix(entry, ".") && strings.HasPrefix(t, entry) ||
			strings.HasPrefix(t, entry+"+") {
			return true
		}
	}
	return false
}

// File is what was brought.
type File struct {
	Body []byte
	Type string // media type without parameters
}

// Get brings a file. Errors are *channel.SendError: Permanent for what will never
// be had (gone, too large, of no use, at an address that is nobody's business),
// Throttled and Retry for what may work later.
func Get(ctx context.Context, client *http.Client, r *http.Request, declared string) (File, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if r.URL.Scheme != "https" {
		return File{}, gone("", "only https links are followed, not %q", r.URL.Scheme)
	}
	resp, err := client.Do(r.WithContext(ctx))
	if err != nil {
		if why, no := Refused(err); no {
			return File{}, gone("", "%s", why)
		}
		failed := channel.NetworkError(err)
		failed.Class = channel.Retry // asking twice does no harm
		return File{}, failed
	}
	defer resp.Body.Close()
	if err := status(resp); err != nil {
		return File{}, err
	}
	if resp.ContentLength > MaxBytes {
		return File{}, gone("", "it has %d bytes, at most %d are kept", resp.ContentLength, MaxBytes)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBytes+1))
	if err != nil {
		return File{}, &channel.SendError{Class: channel.Retry, Detail: "the file broke off", Err: err}
	}
	if len(body) > MaxBytes {
		return File{}, gone("", "it has more than %d bytes", MaxBytes)
	}
	is, why := Type(cmp.Or(declared, resp.Header.Get("Content-Type")), body)
	if why != "" {
		return File{}, gone("", "%s", why)
	}
	return File{Body: body, Type: is}, nil
}

func status(resp *http.Response) error {
	code := fmt.Sprint(resp.StatusCode)
	switch {
	case resp.StatusCode == http.StatusOK:
		return nil
	case resp.StatusCode == http.StatusTooManyRequests:
		return &channel.SendError{Class: channel.Throttled, Code: code, Wait: channel.RetryAfter(resp.Header)}
	case resp.StatusCode >= 500:
		return &channel.SendError{Class: channel.Retry, Code: code}
	}
	return gone(code, "the platform does not give it: %s", resp.Status)
}

func gone(code, format string, args ...any) *channel.SendError {
	return &channel.SendError{Class: channel.Permanent, Code: code, Detail: fmt.Sprintf(format, args...)}
}
