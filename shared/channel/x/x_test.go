package x_test

import (
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/x"
	"ines/shared/message"
)

var inbox = channel.Inbox{ID: "northline-x", Channel: "x", Account: "2244994945", Name: "Northline"}

const events = "../../../events/x"

func TestChannel(t *testing.T) {
	person := message.Handle{Channel: "x", ID: "1716450569358098432"}
	public := channel.Reply{ID: "reply-1", Thread: channel.Thread{Channel: "x", Inbox: inbox.ID, Key: "2080761390344937796", Visibility: message.Public}, To: person, Parent: "2080761390344937796", Text: "I'm sorry, Marek <3 & I'll look into it. ^Ines"}
	again := public
	again.ID, again.Text = "reply-2", "It is sorted. ^Ines"
	first := public
	first.ID, first.Parent, first.Thread.Key, first.To, first.Text = "reply-3", "", "", message.Handle{}, "Snow at Oslo: flights leave from 14:00."
	private := channel.Reply{ID: "reply-4", Thread: channel.Thread{Channel: "x", Inbox: inbox.ID, Key: "2244994945-1716450569358098432", Visibility: message.Private, With: person}, To: person, Text: "Could you send me the reference? ^Ines"}
	group := private
	group.ID, group.Thread.Key, group.Text = "reply-5", "1720000000000000000", "Hello to all three of you. ^Ines"
	reset := map[string]string{"Date": "Fri, 20 Nov 2026 12:00:00 GMT", "X-Rate-Limit-Reset": "1795176420"}
	problem := func(kind string) string {
		return `{"title":"No","detail":"no, and why","type":"https://api.x.com/2/problems/` + kind + `","status":403}`
	}
	answer := func(name string, status int, header map[string]string, body string, class channel.Class, wait time.Duration, code string) channeltest.ErrorCase {
		return channeltest.ErrorCase{Name: name, Status: status, Header: header, Body: body, Class: class, Wait: wait, Code: code}
	}
	channeltest.Run(t, x.Channel{}, channeltest.Config{Elsewhere: "900100",
		Inbox:   inbox,
		Secrets: channel.Secrets{Sign: []string{"made-up-x-consumer-secret", "made-up-x-client-secret"}},
		Dirs:    []string{events, "testdata"},
		Token:   "made-up-x-user-token", Credential: "made-up-x-user-token",
		Sends: []channeltest.Send{
			{Name: "reply", Reply: public}, {Name: "second reply", Reply: again}, {Name: "new post", Reply: first},
			{Name: "direct message", Reply: private}, {Name: "group", Reply: group},
		},
		Errors: []channeltest.ErrorCase{
			answer("window used up", 429, reset, problem("rate-limits"), channel.Throttled, 7*time.Minute, "rate-limits"),
			answer("window used up, older body", 403, reset, `{"errors":[{"code":88,"message":"Rate limit exceeded"}]}`, channel.Throttled, 7*time.Minute, "88"),
			answer("retry-after", 429, map[string]string{"Retry-After": "2"}, ``, channel.Throttled, 2*time.Second, "429"),
			answer("the day used up", 429, map[string]string{"Date": "Fri, 20 Nov 2026 12:00:00 GMT", "X-Rate-Limit-Reset": "1795176420", "X-Rate-Limit-Remaining": "9",
				"X-User-Limit-24hour-Remaining": "0", "X-User-Limit-24hour-Reset": "1795183200"}, ``, channel.Throttled, 2*time.Hour, "429"),
			answer("no time said", 429, nil, `{}`, channel.Throttled, 0, "429"),
			answer("cap", 429, reset, problem("usage-capped"), channel.Blocked, 0, "usage-capped"),
			answer("bad request", 400, nil, problem("invalid-request"), channel.Permanent, 0, "invalid-request"),
			answer("token", 401, nil, `{"title":"Unauthorized","type":"about:blank"}`, channel.Blocked, 0, ""),
			answer("not permitted", 403, nil, problem("client-forbidden"), channel.Permanent, 0, "client-forbidden"),
			answer("duplicate", 403, nil, `{"detail":"You are not allowed to create a Tweet with duplicate content."}`, channel.Permanent, 0, "403"),
			answer("post deleted", 404, nil, problem("resource-not-found"), channel.Permanent, 0, "resource-not-found"),
			answer("server", 500, nil, `oops`, channel.Unknown, 0, "500"),
			answer("overloaded", 503, map[string]string{"Retry-After": "9"}, ``, channel.Unknown, 0, "503"),
			answer("gateway", 504, nil, `<html>`, channel.Unknown, 0, "504"),
		},
		Opens: []channeltest.OpenCase{
			{Name: "known", Known: person, Key: "2244994945-1716450569358098432", With: person},
			{Name: "typed", Address: " 30217 ", Key: "30217-2244994945", With: message.Handle{Channel: "x", ID: "30217"}},
			{Name: "a name", Address: "@marek_on_rails", Refused: true},
			{Name: "ourselves", Address: "2244994945", Refused: true},
			{Name: "known elsewhere", Known: message.Handle{Channel: "email", ID: "m@mail.example"}, Refused: true},
		},
	})
}

func FuzzRead(f *testing.F) {
	channeltest.FuzzRead(f, x.Channel{}, inbox, events, "testdata")
}
