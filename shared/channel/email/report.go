package email

import (
	"regexp"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

// The machine-readable parts of multipart/report (RFC 3464, 8098, 5965).
const (
	deliveryStatus = "message/delivery-status"
	disposition    = "message/disposition-notification"
	feedback       = "message/feedback-report"
)

var (
	reportField = regexp.MustCompile(`(?im)^(action|status|diagnostic-code|disposition|original-message-id|message-id)[ \t]*:[ \t]*(.*(?:\r?\n[ \t]+.*)*)`)
	quotedID    = regexp.MustCompile(`(?im)^[ \t>]*message-id[ \t]*:\s*(<[^<>\s]+>)`)
)

// report reads a mail server's report about a mail of ours. False: it is none, or
// it does not say about which mail; then it is filed as an automatic message,
// where somebody sees it.
func (m incoming) report(in channel.Inbox, key string, at time.Time) (message.Item, bool) {
	fields, kind := map[string]string{}, ""
	original := ""
	for _, p := range m.parts {
		mimeType, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(p.mime)), ";")
		switch mimeType {
		case deliveryStatus, disposition, feedback:
			if kind == "" {
				kind = mimeType
			}
			for k, v := range reportFields(p.content()) {
				fields[k] = v
			}
		case "message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global":
			if original == "" {
				original = reportFields(p.content())["message-id"]
			}
		}
	}
	if kind == "" {
		return message.Item{}, false
	}
	id := m.reported(in, fields["original-message-id"], original)
	if id == "" {
		return message.Item{}, false
	}
	r := &message.Report{
		Channel: name, Inbox: in.ID, ID: id, ReplyID: replyOf(in, id), At: at,
		Code: fields["status"], Detail: fields["diagnostic-code"],
	}
	action := strings.ToLower(fields["action"])
	switch {
	case kind == feedback:
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
	for _, f := range reportField.FindAllSubmatch(content, 200) {
		k := strings.ToLower(string(f[1]))
		if _, had := fields[k]; !had {
			fields[k] = oneLine(strings.ToValidUTF8(string(f[2]), "\ufffd"))
		}
	}
	return fields
}
