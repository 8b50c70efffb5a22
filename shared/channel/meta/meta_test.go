package meta

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

// The vectors of CHANNELS.md, section 11: GitHub's and courier's published ones, and
// our own of an escaped body, whose re-serialised form must fail.
func TestVerify(t *testing.T) {
	escaped := `{"object": "page", "entry": [{"id": "1", "time": 1, "messaging": [{"message": {"mid": "m_1", "text": "\u00e4\u00f6\u00e5 https:\/\/e.example"}}]}]}`
	const escapedSum = "03aaa6b3a11ea8a4e6a4e4365333139adf38eddb34a48b9f9b5da09853a9d016"
	const hello = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	tests := []struct {
		name, secret, body, header string
		good                       bool
	}{
		{"published", "It's a Secret to Everybody", "Hello, World!", "sha256=" + hello, true},
		{"courier", "sesame", "hello world", "sha256=f39034b29165ec6a5104d9aef27266484ab26c8caa7bca8bcb2dd02e8be61b17", true},
		{"courier, other body", "sesame", "hello world2", "sha256=60905fdf409d0b4f721e99f6f25b31567a68a6b45e933d814e17a246be4c5a53", true},
		{"bodies exchanged", "sesame", "hello world", "sha256=60905fdf409d0b4f721e99f6f25b31567a68a6b45e933d814e17a246be4c5a53", false},
		{"escaped", "not-a-real-app-secret", escaped, "sha256=" + escapedSum, true},
		{"escaped, re-serialised", "not-a-real-app-secret", strings.NewReplacer(`\u00e4`, "ä", `\u00f6`, "ö", `\u00e5`, "å", `\/`, "/").Replace(escaped), "sha256=" + escapedSum, false},
		{"no header", "sesame", "hello world", "", false},
		{"other algorithm", "It's a Secret to Everybody", "Hello, World!", "sha1=" + hello, false},
		{"no prefix", "It's a Secret to Everybody", "Hello, World!", hello, false},
		{"empty secret", "", "Hello, World!", "sha256=" + hello, false},
	}
	for _, tt := range tests {
		err := App{}.Verify(channel.Inbox{}, channel.Secrets{Sign: []string{tt.secret}}, channel.Request{Header: map[string]string{SignatureHeader: tt.header}, Body: []byte(tt.body)}, time.Time{})
		if (err == nil) != tt.good {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestWhen(t *testing.T) {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	e := message.Envelope{ReceivedAt: noon}
	for name, tt := range map[string]struct {
		stamps []Text
		want   time.Time
	}{
		"seconds":           {[]Text{"1795168800"}, noon.Add(-2 * time.Hour)},
		"milliseconds":      {[]Text{"1795168800412"}, noon.Add(-2*time.Hour + 412*time.Millisecond)},
		"the first that is": {[]Text{"", "x", "-1", "0", "1795168800"}, noon.Add(-2 * time.Hour)},
		"none":              {nil, noon},
		"far ahead":         {[]Text{"1895168800"}, noon},
		"beyond all time":   {[]Text{"9223372036854775807"}, noon},
		"no number":         {[]Text{"1e9"}, noon},
	} {
		if got := When(e, tt.stamps...); !got.Equal(tt.want) {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// The longest of what the headers say counts, and nonsense counts for nothing.
func TestWaitOf(t *testing.T) {
	h := http.Header{}
	h.Set("Retry-After", "30")
	h.Set("X-Business-Use-Case-Usage", `{"1":[{"estimated_time_to_regain_access":2},{"estimated_time_to_regain_access":-5}],"2":[{"estimated_time_to_regain_access":1}]}`)
	if got := waitOf(h); got != 2*time.Minute {
		t.Errorf("got %s", got)
	}
	h.Set("X-Business-Use-Case-Usage", `{"1":[{"estimated_time_to_regain_access":"soon"}]}`)
	if got := waitOf(h); got != 30*time.Second {
		t.Errorf("got %s", got)
	}
	if got := waitOf(http.Header{}); got != 0 {
		t.Errorf("got %s", got)
	}
}

// What we look for is ours, as old as our attempt, and compared without regard to
// blanks.
func TestFind(t *testing.T) {
	since := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	said := func(id, from, text, at string) Spoken {
		s := Spoken{ID: Text(id), Message: Text(text), Created: Text(at)}
		s.From.ID = Text(from)
		return s
	}
	list := []Spoken{
		said("1", "us", "Hello there", "2026-11-20T11:58:00+0000"),
		said("2", "them", "Hello there", "2026-11-20T12:00:01+0000"),
		said("3", "us", "Hello", "2026-11-20T12:00:01+0000"),
		said("", "us", "Hello there", "2026-11-20T12:00:01+0000"),
		said("4", "us", "Hello there", "2026-11-20T13:00:02+0100"),
	}
	if id, ok := find(list, "us", " Hello\n there ", since); id != "4" || !ok {
		t.Errorf("found %q, %t", id, ok)
	}
	if id, ok := find(list[:4], "us", "Hello there", since); ok {
		t.Errorf("found %q", id)
	}
}

// A limit of one pair of people holds up that conversation alone.
func TestNarrow(t *testing.T) {
	for code, narrow := range map[Text]bool{"131056": true, "130429": false, "4": false} {
		se := Classify(http.StatusBadRequest, http.Header{}, &Failure{Code: code}, true)
		if se.Class != channel.Throttled || se.Narrow != narrow {
			t.Errorf("code %s: %+v", code, se)
		}
	}
}
