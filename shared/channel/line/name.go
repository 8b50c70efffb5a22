package line

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
)

const bot = "https://api.line.me/v2/bot/"

// Named implements channel.Namer. LINE tells of its account's friends wherever they
// write, and of others as members of the group or room that the bot is in, too.
func (Channel) Named(ctx context.Context, o channel.Outlet, t channel.Thread, who message.Handle) (message.Author, error) {
	if o.Token == "" {
		return message.Author{}, &channel.SendError{Class: channel.Blocked, Code: "token", Detail: "inbox " + o.Inbox.ID + " has no channel access token"}
	}
	_, with, _ := strings.Cut(t.Key, ":")
	if who.ID == "" || who.ID == with && !strings.HasPrefix(with, "U") {
		return message.Author{}, lenient.Refuse("nobody", "LINE does not say who wrote this")
	}
	path := "profile/" + url.PathEscape(who.ID)
	for prefix, place := range map[string]string{"C": "group/", "R": "room/"} {
		if strings.HasPrefix(with, prefix) {
			path = place + url.PathEscape(with) + "/member/" + url.PathEscape(who.ID)
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, bot+path, nil)
	if err != nil {
		return message.Author{}, lenient.Refuse("nobody", "the person's id makes no address")
	}
	req.Header.Set("Authorization", "Bearer "+o.Token)
	resp, err := o.HTTP.Do(req)
	if err != nil {
		return message.Author{}, channel.NetworkError(err)
	}
	got, err := channel.ReadAnswer(resp)
	if err != nil {
		return message.Author{}, err
	}
	var a struct {
		answer
		Name text `json:"displayName"`
	}
	err = json.Unmarshal(got, &a)
	switch {
	case resp.StatusCode == http.StatusNotFound:
		// No friend of the account, one who blocked it, or who never agreed to it.
		return message.Author{}, lenient.Refuse("404", "LINE does not tell who this is")
	case resp.StatusCode != http.StatusOK:
		se := classify(resp.StatusCode, resp.Header, a.answer)
		se.Detail = strings.ReplaceAll(se.Detail, o.Token, "…")
		return message.Author{}, se
	case err != nil:
		return message.Author{}, &channel.SendError{Class: channel.Unknown, Detail: "the answer can't be read", Err: err}
	}
	return message.Author{Handle: who, Name: string(a.Name)}, nil
}

// emulatedName answers look-ups of names. ok false: this is none.
func emulatedName(call channel.Call) (a channel.CallAnswer, ok bool) {
	path, found := strings.CutPrefix(call.URL, bot)
	if !found || call.Method != http.MethodGet {
		return a, false
	}
	parts := strings.Split(path, "/")
	id := parts[len(parts)-1]
	switch {
	case len(parts) == 2 && parts[0] == "profile":
	case len(parts) == 4 && (parts[0] == "group" || parts[0] == "room") && parts[2] == "member":
	default:
		return a, false
	}
	if token, ok := strings.CutPrefix(call.Header.Get("Authorization"), "Bearer "); !ok || token == "" {
		return says(http.StatusUnauthorized, "Authentication failed. Confirm that the access token in the authorization header is valid."), true
	}
	if !strings.HasPrefix(id, "U") {
		return says(http.StatusNotFound, "Not found"), true
	}
	first, last := channel.MadeUpName(id)
	return emulated(http.StatusOK, map[string]string{"displayName": first + " " + last, "userId": id}), true
}
