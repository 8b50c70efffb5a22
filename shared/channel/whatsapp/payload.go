package whatsapp

import (
	"encoding/json"

	"ines/shared/channel/meta"
)

type text = meta.Text

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
	Errors []meta.Failure `json:"errors"`
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
	ID        text           `json:"id"`
	Status    text           `json:"status"`
	Timestamp text           `json:"timestamp"`
	Callback  text           `json:"biz_opaque_callback_data"`
	Errors    []meta.Failure `json:"errors"`
}
