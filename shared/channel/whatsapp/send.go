package whatsapp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"ines/shared/channel"
)

const graph = "https://graph.facebook.com/v25.0/"

type outbound struct {
	Product       string           `json:"messaging_product"`
	RecipientType string           `json:"recipient_type"`
	To            string           `json:"to,omitempty"`        // a phone number or a group
	Recipient     string           `json:"recipient,omitempty"` // a business-scoped user id
	Type          string           `json:"type"`
	Text          outboundText     `json:"text"`
	Context       *outboundContext `json:"context,omitempty"`
	// Callback comes back with every status of the message.
	Callback string `json:"biz_opaque_callback_data,omitempty"`
}

type outboundText struct {
	Body string `json:"body"`
}

type outboundContext struct {
	MessageID string `json:"message_id"`
}

type accepted struct {
	Contacts []struct {
		Input text `json:"input"`
		WaID  text `json:"wa_id"`
	} `json:"contacts"`
	Messages []struct {
		ID text `json:"id"`
	} `json:"messages"`
	Error *failure `json:"error"`
}

// Send posts one text message. A reply into a thread that the customer began
// with a number that WhatsApp spells differently, or a first message to such a
// number, gets the thread of WhatsApp's spelling in the receipt.
func (Channel) Send(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	if o.Token == "" {
		return channel.Receipt{}, &channel.SendError{Class: channel.Blocked, Code: "token", Detail: "the inbox has no access token"}
	}
	m, err := compose(r)
	if err != nil {
		return channel.Receipt{}, err
	}
	body, err := json.Marshal(m)
	if err != nil {
		return channel.Receipt{}, refuse("body", "the message can't be put into JSON: "+err.Error())
	}
	address := graph + url.PathEscape(o.Inbox.Account) + "/messages"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return channel.Receipt{}, refuse("account", err.Error())
	}
	req.Header.Set("Authorization", "Bearer "+o.Token)
	req.Header.Set("Content-Type", "application/json")
	answer, err := o.HTTP.Do(req)
	if err != nil {
		return channel.Receipt{}, channel.NetworkError(err)
	}
	raw, err := channel.ReadAnswer(answer)
	if err != nil {
		return channel.Receipt{}, err
	}
	var a accepted
	parseErr := json.Unmarshal(raw, &a)
	if answer.StatusCode/100 != 2 || a.Error != nil {
		se := classify(answer.StatusCode, answer.Header, a.Error)
		se.Detail = strings.ReplaceAll(se.Detail, o.Token, "…") // Graph quotes malformed tokens
		return channel.Receipt{}, se
	}
	if parseErr != nil || len(a.Messages) == 0 || a.Messages[0].ID == "" {
		return channel.Receipt{}, &channel.SendError{
			Class:  channel.Unknown,
			Code:   fmt.Sprint(answer.StatusCode),
			Detail: "the answer names no message",
			Err:    parseErr,
		}
	}
	receipt := channel.Receipt{ID: string(a.Messages[0].ID)}
	if len(a.Contacts) == 1 && m.RecipientType == "individual" && m.To != "" {
		if wa := digitsOf(a.Contacts[0].WaID); wa != "" && wa != m.To {
			receipt.Thread = threadKey(o.Inbox.Account, wa)
		}
	}
	return receipt, nil
}

func compose(r channel.Reply) (outbound, error) {
	if strings.TrimSpace(r.Text) == "" {
		return outbound{}, refuse("empty", "there is no text to send")
	}
	if n := measure(r.Text); n > maxText {
		return outbound{}, refuse("too_long", fmt.Sprintf("the text has %d characters, WhatsApp takes %d", n, maxText))
	}
	m := outbound{
		Product:       "whatsapp",
		RecipientType: "individual",
		Type:          "text",
		Text:          outboundText{Body: r.Text},
		Callback:      r.ID,
	}
	to := r.To.ID
	if to == "" {
		to = r.Thread.With.ID
	}
	switch group := r.Thread.Extra["group_id"]; {
	case group != "":
		m.RecipientType, m.To = "group", group
	case to == "":
		return outbound{}, refuse("recipient", "the reply does not say to whom it goes")
	case isPhone(to):
		m.To = to
	default:
		m.Recipient = to
	}
	if r.Parent != "" {
		m.Context = &outboundContext{MessageID: r.Parent}
	}
	return m, nil
}

func refuse(code, detail string) *channel.SendError {
	return &channel.SendError{Class: channel.Permanent, Code: code, Detail: detail}
}
