package email

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/mail"
	"strings"

	"ines/shared/channel"
)

const sendgridAPI = "https://api.sendgrid.com"

type sendgridAddress struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

type sendgridMail struct {
	Personalizations []sendgridPerson  `json:"personalizations"`
	From             sendgridAddress   `json:"from"`
	ReplyTo          *sendgridAddress  `json:"reply_to,omitempty"`
	Subject          string            `json:"subject"`
	Content          []sendgridContent `json:"content"`
	Headers          map[string]string `json:"headers"`
	CustomArgs       map[string]string `json:"custom_args"`
	Tracking         map[string]any    `json:"tracking_settings"`
}

type sendgridPerson struct {
	To []sendgridAddress `json:"to"`
}

type sendgridContent struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

func (sendgrid) send(ctx context.Context, o channel.Outlet, m outgoing) (taken, error) {
	off := map[string]any{"enable": false}
	out := sendgridMail{
		Personalizations: []sendgridPerson{{To: []sendgridAddress{{Email: m.to}}}},
		From:             sendgridAddress{Email: strings.TrimSpace(o.Inbox.Account), Name: oneLine(o.Inbox.Name)},
		Subject:          m.subject,
		Content:          []sendgridContent{{Type: "text/plain", Value: m.text}},
		Headers:          map[string]string{"Message-ID": "<" + m.messageID + ">"},
		CustomArgs:       map[string]string{replyMetadata: m.replyID},
		Tracking:         map[string]any{"click_tracking": off, "open_tracking": off, "subscription_tracking": off},
	}
	if out.Subject == "" {
		out.Subject = "(no subject)" // SendGrid takes no mail without
	}
	if m.replyTo != "" {
		out.ReplyTo = &sendgridAddress{Email: m.replyTo}
	}
	for _, h := range m.headers() {
		out.Headers[h.name] = h.value
	}
	body, err := json.Marshal(out)
	if err != nil {
		return taken{}, refuse("body", "the mail can't be put into JSON: "+err.Error())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, sendgridAPI+"/v3/mail/send", bytes.NewReader(body))
	if err != nil {
		return taken{}, refuse("request", err.Error())
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(o.Token))
	req.Header.Set("Content-Type", "application/json")
	status, h, raw, err := apiCall(o, req)
	if err != nil {
		return taken{}, err
	}
	if status/100 == 2 { // the body is empty
		return taken{id: m.messageID, pause: rest(h)}, nil
	}
	var said struct {
		Errors []struct{ Message, Field anyText }
	}
	detail := ""
	if json.Unmarshal(raw, &said) == nil {
		for _, e := range said.Errors {
			detail = strings.TrimSpace(detail + " " + oneLine(string(e.Message)+" "+string(e.Field)))
		}
	}
	return taken{}, apiError(status, h, detail)
}

// lookup: finding sent mail takes SendGrid's paid activity feed, which an account
// need not have.
func (sendgrid) lookup(context.Context, channel.Outlet, outgoing) (string, bool, error) {
	return "", false, fmt.Errorf("SendGrid: %w", channel.ErrNoLookup)
}

func (sendgrid) emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	if call.Method != http.MethodPost || call.URL != sendgridAPI+"/v3/mail/send" {
		return channel.CallAnswer{}, false
	}
	wrong := func(status int, words string) (channel.CallAnswer, bool) {
		return answerJSON(status, map[string]any{"errors": []any{map[string]any{"message": words, "field": nil, "help": nil}}}), true
	}
	if !strings.HasPrefix(call.Header.Get("Authorization"), "Bearer ") {
		return wrong(http.StatusUnauthorized, "The provided authorization grant is invalid, expired, or revoked")
	}
	var m sendgridMail
	if json.Unmarshal(call.Body, &m) != nil {
		return wrong(http.StatusBadRequest, "Bad Request")
	}
	if len(m.Personalizations) != 1 || len(m.Personalizations[0].To) != 1 || m.Subject == "" || len(m.Content) == 0 || m.Content[0].Value == "" {
		return wrong(http.StatusBadRequest, "personalizations, subject and content are required")
	}
	if _, err := mail.ParseAddress(m.Personalizations[0].To[0].Email); err != nil {
		return wrong(http.StatusBadRequest, "Does not contain a valid address.")
	}
	return channel.CallAnswer{Status: http.StatusAccepted, Header: http.Header{"X-Message-Id": {fmt.Sprintf("ines-emulated-%08d", len(earlier)+1)}}}, true
}
