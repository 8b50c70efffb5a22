package sms

import (
	"strconv"
	"strings"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/twilio"
	"ines/shared/message"
)

// Words that Twilio itself takes for an opt-out or its end when they are the whole
// message. "YES" opts in as well, and is far more often an answer to a question: it
// counts only where Twilio says so.
var (
	stopWords  = map[string]bool{"STOP": true, "STOPALL": true, "UNSUBSCRIBE": true, "CANCEL": true, "END": true, "QUIT": true, "REVOKE": true, "OPTOUT": true}
	startWords = map[string]bool{"START": true, "UNSTOP": true}
)

// Read implements channel.Channel: a request is one item, a message or what became
// of one of ours.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	f, err := twilio.Read(e)
	if err != nil {
		return []message.Item{lenient.Unrecognised("", "%v", err)}
	}
	sid := f.First("MessageSid", "SmsSid", "SmsMessageSid")
	if sid == "" {
		return []message.Item{lenient.Unrecognised("", "The form names no message.")}
	}
	// Older deliveries say only SmsStatus.
	if status := f.First("MessageStatus", "SmsStatus"); status != "" && status != "received" && status != "receiving" {
		return ours(in, f.Get("From"), report(in, e, f, sid, status))
	}
	if f.Get("From") == in.Account { // our own words
		return []message.Item{inbound(in, e, f, sid)}
	}
	return ours(in, f.Get("To"), inbound(in, e, f, sid))
}

// ours is the item, unless it is about another number than the inbox's.
func ours(in channel.Inbox, address string, it message.Item) []message.Item {
	if twilio.Elsewhere(in.Account, address) {
		return lenient.Elsewhere([]message.Item{it})
	}
	return []message.Item{it}
}

var reportStates = map[string]message.ReportState{
	"sent": message.ReportSent, "delivered": message.ReportDelivered, "partially_delivered": message.ReportDelivered, "read": message.ReportRead,
	"undelivered": message.ReportFailed, "failed": message.ReportFailed, "canceled": message.ReportFailed,
}

// Steps on the way that tell nobody anything. The outcome is ignored:status_<step>.
var steps = map[string]bool{"accepted": true, "scheduled": true, "queued": true, "sending": true}

func report(in channel.Inbox, e message.Envelope, f twilio.Form, sid, status string) message.Item {
	key := sid + "/" + status
	if steps[status] {
		return lenient.Ignored(key, "status_"+status)
	}
	state, ok := reportStates[status]
	if !ok {
		return lenient.Unrecognised(key, "The status %.40q is unknown.", status)
	}
	r := &message.Report{Channel: name, Inbox: in.ID, ID: sid, State: state, At: f.Time(e)}
	if state == message.ReportFailed {
		r.Code, r.Detail = f.Get("ErrorCode"), f.First("ErrorMessage", "ChannelStatusMessage")
		if r.Detail == "" {
			r.Detail = meanings[r.Code]
		}
		if r.Detail == "" && status == "canceled" {
			r.Detail = "cancelled before it was sent"
		}
	}
	return message.Item{Kind: message.KindReport, Key: key, Report: r}
}

func inbound(in channel.Inbox, e message.Envelope, f twilio.Form, sid string) message.Item {
	from, to := f.Get("From"), f.Get("To")
	switch {
	case from == "":
		return lenient.Unrecognised(sid, "A message does not say who wrote it.")
	case from == in.Account:
		return message.Item{Kind: message.KindEcho, Key: sid}
	}
	author := message.Author{Handle: message.Handle{Channel: name, ID: from}, Name: f.Get("ProfileName"), Username: strings.TrimPrefix(f.Get("ProfileUsername"), "@")}
	thread := threadKey(sender(in, to), from)
	at := f.Time(e)
	if refused, why, is := consent(f); is {
		return message.Item{Kind: message.KindConsent, Key: sid, Consent: &message.Consent{
			Channel: name, Inbox: in.ID, Thread: thread, ID: sid, Author: author, Refused: refused, At: at, Why: why}}
	}
	m := &message.Message{Channel: name, Inbox: in.ID, ID: sid, Thread: thread, Parent: f.Get("OriginalRepliedMessageSid"), Author: author,
		Also: also(f, from), Visibility: message.Private, SentAt: at, Text: f.First("Body", "ButtonText", "ListTitle"), Attachments: attachments(f)}
	if payload := f.First("ButtonPayload", "ListId"); payload != "" {
		m.Extra = map[string]string{"payload": payload}
	}
	if strings.TrimSpace(m.Text) == "" && len(m.Attachments) == 0 {
		return lenient.Unrecognised(sid, "A message of type %.40q holds neither words nor a file.", f.Get("MessageType"))
	}
	return message.Item{Kind: message.KindMessage, Key: sid, Message: m}
}

// consent reads an opt-out or its end: Twilio's own word for it, else the standard
// English ones as the whole message. HELP is a person asking for help.
func consent(f twilio.Form) (refused bool, why string, is bool) {
	body := strings.TrimSpace(f.Get("Body"))
	why = message.Clip(body, 200)
	switch kind := strings.ToUpper(f.Get("OptOutType")); kind {
	case "STOP", "START":
		if why == "" {
			why = kind
		}
		return kind == "STOP", why, true
	case "HELP":
		return false, "", false
	}
	word := strings.ToUpper(body)
	return stopWords[word], why, stopWords[word] || startWords[word]
}

// also is what else Twilio says the author's addresses are: the number behind a
// WhatsApp address, and the business-scoped id beside it.
func also(f twilio.Form, from string) []message.Handle {
	var out []message.Handle
	if number, ok := strings.CutPrefix(from, whatsApp); ok && e164.MatchString(number) {
		out = append(out, message.Handle{Channel: name, ID: number})
	}
	if id := f.Get("ExternalUserId"); id != "" {
		if strings.HasPrefix(from, whatsApp) {
			id = whatsApp + strings.TrimPrefix(id, whatsApp)
		}
		if id != from {
			out = append(out, message.Handle{Channel: name, ID: id})
		}
	}
	return out
}

// maxMedia is more than Twilio sends with one message.
const maxMedia = 20

func attachments(f twilio.Form) []message.Attachment {
	var out []message.Attachment
	for n := range min(max(f.Text("NumMedia").Int(), 0), maxMedia) {
		i := strconv.FormatInt(n, 10)
		address, mime := f.Get("MediaUrl"+i), f.Get("MediaContentType"+i)
		if address == "" {
			continue
		}
		out = append(out, message.Attachment{Type: kindOf(mime), MIME: mime, Name: f.Get("MediaFileName" + i), URL: address})
	}
	if geo := lenient.Geo(f.Text("Latitude"), f.Text("Longitude")); geo != "" {
		out = append(out, message.Attachment{Type: "location", Name: f.Get("Label"), Alt: f.Get("Address"), URL: geo})
	}
	return out
}

func kindOf(mime string) string {
	switch kind, rest, _ := strings.Cut(mime, "/"); {
	case kind == "image", kind == "video", kind == "audio":
		return kind
	case kind == "text" && (rest == "vcard" || rest == "x-vcard"):
		return "contact"
	}
	return "file"
}
