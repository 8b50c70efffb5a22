package email

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"

	"ines/shared/channel"
	"ines/shared/message"
	"ines/shared/verify"
)

// A notification of SES has a mail's content up to 150 KB. Of a larger one the receipt
// rule's action S3 lays it into a bucket, and the notification says where.

// Deposited implements channel.Depositor.
func (Channel) Deposited(in channel.Inbox, e message.Envelope) (channel.Deposit, bool) {
	// Reading a notification twice is not for those that bring everything.
	if in.Provider != "ses" || !bytes.Contains(e.Body, []byte("bucketName")) {
		return channel.Deposit{}, false
	}
	m, err := verify.ReadSNS(e.Body)
	if err != nil || verify.Text(m.Type) != verify.SNSNotification {
		return channel.Deposit{}, false
	}
	var n sesNotice
	if json.Unmarshal([]byte(verify.Text(m.Message)), &n) != nil || n.Kind != "Received" || len(n.raw()) > 0 {
		return channel.Deposit{}, false
	}
	return n.deposit()
}

// deposit is where SES laid the mail.
func (n sesNotice) deposit() (channel.Deposit, bool) {
	a := n.Receipt.Action
	return channel.Deposit{Bucket: string(a.BucketName), Key: string(a.ObjectKey)}, a.BucketName != "" && a.ObjectKey != ""
}

// raw is the mail that the notification itself carries, or nothing.
func (n sesNotice) raw() []byte {
	raw := []byte(n.Content)
	switch encoding := string(n.Receipt.Action.Encoding); {
	case strings.EqualFold(encoding, "BASE64"), encoding == "" && !strings.Contains(string(n.Content), "\n"):
		if b := looseBase64(raw); bytes.Contains(b, []byte("\n")) {
			raw = b
		}
	}
	return raw
}

// headOnly is a mail whose body could not be had, for the reason that is given. The
// case says so, in words that a colleague can pass on.
func (n sesNotice) headOnly(why string) incoming {
	var h rawHeader
	for _, x := range n.Mail.Headers {
		h = append(h, header{name: string(x.Name), value: string(x.Value)})
	}
	c := n.Mail.Common
	for name, value := range map[string]anyText{"Subject": c.Subject, "Date": c.Date, "Message-ID": c.MessageID} {
		if h.get(name) == "" && value != "" {
			h = append(h, header{name: name, value: string(value)})
		}
	}
	for name, list := range map[string]anyList[anyText]{"From": c.From, "To": c.To, "Cc": c.Cc} {
		if h.get(name) == "" && len(list) > 0 {
			var all []string
			for _, a := range list {
				all = append(all, string(a))
			}
			h = append(h, header{name: name, value: strings.Join(all, ", ")})
		}
	}
	m := incoming{header: h.header(), subject: h.get("Subject"), date: h.get("Date")}
	if from := mailboxes(m.header.get("From")); len(from) > 0 {
		m.from = from[0]
	}
	m.to = append(mailboxes(m.header.get("To")), mailboxes(m.header.get("Cc"))...)
	d, ok := n.deposit()
	if !ok {
		m.text = "[SES sent this mail's header only. Set the rule's action to SNS, or to S3.]"
		return m
	}
	why = cmp.Or(oneLine(why), "it was not fetched")
	at := "s3://" + d.Bucket + "/" + d.Key
	m.text = "[Only the head of this mail came: " + why + ". The whole mail is " + oneLine(at) + ".]"
	m.parts = []part{{name: "mail.eml", mime: "message/rfc822", ref: at, lost: why}}
	return m
}
