package whatsapp

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"ines/shared/channel"
	"ines/shared/channel/meta"
)

// Emulate implements channel.Emulator: sending a message, asking for a file's address
// and fetching the file.
func (Channel) Emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	if a, ok := emulateFile(call); ok {
		return a, true
	}
	e, refused, ok := meta.Emulate(call, earlier)
	switch {
	case !ok:
		return channel.CallAnswer{}, false
	case refused != nil:
		return *refused, true
	case call.Method == http.MethodPost && e.Edge == "messages":
		return emulateMessage(e), true
	case call.Method == http.MethodGet && e.Edge == "":
		return meta.EmulatedAnswer(http.StatusOK, map[string]any{
			"messaging_product": "whatsapp", "id": e.Node, "mime_type": "image/png", "file_size": len(emulatedPicture),
			"url": "https://" + fileHost + "/whatsapp_business/attachments/?mid=" + url.QueryEscape(e.Node),
		}), true
	}
	return channel.CallAnswer{}, false
}

func emulateMessage(e meta.Emulated) channel.CallAnswer {
	var m outbound
	if err := json.Unmarshal(e.Call.Body, &m); err != nil {
		return meta.EmulatedError(http.StatusBadRequest, 100, "The request body is not valid JSON.")
	}
	to, named := m.To, "wa_id"
	if to == "" {
		to, named = m.Recipient, "user_id"
	}
	switch {
	case m.Product != "whatsapp" || m.Type != "text" || m.Text.Body == "":
		return meta.EmulatedError(http.StatusBadRequest, 131008, "A required parameter is missing.")
	case to == "":
		return meta.EmulatedError(http.StatusBadRequest, 131009, "The recipient is missing.")
	case limits.Measure(m.Text.Body) > maxText:
		return meta.EmulatedError(http.StatusBadRequest, 131009, "The text is too long.")
	}
	sum := e.Sum()
	return meta.EmulatedAnswer(http.StatusOK, map[string]any{
		"messaging_product": "whatsapp",
		"contacts":          []map[string]string{{"input": to, named: to}},
		"messages":          []map[string]string{{"id": "wamid." + base64.StdEncoding.EncodeToString(sum[:24])}},
	})
}

// emulatedPicture is one grey pixel.
var emulatedPicture = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU" +
	"\x00\x00\x00\nIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82")

func emulateFile(call channel.Call) (channel.CallAnswer, bool) {
	u, err := url.Parse(call.URL)
	if err != nil || u.Host != fileHost || call.Method != http.MethodGet {
		return channel.CallAnswer{}, false
	}
	if !strings.HasPrefix(call.Header.Get("Authorization"), "Bearer ") {
		return channel.CallAnswer{Status: http.StatusUnauthorized}, true
	}
	return channel.CallAnswer{Status: http.StatusOK, Body: emulatedPicture, Header: http.Header{
		"Content-Type": {"image/png"}, "Content-Length": {fmt.Sprint(len(emulatedPicture))},
	}}, true
}
