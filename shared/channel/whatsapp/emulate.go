package whatsapp

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"ines/shared/channel"
)

var messagesPath = regexp.MustCompile(`^/v[0-9]+\.[0-9]+/[^/]+/messages$`)

// Emulate implements channel.Emulator for POST /{phone_number_id}/messages. The
// ids of messages derive from the call and its place among the inbox's calls.
func (Channel) Emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	u, err := url.Parse(call.URL)
	if err != nil || call.Method != http.MethodPost || u.Host != "graph.facebook.com" || !messagesPath.MatchString(u.Path) {
		return channel.CallAnswer{}, false
	}
	if token, ok := strings.CutPrefix(call.Header.Get("Authorization"), "Bearer "); !ok || token == "" {
		return graphError(http.StatusUnauthorized, 190, "Invalid OAuth access token."), true
	}
	var m outbound
	if err := json.Unmarshal(call.Body, &m); err != nil {
		return graphError(http.StatusBadRequest, 100, "The request body is not valid JSON."), true
	}
	to, named := m.To, "wa_id"
	if to == "" {
		to, named = m.Recipient, "user_id"
	}
	switch {
	case m.Product != "whatsapp" || m.Type != "text" || m.Text.Body == "":
		return graphError(http.StatusBadRequest, 131008, "A required parameter is missing."), true
	case to == "":
		return graphError(http.StatusBadRequest, 131009, "The recipient is missing."), true
	case measure(m.Text.Body) > maxText:
		return graphError(http.StatusBadRequest, 131009, "The text is too long."), true
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s", call.Inbox, len(earlier), call.Body))
	return answer(http.StatusOK, map[string]any{
		"messaging_product": "whatsapp",
		"contacts":          []map[string]string{{"input": to, named: to}},
		"messages":          []map[string]string{{"id": "wamid." + base64.StdEncoding.EncodeToString(sum[:24])}},
	}), true
}

func graphError(status, code int, words string) channel.CallAnswer {
	return answer(status, map[string]any{"error": map[string]any{
		"message": words, "type": "OAuthException", "code": code, "fbtrace_id": "emulated",
	}})
}

func answer(status int, body any) channel.CallAnswer {
	raw, err := json.Marshal(body)
	if err != nil { // maps of strings and numbers always marshal
		return channel.CallAnswer{Status: http.StatusInternalServerError}
	}
	return channel.CallAnswer{
		Status: status,
		Header: http.Header{"Content-Type": {"application/json; charset=UTF-8"}},
		Body:   raw,
	}
}
