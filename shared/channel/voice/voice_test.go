package voice_test

import (
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/voice"
	"ines/shared/message"
)

var (
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	inbox = channel.Inbox{ID: "northline-voice", Channel: "voice", Account: "+442071838750", URL: "https://hooks.northline.example/webhooks/voice/northline-voice"}
	live  = channel.Secrets{Sign: []string{"made-up-twilio-auth-token", "made-up-former-auth-token"}}
	dirs  = []string{"testdata", "../../../events/voice"}
)

func TestConformance(t *testing.T) {
	channeltest.Run(t, voice.Channel{}, channeltest.Config{Elsewhere: "+442071830000", Nameless: []string{"live_colleague_echo", "live_transcription", "recording", "recording_with_number_in_query"}, Inbox: inbox, Secrets: live, Dirs: dirs, Mute: true})
}

func FuzzRead(f *testing.F) { channeltest.FuzzRead(f, voice.Channel{}, inbox, dirs...) }

// Twilio runs what we answer: nothing.
func TestAccepted(t *testing.T) {
	a := voice.Channel{}.Accepted()
	if a.Status != 200 || !strings.HasPrefix(a.ContentType, "text/xml") || string(a.Body) != "<Response/>" {
		t.Errorf("%d %s %q", a.Status, a.ContentType, a.Body)
	}
}

func read(t *testing.T, path string) message.Message {
	t.Helper()
	_, r, err := channeltest.LoadEvent(path)
	if err != nil {
		t.Fatal(err)
	}
	items := voice.Channel{}.Read(inbox, message.Envelope{Query: r.Query, Header: r.Header, Body: r.Body, ReceivedAt: noon})
	if len(items) != 1 || items[0].Message == nil {
		t.Fatalf("%s: %+v", path, items)
	}
	return *items[0].Message
}

// What Twilio says about one call by four callbacks is one thread of one person.
func TestOneCallIsOneThreadOfOnePerson(t *testing.T) {
	caller := message.Handle{Channel: "voice", ID: "+447700900123"}
	thread, ids := "", map[string]bool{}
	for _, name := range []string{"incoming_call", "call_completed", "recording", "transcription"} {
		m := read(t, "../../../events/voice/"+name+".json")
		if thread == "" {
			thread = m.Thread
		}
		if m.Thread != thread || ids[m.ID] {
			t.Errorf("%s: thread %s, id %s", name, m.Thread, m.ID)
		}
		ids[m.ID] = true
		call := message.Handle{Channel: "voice", ID: thread}
		if m.Author.Handle != call && (m.Author.Handle != caller || len(m.Also) != 1 || m.Also[0] != call) {
			t.Errorf("%s: by %v, also %v", name, m.Author.Handle, m.Also)
		}
	}
	if m := read(t, "testdata/recording_with_number_in_query.json"); m.Author.Handle != caller {
		t.Errorf("with the number in the callback's address: by %v", m.Author.Handle)
	}
}

// Two callers who hide their numbers are two people.
func TestWithheldNumbersAreNotOnePerson(t *testing.T) {
	a, b := read(t, "testdata/withheld_number.json"), read(t, "testdata/anonymous.json")
	if a.Author.Handle == b.Author.Handle || a.Author.Handle.ID != a.Thread || len(a.Also) != 0 {
		t.Errorf("%v and %v", a.Author.Handle, b.Author.Handle)
	}
}

func TestLocate(t *testing.T) {
	m := read(t, "../../../events/voice/recording.json")
	o := channel.Outlet{Inbox: inbox, Token: "AC1:auth"}
	req, err := voice.Channel{}.Locate(t.Context(), o, m.Attachments[0])
	if err != nil {
		t.Fatal(err)
	}
	if user, password, ok := req.BasicAuth(); !ok || user != "AC1" || password != "auth" || req.URL.String() != m.Attachments[0].URL {
		t.Errorf("%s as %s", req.URL, user)
	}
	o.Token = ""
	if _, err := (voice.Channel{}).Locate(t.Context(), o, m.Attachments[0]); channel.AsSendError(err).Class != channel.Blocked {
		t.Errorf("without a credential: %v", err)
	}
}
