package twilio

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
)

// Locate is channel.Fetcher's for both channels: media and recordings ask for the
// credential on Twilio's own host, and redirect to a store that must not get it.
func Locate(ctx context.Context, o channel.Outlet, a message.Attachment) (*http.Request, error) {
	u, err := url.Parse(a.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, lenient.Refuse("no_file", "the attachment has no https address")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.URL, nil)
	if err != nil {
		return nil, lenient.Refuse("no_file", "the attachment's address makes no request")
	}
	if host := u.Hostname(); host == "twilio.com" || strings.HasSuffix(host, ".twilio.com") {
		c, err := ParseCredential(o)
		if err != nil {
			return nil, err
		}
		req.SetBasicAuth(c.User, c.Password)
	}
	return req, nil
}
