package x

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

const (
	lookupPages = 5
	// clockSlack allows for X's clock being behind ours.
	clockSlack = time.Minute
)

// recent is a page of our own posts, or of a conversation's messages.
type recent struct {
	Data many[struct {
		post
		Sender       id `json:"sender_id"`
		Conversation id `json:"dm_conversation_id"`
	}] `json:"data"`
	Meta struct {
		Next string `json:"next_token"`
	} `json:"meta"`
}

// Lookup implements channel.Lookuper: it looks for the text among what we lately
// wrote, as an answer to the same post or in the same conversation. X shows a post
// to such calls within seconds; ask somewhat later, not at once.
func (Channel) Lookup(ctx context.Context, o channel.Outlet, r channel.Reply, since time.Time) (channel.Receipt, bool, error) {
	if o.Token == "" || o.Inbox.Account == "" {
		return channel.Receipt{}, false, &channel.SendError{Class: channel.Blocked, Detail: "inbox " + o.Inbox.ID + " has no X user token or no account to look up"}
	}
	query := url.Values{"max_results": {"100"}}
	private := r.Thread.Visibility == message.Private
	path := "/2/users/" + url.PathEscape(o.Inbox.Account) + "/tweets"
	if private {
		base, err := conversation(r)
		if err != nil {
			return channel.Receipt{}, false, err
		}
		path = base + "/dm_events"
		query.Set("dm_event.fields", "id,text,created_at,sender_id,dm_conversation_id,entities")
		query.Set("event_types", "MessageCreate")
	} else {
		query.Set("tweet.fields", "conversation_id,referenced_tweets,created_at,entities")
		query.Set("start_time", since.Add(-clockSlack).UTC().Format(time.RFC3339))
	}
	for range lookupPages {
		var page recent
		if _, err := call(ctx, o, http.MethodGet, path+"?"+query.Encode(), nil, &page); err != nil {
			return channel.Receipt{}, false, err
		}
		older := false
		for _, d := range page.Data {
			at := ownTime(d.CreatedAt)
			if !at.IsZero() && at.Before(since.Add(-clockSlack)) {
				older = true
				continue
			}
			if d.ID == "" || !d.Text.ok || plain(d.Text.s, d.Entities) != plain(r.Text, entities{}) {
				continue
			}
			if private && string(d.Sender) == o.Inbox.Account {
				return channel.Receipt{ID: string(d.ID), Thread: string(d.Conversation)}, true, nil
			}
			if !private && d.answers() == r.Parent {
				receipt := channel.Receipt{ID: string(d.ID)}
				if r.Parent == "" {
					receipt.Thread = receipt.ID
				}
				return receipt, true, nil
			}
		}
		if older || page.Meta.Next == "" {
			return channel.Receipt{}, false, nil
		}
		query.Set("pagination_token", page.Meta.Next)
	}
	return channel.Receipt{}, false, &channel.SendError{Class: channel.Unknown, Detail: "we wrote too much since then to look through it all"}
}

func (p post) answers() string {
	for _, ref := range p.Referenced {
		if ref.Type == "replied_to" {
			return string(ref.ID)
		}
	}
	return ""
}

// plain is what is left to compare after X has put mentions before a text,
// escaped characters and shortened links: blanks are one, links are alike.
func plain(text string, e entities) string {
	words := strings.Fields(readable(text, nil, e))
	for len(words) > 0 && strings.HasPrefix(words[0], "@") {
		words = words[1:]
	}
	for i, w := range words {
		if strings.HasPrefix(w, "https://") || strings.HasPrefix(w, "http://") {
			words[i] = "http"
		}
	}
	return strings.Join(words, " ")
}

// Lag implements channel.Lookuper: X lists own posts and messages within seconds.
func (Channel) Lag() time.Duration { return 10 * time.Second }
