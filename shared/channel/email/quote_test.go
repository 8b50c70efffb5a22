package email

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSplitReply(t *testing.T) {
	tests := []struct{ name, subject, text, want string }{
		{"nothing to cut", "", "Hello,\n\nwhere is my bag?\n\nMara", "Hello,\n\nwhere is my bag?\n\nMara"},
		{"english", "", "Yes.\n\nOn Fri, 20 Nov 2026 at 10:31, Northline <help@northline.example> wrote:\n> Is it?", "Yes."},
		{"english folded", "", "Yes.\n\nOn Fri, 20 Nov 2026 at 10:31, Northline\n<help@northline.example> wrote:\n\n> Is it?", "Yes."},
		{"english folded twice", "", "Yes.\n\nOn Fri, 20 Nov 2026 at 10:31,\nNorthline <help@northline.example>\nwrote:\n> Is it?", "Yes."},
		{"english unmarked", "", "Yes.\n\nOn 20 Nov 2026, at 10:31, Northline wrote:\n\nIs it?\nIt is.", "Yes."},
		{"french", "", "Oui.\n\nLe ven. 20 nov. 2026 à 10:31, Northline <help@northline.example> a écrit\u00a0:\n> Alors ?", "Oui."},
		{"german", "", "Ja.\n\nAm 20.11.2026 um 10:31 schrieb Northline <help@northline.example>:\n> Nun?", "Ja."},
		{"german folded", "", "Ja.\n\nAm Fr., 20. Nov. 2026 um 10:31 Uhr schrieb Northline <\nhelp@northline.example>:\n> Nun?", "Ja."},
		{"german, perfect tense", "", "Ja.\n\nAm 20.11.26 hat Northline geschrieben:\n> Nun?", "Ja."},
		{"spanish", "", "Sí.\n\nEl vie, 20 nov 2026 a las 10:31, Northline (<help@northline.example>) escribió:\n> ¿Y?", "Sí."},
		{"portuguese", "", "Sim.\n\nEm sex., 20 de nov. de 2026 às 10:31, Northline <help@northline.example> escreveu:\n> E?", "Sim."},
		{"italian", "", "Sì.\n\nIl giorno ven 20 nov 2026 alle ore 10:31 Northline <help@northline.example> ha scritto:\n> E?", "Sì."},
		{"dutch", "", "Ja.\n\nOp vr 20 nov 2026 om 10:31 schreef Northline <help@northline.example>:\n> En?", "Ja."},
		{"dutch, long form", "", "Ja.\n\nOp 20-11-2026 om 10:31 heeft Northline het volgende geschreven:\n> En?", "Ja."},
		{"iso date", "", "Tak.\n\n2026-11-20 10:31 GMT+01:00 Northline <help@northline.example>:\n> ?", "Tak."},
		{"outlook block", "", "Please do.\n\nFrom: Northline <help@northline.example>\nSent: Friday, 20 November 2026 10:31\nTo: Mara\nSubject: RE: Bag\n\nShall we?", "Please do."},
		{"outlook block in bold", "", "Please do.\n\n*From:* Northline\n*Sent:* Friday\n*To:* Mara\n\nShall we?", "Please do."},
		{"outlook block in french", "", "Oui.\n\nDe : Northline\nEnvoyé : vendredi 20 novembre 2026\nÀ : Léna\nObjet : Siège\n\nBonjour", "Oui."},
		{"outlook block in german", "", "Ja.\r\n\r\nVon: Northline\r\nGesendet: Freitag\r\nAn: Otto\r\nBetreff: AW: X\r\n\r\nGuten Tag", "Ja."},
		{"original message", "", "Yes\n\n-----Original Message-----\nFrom: Northline", "Yes"},
		{"german original", "", "Ja\n\n-----Ursprüngliche Nachricht-----\nVon: Northline", "Ja"},
		{"rule", "", "Yes\n________________________________\nAnything", "Yes"},
		{"our marker", "", "Yes\n\n## Please reply above this line ##\nAnything", "Yes"},
		{"signature", "", "Yes\n-- \nMara Quill\nQuill & Daughters", "Yes"},
		{"signature and quote", "", "Yes\n\n-- \nMara\n\nOn 20 Nov 2026, Northline wrote:\n> Is it?", "Yes"},
		{"phone", "", "Yes\n\nSent from my iPhone", "Yes"},
		{"two phones", "", "Yes\n\nSent from my iPhone\n\nSent from my iPad\n", "Yes"},
		{"phone in german", "", "Ja\n\nVon meinem iPhone gesendet", "Ja"},
		{"phone above the quote", "", "Yes\n\nGet Outlook for Android\n\nOn 20 Nov 2026, Northline wrote:\n> Is it?", "Yes"},
		{"answer below", "", "On 20 Nov 2026, Northline wrote:\n> Is it?\n>\n> Ines\n\nIt is.", "It is."},
		{"answers between", "", "On 20 Nov 2026, Northline wrote:\n> Window?\nYes.\n> Meal?\nNo.", "Yes.\nNo."},
		{"quote without introduction", "", "> Is it?\nIt is.", "It is."},
		{"only a quote", "", "On 20 Nov 2026, Northline wrote:\n> Is it?", "On 20 Nov 2026, Northline wrote:\n> Is it?"},
		{"only a phone's line", "", "Sent from my iPhone", "Sent from my iPhone"},
		{"begins with the mark", "", "-- \nMara", "-- \nMara"},
		{"prose with wrote", "", "On the phone your colleague wrote:\nnothing at all.\nOn Monday 3 people told me so.", "On the phone your colleague wrote:\nnothing at all.\nOn Monday 3 people told me so."},
		{"prose with from", "", "From: Lisbon\nTo: London\nDate is open.", "From: Lisbon\nTo: London\nDate is open."},
		{"sent from prose", "", "Sent from the airport, sorry for typos.\nMy bag is lost.", "Sent from the airport, sorry for typos.\nMy bag is lost."},
		{"forwarded by subject", "Fwd: Bag", "See below\n\nFrom: X\nSent: Y\nTo: Z\n\nText", "See below\n\nFrom: X\nSent: Y\nTo: Z\n\nText"},
		{"forwarded by mark", "Bag", "See below\n\n---------- Forwarded message ---------\nFrom: X\n\n> Text", "See below\n\n---------- Forwarded message ---------\nFrom: X\n\n> Text"},
		{"forwarded by apple", "Bag", "See\n\nBegin forwarded message:\n\n> From: X\n> Text", "See\n\nBegin forwarded message:\n\n> From: X\n> Text"},
		{"answer to a forwarded one", "Re: Fwd: Bag", "Thanks\n\nOn 20 Nov 2026, Northline wrote:\n> ---------- Forwarded message ---------\n> x", "Thanks"},
		{"blank", "", " \n\t\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, quoted := splitReply(tt.subject, tt.text)
			if got != tt.want {
				t.Errorf("written %q, want %q (quoted %q)", got, tt.want, quoted)
			}
			if whole := strings.TrimSpace(tidy(tt.text)); (got == whole) != (quoted == "") {
				t.Errorf("of %q the quoted part is %q", whole, quoted)
			}
		})
	}
}

// Whatever the mail: no line gets lost or is made up, and something is left.
func TestSplitReplyKeepsEveryLine(t *testing.T) {
	pieces := []string{
		"Hello", "", "  ", "> quoted", ">> deeper", "-- ", "--", "Sent from my iPhone", "________________________________",
		"On Fri, 20 Nov 2026, Northline", "wrote:", "On 20 Nov 2026 x wrote:", "From: a", "Sent: b", "To: c", "Subject: d",
		"-----Original Message-----", "Begin forwarded message:", "Le 3 mai a écrit :", "Am 1. schrieb x:", "Ça va ?", "1", ":",
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 20).Draw(t, "lines"), "\n")
		reply, quoted := splitReply("", text)
		if (reply == "") != (strings.TrimSpace(text) == "") {
			t.Fatalf("of %q remains %q", text, reply)
		}
		got := slices.Sorted(slices.Values(solid(reply + "\n" + quoted)))
		if want := slices.Sorted(slices.Values(solid(text))); !slices.Equal(got, want) {
			t.Fatalf("of %q came %q and %q", text, reply, quoted)
		}
	})
}

func solid(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func TestHTMLWords(t *testing.T) {
	tests := []struct{ name, subject, source, want, quoted string }{
		{"plain", "", "just text", "just text", ""},
		{"lines", "", "<div>One<br>two</div><div>three</div><p>four</p><p>five</p>", "One\ntwo\nthree\n\nfour\n\nfive", ""},
		{"empty line", "", "<div>One</div><div><br></div><div>two</div>", "One\n\ntwo", ""},
		{"blanks fold", "", "One\n   <b>two</b> ,\n<i>three</i>four", "One two , threefour", ""},
		{"entities", "", "&lt;b&gt; &amp; caf&eacute; &#8364;5&nbsp;!", "<b> & café €5 !", ""},
		{"entities once", "", "&amp;lt; &amp;amp;", "&lt; &amp;", ""},
		{"link", "", `See <a href="https://x.example/?a=1&amp;b=2">here</a>.`, "See here.", ""},
		{"hidden", "", "<style>p{}</style>a<script>if (a<b) {}</script>b<title>t</title>", "ab", ""},
		{"comment", "", "a<!-- no -->b<![if !mso]>c<![endif]>", "abc", ""},
		{"list", "", "<ul><li>one</li><li>two</li></ul>after", "- one\n- two\nafter", ""},
		{"table", "", "<table><tr><td>Flight</td><td>NL204</td></tr><tr><td>Seat</td><td>12A</td></tr></table>", "Flight NL204\nSeat 12A", ""},
		{"pre", "", "<pre>a  b\nc</pre>d", "a  b\nc\nd", ""},
		{"unclosed", "", "<div>a<div><b>c", "a\nc", ""},
		{"gmail", "", `<div>Yes</div><div class="gmail_quote gmail_quote_container"><div>On x wrote:</div><div>deep</div></div><div>PS: no</div>`, "Yes\nPS: no", "On x wrote:\ndeep"},
		{"apple", "", `Yes<blockquote type="cite"><blockquote type="cite">old</blockquote>older</blockquote>`, "Yes", "old\n\nolder"},
		{"yahoo", "", `Yes<div class="yahoo_quoted" id="q1">old</div>`, "Yes", "old"},
		{"outlook", "", `Yes<hr><div id="divRplyFwdMsg">From: x</div><div>old</div>`, "Yes", "From: x\nold"},
		{"outlook for mac", "", `Yes<span id="OLK_SRC_BODY_SECTION"><div>old</div></span>`, "Yes", "old"},
		{"thunderbird", "", `<div class="moz-cite-prefix">Am 1.1. schrieb x:</div><blockquote type="cite">old</blockquote><p>Ja</p>`, "Ja", "Am 1.1. schrieb x:\n\nold"},
		{"outlook on a phone", "", `<div>Yes</div><div id="ms-outlook-mobile-signature">Get Outlook for iOS</div><div id="mail-editor-reference-message-container">From: x<div>old</div></div>`, "Yes", "Get Outlook for iOS\nFrom: x\nold"},
		{"gmx", "", `<div>Ja</div><div name="quote" style="margin:10px"><div>Gesendet: x</div><div>alt</div></div>`, "Ja", "Gesendet: x\nalt"},
		{"proton", "", `<div>Yes</div><div class="protonmail_signature_block">Sent with Proton Mail</div><div class="protonmail_quote">On x wrote:<blockquote type="cite">old</blockquote></div>`, "Yes", "Sent with Proton Mail\nOn x wrote:\n\nold"},
		{"gmail's signature", "", `<div>Yes</div><div class="gmail_signature">Mara Quill<br>Quill &amp; Daughters</div>`, "Yes", "Mara Quill\nQuill & Daughters"},
		{"outlook's signature", "", `<p>Yes</p><div id="Signature">Mara</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: x</div>`, "Yes", "Mara\nFrom: x"},
		{"outlook on the desktop", "", `<p class="MsoNormal">Yes</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>From:</b> Northline &lt;help@northline.example&gt;<br><b>Sent:</b> Friday<br><b>To:</b> Mara<br><b>Subject:</b> RE: Bag</p></div></div><p>old</p>`, "Yes", "From: Northline <help@northline.example>\nSent: Friday\nTo: Mara\nSubject: RE: Bag\n\nold"},
		{"outlook on the desktop, swedish", "", `<p>Ja</p><p><b>Från:</b> Northline<br><b>Skickat:</b> den 20 november<br><b>Till:</b> Mara<br><b>Ämne:</b> SV: Väska</p><p>gammal</p>`, "Ja", "Från: Northline\nSkickat: den 20 november\nTill: Mara\nÄmne: SV: Väska\n\ngammal"},
		{"own indent stays", "", "<blockquote>mine</blockquote>", "mine", ""},
		{"only a quote", "", `<div class="gmail_quote">all there is</div>`, "all there is", ""},
		{"forwarded", "Fwd: x", `See<div class="gmail_quote">this</div>`, "See\nthis", ""},
		{"marked in text only", "", "Yes<br><br>On 20 Nov 2026, Northline wrote:<br>&gt; Is it?", "Yes", "On 20 Nov 2026, Northline wrote:\n> Is it?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, quoted := htmlWords(tt.subject, tt.source)
			if got != tt.want || quoted != tt.quoted {
				t.Errorf("written %q, quoted %q; want %q, %q", got, quoted, tt.want, tt.quoted)
			}
		})
	}
}

// A hostile mail costs no more than its length.
func BenchmarkSplitReply(b *testing.B) {
	for name, line := range map[string]string{
		"signatures": "Sent from my iPhone\n", "quotes": "> x\n", "blocks": "From: a\n\n\n", "attributions": "On 1 Nov x wrote\n", "marks": "--\n",
	} {
		text := "Yes\n" + strings.Repeat(line, 100_000)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				splitReply("", text)
			}
		})
	}
}
