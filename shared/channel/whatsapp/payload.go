package whatsapp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

// text is a string that some deliveries spell as a number.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case bytes.Equal(b, []byte("null")):
		return nil
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	case len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9'):
		*t = text(b)
		return nil
	}
	return fmt.Errorf("%.20q is neither a string nor a number", b)
}

// Lists whose members must be able to fail one by one stay raw.

type delivery struct {
	Object text               `json:"object"`
	Entry  *[]json.RawMessage `json:"entry"`
}

type entry struct {
	ID      text               `json:"id"`
	Changes *[]json.RawMessage `json:"changes"`
}

type change struct {
	Field text            `json:"field"`
	Value json.RawMessage `json:"value"`
}

type value struct {
	Metadata struct {
		DisplayPhoneNumber text `json:"display_phone_number"`
		PhoneNumberID      text `json:"phone_number_id"`
	} `json:"metadata"`
	Contacts json.RawMessage    `json:"contacts"`
	Messages *[]json.RawMessage `json:"messages"`
	Statuses *[]json.RawMessage `json:"statuses"`
	Errors   *[]json.RawMessage `json:"errors"`
	Echoes   *[]json.RawMessage `json:"message_echoes"`
}

type contact struct {
	WaID    text `json:"wa_id"`
	UserID  text `json:"user_id"`
	Profile struct {
		Name     text `json:"name"`
		Username text `json:"username"`
	} `json:"profile"`
}

type inbound struct {
	From       text `json:"from"`
	FromUserID text `json:"from_user_id"`
	ID         text `json:"id"`
	Timestamp  text `json:"timestamp"`
	GroupID    text `json:"group_id"`
	Context    struct {
		ID text `json:"id"`
	} `json:"context"`
	content
	Revoke struct {
		OriginalMessageID text `json:"original_message_id"`
	} `json:"revoke"`
	Edit struct {
		OriginalMessageID text    `json:"original_message_id"`
		Message           content `json:"message"`
	} `json:"edit"`
	System struct {
		Type text `json:"type"`
	} `json:"system"`
	Errors []failure `json:"errors"`
}

// content is what a message says; an edit carries it again.
type content struct {
	Type text `json:"type"`
	Text struct {
		Body text `json:"body"`
	} `json:"text"`
	Button struct {
		Text    text `json:"text"`
		Payload text `json:"payload"`
	} `json:"button"`
	Interactive struct {
		Type        text   `json:"type"`
		ButtonReply choice `json:"button_reply"`
		ListReply   choice `json:"list_reply"`
		NFMReply    struct {
			Body         text `json:"body"`
			ResponseJSON text `json:"response_json"`
		} `json:"nfm_reply"`
	} `json:"interactive"`
	Image    media `json:"image"`
	Video    media `json:"video"`
	Audio    media `json:"audio"`
	Voice    media `json:"voice"`
	Document media `json:"document"`
	Sticker  media `json:"sticker"`
	Location struct {
		Latitude  text `json:"latitude"`
		Longitude text `json:"longitude"`
		Name      text `json:"name"`
		Address   text `json:"address"`
	} `json:"location"`
	Contacts []card `json:"contacts"`
	Order    struct {
		Text  text `json:"text"`
		Items []struct {
			Product  text `json:"product_retailer_id"`
			Quantity text `json:"quantity"`
		} `json:"product_items"`
	} `json:"order"`
	Unsupported struct {
		Type text `json:"type"`
	} `json:"unsupported"`
}

type choice struct {
	ID    text `json:"id"`
	Title text `json:"title"`
}

type media struct {
	ID       text `json:"id"`
	MIME     text `json:"mime_type"`
	SHA256   text `json:"sha256"`
	Caption  text `json:"caption"`
	Filename text `json:"filename"`
}

// card is a contact that the customer shares.
type card struct {
	Name struct {
		FormattedName text `json:"formatted_name"`
	} `json:"name"`
	Phones []struct {
		Phone text `json:"phone"`
	} `json:"phones"`
	Emails []struct {
		Email text `json:"email"`
	} `json:"emails"`
}

type status struct {
	ID        text      `json:"id"`
	Status    text      `json:"status"`
	Timestamp text      `json:"timestamp"`
	Callback  text      `json:"biz_opaque_callback_data"`
	Errors    []failure `json:"errors"`
}

// failure is an error as webhooks and API answers spell it.
type failure struct {
	Code      text `json:"code"`
	Subcode   text `json:"error_subcode"`
	Title     text `json:"title"`
	Message   text `json:"message"`
	Transient bool `json:"is_transient"`
	Data      struct {
		Details text `json:"details"`
	} `json:"error_data"`
}

func (f failure) words() string {
	words := string(f.Message)
	if words == "" {
		words = string(f.Title)
	}
	if d := string(f.Data.Details); d != "" && d != words {
		if words != "" {
			words += ": "
		}
		words += d
	}
	return words
}

// lastSecond is the end of the year 9999, behind which JSON has no times.
const lastSecond = 253402300799

// at reads a time in seconds; what makes no sense becomes the time we got it.
func at(seconds text, e message.Envelope) time.Time {
	s, err := strconv.ParseInt(string(seconds), 10, 64)
	if err != nil || s <= 0 || s > lastSecond {
		return e.ReceivedAt.UTC()
	}
	t := channel.Stamp(e, time.Unix(s, 0))
	if t.Year() > 9999 {
		return e.ReceivedAt.UTC()
	}
	return t
}
