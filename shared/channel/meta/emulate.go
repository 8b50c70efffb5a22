package meta

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"ines/shared/channel"
	"ines/shared/pattern"
)

// Emulated is a call that Meta would understand, up to its path.
type Emulated struct {
	Call    channel.Call
	Earlier []channel.Call
	Node    string // the first segment after the version
	Edge    string // the second, or ""
	Query   url.Values
}

var graphPath = pattern.Late{Expr: `^/v[0-9]+\.[0-9]+/([^/]+)(?:/([a-z_]+))?$`}

// Emulate takes a call apart. ok false: this is not the Graph API. An answer: the
// call has no token.
func Emulate(call channel.Call, earlier []channel.Call) (e Emulated, refused *channel.CallAnswer, ok bool) {
	u, err := url.Parse(call.URL)
	if err != nil || u.Host != FacebookHost && u.Host != InstagramHost {
		return e, nil, false
	}
	parts := graphPath.FindStringSubmatch(u.Path)
	if parts == nil {
		return e, nil, false
	}
	e = Emulated{Call: call, Earlier: earlier, Node: parts[1], Edge: parts[2], Query: u.Query()}
	if token, ok := strings.CutPrefix(call.Header.Get("Authorization"), "Bearer "); !ok || token == "" {
		a := EmulatedError(http.StatusUnauthorized, 190, "Invalid OAuth access token.")
		return e, &a, true
	}
	return e, nil, true
}

// EmulatedError is a refusal as the Graph API spells it.
func EmulatedError(status, code int, words string) channel.CallAnswer {
	return EmulatedAnswer(status, map[string]any{"error": map[string]any{
		"message": words, "type": "OAuthException", "code": code, "fbtrace_id": "emulated",
	}})
}

// EmulatedAnswer is a body of JSON with its status.
func EmulatedAnswer(status int, body any) channel.CallAnswer {
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

// Sum derives bytes from the call and its place among the inbox's calls.
func (e Emulated) Sum() [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s", e.Call.Inbox, len(e.Earlier), e.Call.Body))
}

// number makes an id of digits out of bytes.
func number(seed [32]byte) string {
	n := uint64(0)
	for _, b := range seed[:7] {
		n = n<<8 | uint64(b)
	}
	return fmt.Sprint(17_000_000_000_000_000 + n%1_000_000_000_000_000)
}

// Conversations emulates sending a message and listing a conversation.
func (e Emulated) Conversations(limits channel.Limits) (channel.CallAnswer, bool) {
	switch {
	case e.Call.Method == http.MethodPost && e.Edge == "messages":
		return e.send(limits), true
	case e.Call.Method == http.MethodGet && e.Edge == "conversations":
		return e.list(), true
	}
	return channel.CallAnswer{}, false
}

func (e Emulated) send(limits channel.Limits) channel.CallAnswer {
	var m direct
	if json.Unmarshal(e.Call.Body, &m) != nil || len(m.Recipient) != 1 || m.Message.Text == "" {
		return EmulatedError(http.StatusBadRequest, 100, "Invalid parameter")
	}
	if limits.Measure(m.Message.Text) > limits.Max {
		return EmulatedError(http.StatusBadRequest, 100, "Length of param message[text] must be less than or equal to the limit")
	}
	to := m.Recipient["id"]
	if to == "" {
		about := m.Recipient[ExtraComment] + m.Recipient[ExtraPost]
		if about == "" {
			return EmulatedError(http.StatusBadRequest, 100, "(#100) No matching user found")
		}
		for _, c := range e.Earlier {
			var before direct
			if json.Unmarshal(c.Body, &before) == nil && before.Recipient[ExtraComment]+before.Recipient[ExtraPost] == about {
				return EmulatedError(http.StatusBadRequest, 10900, "(#10900) Activity already replied to")
			}
		}
		to = number(sha256.Sum256([]byte(about)))
	} else if m.Type != "RESPONSE" && (m.Type != "MESSAGE_TAG" || m.Tag != "HUMAN_AGENT") {
		return EmulatedError(http.StatusBadRequest, 100, "Param messaging_type must be one of RESPONSE, UPDATE, MESSAGE_TAG")
	}
	sum := e.Sum()
	return EmulatedAnswer(http.StatusOK, map[string]string{
		"recipient_id": to,
		"message_id":   "m_" + base64.RawURLEncoding.EncodeToString(sum[:24]),
	})
}

// accepted are the earlier calls of an edge, newest first, with their answers.
func (e Emulated) accepted(edge string, each func(call Emulated, answer map[string]string)) {
	for i := len(e.Earlier) - 1; i >= 0; i-- {
		c := e.Earlier[i]
		before, _, ok := Emulate(c, nil)
		var answer map[string]string
		if ok && c.Method == http.MethodPost && before.Edge == edge && json.Unmarshal(c.Answer.Body, &answer) == nil {
			each(before, answer)
		}
	}
}

// emulatedTime is how the Graph API spells times.
const emulatedTime = "2006-01-02T15:04:05-0700"

func (e Emulated) list() channel.CallAnswer {
	messages := []any{}
	e.accepted("messages", func(before Emulated, answer map[string]string) {
		var m direct
		if json.Unmarshal(before.Call.Body, &m) == nil && answer["recipient_id"] == e.Query.Get("user_id") {
			messages = append(messages, map[string]any{
				"id": answer["message_id"], "message": m.Message.Text, "created_time": before.Call.At.UTC().Format(emulatedTime),
			})
		}
	})
	return EmulatedAnswer(http.StatusOK, map[string]any{"data": []any{map[string]any{"id": "t_1", "messages": map[string]any{"data": messages}}}})
}

// Comments emulates answering a post or comment and listing the answers; edge is
// their name, id makes the new comment's id from a number.
func (e Emulated) Comments(edge string, limits channel.Limits, id func(number string) string) (channel.CallAnswer, bool) {
	if e.Edge != edge {
		return channel.CallAnswer{}, false
	}
	switch e.Call.Method {
	case http.MethodPost:
		form, err := url.ParseQuery(string(e.Call.Body))
		if err != nil || form.Get("message") == "" || limits.Measure(form.Get("message")) > limits.Max {
			return EmulatedError(http.StatusBadRequest, 100, "Invalid parameter"), true
		}
		return EmulatedAnswer(http.StatusOK, map[string]string{"id": id(number(e.Sum()))}), true
	case http.MethodGet:
		list := []any{}
		e.accepted(edge, func(before Emulated, answer map[string]string) {
			form, err := url.ParseQuery(string(before.Call.Body))
			if err == nil && before.Node == e.Node {
				at := before.Call.At.UTC().Format(emulatedTime)
				list = append(list, map[string]string{"id": answer["id"], "message": form.Get("message"), "created_time": at})
			}
		})
		return EmulatedAnswer(http.StatusOK, map[string]any{"data": list}), true
	}
	return channel.CallAnswer{}, false
}
