package email

import (
	"bytes"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/timeshift"
	"ines/shared/message"
	"ines/shared/verify"
)

// ses is the provider Amazon SES. Mail and events come through SNS over HTTPS. A
// secret is the ARN of a topic that may deliver here, or the PEM of the certificate
// that signs (then nothing is fetched). ARNs are needed: all customers of AWS share
// the certificate of a region.
type ses struct{}

// sesSecrets tells topics from pinned certificates. signer is nil unless a secret is
// a private key, which replays and tests have.
func sesSecrets(s channel.Secrets) (topics []string, pinned []*rsa.PublicKey, signer *rsa.PrivateKey, err error) {
	if len(s.Sign) == 0 {
		return nil, nil, nil, verify.ErrNoSecret
	}
	for i, v := range s.Sign {
		if strings.HasPrefix(v, "arn:") {
			topics = append(topics, v)
			continue
		}
		public, private, err := verify.RSAKey(v)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("%w: number %d of %d is neither the ARN of a topic nor a certificate: %w", verify.ErrNoSecret, i+1, len(s.Sign), err)
		}
		pinned = append(pinned, public)
		if signer == nil {
			signer = private
		}
	}
	return topics, pinned, signer, nil
}

func (ses) verify(s channel.Secrets, r channel.Request, _ time.Time) error {
	err := verifySNS(s, r.Body, snsCertificates)
	if err != nil && !errors.Is(err, channel.ErrNotNow) && !errors.Is(err, channel.ErrSignature) {
		err = fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return err
}

func verifySNS(s channel.Secrets, body []byte, fetched *certificates) error {
	topics, keys, _, err := sesSecrets(s)
	if err != nil {
		return err
	}
	m, err := verify.ReadSNS(body)
	if err != nil {
		return err
	}
	// Before anything is fetched for a stranger.
	if topic := verify.Text(m.TopicArn); len(topics) > 0 && !slices.Contains(topics, topic) {
		return fmt.Errorf("%w: the inbox's secret does not list the topic %.200q", verify.ErrMismatch, topic)
	}
	if len(keys) == 0 {
		key, err := fetched.key(m.SigningCertURL)
		if err != nil {
			return err
		}
		keys = []*rsa.PublicKey{key}
	}
	return verify.SNS(m, keys)
}

// confirmation is the call that subscribes this address to a topic.
func confirmation(s channel.Secrets, r channel.Request) (*http.Request, error) {
	m, err := verify.ReadSNS(r.Body)
	if err != nil || verify.Text(m.Type) != verify.SNSSubscription {
		return nil, nil // what it is, Read says
	}
	topics, _, _, err := sesSecrets(s)
	if err != nil {
		return nil, err
	}
	topic := verify.Text(m.TopicArn)
	if !slices.Contains(topics, topic) {
		return nil, fmt.Errorf("the subscription to %.200q is not confirmed: the inbox's secret does not list this topic. Add its ARN and subscribe anew, or open the SubscribeURL of the delivery", topic)
	}
	address := verify.Text(m.SubscribeURL)
	if err := verify.SNSAddress(address, false); err != nil {
		return nil, err
	}
	return http.NewRequest(http.MethodGet, address, nil)
}

func (ses) sign(s channel.Secrets, r channel.Request, _ time.Time) (channel.Request, error) {
	_, _, signer, err := sesSecrets(s)
	if err != nil {
		return channel.Request{}, err
	}
	if signer == nil {
		return channel.Request{}, errors.New("only SNS can sign with a certificate; to replay, the inbox's secret has to be a private key of your own (PEM)")
	}
	m, err := verify.ReadSNS(r.Body)
	if err != nil {
		return channel.Request{}, err
	}
	signature, err := verify.SignSNS(m, signer)
	if err != nil {
		return channel.Request{}, err
	}
	all, err := members(r.Body)
	if err != nil {
		return channel.Request{}, err
	}
	f, ok := all["Signature"]
	if !ok {
		return channel.Request{}, errors.New("the saved delivery has no Signature to replace")
	}
	r.Body = bytes.Join([][]byte{r.Body[:f.start], []byte(`"` + signature + `"`), r.Body[f.end:]}, nil)
	return r, nil
}

func (ses) freshen(r channel.Request, now time.Time) (channel.Request, error) {
	body, err := timeshift.JSON(r.Body, now, "Timestamp")
	if err != nil {
		return channel.Request{}, err
	}
	all, err := members(body)
	if err != nil {
		return channel.Request{}, err
	}
	f, ok := all["Message"]
	if r.Body = body; !ok || !strings.HasPrefix(strings.TrimSpace(f.value), "{") {
		return r, nil
	}
	inner, err := timeshift.JSON(shiftDates([]byte(f.value), now), now, "timestamp")
	if err != nil {
		return r, nil // what Message holds is not our business
	}
	if parts, err := members(inner); err == nil {
		if c, ok := parts["content"]; ok {
			if raw, err := base64.StdEncoding.DecodeString(c.value); err == nil && len(raw) > 0 {
				moved := base64.StdEncoding.EncodeToString(shiftDates(raw, now))
				inner = bytes.Join([][]byte{inner[:c.start], []byte(`"` + moved + `"`), inner[c.end:]}, nil)
			}
		}
	}
	quoted, err := json.Marshal(string(inner))
	if err != nil {
		return channel.Request{}, err
	}
	r.Body = bytes.Join([][]byte{body[:f.start], quoted, body[f.end:]}, nil)
	return r, nil
}

// sesNotice is what SES says in an SNS message.
type sesNotice struct {
	Kind  anyText `json:"notificationType"`
	Event anyText `json:"eventType"`
	Mail  struct {
		Timestamp   anyText            `json:"timestamp"`
		Source      *anyText           `json:"source"`
		SourceArn   anyText            `json:"sourceArn"`
		ID          anyText            `json:"messageId"`
		Destination anyList[anyText]   `json:"destination"`
		Headers     anyList[sesHeader] `json:"headers"`
		Common      struct {
			From, To, Cc       anyList[anyText]
			Subject, Date      anyText
			MessageID, ReplyTo anyText
		} `json:"commonHeaders"`
		Tags map[string]anyList[anyText] `json:"tags"`
	} `json:"mail"`
	Receipt struct {
		Recipients anyList[anyText] `json:"recipients"`
		Spam       sesVerdict       `json:"spamVerdict"`
		Virus      sesVerdict       `json:"virusVerdict"`
		SPF        sesVerdict       `json:"spfVerdict"`
		DKIM       sesVerdict       `json:"dkimVerdict"`
		DMARC      sesVerdict       `json:"dmarcVerdict"`
		Action     struct {
			Type, Encoding, BucketName, ObjectKey anyText
		} `json:"action"`
	} `json:"receipt"`
	Content   anyText       `json:"content"`
	Bounce    *sesBounce    `json:"bounce"`
	Complaint *sesComplaint `json:"complaint"`
	Delivery  *struct {
		Timestamp, SMTPResponse anyText
	} `json:"delivery"`
	Reject *struct {
		Reason anyText
	} `json:"reject"`
	Failure *struct {
		ErrorMessage anyText
	} `json:"failure"`
}

type (
	sesHeader  struct{ Name, Value anyText }
	sesVerdict struct{ Status anyText }
)

func (ses) read(in channel.Inbox, e message.Envelope) (incoming, bool, []message.Item) {
	none := func(it message.Item) (incoming, bool, []message.Item) { return incoming{}, false, []message.Item{it} }
	m, err := verify.ReadSNS(e.Body)
	if err != nil {
		return none(unrecognised("", "The body is not from SNS: %v", err))
	}
	key := verify.Text(m.MessageID)
	switch verify.Text(m.Type) {
	case verify.SNSNotification:
	case verify.SNSSubscription:
		return none(ignored(key, "subscription_confirmation"))
	case verify.SNSUnsubscribed:
		return none(unrecognised(key, "The topic %.200q does not deliver here any more: somebody ended the subscription.", verify.Text(m.TopicArn)))
	default:
		return none(unrecognised(key, "The type %.80q of a delivery from SNS is unknown.", verify.Text(m.Type)))
	}
	text := strings.TrimSpace(verify.Text(m.Message))
	if strings.HasPrefix(text, "Successfully validated SNS topic") {
		return none(ignored(key, "topic_validated"))
	}
	var n sesNotice
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		return none(unrecognised(key, "The notification is not one of SES: %v", err))
	}
	switch n.Kind {
	case "Received":
		return n.mail(in, e), true, nil
	case "AmazonSnsSubscriptionSucceeded":
		return none(ignored(key, "subscription_succeeded"))
	}
	return none(n.report(in, e, key, verify.Text(m.TopicArn), verify.Text(m.Timestamp)))
}

// mail is what a notification carries or brought to be fetched: the raw mail, else its
// header alone.
func (n sesNotice) mail(in channel.Inbox, e message.Envelope) incoming {
	var m incoming
	switch raw := n.raw(); {
	case len(raw) > 0:
		m = parseMail(raw)
	case len(e.Content) > 0:
		m = parseMail(e.Content)
		if date := n.Mail.Common.Date; date != "" {
			m.date = string(date) // the same, and saved deliveries have it moved
		}
	default:
		m = n.headOnly(e.ContentLost)
	}
	c := n.Mail.Common
	if m.from.address == "" && len(c.From) > 0 {
		if from := mailboxes(string(c.From[0])); len(from) > 0 {
			m.from = from[0]
		}
	}
	if m.date == "" {
		m.date = string(n.Mail.Timestamp)
	}
	m.serial = string(n.Mail.ID)
	if src := n.Mail.Source; src != nil {
		if m.sender = string(*src); strings.Trim(m.sender, "<> ") == "" {
			m.sender = "<>"
		}
	}
	for _, to := range n.Receipt.Recipients {
		if m.recipient == "" || ours(in, string(to)) && !ours(in, m.recipient) {
			m.recipient = string(to)
		}
	}
	m.verdicts = map[string]string{}
	for k, v := range map[string]anyText{"spam": n.Receipt.Spam.Status, "virus": n.Receipt.Virus.Status, "spf": n.Receipt.SPF.Status,
		"dkim": n.Receipt.DKIM.Status, "dmarc": n.Receipt.DMARC.Status} {
		if v != "" {
			m.verdicts[k] = strings.ToLower(string(v))
		}
	}
	return m
}
