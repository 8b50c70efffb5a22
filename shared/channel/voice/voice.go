// Package voice is the channel to phone calls through Twilio: what happened to a
// call, its recording and what was said in it are messages. Nothing can be sent. It
// imports the contract, message, lenient and twilio; only the channel registry
// imports it.
//
// An inbox is one number of ours. A thread is one call, by its CallSid. Recording
// callbacks don't say who called: the call's id then stands for the caller, and
// every message that knows the number names it besides (Message.Also), so that the
// two are one person.
package voice

import (
	"context"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/twilio"
	"ines/shared/message"
)

const (
	name    = "voice"
	whyMute = "A phone call can't be answered in writing: call back, or write an SMS to the caller's number."
)

// Channel implements channel.Channel, Fetcher, Saved and Emulator.
type Channel struct{ twilio.Hook }

// Name implements channel.Channel.
func (Channel) Name() string { return name }

// Window is always closed.
func (Channel) Window(channel.Thread, time.Time) channel.Window {
	return channel.Window{State: channel.WindowClosed, Why: whyMute}
}

// Limits are none: see Window.
func (Channel) Limits(message.Visibility) channel.Limits { return channel.Limits{} }

// Send refuses.
func (Channel) Send(context.Context, channel.Outlet, channel.Reply) (channel.Receipt, error) {
	return channel.Receipt{}, &channel.SendError{Class: channel.Permanent, Code: "voice", Detail: whyMute}
}

// Emulate implements channel.Emulator: there is nothing to send to.
func (Channel) Emulate(channel.Call, []channel.Call) (channel.CallAnswer, bool) {
	return channel.CallAnswer{}, false
}
