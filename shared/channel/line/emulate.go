package line

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/pattern"
)

var uuid = pattern.Late{Expr: `^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`}

// Emulate implements channel.Emulator for reply and push, and for look-ups of names:
// a reply token works once, and a retry key makes a push that was taken a conflict.
func (Channel) Emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	if a, ok := emulatedName(call); ok {
		return a, true
	}
	method, ok := strings.CutPrefix(call.URL, api)
	if !ok || call.Method != http.MethodPost || method != "reply" && method != "push" {
		return channel.CallAnswer{}, false
	}
	if token, ok := strings.CutPrefix(call.Header.Get("Authorization"), "Bearer "); !ok || token == "" {
		return says(http.StatusUnauthorized, "Authentication failed. Confirm that the access token in the authorization header is valid."), true
	}
	var m outbound
	if json.Unmarshal(call.Body, &m) != nil || len(m.Messages) < 1 || len(m.Messages) > 5 {
		return says(http.StatusBadRequest, "The request body has 1 error(s)"), true
	}
	for _, p := range m.Messages {
		if n := lenient.UTF16(p.Text); p.Type != "text" || n == 0 || n > maxText {
			return says(http.StatusBadRequest, "The request body has 1 error(s)"), true
		}
	}
	key := call.Header.Get("X-Line-Retry-Key")
	switch {
	case method == "reply" && key != "":
		return says(http.StatusBadRequest, "The retry key is not supported by this endpoint"), true
	case key != "" && !uuid.MatchString(key):
		return says(http.StatusBadRequest, "Invalid retry key"), true
	case method == "push" && m.To == "":
		return says(http.StatusBadRequest, "The property, 'to', in the request body is invalid"), true
	case method == "reply" && m.ReplyToken == "":
		return says(http.StatusBadRequest, "Invalid reply token"), true
	}
	for i, c := range earlier {
		var was outbound
		if json.Unmarshal(c.Body, &was) != nil {
			continue
		}
		if m.ReplyToken != "" && was.ReplyToken == m.ReplyToken {
			return says(http.StatusBadRequest, "Invalid reply token"), true
		}
		if key != "" && c.Header.Get("X-Line-Retry-Key") == key {
			return emulated(http.StatusConflict, map[string]any{"message": "The retry key is already accepted", "sentMessages": sent(i)}), true
		}
	}
	return emulated(http.StatusOK, map[string]any{"sentMessages": sent(len(earlier))}), true
}

func sent(place int) []map[string]string {
	return []map[string]string{{"id": fmt.Sprint(591000000000000001 + place), "quoteToken": "made-up"}}
}

func says(status int, words string) channel.CallAnswer {
	return emulated(status, map[string]string{"message": words})
}

func emulated(status int, body any) channel.CallAnswer {
	raw, err := json.Marshal(body)
	if err != nil { // plain data always marshals
		return channel.CallAnswer{Status: http.StatusInternalServerError}
	}
	return channel.CallAnswer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: raw}
}
