package slack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"ines/shared/channel"
)

// Emulate implements channel.Emulator for the methods that Send, Lookup, Named and
// Locate call.
func (Channel) Emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	method, ok := strings.CutPrefix(call.URL, api)
	if !ok {
		return channel.CallAnswer{}, false
	}
	method, rawQuery, _ := strings.Cut(method, "?")
	verbs := map[string]string{"chat.postMessage": "POST", "conversations.open": "POST", "conversations.replies": "GET", "conversations.history": "GET", "files.info": "GET", "users.info": "GET"}
	if verbs[method] != call.Method {
		return channel.CallAnswer{}, false
	}
	if token, ok := strings.CutPrefix(call.Header.Get("Authorization"), "Bearer "); !ok || token == "" {
		return says(map[string]any{"ok": false, "error": "not_authed"}), true
	}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return says(map[string]any{"ok": false, "error": "invalid_arguments"}), true
	}
	switch method {
	case "chat.postMessage":
		return posted(call, earlier), true
	case "conversations.open":
		var q struct {
			Users string `json:"users"`
		}
		if json.Unmarshal(call.Body, &q) != nil || q.Users == "" {
			return says(map[string]any{"ok": false, "error": "users_list_not_supplied"}), true
		}
		return says(map[string]any{"ok": true, "channel": map[string]string{"id": conversation(q.Users)}}), true
	case "users.info":
		return member(query.Get("user")), true
	case "files.info":
		return says(map[string]any{"ok": true, "file": map[string]string{"id": query.Get("file"), "url_private": "https://files.slack.com/files-pri/" + url.PathEscape(query.Get("file"))}}), true
	}
	var list []map[string]any
	for _, c := range earlier {
		var m outbound
		var a struct {
			TS string `json:"ts"`
		}
		if c.URL != api+"chat.postMessage" || json.Unmarshal(c.Body, &m) != nil || json.Unmarshal(c.Answer.Body, &a) != nil || a.TS == "" {
			continue
		}
		if conversation(m.Channel) == query.Get("channel") && m.ThreadTS == query.Get("ts") {
			list = append(list, map[string]any{"type": "message", "bot_id": "B0EMULATED", "text": m.Text, "ts": a.TS, "thread_ts": m.ThreadTS, "metadata": m.Metadata})
		}
	}
	return says(map[string]any{"ok": true, "messages": list, "has_more": false}), true
}

func member(id string) channel.CallAnswer {
	if !strings.HasPrefix(id, "U") && !strings.HasPrefix(id, "W") {
		return says(map[string]any{"ok": false, "error": "user_not_found"})
	}
	first, last := channel.MadeUpName(id)
	profile := map[string]string{"display_name": "", "real_name": first + " " + last}
	return says(map[string]any{"ok": true, "user": map[string]any{"id": id, "name": strings.ToLower(first), "profile": profile}})
}

// conversation of a person is made of the person's id.
func conversation(id string) string {
	if strings.HasPrefix(id, "U") || strings.HasPrefix(id, "W") {
		return "D" + id[1:]
	}
	return id
}

func posted(call channel.Call, earlier []channel.Call) channel.CallAnswer {
	var m outbound
	refuse := func(code string) channel.CallAnswer { return says(map[string]any{"ok": false, "error": code}) }
	switch err := json.Unmarshal(call.Body, &m); {
	case err != nil:
		return refuse("invalid_json")
	case m.Channel == "":
		return refuse("channel_not_found")
	case m.Text == "":
		return refuse("no_text")
	case len(m.Text) > 40000:
		return refuse("msg_too_long")
	}
	ts := fmt.Sprintf("%d.%06d", call.At.Unix(), len(earlier)+1)
	return says(map[string]any{"ok": true, "channel": conversation(m.Channel), "ts": ts, "message": map[string]any{"type": "message", "text": m.Text, "ts": ts, "bot_id": "B0EMULATED"}})
}

func says(body any) channel.CallAnswer {
	raw, err := json.Marshal(body)
	if err != nil { // plain data always marshals
		return channel.CallAnswer{Status: http.StatusInternalServerError}
	}
	return channel.CallAnswer{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: raw}
}
