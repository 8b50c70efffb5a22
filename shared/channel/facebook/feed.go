package facebook

import (
	"encoding/json"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/meta"
	"ines/shared/message"
)

// value is a change of the fields feed, mention and ratings.
type value struct {
	Item        meta.Text   `json:"item"`
	Verb        meta.Text   `json:"verb"`
	PostID      meta.Text   `json:"post_id"`
	CommentID   meta.Text   `json:"comment_id"`
	ParentID    meta.Text   `json:"parent_id"`
	From        party       `json:"from"`
	SenderID    meta.Text   `json:"sender_id"` // older than from
	SenderName  meta.Text   `json:"sender_name"`
	Message     meta.Text   `json:"message"`
	Photo       meta.Text   `json:"photo"`
	Photos      []meta.Text `json:"photos"`
	Video       meta.Text   `json:"video"`
	Link        meta.Text   `json:"link"`
	CreatedTime meta.Text   `json:"created_time"`

	// Reviews.
	Story          meta.Text `json:"open_graph_story_id"`
	ReviewerID     meta.Text `json:"reviewer_id"`
	ReviewerName   meta.Text `json:"reviewer_name"`
	Rating         meta.Text `json:"rating"`
	ReviewText     meta.Text `json:"review_text"`
	Recommendation meta.Text `json:"recommendation_type"`
}

type party struct {
	ID   meta.Text `json:"id"`
	Name meta.Text `json:"name"`
}

// Subscription fields that say something about our Page or about features that no
// desk needs. The outcome is ignored:<field>.
var otherFields = map[meta.Text]bool{
	"about": true, "affiliation": true, "attire": true, "awards": true, "bio": true, "birthday": true,
	"category": true, "checkins": true, "company_overview": true, "conversations": true, "culinary_team": true,
	"current_location": true, "description": true, "email": true, "feature_access_list": true, "general_info": true,
	"general_manager": true, "group_feed": true, "hometown": true, "hours": true, "inbox_labels": true,
	"invalid_topic_placeholder": true, "invoice_access_invoice_change": true, "leadgen": true,
	"leadgen_fat": true, "live_videos": true, "local_delivery": true, "location": true, "location_mode": true,
	"mcom_invoice_change": true, "members": true, "mission": true, "name": true, "page_about_story": true,
	"page_change_proposal": true, "page_upcoming_change": true, "parking": true, "payment_options": true,
	"payment_request_update": true, "personal_info": true, "personal_interests": true, "phone": true, "picture": true,
	"price_range": true, "product_review": true, "products": true, "public_transit": true,
	"publisher_subscriptions": true, "story_poll_response": true, "story_reply": true, "story_share": true,
	"user_action": true, "videos": true, "website": true,
}

// Read implements channel.Channel.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	return meta.Walk(in, e, "page", func(r *meta.Reader, en meta.Entry) {
		if r.Foreign(en) {
			return
		}
		r.Conversations(en)
		r.Changes(en, func(c meta.Change) { change(r, en, c) })
	})
}

func change(r *meta.Reader, en meta.Entry, c meta.Change) {
	account := string(en.ID)
	switch {
	case c.Field == "feed" || c.Field == "mention" || c.Field == "ratings":
	case otherFields[c.Field]:
		r.Ignored(account, string(c.Field))
		return
	case meta.MessagingField(c.Field):
		r.Event(en, c.Value, c.Field == "standby")
		return
	default:
		r.Unrecognised(account, "The field %.80q is unknown.", c.Field)
		return
	}
	var v value
	if err := json.Unmarshal(c.Value, &v); err != nil {
		r.Unrecognised(account, "The value of field %s can't be read: %v", c.Field, err)
		return
	}
	p := post{Reader: r, entry: en, field: string(c.Field), value: v}
	switch v.Item {
	case "comment", "post", "status", "photo", "video", "share", "note", "rating":
		p.read()
	case "reaction", "like":
		r.Ignored(p.key(), string(v.Item))
	case "album", "event", "milestone", "story", "tab", "coupon", "offer", "question", "address", "hours", "page":
		r.Ignored(p.key(), "page_"+string(v.Item)) // what the Page itself puts up
	default:
		r.Unrecognised(p.key(), "The item %.80q of field %s is unknown.", v.Item, c.Field)
	}
}

// post is something public on its way to becoming an item.
type post struct {
	*meta.Reader
	entry meta.Entry
	field string
	value
}

// id is the post's or comment's own.
func (p post) id() string {
	switch {
	case p.Item == "comment":
		return string(p.CommentID)
	case p.Item == "rating":
		return string(p.Story)
	}
	return string(p.PostID)
}

func (p post) key() string {
	id := p.id()
	if id == "" {
		id = string(p.CommentID + p.PostID + p.Story)
	}
	if id == "" {
		id = string(p.entry.ID)
	}
	return id + "/" + string(p.Verb)
}

// thread is the post under which all this happens. A review has an id of its own,
// and its comments name it with its author's id before.
func (p post) thread() string {
	switch {
	case p.Item == "rating":
		return string(p.Story)
	case p.field == "ratings":
		if _, review, ok := strings.Cut(string(p.PostID), "_"); ok {
			return review
		}
	}
	return string(p.PostID)
}

func (p post) author() message.Author {
	id, name := p.From.ID, p.From.Name
	if id == "" {
		id, name = p.SenderID, p.SenderName
	}
	if p.Item == "rating" {
		id, name = p.ReviewerID, p.ReviewerName
	}
	return message.Author{Handle: meta.Handle(p.In.Channel, string(p.entry.ID), string(id)), Name: string(name)}
}

// unnamed is the author of a post that Meta tells us of without saying whose it is:
// mentions, and the posts of people who keep their name from apps. Each such post
// has an author of its own, so that nobody is taken for somebody else.
func (p post) unnamed() message.Author {
	return message.Author{Handle: meta.Handle(p.In.Channel, string(p.entry.ID), "author-of:"+p.id()), Name: "Somebody on Facebook"}
}

func (p post) when() time.Time { return meta.When(p.Env, p.CreatedTime, p.entry.Time) }

func (p post) read() {
	key, author := p.key(), p.author()
	own := author.Handle.ID == string(p.entry.ID)
	switch p.Verb {
	case "hide", "unhide", "block", "unblock", "mute", "unmute", "follow":
		// What we or Meta did with it; the customer still said it.
		p.Ignored(key, string(p.Verb))
		return
	case "add", "edited", "edit", "remove", "delete":
	default:
		p.Unrecognised(key, "The verb %.80q of a %s is unknown.", p.Verb, p.Item)
		return
	}
	switch {
	case p.id() == "":
		p.Unrecognised(key, "A %s has no id.", p.Item)
		return
	case meta.Samples[p.PostID] || meta.Samples[p.CommentID]:
		p.Ignored(key, "sample")
		return
	case own && p.Verb != "remove" && p.Verb != "delete":
		p.Echo(key)
		return
	}
	switch p.Verb {
	case "add":
		p.added(key, author)
	case "remove", "delete":
		p.Add(message.Item{Kind: message.KindDelete, Key: key, Delete: &message.Delete{
			Channel: p.In.Channel, Inbox: p.In.ID, Thread: p.thread(), ID: p.id(), At: p.removed(), Author: author,
		}})
	default:
		text, _ := p.says()
		p.Add(message.Item{Kind: message.KindEdit, Key: key + "/" + string(p.entry.Time), Edit: &message.Edit{
			Channel: p.In.Channel, Inbox: p.In.ID, Thread: p.thread(), ID: p.id(), Text: text, At: p.removed(), Author: author,
		}})
	}
}

// removed is when something happened to a post: the created time is the post's.
func (p post) removed() time.Time { return meta.When(p.Env, p.entry.Time, p.CreatedTime) }

func (p post) added(key string, author message.Author) {
	if author.Handle.IsZero() {
		author = p.unnamed()
	}
	text, subject := p.says()
	files := p.files()
	if text == "" && subject == "" && len(files) == 0 {
		p.Unrecognised(key, "A %s of field %s says nothing.", p.Item, p.field)
		return
	}
	m := &message.Message{
		Channel:     p.In.Channel,
		Inbox:       p.In.ID,
		ID:          p.id(),
		Thread:      p.thread(),
		Author:      author,
		Visibility:  message.Public,
		SentAt:      p.when(),
		Subject:     subject,
		Text:        text,
		Attachments: files,
		Extra:       meta.Extra(meta.ExtraPrivate, p.private(), "rating", string(p.Rating), "recommendation", string(p.Recommendation)),
	}
	if p.Item == "comment" {
		m.Parent = string(p.ParentID)
	}
	if m.Thread == "" { // a comment that does not say under which post
		m.Thread = m.ID
	}
	p.Add(message.Item{Kind: message.KindMessage, Key: key, Message: m})
}

// says gives the text, and for a review what it comes to.
func (p post) says() (text, subject string) {
	if p.Item != "rating" {
		return string(p.Message), ""
	}
	switch {
	case p.Recommendation != "":
		subject = "Review: " + strings.ToLower(string(p.Recommendation))
	case p.Rating != "":
		subject = "Review: " + string(p.Rating) + " of 5"
	}
	return string(p.ReviewText), subject
}

// private says what a private reply to it would name, "" if there can be none.
func (p post) private() string {
	switch {
	case p.field != "feed" || p.author().Handle.IsZero():
		return ""
	case p.Item == "comment":
		return meta.ExtraComment
	}
	return meta.ExtraPost
}

// files lists the pictures and links; addresses expire within days.
func (p post) files() []message.Attachment {
	var out []message.Attachment
	add := func(kind string, address meta.Text) {
		if a := meta.Web(address); a != "" {
			out = append(out, message.Attachment{Type: kind, URL: a})
		}
	}
	add("image", p.Photo)
	for _, photo := range p.Photos {
		add("image", photo)
	}
	add("video", p.Video)
	switch p.Item {
	case "photo":
		add("image", p.Link)
	case "video":
		add("video", p.Link)
	default:
		add("link", p.Link)
	}
	return out
}
