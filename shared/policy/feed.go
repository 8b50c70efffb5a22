package policy

import (
	"fmt"
	"net/url"
)

// Feed is where a department is told what happens, beside the feed that it can
// always read: nowhere, by signed webhook, or in a Slack channel.
type Feed struct {
	Webhook string `yaml:"webhook"` // an https address; signed as Standard Webhooks does
	Slack   string `yaml:"slack"`   // id of the slack inbox that posts
	Channel string `yaml:"channel"` // the Slack channel's id
}

// ActionsFeed is the feed of actions that were done or approved (refunds, vouchers):
// the company's own systems carry them out, each once by its action_id. No
// department has this id.
const ActionsFeed = "actions"

// IsZero reports whether there is no target.
func (f Feed) IsZero() bool { return f == Feed{} }

// FeedSecret is the name under which a department's webhook secret is kept, in
// place of an inbox: INES_TOKEN_FEED_PRESS, …/inbox/feed-press/token.
func FeedSecret(department string) string { return "feed-" + department }

// Listens reports whether a department is told what happens: it wants something,
// or has a target.
func (p Department) Listens() bool { return p.Wants != nil || !p.Feed.IsZero() }

// Listening are the ids of the departments that are told, in the order of the file.
func (d *Desk) Listening() []string {
	var ids []string
	for _, p := range d.Departments {
		if p.Listens() {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

func (c *checker) feeds() {
	for i, p := range c.desk.Departments {
		f, at := p.Feed, fmt.Sprintf("departments[%d].feed", i)
		if p.ID == ActionsFeed {
			c.at(fmt.Sprintf("departments[%d].id", i), "no department can be called "+ActionsFeed, "it is the name of the feed that tells the company's systems of actions")
		}
		if _, written := c.lines[at]; written && f.IsZero() {
			c.at(at, at+" names no target", "write webhook: https://…, or slack: <inbox> and channel: <id>; wants alone needs no feed")
		}
		if f.Webhook != "" && f.Slack != "" {
			c.at(at, at+" has two targets", "one department has one: leave out webhook or slack")
		}
		if f.Webhook != "" {
			if u, err := url.Parse(f.Webhook); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
				c.at(at+".webhook", fmt.Sprintf("%q is no https address", f.Webhook), "such as https://press.example/ines; its key is the secret "+FeedSecret(p.ID))
			}
		}
		switch in, ok := c.desk.Inbox(f.Slack); {
		case f.Slack == "":
		case !ok:
			c.at(at+".slack", fmt.Sprintf("there is no inbox %q", f.Slack), "the id of one of the inboxes with channel: slack")
		case in.Channel != "slack":
			c.at(at+".slack", fmt.Sprintf("the inbox %s is on %s", in.ID, in.Channel), "the id of one of the inboxes with channel: slack")
		}
		if (f.Slack == "") != (f.Channel == "") {
			c.at(at, at+" needs both slack and channel", "slack: <inbox id>, channel: the id that Slack shows below a channel's details, such as C0123456789")
		}
	}
}
