package x

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/pattern"
)

// firstID is where the emulator's ids begin: longer than those of saved events.
const firstID = 2_900_000_000_000_000_000

var (
	dmSendPath  = pattern.Late{Expr: `^/2/dm_conversations/(with/)?([0-9]+)/messages$`}
	dmReadPath  = pattern.Late{Expr: `^/2/dm_conversations/(with/)?([0-9]+)/dm_events$`}
	ownPostPath = pattern.Late{Expr: `^/2/users/([0-9]+)/tweets$`}
)

// Emulate implements channel.Emulator: posts, direct messages and the two look-ups.
// Ids follow from how many calls came before.
func (Channel) Emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	u, err := url.Parse(call.URL)
	if err != nil || u.Host != "api.x.com" {
		return channel.CallAnswer{}, false
	}
	if !strings.HasPrefix(call.Header.Get("Authorization"), "Bearer ") {
		return problem(call, http.StatusUnauthorized, "about:blank", "Unauthorized"), true
	}
	next := strconv.Itoa(firstID + len(earlier))
	switch {
	case call.Method == http.MethodPost && u.Path == "/2/tweets":
		text, _, ok := written(call)
		if !ok || WeightedLength(text) > maxPost {
			return problem(call, http.StatusBadRequest, "https://api.x.com/2/problems/invalid-request", "text is missing or too long"), true
		}
		return answer(call, http.StatusCreated, map[string]any{"data": map[string]any{"id": next, "text": text, "edit_history_tweet_ids": []string{next}}}), true
	case call.Method == http.MethodPost && dmSendPath.MatchString(u.Path):
		if _, _, ok := written(call); !ok {
			return problem(call, http.StatusBadRequest, "https://api.x.com/2/problems/invalid-request", "text is missing"), true
		}
		return answer(call, http.StatusCreated, map[string]any{"data": map[string]any{"dm_event_id": next, "dm_conversation_id": emulatedKey(call, dmSendPath.FindStringSubmatch(u.Path))}}), true
	case call.Method == http.MethodGet && ownPostPath.MatchString(u.Path):
		return answer(call, http.StatusOK, ownPosts(earlier)), true
	case call.Method == http.MethodGet && dmReadPath.MatchString(u.Path):
		return answer(call, http.StatusOK, sentMessages(call, emulatedKey(call, dmReadPath.FindStringSubmatch(u.Path)), earlier)), true
	}
	return channel.CallAnswer{}, false
}

// written takes the text and the post answered from a call's body.
func written(call channel.Call) (text, parent string, ok bool) {
	var b struct {
		Text  string `json:"text"`
		Reply struct {
			Parent string `json:"in_reply_to_tweet_id"`
		} `json:"reply"`
	}
	err := json.Unmarshal(call.Body, &b)
	return b.Text, b.Reply.Parent, err == nil && b.Text != ""
}

// emulatedKey: X knows our id from the token, we from the user agent.
func emulatedKey(call channel.Call, path []string) string {
	own := strings.TrimPrefix(call.Header.Get("User-Agent"), userAgent)
	if path[1] == "" || own == "" {
		return path[2]
	}
	return pair(own, path[2])
}

// escape does what X does to the texts it hands out.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func ownPosts(earlier []channel.Call) any {
	posts := []any{}
	for i := len(earlier) - 1; i >= 0; i-- { // newest first
		c := earlier[i]
		u, err := url.Parse(c.URL)
		if err != nil || c.Method != http.MethodPost || u.Path != "/2/tweets" || c.Answer.Status != http.StatusCreated {
			continue
		}
		text, parent, _ := written(c)
		id := answeredID(c, "id")
		p := map[string]any{"id": id, "text": escape.Replace(text), "created_at": c.At.UTC().Format("2006-01-02T15:04:05.000Z"), "edit_history_tweet_ids": []string{id}, "conversation_id": id}
		if parent != "" {
			p["conversation_id"] = parent
			p["referenced_tweets"] = []any{map[string]string{"type": "replied_to", "id": parent}}
		}
		posts = append(posts, p)
	}
	return map[string]any{"data": posts, "meta": map[string]any{"result_count": len(posts)}}
}

func sentMessages(call channel.Call, key string, earlier []channel.Call) any {
	own := strings.TrimPrefix(call.Header.Get("User-Agent"), userAgent)
	list := []any{}
	for i := len(earlier) - 1; i >= 0; i-- {
		c := earlier[i]
		if c.Method != http.MethodPost || c.Answer.Status != http.StatusCreated || answeredID(c, "dm_conversation_id") != key {
			continue
		}
		text, _, _ := written(c)
		list = append(list, map[string]any{"id": answeredID(c, "dm_event_id"), "text": escape.Replace(text), "event_type": "MessageCreate", "sender_id": own, "dm_conversation_id": key, "created_at": c.At.UTC().Format("2006-01-02T15:04:05.000Z")})
	}
	return map[string]any{"data": list, "meta": map[string]any{"result_count": len(list)}}
}

func answeredID(c channel.Call, field string) string {
	var a struct {
		Data map[string]any `json:"data"`
	}
	if json.Unmarshal(c.Answer.Body, &a) != nil {
		return ""
	}
	v, _ := a.Data[field].(string)
	return v
}

func answer(call channel.Call, status int, v any) channel.CallAnswer {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(fmt.Sprintf(`{"title":%q}`, err))
	}
	return channel.CallAnswer{Status: status, Body: body, Header: http.Header{
		"Content-Type": {"application/json; charset=utf-8"},
		"Date":         {call.At.UTC().Format(http.TimeFormat)},
		// A quarter of an hour, as X counts.
		"X-Rate-Limit-Reset": {strconv.FormatInt(call.At.Truncate(15*time.Minute).Add(15*time.Minute).Unix(), 10)},
	}}
}

func problem(call channel.Call, status int, kind, detail string) channel.CallAnswer {
	return answer(call, status, map[string]any{"type": kind, "title": http.StatusText(status), "detail": detail, "status": status})
}
