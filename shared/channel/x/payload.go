package x

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// The payload types take what they can use and leave out what has another type
// than documented: a strange follower count must not cost us the message. Whether
// what is left makes a message, read.go and its neighbours decide.

// id is an id, a JSON string or number (numbers lose nothing: they are never
// decoded as such). Anything else is "".
type id string

func (v *id) UnmarshalJSON(b []byte) error {
	*v = ""
	if len(b) == 0 {
		return nil
	}
	switch {
	case b[0] == '"':
		var s string
		if json.Unmarshal(b, &s) == nil {
			*v = id(s)
		}
	case strings.Trim(string(b), "-0123456789") == "":
		*v = id(b)
	}
	return nil
}

// count is a whole number, as number or string, else 0.
type count int64

func (v *count) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	if err != nil {
		n = 0
	}
	*v = count(n)
	return nil
}

// words is a text, and whether there was one: an empty text is a message too (a
// picture alone), a missing one is a shape we don't know.
type words struct {
	s  string
	ok bool
}

func (v *words) UnmarshalJSON(b []byte) error {
	*v = words{}
	if len(b) > 0 && b[0] == '"' {
		v.ok = json.Unmarshal(b, &v.s) == nil
	}
	return nil
}

// many is a list; an entry of another type is left out, anything but a list empty.
type many[T any] []T

func (v *many[T]) UnmarshalJSON(b []byte) error {
	*v = nil
	var raws []json.RawMessage
	if json.Unmarshal(b, &raws) != nil {
		return nil
	}
	for _, raw := range raws {
		var t T
		if json.Unmarshal(raw, &t) == nil || decode(raw, &t) {
			*v = append(*v, t)
		}
	}
	return nil
}

// decode fills v as far as the types agree. False: not JSON, or not even the
// outermost type.
func decode(raw []byte, v any) bool {
	err := json.Unmarshal(raw, v)
	var te *json.UnmarshalTypeError
	return err == nil || errors.As(err, &te) && te.Field != ""
}

// person is a user object: flat or nested under data, new names or old ones.
type person struct {
	ID         id     `json:"id"`
	IDStr      id     `json:"id_str"`
	Name       string `json:"name"`
	Username   string `json:"username"`
	ScreenName string `json:"screen_name"`
	Verified   bool   `json:"verified"`
	Followers  count  `json:"followers_count"`
	Metrics    struct {
		Followers count `json:"followers_count"`
	} `json:"public_metrics"`
	Data *person `json:"data"`
}

func (p person) flat() person {
	if p.Data != nil {
		outer := p.ID
		p = *p.Data
		if p.ID == "" {
			p.ID = outer
		}
		p.Data = nil
	}
	if p.IDStr != "" {
		p.ID = p.IDStr
	}
	if p.Username == "" {
		p.Username = p.ScreenName
	}
	p.Followers = max(p.Followers, p.Metrics.Followers, 0)
	return p
}

// entities are the parts of a text that X recognised.
type entities struct {
	URLs []link `json:"urls"`
	// Media are links to the post's own pictures, in the older shape.
	Media        many[media]  `json:"media"`
	Mentions     many[person] `json:"mentions"`      // id, username
	UserMentions many[person] `json:"user_mentions"` // id_str, screen_name
}

type link struct {
	URL      string `json:"url"`
	Expanded string `json:"expanded_url"`
	MediaKey string `json:"media_key"`
}

// media is an attachment: of includes.media, extended_entities.media or a DM.
type media struct {
	Key      string `json:"media_key"`
	ID       id     `json:"id_str"`
	Type     string `json:"type"` // photo, video, animated_gif
	URL      string `json:"url"`  // includes.media: the picture; older shape: the t.co link
	HTTPS    string `json:"media_url_https"`
	Preview  string `json:"preview_image_url"`
	Alt      string `json:"alt_text"`
	OldAlt   string `json:"ext_alt_text"`
	Variants []struct {
		URL     string `json:"url"`
		Type    string `json:"content_type"`
		BitRate count  `json:"bit_rate"`
	} `json:"variants"`
	VideoInfo struct { // older shape
		Variants []struct {
			URL     string `json:"url"`
			Type    string `json:"content_type"`
			BitRate count  `json:"bitrate"`
		} `json:"variants"`
	} `json:"video_info"`
}

// ownTime is a time as X writes it, or zero if it is none that can be believed.
func ownTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339, time.RubyDate} {
		if t, err := time.Parse(layout, s); err == nil {
			return believed(t)
		}
	}
	return time.Time{}
}

func millis(v id) time.Time {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return believed(time.UnixMilli(n))
}

// believed: X exists since 2006, and JSON can't say years past 9999.
func believed(t time.Time) time.Time {
	if t.Year() < 2006 || t.Year() > 2999 {
		return time.Time{}
	}
	return t.UTC()
}
