package channeltest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

var reasonWord = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// faults says what is wrong with items, whatever they were read from.
func faults(in channel.Inbox, items []message.Item) []string {
	var out []string
	for i, it := range items {
		bad := func(format string, args ...any) {
			out = append(out, fmt.Sprintf("item %d (%s): %s", i, it.Kind, fmt.Sprintf(format, args...)))
		}
		want := map[message.ItemKind]bool{message.KindMessage: it.Message != nil, message.KindEdit: it.Edit != nil, message.KindDelete: it.Delete != nil, message.KindReport: it.Report != nil,
			message.KindConsent: it.Consent != nil}
		for kind, there := range want {
			if there != (it.Kind == kind) {
				bad("payload %s present: %t", kind, there)
			}
		}
		home := func(channelName, inbox, id string, at time.Time) {
			if channelName != in.Channel || inbox != in.ID {
				bad("belongs to %s/%s, not %s/%s", channelName, inbox, in.Channel, in.ID)
			}
			if id == "" {
				bad("no id")
			}
			if at.IsZero() || at.Location() != time.UTC {
				bad("time %v is zero or not UTC", at)
			}
		}
		switch {
		case it.Kind == message.KindMessage && it.Message != nil:
			checkMessage(in, *it.Message, bad)
			home(it.Message.Channel, it.Message.Inbox, it.Message.ID, it.Message.SentAt)
		case it.Kind == message.KindEdit && it.Edit != nil:
			home(it.Edit.Channel, it.Edit.Inbox, it.Edit.ID, it.Edit.At)
		case it.Kind == message.KindDelete && it.Delete != nil:
			home(it.Delete.Channel, it.Delete.Inbox, it.Delete.ID, it.Delete.At)
		case it.Kind == message.KindConsent && it.Consent != nil:
			home(it.Consent.Channel, it.Consent.Inbox, it.Consent.ID, it.Consent.At)
			if it.Consent.Author.Handle.Channel != in.Channel || it.Consent.Author.Handle.ID == "" {
				bad("author %+v", it.Consent.Author.Handle)
			}
		case it.Kind == message.KindReport && it.Report != nil:
			home(it.Report.Channel, it.Report.Inbox, it.Report.ID+it.Report.ReplyID+it.Report.Thread, it.Report.At)
			switch it.Report.State {
			case message.ReportSent, message.ReportDelivered, message.ReportRead, message.ReportFailed:
			default:
				bad("state %q", it.Report.State)
			}
		case it.Kind == message.KindIgnored:
			if !reasonWord.MatchString(it.Reason) {
				bad("reason %q is not one snake_case word", it.Reason)
			}
		case it.Kind == message.KindUnrecognised:
			if it.Reason == "" {
				bad("no reason")
			}
		case it.Kind == message.KindEcho:
		default:
			bad("unknown kind or no payload")
		}
	}
	raw, err := json.Marshal(items)
	if err != nil {
		return append(out, "JSON: "+err.Error())
	}
	var back []message.Item
	if err := json.Unmarshal(raw, &back); err != nil {
		return append(out, "JSON back: "+err.Error())
	}
	if len(items) > 0 && !reflect.DeepEqual(items, back) {
		out = append(out, fmt.Sprintf("JSON loses something (invalid UTF-8, empty but not nil maps or lists, local times): %s", raw))
	}
	return out
}

func checkMessage(in channel.Inbox, m message.Message, bad func(string, ...any)) {
	if m.Thread == "" {
		bad("no thread")
	}
	if m.Visibility != message.Public && m.Visibility != message.Private {
		bad("visibility %q", m.Visibility)
	}
	if m.Author.Handle.Channel != in.Channel || m.Author.Handle.ID == "" {
		bad("author %+v", m.Author.Handle)
	}
	if in.Account != "" && m.Author.Handle.ID == in.Account {
		bad("we are the author: that is an echo")
	}
	for _, a := range m.Attachments {
		places := 0
		for _, p := range []string{a.URL, a.Ref, a.Archived} {
			if p != "" {
				places++
			}
		}
		if places != 1 || a.Type == "" {
			bad("attachment %+v needs a type and exactly one of URL, Ref and Archived", a)
		}
	}
}

// times lists the pointers to every platform time of the items, in order.
func times(items []message.Item) []*time.Time {
	var out []*time.Time
	for i := range items {
		switch it := items[i]; {
		case it.Message != nil:
			out = append(out, &it.Message.SentAt)
		case it.Edit != nil:
			out = append(out, &it.Edit.At)
		case it.Delete != nil:
			out = append(out, &it.Delete.At)
		case it.Report != nil:
			out = append(out, &it.Report.At)
		case it.Consent != nil:
			out = append(out, &it.Consent.At)
		}
	}
	return out
}
