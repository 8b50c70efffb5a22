package whatsapp

import (
	"encoding/json"
	"fmt"

	"ines/shared/channel"
	"ines/shared/message"
)

// Subscription fields that say something about our account or about features we
// don't use. The outcome is ignored:<field>.
var otherFields = map[text]bool{
	"account_alerts": true, "account_review_update": true, "account_settings_update": true, "account_update": true,
	"automatic_events": true, "business_capability_update": true, "business_status_update": true,
	"business_username_update": true, "calls": true, "flows": true, "group_lifecycle_update": true,
	"group_participants_update": true, "group_settings_update": true, "group_status_update": true, "history": true,
	"message_template_components_update": true, "message_template_quality_update": true,
	"message_template_status_update": true, "partner_solutions": true, "payment_configuration_update": true,
	"phone_number_name_update": true, "phone_number_quality_update": true, "security": true,
	"smb_app_state_sync": true, "template_category_update": true, "template_correct_category_detection": true,
	"tracking_events": true, "user_id_update": true, "user_preferences": true,
}

// Read implements channel.Channel. Every message and every status is an item of
// its own, messages first; those of the account's other numbers are
// ignored:other_account.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	var d delivery
	if err := json.Unmarshal(e.Body, &d); err != nil {
		return []message.Item{unrecognised("", "The body is not a delivery: %v", err)}
	}
	if d.Object != "whatsapp_business_account" {
		return []message.Item{unrecognised("", "The delivery is of object %.80q, not whatsapp_business_account.", d.Object)}
	}
	if d.Entry == nil {
		return []message.Item{unrecognised("", "The delivery has no entries.")}
	}
	r := reader{in: in, e: e}
	for _, raw := range *d.Entry {
		r.entry(raw)
	}
	return r.items
}

type reader struct {
	in    channel.Inbox
	e     message.Envelope
	items []message.Item
}

func (r *reader) add(i message.Item) { r.items = append(r.items, i) }

func (r *reader) entry(raw json.RawMessage) {
	var en entry
	if err := json.Unmarshal(raw, &en); err != nil {
		r.add(unrecognised("", "An entry can't be read: %v", err))
		return
	}
	if en.Changes == nil {
		r.add(unrecognised(string(en.ID), "An entry has no changes."))
		return
	}
	for _, raw := range *en.Changes {
		var c change
		if err := json.Unmarshal(raw, &c); err != nil {
			r.add(unrecognised(string(en.ID), "A change can't be read: %v", err))
			continue
		}
		r.change(string(en.ID), c)
	}
}

func (r *reader) change(entryID string, c change) {
	switch {
	case c.Field == "messages" || c.Field == "smb_message_echoes":
	case otherFields[c.Field]:
		r.add(ignored(entryID, string(c.Field)))
		return
	default:
		r.add(unrecognised(entryID, "The field %.80q is unknown.", c.Field))
		return
	}
	var v value
	if err := json.Unmarshal(c.Value, &v); err != nil {
		r.add(unrecognised(entryID, "The value of field %s can't be read: %v", c.Field, err))
		return
	}
	contacts := addressBook(v.Contacts)
	if v.Messages == nil && v.Statuses == nil && v.Errors == nil && v.Echoes == nil {
		r.add(unrecognised(entryID, "The value of field %s holds neither messages nor statuses.", c.Field))
		return
	}
	number := string(v.Metadata.PhoneNumberID)
	each(v.Messages, func(raw json.RawMessage) { r.add(r.message(number, v, contacts, raw)) })
	each(v.Echoes, func(raw json.RawMessage) { r.add(r.echo(number, raw)) })
	each(v.Statuses, func(raw json.RawMessage) { r.add(r.status(number, raw)) })
	each(v.Errors, func(raw json.RawMessage) { r.add(accountError(raw)) })
}

func each(list *[]json.RawMessage, do func(json.RawMessage)) {
	if list == nil {
		return
	}
	for _, raw := range *list {
		do(raw)
	}
}

// foreign says what becomes of an item that is not clearly our number's.
func (r *reader) foreign(number, key string) (message.Item, bool) {
	switch number {
	case "":
		return unrecognised(key, "The metadata does not say which of our numbers this belongs to."), true
	case r.in.Account:
		return message.Item{}, false
	}
	return ignored(key, "other_account"), true
}

func (r *reader) echo(number string, raw json.RawMessage) message.Item {
	var m struct {
		ID text `json:"id"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return unrecognised("", "An echo can't be read: %v", err)
	}
	if item, yes := r.foreign(number, string(m.ID)); yes {
		return item
	}
	return message.Item{Kind: message.KindEcho, Key: string(m.ID)}
}

var reportStates = map[text]message.ReportState{
	"sent":      message.ReportSent,
	"delivered": message.ReportDelivered,
	"read":      message.ReportRead,
	"played":    message.ReportRead, // a voice message was listened to
	"failed":    message.ReportFailed,
}

func (r *reader) status(number string, raw json.RawMessage) message.Item {
	var s status
	if err := json.Unmarshal(raw, &s); err != nil {
		return unrecognised("", "A status can't be read: %v", err)
	}
	key := string(s.ID) + "/" + string(s.Status)
	if item, yes := r.foreign(number, key); yes {
		return item
	}
	state, ok := reportStates[s.Status]
	switch {
	case s.Status == "deleted" || s.Status == "warning" || s.Status == "pending":
		return ignored(key, "status_"+string(s.Status))
	case !ok:
		return unrecognised(key, "The status %.80q is unknown.", s.Status)
	case s.ID == "":
		return unrecognised("", "A status does not say which message it is about.")
	}
	report := &message.Report{
		Channel: name,
		Inbox:   r.in.ID,
		ID:      string(s.ID),
		ReplyID: string(s.Callback),
		State:   state,
		At:      at(s.Timestamp, r.e),
	}
	if len(s.Errors) > 0 {
		report.Code = string(s.Errors[0].Code)
		report.Detail = s.Errors[0].words()
	}
	return message.Item{Kind: message.KindReport, Key: key, Report: report}
}

// accountError is an error that concerns no single message (throughput, say).
func accountError(raw json.RawMessage) message.Item {
	var f failure
	if err := json.Unmarshal(raw, &f); err != nil {
		return unrecognised("", "An error can't be read: %v", err)
	}
	return ignored(string(f.Code), "account_error")
}

func ignored(key, reason string) message.Item {
	return message.Item{Kind: message.KindIgnored, Key: key, Reason: reason}
}

func unrecognised(key, format string, args ...any) message.Item {
	return message.Item{Kind: message.KindUnrecognised, Key: key, Reason: fmt.Sprintf(format, args...)}
}
