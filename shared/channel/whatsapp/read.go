package whatsapp

import (
	"encoding/json"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/meta"
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
	return meta.Walk(in, e, "whatsapp_business_account", func(m *meta.Reader, en meta.Entry) {
		if en.Changes == nil {
			m.Unrecognised(string(en.ID), "An entry has no changes.")
			return
		}
		m.Changes(en, func(c meta.Change) { reader{m}.change(string(en.ID), c) })
	})
}

type reader struct{ *meta.Reader }

func (r reader) change(entryID string, c meta.Change) {
	switch {
	case c.Field == "messages" || c.Field == "smb_message_echoes":
	case otherFields[c.Field]:
		r.Add(lenient.Ignored(entryID, string(c.Field)))
		return
	default:
		r.Add(lenient.Unrecognised(entryID, "The field %.80q is unknown.", c.Field))
		return
	}
	var v value
	if err := json.Unmarshal(c.Value, &v); err != nil {
		r.Add(lenient.Unrecognised(entryID, "The value of field %s can't be read: %v", c.Field, err))
		return
	}
	contacts := addressBook(v.Contacts)
	if v.Messages == nil && v.Statuses == nil && v.Errors == nil && v.Echoes == nil {
		r.Add(lenient.Unrecognised(entryID, "The value of field %s holds neither messages nor statuses.", c.Field))
		return
	}
	number := string(v.Metadata.PhoneNumberID)
	meta.Each(v.Messages, func(raw json.RawMessage) { r.Add(r.message(number, v, contacts, raw)) })
	meta.Each(v.Echoes, func(raw json.RawMessage) { r.Add(r.echo(number, raw)) })
	meta.Each(v.Statuses, func(raw json.RawMessage) { r.Add(r.status(number, raw)) })
	meta.Each(v.Errors, func(raw json.RawMessage) { r.Add(accountError(raw)) })
}

// foreign says what becomes of an item that is not clearly our number's.
func (r reader) foreign(number, key string) (message.Item, bool) {
	switch number {
	case "":
		return lenient.Unrecognised(key, "The metadata does not say which of our numbers this belongs to."), true
	case r.In.Account:
		return message.Item{}, false
	}
	return lenient.Ignored(key, lenient.OtherAccount), true
}

func (r reader) echo(number string, raw json.RawMessage) message.Item {
	var m struct {
		ID text `json:"id"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return lenient.Unrecognised("", "An echo can't be read: %v", err)
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

func (r reader) status(number string, raw json.RawMessage) message.Item {
	var s status
	if err := json.Unmarshal(raw, &s); err != nil {
		return lenient.Unrecognised("", "A status can't be read: %v", err)
	}
	key := string(s.ID) + "/" + string(s.Status)
	if item, yes := r.foreign(number, key); yes {
		return item
	}
	state, ok := reportStates[s.Status]
	switch {
	case s.Status == "deleted" || s.Status == "warning" || s.Status == "pending":
		return lenient.Ignored(key, "status_"+string(s.Status))
	case !ok:
		return lenient.Unrecognised(key, "The status %.80q is unknown.", s.Status)
	case s.ID == "":
		return lenient.Unrecognised("", "A status does not say which message it is about.")
	}
	report := &message.Report{
		Channel: name,
		Inbox:   r.In.ID,
		ID:      string(s.ID),
		ReplyID: string(s.Callback),
		State:   state,
		At:      meta.When(r.Env, s.Timestamp),
	}
	if len(s.Errors) > 0 {
		report.Code = string(s.Errors[0].Code)
		report.Detail = s.Errors[0].Words()
	}
	return message.Item{Kind: message.KindReport, Key: key, Report: report}
}

// accountError is an error that concerns no single message (throughput, say).
func accountError(raw json.RawMessage) message.Item {
	var f meta.Failure
	if err := json.Unmarshal(raw, &f); err != nil {
		return lenient.Unrecognised("", "An error can't be read: %v", err)
	}
	return lenient.Ignored(string(f.Code), "account_error")
}
