package telegram

import (
	"encoding/json"
	"strings"

	"ines/shared/channel/lenient"
)

// The parts of an Update that we read (Bot API 10.1). The models of
// github.com/go-telegram/bot refuse a whole message for one field of another type;
// the tests hold our fixtures against them.

type text = lenient.Text

type user struct {
	ID       text `json:"id"`
	IsBot    bool `json:"is_bot"`
	First    text `json:"first_name"`
	Last     text `json:"last_name"`
	Username text `json:"username"`
	Language text `json:"language_code"`
}

type chat struct {
	ID       text `json:"id"`
	Type     text `json:"type"`
	Title    text `json:"title"`
	First    text `json:"first_name"`
	Last     text `json:"last_name"`
	Username text `json:"username"`
	Direct   bool `json:"is_direct_messages"` // a channel's direct messages
}

type inbound struct {
	ID       text `json:"message_id"`
	ThreadID text `json:"message_thread_id"`
	IsTopic  bool `json:"is_topic_message"`
	Direct   *struct {
		ID text `json:"topic_id"`
	} `json:"direct_messages_topic"`
	From        *user `json:"from"`
	SenderChat  *chat `json:"sender_chat"`
	BusinessBot *user `json:"sender_business_bot"`
	Business    text  `json:"business_connection_id"`
	Date        text  `json:"date"`
	EditDate    text  `json:"edit_date"`
	Chat        chat  `json:"chat"`
	ReplyTo     *struct {
		ID text `json:"message_id"`
	} `json:"reply_to_message"`
	Quote struct {
		Text text `json:"text"`
	} `json:"quote"`
	AutomaticForward bool `json:"is_automatic_forward"`

	Text            text     `json:"text"`
	Entities        []entity `json:"entities"`
	Caption         text     `json:"caption"`
	CaptionEntities []entity `json:"caption_entities"`

	Photo     []file   `json:"photo"`
	Document  *file    `json:"document"`
	Video     *file    `json:"video"`
	Audio     *file    `json:"audio"`
	Voice     *file    `json:"voice"`
	VideoNote *file    `json:"video_note"`
	Animation *file    `json:"animation"`
	Sticker   *sticker `json:"sticker"`
	Location  *place   `json:"location"`
	Venue     *struct {
		Location place `json:"location"`
		Title    text  `json:"title"`
		Address  text  `json:"address"`
	} `json:"venue"`
	Contact *struct {
		Phone text `json:"phone_number"`
		First text `json:"first_name"`
		Last  text `json:"last_name"`
	} `json:"contact"`
	Dice *struct {
		Emoji text `json:"emoji"`
		Value text `json:"value"`
	} `json:"dice"`
	Poll *struct {
		Question text `json:"question"`
		Options  []struct {
			Text text `json:"text"`
		} `json:"options"`
	} `json:"poll"`
	Checklist *struct {
		Title text `json:"title"`
		Tasks []struct {
			Text text `json:"text"`
		} `json:"tasks"`
	} `json:"checklist"`
}

type entity struct {
	Type   text `json:"type"`
	Offset text `json:"offset"` // UTF-16 units
	Length text `json:"length"`
	URL    text `json:"url"`
}

type file struct {
	ID   text `json:"file_id"`
	Name text `json:"file_name"`
	MIME text `json:"mime_type"`
	Size text `json:"file_size"`
}

type sticker struct {
	file
	Emoji    text `json:"emoji"`
	Animated bool `json:"is_animated"`
	Video    bool `json:"is_video"`
}

type place struct {
	Latitude  text `json:"latitude"`
	Longitude text `json:"longitude"`
}

type member struct {
	Chat chat `json:"chat"`
	From user `json:"from"`
	Date text `json:"date"`
	New  struct {
		Status text `json:"status"`
	} `json:"new_chat_member"`
}

type callback struct {
	ID      text            `json:"id"`
	From    user            `json:"from"`
	Message json.RawMessage `json:"message"`
	Data    text            `json:"data"`
}

// pressed is the message that a button was under.
type pressed struct {
	inbound
	Markup struct {
		Rows [][]struct {
			Text text `json:"text"`
			Data text `json:"callback_data"`
		} `json:"inline_keyboard"`
	} `json:"reply_markup"`
}

type deleted struct {
	Business text   `json:"business_connection_id"`
	Chat     chat   `json:"chat"`
	IDs      []text `json:"message_ids"`
}

func joined(parts ...text) string {
	var out []string
	for _, p := range parts {
		if s := strings.TrimSpace(string(p)); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}
