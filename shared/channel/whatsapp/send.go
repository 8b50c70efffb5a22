package whatsapp

import (
	"context"
	"net/http"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/meta"
)

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
}

// Send posts one text message. A reply into a thread that the customer began
// with a number that WhatsApp spells differently, or a first message to such a
// number, gets the thread of WhatsApp's spelling in the receipt.
func (Channel) Send(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	m, err := compose(r)
	if err != nil {
		return channel.Receipt{}, err
	}
	var a accepted
	pause, err := meta.Do(ctx, o, meta.Call{Method: http.MethodPost, Path: []string{o.Inbox.Account, "messages"}, JSON: m, Mailbox: true}, &a)
	if err != nil {
		return channel.Receipt{}, err
	}
	if len(a.Messages) == 0 || a.Messages[0].ID == "" {
		return channel.Receipt{}, meta.NoID()
	}
	receipt := channel.Receipt{ID: string(a.Messages[0].ID), Pause: pause}
	if len(a.Contacts) == 1 && m.RecipientType == "individual" && m.To != "" {
		if wa := digitsOf(a.Contacts[0].WaID); wa != "" && wa != m.To {
			receipt.Thread = meta.ThreadKey(o.Inbox.Account, wa)
		}
	}
	return receipt, nil
}

func compose(r channel.Reply) (outbound, error) {
	if err := meta.Fits(limits, r.Text); err != nil {
		return outbound{}, err
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
		return outbound{}, lenient.Refuse("recipient", "the reply does not say to whom it goes")
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
