package meta

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
)

// Named asks for some fields of somebody who wrote to us: first_name and last_name,
// name, username.
func Named(ctx context.Context, o channel.Outlet, host string, who message.Handle, fields ...string) (message.Author, error) {
	if who.ID == "" {
		return message.Author{}, lenient.Refuse("nobody", "nobody is asked for")
	}
	var p struct {
		First    Text `json:"first_name"`
		Last     Text `json:"last_name"`
		Name     Text `json:"name"`
		Username Text `json:"username"`
	}
	_, err := Do(ctx, o, Call{Host: host, Method: http.MethodGet, Path: []string{who.ID}, Query: url.Values{"fields": {strings.Join(fields, ",")}}}, &p)
	if err != nil {
		se := channel.AsSendError(err)
		if strings.Contains(strings.ToLower(se.Detail), "user consent") {
			// Whoever only commented has not agreed to it; it is spelled as a missing
			// permission of ours.
			se.Class = channel.Permanent
		}
		return message.Author{}, se
	}
	name := string(p.Name)
	if name == "" {
		name = strings.TrimSpace(string(p.First) + " " + string(p.Last))
	}
	return message.Author{Handle: who, Name: name, Username: string(p.Username)}, nil
}

// Asks reports whether a call is one of Named's.
func (e Emulated) Asks() bool {
	return e.Edge == "" && e.Node != "me" && e.Call.Method == http.MethodGet && e.Query.Has("fields")
}

// Person emulates what Named asks.
func (e Emulated) Person() channel.CallAnswer {
	first, last := channel.MadeUpName(e.Node)
	all := map[string]string{"first_name": first, "last_name": last, "name": first + " " + last, "username": strings.ToLower(first + "." + last)}
	told := map[string]string{"id": e.Node}
	for f := range strings.SplitSeq(e.Query.Get("fields"), ",") {
		if v, ok := all[f]; ok {
			told[f] = v
		}
	}
	return EmulatedAnswer(http.StatusOK, told)
}
