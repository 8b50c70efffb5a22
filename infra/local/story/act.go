package story

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// act says how a colleague's deed is told to the API.
type act struct {
	route  string // below /api/cases/{id}/; {promise} and {approval} stand for what that name is of
	fields []string
	needs  []string
}

// named are the fields whose value is the name that an earlier step left.
var named = []string{"promise", "approval"}

// acts are all that colleagues can do in stories, by the word for it. What merge
// says of into is whose case goes on.
var acts = map[string]act{
	"claim":    {route: "claim"},
	"release":  {route: "release"},
	"takeover": {route: "takeover", fields: []string{"why"}, needs: []string{"why"}},
	"assign":   {route: "assign", fields: []string{"colleague"}, needs: []string{"colleague"}},
	"transfer": {route: "transfer", fields: []string{"department", "why"}, needs: []string{"department", "why"}},
	"note":     {route: "notes", fields: []string{"text", "mentions"}, needs: []string{"text"}},
	"reply":    {route: "replies", fields: []string{"text", "thread"}, needs: []string{"text"}},
	"private":  {route: "private", fields: []string{"channel", "inbox", "address", "subject", "text"}, needs: []string{"channel", "text"}},
	"call":     {route: "calls", fields: []string{"number", "direction", "outcome", "text"}, needs: []string{"number", "direction", "outcome"}},
	"promise":  {route: "promises", fields: []string{"text", "due"}, needs: []string{"text", "due"}},
	"keep":     {route: "promises/{promise}/keep", fields: []string{"promise", "text"}, needs: []string{"promise"}},
	"move":     {route: "promises/{promise}/move", fields: []string{"promise", "due", "why", "tell"}, needs: []string{"promise", "due", "why"}},
	"accept":   {route: "promises/{promise}/accept", fields: []string{"promise", "text", "due"}, needs: []string{"promise"}},
	"act":      {route: "actions", fields: []string{"action", "amount", "currency", "text"}, needs: []string{"action", "text"}},
	"approve":  {route: "approvals/{approval}/approve", fields: []string{"approval", "text"}, needs: []string{"approval"}},
	"decline":  {route: "approvals/{approval}/decline", fields: []string{"approval", "text"}, needs: []string{"approval"}},
	"wake":     {route: "wake"},
	"merge":    {route: "merge", fields: []string{"into"}, needs: []string{"into"}},
	"snooze":   {route: "snooze", fields: []string{"until"}, needs: []string{"until"}},
	"resolve":  {route: "resolve", fields: []string{"text"}},
	"reopen":   {route: "reopen", fields: []string{"why"}, needs: []string{"why"}},
	"split":    {route: "split", fields: []string{"author"}, needs: []string{"author"}},
}

func actNames() []string { return slices.Sorted(maps.Keys(acts)) }

// request is the path and the body of a step's call. Threads may be written as
// people say them, "x public" or "email": of is the case they are looked up in.
func (s Step) request(of Case, values map[string]string) (path string, body map[string]any, err error) {
	a := acts[s.Does]
	path = "/api/cases/" + url.PathEscape(of.ID) + "/" + a.route
	body = map[string]any{}
	for name, v := range s.Fields {
		text, isText := v.(string)
		switch {
		case slices.Contains(named, name):
			path = strings.Replace(path, "{"+name+"}", url.PathEscape(values[text]), 1)
		case name == "thread":
			if body[name], err = of.thread(text); err != nil {
				return "", nil, err
			}
		case isText:
			if body[name], err = fill(text, values); err != nil {
				return "", nil, err
			}
		default:
			body[name] = v
		}
	}
	return path, body, nil
}

// thread finds a thread by its id, by its channel, or by channel and visibility.
func (c Case) thread(words string) (string, error) {
	var found []string
	for _, t := range c.Threads {
		if words == t.ID {
			return t.ID, nil
		}
		if words == t.Channel || words == t.Channel+" "+t.Visibility {
			found = append(found, t.ID)
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%d threads of the case are %q; it has %s", len(found), words, strings.Join(c.threadNames(), ", "))
	}
	return found[0], nil
}
