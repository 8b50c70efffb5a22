package email

import (
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
	"ines/shared/pattern"
)

// The machine-readable parts of multipart/report (RFC 3464, 8098, 5965).
const (
	deliveryStatus = "message/delivery-status"
	disposition    = "message/disposition-notification"
	feedback       = "message/feedback-report"
)

var (
	reportField = pattern.Late{Expr: `(?im)^(action|status|diagnostic-code|final-recipient|disposition|original-message-id|original-rcpt-to|message-id|to|x-ines-reply)[ \t]*:[ \t]*(.*(?:\r?\n[ \t]+.*)*)`}
	quotedID    = pattern.Late{Expr: `(?im)^[ \t>]*message-id[ \t]*:\s*(<[^<>\s]+>)`}
)

// report reads a mail server's report about a mail of ours. False: it is none, or
// it does not say about which mail; then it is filed as an automatic message,
// where somebody sees it.
func (m incoming) report(in channel.Inbox, key string, at time.Time) (message.Item, bool) {
	fields, kind := map[string]string{}, ""
	var original map[string]string // the header of the mail that the report returns
	for _, p := range m.parts {
		mimeType, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(p.mime)), ";")
		switch mimeType {
		case deliveryStatus, disposition, feedback:
			if kind == "" {
				kind = mimeType
			}
			for k, v := range reportFields(p.bytes()) {
				fields[k] = v
			}
		case "message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global":
			if original == nil {
				raw, _ := splitHeader(p.bytes())
				h := raw.header()
				original = map[string]string{}
				for _, name := range []string{"message-id", "to", "x-ines-reply"} {
					original[name] = h.get(name)
				}
			}
		}
	}
	if kind == "" {
		return message.Item{}, false
	}
	id := m.reported(in, fields["original-message-id"], original["message-id"])
	if kind == feedback {
		who := fields["original-rcpt-to"]
		if normal(who) == "" {
			if to := mailboxes(original["to"]); len(to) == 1 {
				who = to[0].address
			}
		}
		if item, ok := complaint(in, key, who, at); ok {
			return item, true
		}
	}
	if id == "" {
		return message.Item{}, false
	}
	r := &message.Report{
		Channel: name, Inbox: in.ID, ID: id, ReplyID: replyOf(in, id), At: at,
		Code: fields["status"], Detail: fields["diagnostic-code"],
	}
	if r.ReplyID == "" {
		r.ReplyID = original["x-ines-reply"]
	}
	if r.Detail == "" && kind == deliveryStatus {
		_, r.Detail, _ = strings.Cut(fields["final-recipient"], ";")
		r.Detail = strings.TrimSpace(r.Detail)
	}
	action := strings.ToLower(fields["action"])
	switch {
	case kind == feedback: // it doesn't say whose complaint it is
		r.State, r.Code, r.Detail = message.ReportFailed, "complaint", "The recipient marked the mail as spam."
	case kind == disposition && strings.Contains(strings.ToLower(fields["disposition"]), "displayed"):
		r.State = message.ReportRead
	case kind == disposition:
		return ignored(key, "read_notice"), true
	case action == "failed" || action == "" && strings.HasPrefix(r.Code, "5"):
		r.State = message.ReportFailed
	case action == "delivered" || action == "relayed" || action == "expanded":
		r.State = message.ReportDelivered
	case action == "delayed" || action == "" && strings.HasPrefix(r.Code, "4"):
		return ignored(key, "delivery_delayed"), true
	default:
		return message.Item{}, false
	}
	return message.Item{Kind: message.KindReport, Key: key, Report: r}, true
}

// reported is the id of the mail that a report is about: named by the report,
// found in the returned headers or in the text, or the one of ours it answers.
func (m incoming) reported(in channel.Inbox, named, returned string) string {
	for _, v := range []string{named, returned} {
		if ids := msgIDs(v); len(ids) > 0 {
			return ids[0]
		}
	}
	if f := quotedID.FindStringSubmatch(m.text); f != nil {
		return msgIDs(f[1])[0]
	}
	for _, id := range newestFirst("", msgIDs(m.header.get("In-Reply-To")), msgIDs(m.header.get("References"))) {
		if replyOf(in, id) != "" {
			return id
		}
	}
	return ""
}

// reportFields reads the first field of each name, folded lines joined.
func reportFields(content []byte) map[string]string {
	fields := map[string]string{}
	for _, f := range reportField.Regexp().FindAllSubmatch(content, 200) {
		k := strings.ToLower(string(f[1]))
		if _, had := fields[k]; !had {
			fields[k] = oneLine(strings.ToValidUTF8(string(f[2]), "\ufffd"))
		}
	}
	return fields
}

// complaint is the word of somebody who marked our mail as spam: no more mail to
// him. False: the address is not one.
func complaint(in channel.Inbox, key, address string, at time.Time) (message.Item, bool) {
	return consent(in, key, address, true, "marked our mail as spam", at)
}

// consent is somebody's word on whether we may write to him.
func consent(in channel.Inbox, key, address string, refused bool, why string, at time.Time) (message.Item, bool) {
	who := normal(address)
	if who == "" || ours(in, who) {
		return message.Item{}, false
	}
	if key == "" {
		key = message.DeriveID(name, in.ID, who, why, at.Format(time.RFC3339Nano))
	}
	return message.Item{Kind: message.KindConsent, Key: key, Consent: &message.Consent{
		Channel: name, Inbox: in.ID, ID: key, Author: message.Author{Handle: message.Handle{Channel: name, ID: who}},
		Refused: refused, At: at, Why: why,
	}}, true
}

var (
	daemon = pattern.Late{Expr: `^(mailer-daemon|postmaster)([-+._].*)?$`}
	// failures are permanent errors as mail servers write them, the better word first.
	failures  = []*pattern.Late{{Expr: `(?m)(?:^|[\s:(<#])(5\.[0-7]\.\d{1,3})(?:[\s\-:)>;,.]|$)`}, {Expr: `(?m)(?:^|[\s:(<#])(55[0-4])(?:[\s\-:)>;,.]|$)`}}
	returned  = pattern.Late{Expr: `(?im)^[ \t>]*x-ines-reply[ \t]*:[ \t]*([A-Za-z0-9._-]+)[ \t]*$`}
	hasFailed = pattern.Late{Expr: `(?i)undeliver|delivery (status|failure|has failed)|mail delivery (failed|failure)|failure notice|returned mail|unzustellbar|non remis|no se (ha )?pudo entregar|mancato recapito`}
)

// bounceInWords reads the returned mail of servers that don't keep RFC 3464: a
// daemon's mail that says it failed and quotes the head of a reply of ours.
func (m incoming) bounceInWords(in channel.Inbox, key, from string, at time.Time) (message.Item, bool) {
	local, _ := cutAddress(from)
	m.text = tidy(m.text)
	var code []string
	for _, f := range failures {
		if code == nil {
			code = f.FindStringSubmatch(m.text)
		}
	}
	if !daemon.MatchString(local) || code == nil || !hasFailed.MatchString(m.header.get("Subject")+" "+m.subject) {
		return message.Item{}, false
	}
	r := &message.Report{Channel: name, Inbox: in.ID, State: message.ReportFailed, At: at, Code: code[1]}
	if f := returned.FindStringSubmatch(m.text); f != nil {
		r.ReplyID = f[1]
	}
	if f := quotedID.FindStringSubmatch(m.text); f != nil {
		r.ID = msgIDs(f[1])[0]
	}
	if r.ReplyID == "" {
		r.ReplyID = replyOf(in, r.ID)
	}
	if r.ReplyID == "" {
		return message.Item{}, false
	}
	if r.ID == "" {
		r.ID = ownID(in, r.ReplyID)
	}
	for line := range strings.SplitSeq(m.text, "\n") {
		if strings.Contains(line, code[1]) {
			r.Detail = oneLine(line)
			break
		}
	}
	return message.Item{Kind: message.KindReport, Key: key, Report: r}, true
}
