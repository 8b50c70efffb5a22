package instagram

import (
	"encoding/json"

	"ines/shared/channel"
	"ines/shared/channel/meta"
	"ines/shared/message"
)

const (
	// extraLive is "true" in the Extra of a comment on a live video.
	extraLive = "live"
	// extraMentionedOn is, in the Extra of a mention, the media that it is on.
	extraMentionedOn = "mentioned_on"
)

// comment is a change of the fields comments and live_comments.
type comment struct {
	ID       meta.Text `json:"id"`
	Text     meta.Text `json:"text"`
	ParentID meta.Text `json:"parent_id"`
	From     struct {
		ID       meta.Text `json:"id"`
		Username meta.Text `json:"username"`
		Self     meta.Text `json:"self_ig_scoped_id"` // only where it is our own
	} `json:"from"`
	Media struct {
		ID       meta.Text `json:"id"`
		Original meta.Text `json:"original_media_id"`
		AdID     meta.Text `json:"ad_id"`
		Kind     meta.Text `json:"media_product_type"`
	} `json:"media"`
}

// mention is a change of the field mentions.
type mention struct {
	CommentID meta.Text `json:"comment_id"`
	MediaID   meta.Text `json:"media_id"`
}

// Subscription fields that no desk needs. The outcome is ignored:<field>.
var otherFields = map[meta.Text]bool{
	"comment_poll_response": true, "creator_marketplace_invited_creator_onboarding": true,
	"creator_marketplace_projects": true, "delta": true, "follow": true, "onboarding_welcome_message_series": true,
	"share_to_story": true, "story_insights": true, "story_poll_response": true, "story_reactions": true,
	"story_share": true,
}

// Read implements channel.Channel.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	return meta.Walk(in, e, "instagram", func(r *meta.Reader, en meta.Entry) {
		if r.Foreign(en) {
			return
		}
		r.Conversations(en)
		r.Changes(en, func(c meta.Change) {
			switch c.Field {
			case "comments", "live_comments":
				readComment(r, en, c)
			case "mentions":
				readMention(r, en, c)
			default:
				switch {
				case meta.MessagingField(c.Field):
					r.Event(en, c.Value, c.Field == "standby")
				case otherFields[c.Field]:
					r.Ignored(string(en.ID), string(c.Field))
				default:
					r.Unrecognised(string(en.ID), "The field %.80q is unknown.", c.Field)
				}
			}
		})
	})
}

func readComment(r *meta.Reader, en meta.Entry, c meta.Change) {
	var v comment
	if err := json.Unmarshal(c.Value, &v); err != nil {
		r.Unrecognised(string(en.ID), "The value of field %s can't be read: %v", c.Field, err)
		return
	}
	key, media := string(v.ID), v.Media.ID
	if media == "" {
		media = v.ID // a conversation of its own, if Instagram does not say of which media
	}
	switch {
	case v.ID == "":
		r.Unrecognised("", "A comment has no id.")
		return
	case meta.Samples[v.ID]:
		r.Ignored(key, "sample")
		return
	case v.From.ID != "" && v.From.ID == en.ID, v.From.Self != "":
		r.Echo(key)
		return
	case v.Text == "":
		r.Unrecognised(key, "A comment says nothing.")
		return
	}
	author := message.Author{Handle: meta.Handle(r.In.Channel, string(en.ID), string(v.From.ID)), Username: string(v.From.Username)}
	private := meta.ExtraComment
	if author.Handle.IsZero() {
		author, private = unnamed(r, en, key), ""
		author.Username = string(v.From.Username)
	}
	extra := meta.Extra(meta.ExtraPrivate, private, "ad_id", string(v.Media.AdID))
	if c.Field == "live_comments" || v.Media.Kind == "LIVE" {
		extra = meta.Extra(meta.ExtraPrivate, private, "ad_id", string(v.Media.AdID), extraLive, "true")
	}
	r.Add(message.Item{Kind: message.KindMessage, Key: key, Message: &message.Message{
		Channel:    r.In.Channel,
		Inbox:      r.In.ID,
		ID:         key,
		Thread:     string(media),
		Parent:     string(v.ParentID),
		Author:     author,
		Visibility: message.Public,
		SentAt:     meta.When(r.Env, en.Time),
		Text:       string(v.Text),
		Extra:      extra,
	}})
}

// unnamed is the author of something that Instagram tells us of without saying whose
// it is. Each has an author of its own, so that nobody is taken for somebody else.
func unnamed(r *meta.Reader, en meta.Entry, id string) message.Author {
	return message.Author{Handle: meta.Handle(r.In.Channel, string(en.ID), "author-of:"+id), Name: "Somebody on Instagram"}
}

// readMention files what is only a number: somebody mentioned us in a comment or a
// caption. Neither the words nor their author come along, but a person can look and
// answer.
func readMention(r *meta.Reader, en meta.Entry, c meta.Change) {
	var v mention
	if err := json.Unmarshal(c.Value, &v); err != nil {
		r.Unrecognised(string(en.ID), "The value of field %s can't be read: %v", c.Field, err)
		return
	}
	id, where := v.CommentID, "in a comment"
	if id == "" {
		id, where = v.MediaID, "in a caption"
	}
	key := string(id)
	switch {
	case id == "" || v.MediaID == "":
		r.Unrecognised(key, "A mention does not say on which media.")
		return
	case meta.Samples[id]:
		r.Ignored(key, "sample")
		return
	}
	r.Add(message.Item{Kind: message.KindMessage, Key: key, Message: &message.Message{
		Channel:    r.In.Channel,
		Inbox:      r.In.ID,
		ID:         key,
		Thread:     string(v.MediaID),
		Author:     unnamed(r, en, key),
		Visibility: message.Public,
		SentAt:     meta.When(r.Env, en.Time),
		Attachments: []message.Attachment{{
			Type: "link", Name: "mention", Alt: "mentions us " + where + "; Instagram does not pass on the words", Ref: key,
		}},
		Extra: meta.Extra(extraMentionedOn, string(v.MediaID)),
	}})
}
