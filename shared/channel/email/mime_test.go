package email

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"ines/shared/channel"
	"ines/shared/message"
)

// letter is a raw mail: header lines, and a body behind an empty one.
func letter(header, body string) []byte {
	return []byte(strings.ReplaceAll("From: Mara Quill <mara.quill@mail.example>\nTo: help@northline.example\nDate: Fri, 20 Nov 2026 10:00:00 +0000\nMessage-ID: <1@mail.example>\n"+header+"\n\n"+body, "\n", "\r\n"))
}

func TestParseMail(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	tests := []struct {
		name, header, body string
		text, html         string
		parts              string // names and types
	}{
		{"plain", "Subject: s", "Hello.", "Hello.", "", ""},
		{"no body", "Subject: s", "", "", "", ""},
		{"html only", "Content-Type: text/html; charset=utf-8", "<p>Hello.</p>", "", "<p>Hello.</p>", ""},
		{"alternative", `Content-Type: multipart/alternative; boundary="b"`, "--b\nContent-Type: text/plain\n\nHello.\n--b\nContent-Type: text/html\n\n<p>Hello.</p>\n--b--\n", "Hello.", "<p>Hello.</p>", ""},
		{"text around a picture", `Content-Type: multipart/mixed; boundary=b`, "--b\n\nabove\n--b\nContent-Type: image/jpeg; name=p.jpg\nContent-Transfer-Encoding: base64\n\n/9j/\n--b\nContent-Type: text/plain\n\nbelow\n--b--", "above\nbelow", "", "p.jpg image/jpeg 3"},
		{"text as a file", `Content-Type: multipart/mixed; boundary=b`, "--b\n\nsee file\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=\"a b.txt\"\n\ncontent\n--b--", "see file", "", "a b.txt text/plain 7"},
		{"name in pieces", `Content-Type: multipart/mixed; boundary=b`, "--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename*0*=utf-8''bord; filename*1*=karte%20%C3%BC.pdf\n\nx\n--b--", "", "", "bordkarte ü.pdf application/pdf 1"},
		{"name in encoded words", `Content-Type: multipart/mixed; boundary=b`, "--b\nContent-Type: application/pdf; name=\"=?iso-8859-1?Q?K=FCndigung?=.pdf\"\n\nx\n--b--", "", "", "Kündigung.pdf application/pdf 1"},
		{"a mail in the mail", `Content-Type: multipart/mixed; boundary=b`, "--b\n\nlook\n--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nno\n--b--", "look", "", " message/rfc822 20"},
		{"digest", `Content-Type: multipart/digest; boundary=b`, "--b\n\nSubject: inner\n\nno\n--b--", "", "", " message/rfc822 20"},
		{"signed", `Content-Type: multipart/signed; boundary=b; protocol="application/pkcs7-signature"`, "--b\nContent-Type: text/plain\n\nHello.\n--b\nContent-Type: application/pkcs7-signature; name=smime.p7s\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--", "Hello.", "", "smime.p7s application/pkcs7-signature 3"},
		{"soft breaks", "Content-Type: text/plain; format=flowed", "One line that \nis one.\n\n> quoted text \n> goes on\n-- \nMara", "One line that is one.\n\n> quoted text goes on\n-- \nMara", "", ""},
		{"soft breaks without blanks", "Content-Type: text/plain; format=flowed; delsp=yes", "行李箱 \n是绿色的", "行李箱是绿色的", "", ""},
		{"quoted printable", "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: Quoted-Printable", "Stra=DFe =\nfrei=", "Straße frei", "", ""},
		{"broken quoted printable", "Content-Transfer-Encoding: quoted-printable", "fine =ZZ and =C3=A9", "fine =ZZ and é", "", ""},
		{"base64 in lines", "Content-Transfer-Encoding: base64", "SGVs\nbG8u", "Hello.", "", ""},
		{"base64 with a footer", "Content-Transfer-Encoding: base64", b64("Hello there.") + "\n____\nThis list is moderated.", "Hello there.", "", ""},
		{"unknown transfer encoding", "Content-Transfer-Encoding: x-uuencode", "Hello.", "Hello.", "", ""},
		{"unknown charset", "Content-Type: text/plain; charset=x-klingon", "Stra\xdfe", "Straße", "", ""},
		{"wrong charset", "Content-Type: text/plain; charset=us-ascii", "Straße", "Straße", "", ""},
		{"says utf-8, is not", "Content-Type: text/plain; charset=utf-8", "Stra\xdfe", "Straße", "", ""},
		{"says utf-8, is but for one byte", "Content-Type: text/plain; charset=utf-8", "Größe in Köln \xdf", "Größe in Köln \ufffd", "", ""},
		{"no boundary given", "Content-Type: multipart/mixed", "Hello.", "Hello.", "", ""},
		{"boundary that never comes", "Content-Type: multipart/mixed; boundary=b", "Hello.", "Hello.", "", ""},
		{"last boundary missing", "Content-Type: multipart/mixed; boundary=b", "preamble\n--b\n\nHello.\n", "Hello.\r\n", "", ""},
		{"broken parameters", "Content-Type: multipart/mixed; boundary=b; charset", "--b\nContent-Type: text/plain; =\n\nHello.\n--b--", "Hello.", "", ""},
		{"no type", "Content-Type: text", "Hello.", "Hello.", "", ""},
		{"header line without a name", "Subject: s\nsome rubbish\n: x\nX-Y: z", "Hello.", "Hello.", "", ""},
		{"calendar", `Content-Type: multipart/mixed; boundary=b`, "--b\n\ncome\n--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--b--", "come", "", " text/calendar 15"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parseMail(letter(tt.header, tt.body))
			var parts []string
			for _, p := range m.parts {
				parts = append(parts, fmt.Sprintf("%s %s %d", p.name, p.mime, len(p.bytes())))
			}
			if text := strings.ReplaceAll(m.text, "\r\n", "\n"); text != strings.ReplaceAll(tt.text, "\r\n", "\n") || m.html != tt.html || strings.Join(parts, "; ") != tt.parts {
				t.Errorf("text %q, html %q, parts %q", m.text, m.html, parts)
			}
			if m.from.address != "mara.quill@mail.example" || m.header.get("message-id") != "<1@mail.example>" {
				t.Errorf("from %+v, header %v", m.from, m.header)
			}
		})
	}
}

// Text and header fields of every charset that mail still comes in.
func TestCharsets(t *testing.T) {
	for label, c := range map[string]struct {
		enc  encoding.Encoding
		text string
	}{
		"iso-8859-1": {charmap.ISO8859_1, "Straße à côté"}, "ISO-8859-15": {charmap.ISO8859_15, "80 € für œuvre"}, "windows-1252": {charmap.Windows1252, "“so” – 5 €…"},
		"cp850": {charmap.CodePage850, "Como usted pidió"}, "iso-8859-2": {charmap.ISO8859_2, "Wałęsa żółć"}, "windows-1250": {charmap.Windows1250, "příliš žluťoučký"},
		"koi8-r": {charmap.KOI8R, "Где мой чемодан"}, "windows-1251": {charmap.Windows1251, "Где мой чемодан"}, "iso-8859-5": {charmap.ISO8859_5, "Где мой чемодан"}, "koi8-u": {charmap.KOI8U, "валіза їде"},
		"iso-8859-7": {charmap.ISO8859_7, "βαλίτσα"}, "windows-1254": {charmap.Windows1254, "İstanbul'da bavulum şişti"}, "iso-8859-9": {charmap.ISO8859_9, "ığüşöç"}, "windows-1255": {charmap.Windows1255, "מזוודה"}, "windows-1256": {charmap.Windows1256, "حقيبة"},
		"iso-2022-jp": {japanese.ISO2022JP, "緑色のスーツケース"}, "shift_jis": {japanese.ShiftJIS, "緑色のスーツケース"}, "euc-jp": {japanese.EUCJP, "緑色のスーツケース"},
		"gb2312": {simplifiedchinese.GBK, "绿色的行李箱"}, "gbk": {simplifiedchinese.GBK, "绿色的行李箱"}, "gb18030": {simplifiedchinese.GB18030, "绿色的行李箱"}, "big5": {traditionalchinese.Big5, "綠色的行李箱"},
		"euc-kr": {korean.EUCKR, "초록색 여행 가방"}, "ks_c_5601-1987": {korean.EUCKR, "초록색 여행 가방"},
	} {
		raw, err := c.enc.NewEncoder().Bytes([]byte(c.text))
		if err != nil {
			t.Fatalf("%s: %v", label, err)
		}
		word := "=?" + label + "?B?" + base64.StdEncoding.EncodeToString(raw) + "?="
		m := parseMail(letter("Subject: "+word+"\nContent-Type: text/plain; charset="+label+"\nContent-Transfer-Encoding: base64", base64.StdEncoding.EncodeToString(raw)))
		if m.text != c.text || m.subject != c.text {
			t.Errorf("%s: text %q, subject %q", label, m.text, m.subject)
		}
		if strings.HasPrefix(label, "iso-2022") {
			continue
		}
		// As 8-bit, in the header too.
		m = parseMail(letter("Subject: "+string(raw)+"\nContent-Type: text/plain; charset="+label, string(raw)))
		if m.text != c.text || m.subject != c.text {
			t.Errorf("%s, 8-bit: text %q, subject %q", label, m.text, m.subject)
		}
	}
}

func TestMailboxes(t *testing.T) {
	for value, want := range map[string][]mailbox{
		"":                               nil,
		"nobody":                         nil,
		"a@mail.example":                 {{"", "a@mail.example"}},
		`"Quill, Mara" <a@mail.example>`: {{"Quill, Mara", "a@mail.example"}},
		"=?utf-8?q?M=C3=A4ra?= <a@x.y>":  {{"Mära", "a@x.y"}},
		`"Mara <a@mail.example>`:         {{"Mara", "a@mail.example"}},
		"Mara (home) a@mail.example":     {{"Mara (home)", "a@mail.example"}},
		"a@mail.example; b@mail.example": {{"", "a@mail.example"}, {"", "b@mail.example"}},
		"Mära <a@x.y>, <b@x.y>, rubbish": {{"Mära", "a@x.y"}, {"", "b@x.y"}},
		"undisclosed-recipients:;":       nil,
		"Team: a@x.y, b@x.y;":            {{"", "a@x.y"}, {"", "b@x.y"}},
		"Mara [Quill] <a@x.y>":           {{"Mara [Quill]", "a@x.y"}},
		"mara@x.y <mara@x.y>":            {{"mara@x.y", "mara@x.y"}},
	} {
		if got := mailboxes(value); !slices.Equal(got, want) {
			t.Errorf("%q gives %+v, want %+v", value, got, want)
		}
	}
}

// Machines' mail: reports about our replies, in the standard's form and in words.
func TestReports(t *testing.T) {
	in := channel.Inbox{ID: "i", Channel: name, Provider: "ses", Account: "help@northline.example"}
	e := message.Envelope{ReceivedAt: time.Date(2026, 11, 20, 10, 0, 3, 0, time.UTC)}
	daemonsMail := func(subject, rest string) string {
		return strings.ReplaceAll("Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: help@northline.example\nDate: Fri, 20 Nov 2026 10:00:00 +0000\nMessage-ID: <9@mx.example>\nSubject: "+subject+"\n"+rest, "\n", "\r\n")
	}
	dsn := func(action, status, returned string) string {
		return daemonsMail("Undelivered", "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@x.y\nAction: "+action+"\nStatus: "+status+"\n--b\nContent-Type: text/rfc822-headers\n\n"+returned+"\n--b--\n")
	}
	tests := []struct {
		name, mail string
		want       string // kind, state, id, reply, code
	}{
		{"failed", dsn("failed", "5.1.1", "Message-ID: <r1@northline.example>"), "report failed r1@northline.example r1 5.1.1"},
		{"failed, the provider's id", dsn("failed", "5.1.1", "X-Ines-Reply: r1\nMessage-ID: <0102@eu-west-1.amazonses.com>"), "report failed 0102@eu-west-1.amazonses.com r1 5.1.1"},
		{"no action", dsn("", "5.2.2", "Message-ID: <r1@northline.example>"), "report failed r1@northline.example r1 5.2.2"},
		{"delivered", dsn("delivered", "2.0.0", "Message-ID: <r1@northline.example>"), "report delivered r1@northline.example r1 2.0.0"},
		{"relayed", dsn("relayed", "2.0.0", "Message-ID: <r1@northline.example>"), "report delivered r1@northline.example r1 2.0.0"},
		{"delayed", dsn("delayed", "4.4.1", "Message-ID: <r1@northline.example>"), "ignored delivery_delayed"},
		{"about nobody knows what", dsn("failed", "5.1.1", "Subject: x"), "message automatic"},
		{"in words", daemonsMail("failure notice", "\nHi. This is the mail program at mx.example.\n<a@x.y>: 550 5.1.1 no such user\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <r1@northline.example>\nSubject: x\n"), "report failed r1@northline.example r1 5.1.1"},
		{"in words, the provider's id", daemonsMail("Returned mail: see transcript", "\n<a@x.y>... 554 rejected\n\nX-Ines-Reply: r1\nMessage-ID: <0102@email.amazonses.com>\n"), "report failed 0102@email.amazonses.com r1 554"},
		{"in words about another's mail", daemonsMail("failure notice", "\n550 5.1.1 no\nMessage-ID: <x@elsewhere.example>\n"), "message automatic"},
		{"in words without a failure", daemonsMail("failure notice", "\nWe are still trying.\nMessage-ID: <r1@northline.example>\n"), "message automatic"},
		{"a person who tells of one", strings.Replace(strings.Replace(daemonsMail("failure notice", "\nI got 550 5.1.1\nMessage-ID: <r1@northline.example>\n"), "MAILER-DAEMON@mx.example", "mara@mail.example", 1), "Return-Path: <>\r\n", "", 1), "message"},
		{"a complaint that hides whose", daemonsMail("x", "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <r1@northline.example>\n--b--\n"), "report failed r1@northline.example r1 complaint"},
		{"a complaint, by its recipient", daemonsMail("x", "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b\nContent-Type: message/rfc822\n\nTo: Mara <mara@mail.example>\nMessage-ID: <r1@northline.example>\n--b--\n"), "consent mara@mail.example true"},
	}
	for _, tt := range tests {
		it := parseMail([]byte(tt.mail)).item(in, e)
		got := string(it.Kind)
		switch {
		case it.Report != nil:
			got += fmt.Sprintf(" %s %s %s %s", it.Report.State, it.Report.ID, it.Report.ReplyID, it.Report.Code)
		case it.Consent != nil:
			got += fmt.Sprintf(" %s %t", it.Consent.Author.Handle.ID, it.Consent.Refused)
		case it.Message != nil && it.Message.Automatic:
			got += " automatic"
		case it.Reason != "":
			got += " " + it.Reason
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// Whatever a mail is, reading it ends, and what comes of it is text.
func FuzzMIME(f *testing.F) {
	f.Add(letter("Content-Type: multipart/mixed; boundary=b", "--b\nContent-Type: text/plain; charset=koi8-r; format=flowed\nContent-Transfer-Encoding: quoted-printable\n\n=C1 \nx\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\n--b--"))
	f.Add(letter("Content-Type: text/html; charset=iso-2022-jp\nContent-Transfer-Encoding: base64\nReferences: <a@b> <c@d>", "PHA+"))
	f.Add([]byte("From x\nSubject\n\n"))
	f.Add(letter("", "\x00"))
	in := channel.Inbox{ID: "i", Channel: name, Provider: "ses", Account: "help@northline.example"}
	e := message.Envelope{ReceivedAt: time.Date(2026, 11, 20, 10, 0, 3, 0, time.UTC)}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		m := parseMail(raw)
		if !utf8.ValidString(m.text) || !utf8.ValidString(m.html) || !utf8.ValidString(m.subject) {
			t.Fatalf("text %q, html %q, subject %q", m.text, m.html, m.subject)
		}
		it := m.item(in, e)
		out, err := json.Marshal(it)
		var back message.Item
		if err != nil || json.Unmarshal(out, &back) != nil || !bytes.Equal(raw, before) {
			t.Fatalf("%s: %v", out, err)
		}
		if it.Message != nil && strings.TrimSpace(tidy(m.text)) != "" && it.Message.Text == "" {
			t.Fatalf("of %q nothing is left", m.text)
		}
	})
}

// However a text is made, its parts are the text.
func FuzzQuotes(f *testing.F) {
	for _, c := range corpus {
		f.Add("Re: x", c.mail)
	}
	f.Fuzz(func(t *testing.T, subject, text string) {
		reply, quoted := splitReply(subject, text)
		got := slices.Sorted(slices.Values(solid(reply + "\n" + quoted)))
		if want := slices.Sorted(slices.Values(solid(tidy(text)))); !slices.Equal(got, want) {
			t.Fatalf("of %q came %q and %q", text, reply, quoted)
		}
	})
}

// TestAHugeMailCostsNoMoreThanItsLength: what is looked at closely is bounded, whatever
// the mail is made of; what a case keeps of it is the same. (Unbounded, 10 MB of text
// took 16 seconds.)
func TestAHugeMailCostsNoMoreThanItsLength(t *testing.T) {
	const head = "From: mara.quill@mail.example\r\nSubject: long\r\nMessage-ID: <1@mail.example>\r\n"
	in := channel.Inbox{ID: "i", Channel: name, Provider: "ses", Account: "help@northline.example"}
	fill := func(s string) string { return strings.Repeat(s, 4<<20/len(s)) }
	for what, raw := range map[string]string{
		"text":     head + "\r\nmy trombone" + fill(" is long.\r\n"),
		"quoted":   head + "\r\nmy trombone\r\n\r\nOn Thu, 19 Nov 2026 at 17:02, X <a@b> wrote:\r\n" + fill("> all work and no play\r\n"),
		"one line": head + "\r\nmy trombone" + fill(" and my tuba"),
		"html":     head + "Content-Type: text/html\r\n\r\n<p>my trombone</p>" + fill("<div>long</div>\r\n"),
		"picture in html": head + "Content-Type: text/html\r\n\r\n<p>my</p><img src=\"data:image/png;base64," + fill("iVBORw0KGgo") +
			"\"><p>trombone</p>",
		"one field":   head + "X-Long: " + fill("a b ") + "\r\n\r\nmy trombone",
		"folded":      head + "X-Long: b\r\n" + fill(" a\r\n") + "\r\nmy trombone",
		"many fields": head + fill("X-Many: b\r\n") + "\r\nmy trombone",
	} {
		items := parseMail([]byte(raw)).items(in, message.Envelope{ReceivedAt: time.Now()})
		if len(items) != 1 || items[0].Message == nil {
			t.Fatalf("%s: %+v", what, items)
		}
		m := items[0].Message
		long := len(m.Text) + len(m.Quoted)
		if m.Fit(); !strings.HasPrefix(strings.ReplaceAll(m.Text, "\n\n", " "), "my trombone") || long > longestBody+len("…")*2 || m.ID != "1@mail.example" {
			t.Errorf("%s: %d bytes, %.60q", what, long, m.Text)
		}
		if cut := what == "text" || what == "quoted" || what == "one line" || what == "html"; m.Cut != cut {
			t.Errorf("%s: cut %v", what, m.Cut)
		}
	}
}
