package email

import (
	"encoding/json"
	"strings"

	"ines/shared/channel"
	"ines/shared/message"
)

// What Postmark says about mail we sent, when its outbound webhooks point at the
// inbox's URL too.
type postmarkEvent struct {
	RecordType, MessageID, Type, Description, Details anyText
	Email, Recipient, Origin                          anyText
	SuppressSending                                   any
	BouncedAt, DeliveredAt, ReceivedAt, ChangedAt     anyText
	Metadata                                          map[string]anyText
}

// postmarkNotFailed are bounce types that do not mean that the mail is lost.
var postmarkNotFailed = map[anyText]string{
	"Transient":             "delivery_delayed",
	"AutoResponder":         "auto_responder",
	"AddressChange":         "address_change",
	"Subscribe":             "subscribe",
	"Unsubscribe":           "unsubscribe",
	"ChallengeVerification": "challenge",
	"OpenRelayTest":         "relay_test",
}

func postmarkRecord(in channel.Inbox, e message.Envelope) message.Item {
	var p postmarkEvent
	if err := json.Unmarshal(e.Body, &p); err != nil {
		return unrecognised("", "The record can't be read: %v", err)
	}
	key := string(p.MessageID)
	// Postmark's own id stands in for mail that another program sent.
	r := &message.Report{Channel: name, Inbox: in.ID, ID: key}
	if replyID := string(p.Metadata[replyMetadata]); replyID != "" {
		r.ReplyID, r.ID = replyID, ownID(in, replyID)
	}
	when := p.DeliveredAt
	switch p.RecordType {
	case "Bounce":
		if reason := postmarkNotFailed[p.Type]; reason != "" {
			return ignored(key, reason)
		}
		when = p.BouncedAt
		r.State, r.Code = message.ReportFailed, string(p.Type)
		r.Detail = strings.TrimSpace(oneLine(string(p.Description) + " " + string(p.Details)))
	case "SpamComplaint":
		when = p.BouncedAt
		if item, ok := complaint(in, key, string(p.Email), sentAt(string(when), e)); ok {
			return item
		}
		r.State, r.Code, r.Detail = message.ReportFailed, "SpamComplaint", "The recipient marked the mail as spam."
	case "Delivery":
		r.State, r.Detail = message.ReportDelivered, oneLine(string(p.Details))
	case "Open", "Click": // fetched by mail servers as often as by people
		return ignored(key, strings.ToLower(string(p.RecordType)))
	case "SubscriptionChange":
		// Postmark's own suppressions (a bounce, our hand) are nobody's word.
		stop, is := p.SuppressSending.(bool)
		if is && p.Origin == "Recipient" {
			if item, ok := consent(in, key, string(p.Recipient), stop, "unsubscribed at Postmark", sentAt(string(p.ChangedAt), e)); ok {
				return item
			}
		}
		return ignored(key, "subscription_change")
	default:
		return unrecognised(key, "The record type %.80q is unknown.", p.RecordType)
	}
	if r.ID == "" {
		return unrecognised("", "A %s record does not say which mail it is about.", p.RecordType)
	}
	r.At = sentAt(string(when), e)
	return message.Item{Kind: message.KindReport, Key: key, Report: r}
}
