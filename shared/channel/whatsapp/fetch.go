package whatsapp

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/meta"
	"ines/shared/message"
)

// fileHost is where Meta keeps WhatsApp's files at present.
const fileHost = "lookaside.fbsbx.com"

// fileDomains are Meta's: the token may go nowhere else.
var fileDomains = []string{"fbsbx.com", "fbcdn.net", "whatsapp.net", "facebook.com"}

// Locate implements channel.Fetcher: it asks for the address of a media id, which is
// good for five minutes, and returns the request that fetches it with our token.
func (Channel) Locate(ctx context.Context, o channel.Outlet, a message.Attachment) (*http.Request, error) {
	switch a.Type {
	case "image", "video", "audio", "file", "sticker":
	default:
		return nil, lenient.Refuse("no_file", "a %s is no file", a.Type)
	}
	if a.Ref == "" {
		return nil, lenient.Refuse("no_ref", "the attachment has no media id")
	}
	var media struct {
		URL text `json:"url"`
	}
	call := meta.Call{Method: http.MethodGet, Path: []string{a.Ref}, Query: url.Values{"phone_number_id": {o.Inbox.Account}}}
	if _, err := meta.Do(ctx, o, call, &media); err != nil {
		return nil, err
	}
	u, err := url.Parse(string(media.URL))
	if err != nil || u.Scheme != "https" || !ofMeta(u.Hostname()) {
		return nil, lenient.Refuse("address", "WhatsApp names no address of its own for the file")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, lenient.Refuse("address", "%v", err)
	}
	req.Header.Set("Authorization", "Bearer "+o.Token)
	return req, nil
}

func ofMeta(host string) bool {
	for _, domain := range fileDomains {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}
