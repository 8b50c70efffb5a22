package sms

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/pattern"
)

var messagesPath = pattern.Late{Expr: `^/2010-04-01/Accounts/([^/]+)/Messages\.json$`}

// Emulate implements channel.Emulator for the messages' address: a POST creates, a
// GET lists what was created before.
func (Channel) Emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	u, err := url.Parse(call.URL)
	if err != nil || u.Scheme+"://"+u.Host != api {
		return channel.CallAnswer{}, false
	}
	path := messagesPath.FindStringSubmatch(u.Path)
	if path == nil || call.Method != http.MethodPost && call.Method != http.MethodGet {
		return channel.CallAnswer{}, false
	}
	r := http.Request{Header: call.Header}
	if user, password, ok := r.BasicAuth(); !ok || user == "" || password == "" {
		return refuse(http.StatusUnauthorized, 20003, "Authenticate"), true
	}
	if call.Method == http.MethodGet {
		return list(u.Query(), earlier), true
	}
	form, err := url.ParseQuery(string(call.Body))
	switch n := lenient.UTF16(form.Get("Body")); {
	case err != nil || form.Get("To") == "":
		return refuse(http.StatusBadRequest, 21604, "A 'To' phone number is required."), true
	case form.Get("From") == "" && form.Get("MessagingServiceSid") == "":
		return refuse(http.StatusBadRequest, 21603, "A 'From' phone number is required."), true
	case n == 0:
		return refuse(http.StatusBadRequest, 21602, "Message body is required."), true
	case n > maxText:
		return refuse(http.StatusBadRequest, 21617, "The concatenated message body exceeds the 1600 character limit."), true
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s", call.Inbox, len(earlier), call.Body))
	m := created(form, call.At)
	m["sid"], m["account_sid"], m["status"] = "SM"+hex.EncodeToString(sum[:16]), path[1], "queued"
	m["num_segments"] = strconv.Itoa(Segments(form.Get("Body"))) // a string, as Twilio has it
	return says(http.StatusCreated, m), true
}

func created(form url.Values, at time.Time) map[string]any {
	return map[string]any{"to": form.Get("To"), "from": form.Get("From"), "body": form.Get("Body"), "direction": "outbound-api", "date_created": at.UTC().Format(time.RFC1123Z)}
}

func list(query url.Values, earlier []channel.Call) channel.CallAnswer {
	out := []map[string]any{}
	for _, c := range earlier {
		var was resource
		form, err := url.ParseQuery(string(c.Body))
		if err != nil || c.Method != http.MethodPost || form.Get("To") != query.Get("To") || json.Unmarshal(c.Answer.Body, &was) != nil {
			continue
		}
		m := created(form, c.At)
		m["sid"] = string(was.SID)
		out = append(out, m)
	}
	return says(http.StatusOK, map[string]any{"messages": out, "next_page_uri": nil})
}

func refuse(status, code int, words string) channel.CallAnswer {
	return says(status, map[string]any{"code": code, "message": words, "status": status, "more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code)})
}

func says(status int, body any) channel.CallAnswer {
	raw, err := json.Marshal(body)
	if err != nil { // plain data always marshals
		return channel.CallAnswer{Status: http.StatusInternalServerError}
	}
	return channel.CallAnswer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: raw}
}
