package casework

import (
	"errors"
	"time"

	"ines/shared/message"
	"ines/shared/policy"
)

// platforms is what the channels say in these tests: public x threads take 280
// bytes, a private x thread closes 24 h after the customer wrote, mail is open.
type platforms struct{}

func (platforms) Window(t Thread, now time.Time) Window {
	if t.Channel == "x" && t.Visibility == message.Private && !t.LastInbound.IsZero() && now.Sub(t.LastInbound) > 24*time.Hour {
		return Window{State: "closed", Why: "the customer wrote more than a day ago."}
	}
	if t.Key == "closed" {
		return Window{State: "closed", Why: "the platform says so."}
	}
	if t.Refused != "" {
		return Window{State: "closed", Why: "they refused to be written to."}
	}
	if t.Extra["people"] == "only" {
		return Window{State: WindowOpen, Machines: t.LastInbound}
	}
	return Window{State: WindowOpen}
}

func (platforms) Measure(t Thread, text string) (int, int, string) {
	switch {
	case t.Visibility == message.Public:
		return len(text), 280, "bytes"
	case t.Channel == "telegram":
		return len(text), 20, "bytes"
	}
	return len(text), 0, ""
}

func (platforms) Split(t Thread, text string) (parts []string, ok bool) {
	for len(text) > 20 && len(parts) < 3 {
		parts, text = append(parts, text[:20]), text[20:]
	}
	return append(parts, text), t.Channel == "telegram" && len(text) <= 20
}

func (platforms) Open(in policy.Inbox, address string, known message.Handle, public Thread) (Thread, error) {
	t := Thread{Channel: in.Channel, Inbox: in.ID, Visibility: message.Private, With: known}
	switch {
	case in.Channel == "facebook" && public.LastID != "":
		t.With, t.Extra = public.With, map[string]string{"comment_id": public.LastID}
	case in.Channel == "email" && address != "":
		t.With = message.Handle{Channel: "email", ID: address}
	case in.Channel == "x" && !known.IsZero():
		t.Key = in.Account + "-" + known.ID
	default:
		return t, errors.New("nobody to write to")
	}
	return t, nil
}
