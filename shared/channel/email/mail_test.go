package email

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

func TestMsgIDs(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := map[string][]string{
		"":                            nil,
		"<a@b.example>":               {"a@b.example"},
		"<a@b>  <c@d>\r\n\t<a@b>":     {"a@b", "c@d"},
		`"comment" <a@b> (c <d@e>)`:   {"a@b", "d@e"},
		"a@b.example":                 {"a@b.example"},
		"no id here":                  nil,
		"<>":                          nil,
		"<a b@c>":                     {"b@c"},
		"<" + long + "@mail.example>": {message.DeriveID(long+"@mail.example") + "@long-message-id.invalid"},
	}
	for in, want := range tests {
		if got := msgIDs(in); !slices.Equal(got, want) {
			t.Errorf("%.40q gives %q, want %q", in, got, want)
		}
	}
}

// Without a Message-ID and without the provider's serial, what the mail says
// identifies it.
func TestMadeUpID(t *testing.T) {
	m := incoming{date: "Fri, 20 Nov 2026 10:00:00 +0000", from: mailbox{address: "a@mail.example"}, subject: "s", text: "t"}
	id := m.id()
	if again := m.id(); again != id || !strings.HasSuffix(id, ".invalid") {
		t.Errorf("ids %q, %q", id, again)
	}
	for name, change := range map[string]func(*incoming){
		"date":    func(m *incoming) { m.date += " " },
		"from":    func(m *incoming) { m.from.address = "b@mail.example" },
		"subject": func(m *incoming) { m.subject = "other" },
		"text":    func(m *incoming) { m.text = "other" },
		"serial":  func(m *incoming) { m.serial = "1" },
	} {
		other := m
		change(&other)
		if other.id() == id {
			t.Errorf("another %s, the same id", name)
		}
	}
	one, two := m, m
	one.serial, two.serial, two.date = "1", "1", "later"
	if one.id() != two.id() {
		t.Error("one serial, two ids")
	}
}

func TestSentAt(t *testing.T) {
	received := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	e := message.Envelope{ReceivedAt: received, Skew: time.Hour}
	tests := map[string]time.Time{
		"Fri, 20 Nov 2026 10:00:00 +0100":          time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), // with the skew
		"20 Nov 2026 10:00:00 GMT":                 time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC),
		"Fri, 20 Nov 2026 10:00:00 +0000 (Lisbon)": time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC),
		"2026-11-20T10:00:00.5Z":                   time.Date(2026, 11, 20, 11, 0, 0, 5e8, time.UTC),
		"":                                         received,
		"yesterday":                                received,
		"Thu, 01 Jan 1970 00:00:00 +0000":          received,
		"Fri, 20 Nov 2099 10:00:00 +0000":          received,
		"Fri, 20 Nov 2026 11:10:00 +0000":          received.Add(channel.MaxAhead),
		"Fri, 20 Nov 2026 11:10:01 +0000":          received,
	}
	for date, want := range tests {
		if got := sentAt(date, e); !got.Equal(want) {
			t.Errorf("%q is %s, want %s", date, got, want)
		}
	}
}

func TestSubjectOf(t *testing.T) {
	thread := channel.Thread{Key: "root@mail.example"}
	tests := []struct {
		name string
		r    channel.Reply
		want string
	}{
		{"first mail", channel.Reply{Subject: "Your call"}, "Your call"},
		{"answer", channel.Reply{Subject: "Bag", Thread: thread}, "Re: Bag"},
		{"answer to an answer", channel.Reply{Subject: "Re: Bag", Thread: thread}, "Re: Bag"},
		{"many prefixes", channel.Reply{Subject: "RE: AW: Re[2]: SV: Bag", Thread: thread}, "Re: Bag"},
		{"a word that looks alike", channel.Reply{Subject: "Reply: Bag", Thread: thread}, "Re: Reply: Bag"},
		{"the thread's", channel.Reply{Thread: channel.Thread{Key: "k", Subject: "Bag"}}, "Re: Bag"},
		{"the last mail's", channel.Reply{Thread: channel.Thread{Key: "k", Extra: map[string]string{"subject": "Bag"}}}, "Re: Bag"},
		{"none", channel.Reply{Thread: thread}, "Re:"},
		{"line ends", channel.Reply{Subject: "Bag\r\nBcc: x@mail.example", Thread: thread}, "Re: Bag Bcc: x@mail.example"},
	}
	for _, tt := range tests {
		if got := subjectOf(tt.r); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestReferencesOf(t *testing.T) {
	var many []string
	for i := range 100 {
		many = append(many, message.DeriveID(string(rune('a'+i)))+"@mail.example")
	}
	tests := []struct {
		name string
		r    channel.Reply
		want []string
	}{
		{"first mail", channel.Reply{}, nil},
		{"answer", channel.Reply{Parent: "a", Thread: channel.Thread{Key: "a"}}, []string{"a"}},
		{"chain", channel.Reply{Parent: "c", Refs: []string{"a", "b", "c"}, Thread: channel.Thread{Key: "a"}}, []string{"a", "b", "c"}},
		{"root missing", channel.Reply{Parent: "c", Refs: []string{"b"}, Thread: channel.Thread{Key: "a"}}, []string{"a", "b", "c"}},
		{"parent not the last", channel.Reply{Parent: "b", Refs: []string{"a", "b", "c"}, Thread: channel.Thread{Key: "a"}}, []string{"a", "c", "b"}},
		{"from the last mail", channel.Reply{Parent: "c", Thread: channel.Thread{Key: "a", Extra: map[string]string{"references": "a b"}}}, []string{"a", "b", "c"}},
		{"some never came to us", channel.Reply{Parent: "d", Refs: []string{"a", "d"}, Thread: channel.Thread{Key: "a", Extra: map[string]string{"references": "a b c"}}}, []string{"a", "b", "c", "d"}},
		{"unprompted", channel.Reply{Thread: channel.Thread{Key: "a", LastID: "b"}}, []string{"a", "b"}},
		{"not ids", channel.Reply{Parent: "c>\r\nBcc: x", Refs: []string{"b\r\nX: y", "<b>"}, Thread: channel.Thread{Key: "a"}}, []string{"a", "b"}},
		{"too many", channel.Reply{Parent: many[99], Refs: many, Thread: channel.Thread{Key: many[0]}}, append([]string{many[0]}, many[71:]...)},
	}
	for _, tt := range tests {
		if got := referencesOf(tt.r); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAutomatic(t *testing.T) {
	in := channel.Inbox{Account: "help@northline.example"}
	us := []mailbox{{address: "help@northline.example"}}
	h := func(name, value string) headers { return headers{{name, value}} }
	tests := []struct {
		name string
		m    incoming
		from string
		want bool
	}{
		{"a person", incoming{to: us}, "mara@mail.example", false},
		{"a person, said so", incoming{to: us, header: h("Auto-Submitted", "no")}, "mara@mail.example", false},
		{"a return path", incoming{to: us, header: h("Return-Path", "<mara@mail.example>")}, "mara@mail.example", false},
		{"no return path", incoming{to: us, header: h("return-path", "<>")}, "mara@mail.example", true},
		{"generated", incoming{to: us, header: h("Auto-Submitted", "auto-generated; owner-email=x")}, "mara@mail.example", true},
		{"bulk", incoming{to: us, header: h("Precedence", "Bulk")}, "mara@mail.example", true},
		{"first class", incoming{to: us, header: h("Precedence", "first-class")}, "mara@mail.example", false},
		{"list", incoming{to: us, header: h("List-Id", "<l.example>")}, "mara@mail.example", true},
		{"suppress", incoming{to: us, header: h("X-Auto-Response-Suppress", "DR, RN")}, "mara@mail.example", true},
		{"suppress other things", incoming{to: us, header: h("X-Auto-Response-Suppress", "RN, NRN")}, "mara@mail.example", false},
		{"report", incoming{to: us, header: h("Content-Type", "multipart/report; report-type=x")}, "mara@mail.example", true},
		{"daemon", incoming{to: us}, "mailer-daemon@mx.example", true},
		{"noreply", incoming{to: us}, "noreply@shop.example", true},
		{"no-reply with a suffix", incoming{to: us}, "no-reply+42@shop.example", true},
		{"a name that begins alike", incoming{to: us}, "norepla@shop.example", false},
		{"not to us", incoming{to: []mailbox{{address: "all@elsewhere.example"}}}, "mara@mail.example", true},
		{"to an alias", incoming{to: []mailbox{{address: "info@northline.example"}}}, "mara@mail.example", false},
		{"to a forwarding address", incoming{to: []mailbox{{address: "old@brand.example"}}, recipient: "old+1@brand.example"}, "mara@mail.example", false},
		{"recipients unknown", incoming{}, "mara@mail.example", false},
	}
	for _, tt := range tests {
		if got := tt.m.automatic(in, tt.from); got != tt.want {
			t.Errorf("%s: automatic is %t", tt.name, got)
		}
	}
}

func TestDecoded(t *testing.T) {
	tests := map[string]string{
		"plain":                                 "plain",
		"=?utf-8?B?R3LDvMOfZQ==?=":              "Grüße",
		"=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=": "Привет",
		"=?unheard-of?Q?x?=":                    "=?unheard-of?Q?x?=",
		"=?utf-8?Q?a?= =?utf-8?Q?b?=":           "ab",
	}
	for in, want := range tests {
		if got := decoded(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// Mailgun posts what it found as fields too, and in a raw mail's form only there.
func TestMailgunVerdictsAsFields(t *testing.T) {
	f := form{fields: map[string][]byte{"X-Mailgun-Spf": []byte("Pass"), "X-Mailgun-Dkim-Check-Result": []byte("Fail")}}
	m := incoming{header: headers{{"X-Mailgun-Dkim-Check-Result", "Pass"}}}
	f.envelope(&m)
	if m.verdicts["spf"] != "pass" || m.verdicts["dkim"] != "pass" {
		t.Errorf("verdicts %v: the field fills in for the header and does not overrule it", m.verdicts)
	}
}
