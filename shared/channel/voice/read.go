package voice

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/twilio"
	"ines/shared/message"
)

// Read implements channel.Channel: a request is one item.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	f, err := twilio.Read(e)
	if err != nil {
		return []message.Item{lenient.Unrecognised("", "%v", err)}
	}
	call := f.Get("CallSid")
	if call == "" {
		return []message.Item{lenient.Unrecognised("", "The form names no call.")}
	}
	r := reader{in: in, e: e, f: f, call: call, from: f.Get("From")}
	if r.from == "" {
		// An operator may put ?From=… into the callback's address, which
		// Twilio signs, where the form itself doesn't say it.
		if q, err := url.ParseQuery(e.Query); err == nil {
			r.from = strings.ToValidUTF8(q.Get("From"), "\uFFFD")
		}
	}
	items := []message.Item{r.item()}
	if r.from != in.Account && twilio.Elsewhere(in.Account, f.Get("To")) && !strings.HasPrefix(f.Get("Direction"), "outbound") {
		return lenient.Elsewhere(items)
	}
	return items
}

type reader struct {
	in   channel.Inbox
	e    message.Envelope
	f    twilio.Form
	call string
	from string
}

// withheld are what Twilio puts in the place of a number that the caller hides:
// words, and the words typed on a telephone's keys. They are many people's.
var withheld = map[string]bool{
	"anonymous": true, "restricted": true, "blocked": true, "unknown": true, "unavailable": true,
	"+266696687": true, "+7378742833": true, "+2562533": true, "+8656696": true, "+86282452253": true,
}

func (r reader) item() message.Item {
	switch direction := r.f.Get("Direction"); {
	case r.from != "" && r.from == r.in.Account:
		return message.Item{Kind: message.KindEcho, Key: r.call} // we called
	case strings.HasPrefix(direction, "outbound"):
		return lenient.Ignored(r.call, "outbound_leg") // towards a colleague
	}
	switch {
	case r.f.Has("TranscriptionEvent"):
		return r.live()
	case r.f.Has("TranscriptionSid") || r.f.Has("TranscriptionText"):
		return r.transcription()
	case r.f.Has("SpeechResult"):
		return r.speech()
	case r.f.Has("DialCallStatus"):
		return r.dialled()
	case r.f.Has("RecordingSid") && !final[r.f.Get("CallStatus")]:
		return r.recording()
	case r.f.Has("CallStatus"):
		return r.status()
	}
	return lenient.Unrecognised(r.call, "The form says nothing about the call that we know.")
}

// message is one of the call's thread.
func (r reader) message(id, text string) message.Item {
	m := &message.Message{Channel: name, Inbox: r.in.ID, ID: id, Thread: r.call, Visibility: message.Private, SentAt: r.f.Time(r.e), Text: text}
	caller := message.Handle{Channel: name, ID: r.call}
	if number := r.from; number != "" && !withheld[strings.ToLower(number)] {
		m.Author.Handle, m.Also = message.Handle{Channel: name, ID: number}, []message.Handle{caller}
	} else {
		m.Author.Handle = caller
	}
	m.Author.Name = r.f.Get("CallerName")
	if address := r.f.Get("RecordingUrl"); strings.HasPrefix(address, "https://") {
		m.Attachments = []message.Attachment{{Type: "audio", MIME: "audio/x-wav", Name: r.f.Get("RecordingSid"), URL: address}}
	}
	return message.Item{Kind: message.KindMessage, Key: id, Message: m}
}

// final are the states after which nothing more comes.
var final = map[string]bool{"completed": true, "busy": true, "no-answer": true, "canceled": true, "failed": true}

var missed = map[string]string{
	"busy": "Missed phone call: the line was busy.", "no-answer": "Missed phone call: nobody answered.",
	"canceled": "Missed phone call: the caller hung up.", "failed": "Phone call that could not be connected.",
}

func (r reader) status() message.Item {
	switch status := r.f.Get("CallStatus"); status {
	case "ringing":
		return r.message(r.call, "Incoming phone call.")
	case "completed":
		// Under another id than the ringing: both are filed.
		text := "Phone call."
		if took := length(r.f.First("CallDuration", "RecordingDuration")); took != "" {
			text = "Phone call, " + took + "."
		}
		return r.message(r.call+"/completed", text)
	case "busy", "no-answer", "canceled", "failed":
		return r.message(r.call+"/"+status, missed[status])
	case "queued", "initiated", "in-progress", "answered":
		return lenient.Ignored(r.call+"/"+status, "call_"+strings.ReplaceAll(status, "-", "_"))
	default:
		return lenient.Unrecognised(r.call, "The call status %.40q is unknown.", status)
	}
}

// dialled is what became of connecting the caller to somebody: the caller's own
// call is completed all the same.
func (r reader) dialled() message.Item {
	switch status := r.f.Get("DialCallStatus"); status {
	case "completed", "answered":
		return lenient.Ignored(r.call+"/dial", "dial_"+status)
	case "busy", "no-answer", "canceled", "failed":
		return r.message(r.call+"/dial/"+status, missed[status])
	default:
		return lenient.Unrecognised(r.call, "The status %.40q of a forwarded call is unknown.", status)
	}
}

func (r reader) recording() message.Item {
	sid, status := r.f.Get("RecordingSid"), r.f.Get("RecordingStatus")
	switch {
	case sid == "":
		return lenient.Unrecognised(r.call, "A recording has no id.")
	case status == "in-progress" || status == "absent" || status == "failed" || status == "paused" || status == "stopped" || status == "deleted":
		return lenient.Ignored(sid+"/"+status, "recording_"+strings.ReplaceAll(status, "-", "_"))
	case status != "" && status != "completed":
		return lenient.Unrecognised(sid, "The recording status %.40q is unknown.", status)
	}
	text := "Recording of a phone call."
	if took := length(r.f.Get("RecordingDuration")); took != "" {
		text = "Recording of a phone call, " + took + "."
	}
	return r.message(sid, text)
}

func (r reader) transcription() message.Item {
	sid, text := r.f.Get("TranscriptionSid"), r.f.Get("TranscriptionText")
	if status := r.f.Get("TranscriptionStatus"); status == "failed" {
		if r.f.Get("RecordingSid") != "" && r.f.Get("RecordingUrl") != "" {
			return r.recording() // what was said can still be listened to
		}
		return lenient.Ignored(sid+"/"+status, "transcription_failed")
	}
	if sid == "" {
		sid = r.call + "/transcription/" + message.DeriveID(string(r.e.Body))
	}
	if strings.TrimSpace(text) == "" {
		return lenient.Ignored(sid, "transcription_empty")
	}
	it := r.message(sid, text)
	it.Message.Parent = r.f.Get("RecordingSid")
	return it
}

// live is a step of a real-time transcription.
func (r reader) live() message.Item {
	event, sid := r.f.Get("TranscriptionEvent"), r.f.Get("TranscriptionSid")
	key := sid + "/" + r.f.Get("SequenceId")
	switch event {
	case "transcription-content":
	case "transcription-started", "transcription-stopped", "transcription-error":
		return lenient.Ignored(key, strings.ReplaceAll(event, "-", "_"))
	default:
		return lenient.Unrecognised(key, "The event %.40q of a transcription is unknown.", event)
	}
	var data struct {
		Transcript lenient.Text `json:"transcript"`
	}
	switch err := json.Unmarshal([]byte(r.f.Get("TranscriptionData")), &data); {
	case err != nil || sid == "" || !r.f.Has("SequenceId"):
		return lenient.Unrecognised(key, "A piece of a transcription can't be read.")
	case r.f.Get("Track") == "outbound_track":
		return message.Item{Kind: message.KindEcho, Key: key} // what the caller heard
	case r.f.Get("Final") == "false":
		return lenient.Ignored(key, "transcription_partial")
	case strings.TrimSpace(string(data.Transcript)) == "":
		return lenient.Ignored(key, "transcription_empty")
	}
	it := r.message(key, string(data.Transcript))
	it.Message.Language = r.f.Get("LanguageCode")
	return it
}

// speech is what the caller said to a <Gather>. It has no id of its own.
func (r reader) speech() message.Item {
	text := r.f.Get("SpeechResult")
	if strings.TrimSpace(text) == "" {
		return lenient.Ignored(r.call, "speech_empty")
	}
	it := r.message(r.call+"/speech/"+message.DeriveID(string(r.e.Body)), text)
	it.Message.Language = r.f.Get("Language")
	return it
}

// length is a number of seconds as people say it; "" if it is none.
func length(seconds string) string {
	n := lenient.Text(seconds).Int()
	switch {
	case n <= 0 || n > 7*24*3600:
		return ""
	case n < 60:
		return fmt.Sprintf("%d s", n)
	case n < 3600:
		return strings.TrimSuffix(fmt.Sprintf("%d min %d s", n/60, n%60), " 0 s")
	}
	return strings.TrimSuffix(fmt.Sprintf("%d h %d min", n/3600, n%3600/60), " 0 min")
}
