package telegram

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/pattern"
)

var methodPath = pattern.Late{Expr: `^/bot([^/]+)/(sendMessage|getFile)$`}

// Emulate implements channel.Emulator for sendMessage and getFile.
func (Channel) Emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	u, err := url.Parse(call.URL)
	if err != nil || u.Scheme+"://"+u.Host != api || call.Method != http.MethodPost {
		return channel.CallAnswer{}, false
	}
	path := methodPath.FindStringSubmatch(u.Path)
	if path == nil {
		return channel.CallAnswer{}, false
	}
	if path[2] == "getFile" {
		var q struct {
			ID string `json:"file_id"`
		}
		if json.Unmarshal(call.Body, &q) != nil || q.ID == "" {
			return failure(400, "Bad Request: invalid file_id"), true
		}
		return success(map[string]any{"file_id": q.ID, "file_path": "documents/" + q.ID}), true
	}
	var m outbound
	var to struct {
		Chat text `json:"chat_id"`
	}
	if json.Unmarshal(call.Body, &m) != nil || json.Unmarshal(call.Body, &to) != nil || to.Chat == "" {
		return failure(400, "Bad Request: chat not found"), true
	}
	switch n := lenient.UTF16(m.Text); {
	case n == 0:
		return failure(400, "Bad Request: message text is empty"), true
	case n > maxText:
		return failure(400, "Bad Request: message is too long"), true
	}
	return success(map[string]any{
		"message_id": 7001 + len(earlier), "date": call.At.Unix(), "text": m.Text,
		"chat": map[string]any{"id": json.RawMessage(quoteUnlessNumber(string(to.Chat)))},
	}), true
}

func quoteUnlessNumber(s string) string {
	if number(s) != "" {
		return s
	}
	return fmt.Sprintf("%q", s)
}

func success(result any) channel.CallAnswer {
	return emulated(http.StatusOK, map[string]any{"ok": true, "result": result})
}

func failure(status int, words string) channel.CallAnswer {
	return emulated(status, map[string]any{"ok": false, "error_code": status, "description": words})
}

func emulated(status int, body any) channel.CallAnswer {
	raw, err := json.Marshal(body)
	if err != nil { // plain data always marshals
		return channel.CallAnswer{Status: http.StatusInternalServerError}
	}
	return channel.CallAnswer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: raw}
}
