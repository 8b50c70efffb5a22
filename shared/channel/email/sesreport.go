package email

import (
	"strings"

	"ines/shared/channel"
	"ines/shared/message"
)

type sesBounce struct {
	Type       anyText `json:"bounceType"`
	SubType    anyText `json:"bounceSubType"`
	Timestamp  anyText `json:"timestamp"`
	Recipients anyList[struct {
		Address    anyText `json:"emailAddress"`
		Action     anyText `json:"action"`
		Status     anyText `json:"status"`
		Diagnostic anyText `json:"diagnosticCode"`
	}] `json:"bouncedRecipients"`
}

type sesComplaint struct {
	Timestamp  anyText `json:"timestamp"`
	FeedbackID anyText `json:"feedbackId"`
	Recipients anyList[struct {
		Address anyText `json:"emailAddress"`
	}] `json:"complainedRecipients"`
}

// report reads what SES says about a mail that we sent: by feedback notifications
// of the identity (notificationType) or events of a configuration set (eventType).
func (n sesNotice) report(in channel.Inbox, e message.Envelope, key, topic, published string) message.Item {
	r := &message.Report{Channel: name, Inbox: in.ID, ID: n.sentAs(topic), ReplyID: n.reply()}
	when := published
	kind := n.Kind
	if kind == "" {
		kind = n.Event
	}
	switch kind {
	case "Delivery":
		r.State = message.ReportDelivered
		if n.Delivery != nil {
			when, r.Detail = string(n.Delivery.Timestamp), oneLine(string(n.Delivery.SMTPResponse))
		}
	case "Bounce":
		if n.Bounce == nil {
			return unrecognised(key, "A bounce does not say what happened.")
		}
		when = string(n.Bounce.Timestamp)
		r.State, r.Code = message.ReportFailed, string(n.Bounce.Type+"/"+n.Bounce.SubType)
		for _, b := range n.Bounce.Recipients {
			if strings.EqualFold(string(b.Action), "delayed") {
				return ignored(key, "delivery_delayed")
			}
			if b.Status != "" {
				r.Code = string(b.Status)
			}
			r.Detail = strings.TrimRight(oneLine(string(n.Bounce.Type+" "+n.Bounce.SubType+": "+b.Diagnostic)), ": ")
			break
		}
	case "Reject":
		r.State, r.Code = message.ReportFailed, "Reject"
		if n.Reject != nil {
			r.Detail = oneLine(string(n.Reject.Reason))
		}
	case "Rendering Failure":
		r.State, r.Code = message.ReportFailed, "RenderingFailure"
		if n.Failure != nil {
			r.Detail = oneLine(string(n.Failure.ErrorMessage))
		}
	case "Complaint":
		if n.Complaint == nil || len(n.Complaint.Recipients) == 0 {
			return unrecognised(key, "A complaint does not say whose it is.")
		}
		at := string(n.Complaint.Timestamp)
		if at == "" {
			at = published
		}
		if item, ok := complaint(in, key, string(n.Complaint.Recipients[0].Address), sentAt(at, e)); ok {
			return item
		}
		return unrecognised(key, "A complaint does not say whose it is.")
	case "DeliveryDelay":
		return ignored(key, "delivery_delayed")
	case "Send", "Open", "Click", "Subscription":
		return ignored(key, strings.ToLower(string(kind)))
	default:
		return unrecognised(key, "The notification type %.80q is unknown.", kind)
	}
	if n.Mail.ID == "" && r.ReplyID == "" {
		return unrecognised(key, "A %s does not say which mail it is about.", kind)
	}
	if when == "" {
		when = published
	}
	r.At = sentAt(when, e)
	return message.Item{Kind: message.KindReport, Key: key, Report: r}
}

// reply is our reply's id, which a mail carries as a tag and as a header.
func (n sesNotice) reply() string {
	if tag := n.Mail.Tags[replyMetadata]; len(tag) > 0 {
		return string(tag[0])
	}
	for _, h := range n.Mail.Headers {
		if strings.EqualFold(string(h.Name), replyHeader) {
			return string(h.Value)
		}
	}
	return ""
}

// sentAs is the Message-ID that SES gave to the mail. The region is that of the
// identity that sent it, else of the topic: SES publishes in its own region only.
func (n sesNotice) sentAs(topic string) string {
	region := regionOf(string(n.Mail.SourceArn))
	if region == "" {
		region = regionOf(topic)
	}
	return sesMessageID(string(n.Mail.ID), region)
}

// regionOf is the region in an ARN, or "".
func regionOf(arn string) string {
	if p := strings.Split(arn, ":"); len(p) >= 6 && p[0] == "arn" && awsRegion.MatchString(p[3]) {
		return p[3]
	}
	return ""
}

// sesMessageID is the Message-ID, without brackets, of what SES calls by id.
func sesMessageID(id, region string) string {
	if id == "" {
		return ""
	}
	if region == "" || region == "us-east-1" {
		return id + "@email.amazonses.com"
	}
	return id + "@" + region + ".amazonses.com"
}
