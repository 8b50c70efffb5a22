package email

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"ines/shared/aws"
	"ines/shared/channel"
	"ines/shared/pattern"
	"ines/shared/verify"
)

// sesAccount takes a sending credential apart: AccessKeyId:SecretAccessKey, then the
// region, then a session token, both optional. Without a region it is the function's
// own (AWS_REGION), else us-east-1.
func sesAccount(o channel.Outlet) (aws.Credentials, string, error) {
	parts := strings.SplitN(strings.TrimSpace(o.Token), ":", 4)
	if len(parts) < 2 || parts[0] == "" || parts[1] == "" {
		return aws.Credentials{}, "", &channel.SendError{Class: channel.Blocked, Code: "token",
			Detail: "the sending credential is not AccessKeyId:SecretAccessKey, with :region behind it if it is another than the function's"}
	}
	c := aws.Credentials{AccessKeyID: parts[0], SecretAccessKey: parts[1]}
	region := ""
	if len(parts) > 2 {
		region = parts[2]
	}
	if len(parts) > 3 {
		c.SessionToken = parts[3]
	}
	if region == "" {
		region = os.Getenv("AWS_REGION")
	}
	if region == "" {
		region = "us-east-1"
	}
	if !awsRegion.MatchString(region) {
		return aws.Credentials{}, "", &channel.SendError{Class: channel.Blocked, Code: "token", Detail: "the sending credential names no region of AWS"}
	}
	return c, region, nil
}

var awsRegion = pattern.Late{Expr: `^[a-z]{2,}(-[a-z0-9]+)+$`}

type (
	sesText     struct{ Data, Charset string }
	sesOutbound struct {
		FromEmailAddress string
		Destination      struct{ ToAddresses []string }
		ReplyToAddresses []string `json:",omitempty"`
		Content          struct{ Simple sesSimple }
		EmailTags        []sesOutHeader
	}
	sesSimple struct {
		Subject sesText
		Body    struct{ Text sesText }
		Headers []sesOutHeader
	}
	sesOutHeader struct{ Name, Value string }
)

// longestSESHeader is what SES takes as the value of a header, in bytes.
const longestSESHeader = 870

func (ses) send(ctx context.Context, o channel.Outlet, m outgoing) (taken, error) {
	credentials, region, err := sesAccount(o)
	if err != nil {
		return taken{}, err
	}
	for len(m.references) > 2 && len(strings.Join(m.references, "> <"))+2 > longestSESHeader {
		m.references = append(m.references[:1:1], m.references[2:]...) // the root and the newest stay
	}
	out := sesOutbound{FromEmailAddress: m.from, EmailTags: []sesOutHeader{{replyMetadata, notIDText.ReplaceAllString(m.replyID, "-")}}}
	out.Destination.ToAddresses = []string{m.to}
	if m.replyTo != "" {
		out.ReplyToAddresses = []string{m.replyTo}
	}
	out.Content.Simple.Subject = sesText{m.subject, "UTF-8"}
	out.Content.Simple.Body.Text = sesText{m.text, "UTF-8"}
	for _, h := range m.headers() {
		out.Content.Simple.Headers = append(out.Content.Simple.Headers, sesOutHeader{h.name, h.value})
	}
	body, err := json.Marshal(out)
	if err != nil {
		return taken{}, refuse("body", "the mail can't be put into JSON: "+err.Error())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, (aws.Config{Region: region}).URL(aws.SES)+"/v2/email/outbound-emails", bytes.NewReader(body))
	if err != nil {
		return taken{}, refuse("request", err.Error())
	}
	req.Header.Set("Content-Type", "application/json")
	// The wall's clock: AWS did not travel in time.
	if err := aws.Sign(ctx, req, body, credentials, region, aws.SES, time.Now()); err != nil {
		return taken{}, refuse("request", err.Error())
	}
	status, h, raw, err := apiCall(o, req)
	if err != nil {
		return taken{}, err
	}
	var a struct {
		MessageID string `json:"MessageId"`
		Type      string `json:"__type"`
		Message   string `json:"message"` // in either spelling
	}
	parseErr := json.Unmarshal(raw, &a)
	if status/100 != 2 {
		if kind := h.Get("X-Amzn-Errortype"); kind != "" {
			a.Type = kind
		}
		return taken{}, sesError(status, h, a.Type, a.Message, o.Inbox.Account)
	}
	if parseErr != nil || a.MessageID == "" {
		return taken{}, badAnswer(status, parseErr)
	}
	return taken{id: sesMessageID(a.MessageID, region)}, nil
}

// sesError judges an answer by the exception it names.
func sesError(status int, h http.Header, kind, words, account string) *channel.SendError {
	if at := strings.LastIndexByte(kind, '#'); at >= 0 {
		kind = kind[at+1:]
	}
	kind, _, _ = strings.Cut(kind, ":")
	se := &channel.SendError{Class: channel.Permanent, Code: kind, Detail: words}
	if se.Code == "" {
		se.Code = fmt.Sprint(status)
	}
	switch kind {
	case "TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling":
		se.Class, se.Wait = channel.Throttled, channel.RetryAfter(h)
		if se.Wait == 0 && strings.Contains(strings.ToLower(words), "daily") {
			se.Wait = 15 * time.Minute // the quota counts the last 24 hours
		}
	case "InternalServiceErrorException", "InternalFailure", "ServiceUnavailable", "ServiceUnavailableException", "ConcurrentModificationException":
		se.Class, se.Wait = channel.Retry, channel.RetryAfter(h)
	case "MessageRejected", "BadRequestException":
		// An unverified sender fails every mail, an unverified recipient (in the
		// sandbox) this one.
		if strings.Contains(words, "not verified") && account != "" && strings.Contains(strings.ToLower(words), strings.ToLower(domainOf(account))) {
			se.Class = channel.Blocked
		}
	case "AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException", "NotFoundException":
		se.Class = channel.Blocked
	default:
		switch {
		case status == http.StatusTooManyRequests:
			se.Class, se.Wait = channel.Throttled, channel.RetryAfter(h)
		case status == http.StatusUnauthorized, status == http.StatusForbidden:
			se.Class = channel.Blocked // the credential
		case status == http.StatusServiceUnavailable, status == http.StatusRequestTimeout, status/100 == 3:
			se.Class, se.Wait = channel.Retry, channel.RetryAfter(h)
		case status >= 500:
			se.Class = channel.Unknown
		}
	}
	return se
}

// lookup: SES lists no sent mail.
func (ses) lookup(context.Context, channel.Outlet, outgoing) (string, bool, error) {
	return "", false, fmt.Errorf("SES: %w", channel.ErrNoLookup)
}

var sesHost = pattern.Late{Expr: `^email\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$`}

func (ses) emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	u, err := url.Parse(call.URL)
	if err == nil && call.Method == http.MethodGet && verify.SNSAddress(call.URL, false) == nil && u.Query().Get("Action") == "ConfirmSubscription" {
		return channel.CallAnswer{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/xml"}}, Body: []byte("<ConfirmSubscriptionResponse/>")}, true
	}
	if err != nil || call.Method != http.MethodPost || u.Scheme != "https" || !sesHost.MatchString(u.Host) || u.Path != "/v2/email/outbound-emails" {
		return channel.CallAnswer{}, false
	}
	wrong := func(status int, kind, words string) (channel.CallAnswer, bool) {
		return answerJSON(status, map[string]any{"message": words}, "X-Amzn-Errortype", kind), true
	}
	if !strings.HasPrefix(call.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=") {
		return wrong(http.StatusForbidden, "MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	var m sesOutbound
	if json.Unmarshal(call.Body, &m) != nil {
		return wrong(http.StatusBadRequest, "SerializationException", "")
	}
	if m.FromEmailAddress == "" || len(m.Destination.ToAddresses) != 1 || normal(m.Destination.ToAddresses[0]) == "" || m.Content.Simple.Body.Text.Data == "" {
		return wrong(http.StatusBadRequest, "BadRequestException", "From, To and a body are required.")
	}
	return answerJSON(http.StatusOK, map[string]any{"MessageId": fmt.Sprintf("0102%016d-00000000-0000-4000-8000-%012d-000000", call.At.Unix(), len(earlier)+1)}), true
}
