package email

import (
	"strings"
	"testing"
)

// corpus are replies as mail programs of many languages write them: a text that
// somebody wrote, and below it (or around it) what the program adds. "§" stands for
// the written text. Names and addresses are invented.
var corpus = []struct{ program, language, mail string }{
	{"Gmail", "en", "§\n\nOn Fri, Nov 20, 2026 at 10:31 AM Northline <help@northline.example> wrote:\n\n> Is it green?\n> ^Ines\n"},
	{"Gmail", "en-GB", "§\n\nOn Fri, 20 Nov 2026 at 10:31, Northline customer care <\nhelp@northline.example> wrote:\n\n> Is it green?\n"},
	{"Gmail", "fr", "§\n\nLe ven. 20 nov. 2026 à 10:31, Northline <help@northline.example> a écrit :\n\n> Est-elle verte ?\n"},
	{"Gmail", "de", "§\n\nAm Fr., 20. Nov. 2026 um 10:31 Uhr schrieb Northline <\nhelp@northline.example>:\n\n> Ist er grün?\n"},
	{"Gmail", "es", "§\n\nEl vie, 20 nov 2026 a las 10:31, Northline (<help@northline.example>)\nescribió:\n\n> ¿Es verde?\n"},
	{"Gmail", "it", "§\n\nIl giorno ven 20 nov 2026 alle ore 10:31 Northline <\nhelp@northline.example> ha scritto:\n\n> È verde?\n"},
	{"Gmail", "pt-BR", "§\n\nEm sex., 20 de nov. de 2026 às 10:31, Northline <help@northline.example>\nescreveu:\n\n> É verde?\n"},
	{"Gmail", "pt-PT", "§\n\nNorthline <help@northline.example> escreveu (sexta, 20/11/2026 à(s) 10:31):\n\n> É verde?\n"},
	{"Gmail", "nl", "§\n\nOp vr 20 nov 2026 om 10:31 schreef Northline <help@northline.example>:\n\n> Is hij groen?\n"},
	{"Gmail", "sv", "§\n\nDen fre 20 nov. 2026 kl 10:31 skrev Northline <help@northline.example>:\n\n> Är den grön?\n"},
	{"Gmail", "da", "§\n\nDen fre. 20. nov. 2026 kl. 10.31 skrev Northline <help@northline.example>:\n\n> Er den grøn?\n"},
	{"Gmail", "no", "§\n\nfre. 20. nov. 2026 kl. 10:31 skrev Northline <help@northline.example>:\n\n> Er den grønn?\n"},
	{"Gmail", "fi", "§\n\npe 20. marrask. 2026 klo 10.31 Northline (help@northline.example)\nkirjoitti:\n\n> Onko se vihreä?\n"},
	{"Gmail", "pl", "§\n\npt., 20 lis 2026 o 10:31 Northline <help@northline.example> napisał(a):\n\n> Czy jest zielona?\n"},
	{"Gmail", "cs", "§\n\npá 20. 11. 2026 v 10:31 odesílatel Northline <help@northline.example>\nnapsal:\n\n> Je zelený?\n"},
	{"Gmail", "sk", "§\n\npi 20. 11. 2026 o 10:31 Northline <help@northline.example> napísal(a):\n\n> Je zelený?\n"},
	{"Gmail", "ru", "§\n\nпт, 20 нояб. 2026 г. в 10:31, Northline <help@northline.example>:\n\n> Он зелёный?\n"},
	{"Gmail", "uk", "§\n\nпт, 20 лист. 2026 р. о 10:31 Northline <help@northline.example> пише:\n\n> Вона зелена?\n"},
	{"Gmail", "tr", "§\n\nNorthline <help@northline.example>, 20 Kas 2026 Cum, 10:31 tarihinde şunu\nyazdı:\n\n> Yeşil mi?\n"},
	{"Gmail", "ja", "§\n\n2026年11月20日(金) 10:31 Northline <help@northline.example>:\n\n> 緑色ですか。\n"},
	{"Gmail", "zh-CN", "§\n\nNorthline <help@northline.example> 于2026年11月20日周五 10:31写道：\n\n> 是绿色的吗？\n"},
	{"Gmail", "zh-TW", "§\n\nNorthline <help@northline.example> 於 2026年11月20日 週五 上午10:31寫道：\n\n> 是綠色的嗎？\n"},
	{"Gmail", "ko", "§\n\n2026년 11월 20일 (금) 오전 10:31, Northline <help@northline.example>님이 작성:\n\n> 초록색인가요?\n"},
	{"Gmail", "hu", "§\n\nNorthline <help@northline.example> ezt írta (időpont: 2026. nov. 20., P, 10:31):\n\n> Zöld?\n"},
	{"Gmail", "ro", "§\n\nÎn vin., 20 nov. 2026 la 10:31, Northline <help@northline.example> a scris:\n\n> Este verde?\n"},

	{"Apple Mail", "en", "§\n\n> On 20 Nov 2026, at 10:31, Northline <help@northline.example> wrote:\n> \n> Is it green?\n"},
	{"Apple Mail, plain", "en", "§\n\nOn Nov 20, 2026, at 10:31 AM, Northline <help@northline.example> wrote:\n\nIs it green?\n\n^Ines\n"},
	{"Apple Mail", "fr", "§\n\nLe 20 nov. 2026 à 10:31, Northline <help@northline.example> a écrit :\n\nEst-elle verte ?\n"},
	{"Apple Mail", "de", "§\n\nAm 20.11.2026 um 10:31 schrieb Northline <help@northline.example>:\n\nIst er grün?\n"},
	{"Apple Mail", "es", "§\n\nEl 20 nov 2026, a las 10:31, Northline <help@northline.example> escribió:\n\n¿Es verde?\n"},
	{"Apple Mail", "it", "§\n\nIl giorno 20 nov 2026, alle ore 10:31, Northline <help@northline.example> ha scritto:\n\nÈ verde?\n"},
	{"Apple Mail", "nl", "§\n\nOp 20 nov. 2026, om 10:31 heeft Northline <help@northline.example> het volgende geschreven:\n\nIs hij groen?\n"},
	{"Apple Mail", "sv", "§\n\n20 nov. 2026 kl. 10:31 skrev Northline <help@northline.example>:\n\nÄr den grön?\n"},
	{"Apple Mail", "da", "§\n\nDen 20. nov. 2026 kl. 10.31 skrev Northline <help@northline.example>:\n\nEr den grøn?\n"},
	{"Apple Mail", "no", "§\n\n20. nov. 2026 kl. 10:31 skrev Northline <help@northline.example>:\n\nEr den grønn?\n"},
	{"Apple Mail", "fi", "§\n\nNorthline <help@northline.example> kirjoitti 20.11.2026 kello 10.31:\n\nOnko se vihreä?\n"},
	{"Apple Mail", "pl", "§\n\nWiadomość napisana przez Northline <help@northline.example> w dniu 20.11.2026, o godz. 10:31:\n\nCzy jest zielona?\n"},
	{"Apple Mail", "cs", "§\n\n20. 11. 2026 v 10:31, Northline <help@northline.example>:\n\nJe zelený?\n"},
	{"Apple Mail", "ru", "§\n\n20 нояб. 2026 г., в 10:31, Northline <help@northline.example> написал(а):\n\nОн зелёный?\n"},
	{"Apple Mail", "tr", "§\n\nNorthline <help@northline.example> şunları yazdı (20 Kas 2026 10:31):\n\nYeşil mi?\n"},
	{"Apple Mail", "ja", "§\n\n2026/11/20 10:31、Northline <help@northline.example>のメール：\n\n緑色ですか。\n"},
	{"Apple Mail", "zh", "§\n\n2026年11月20日 10:31，Northline <help@northline.example> 写道：\n\n是绿色的吗？\n"},
	{"Apple Mail", "pt", "§\n\nNo dia 20 de nov. de 2026, às 10:31, Northline <help@northline.example> escreveu:\n\nÉ verde?\n"},

	{"Thunderbird", "en", "§\n\nOn 20/11/2026 10:31, Northline wrote:\n> Is it green?\n"},
	{"Thunderbird", "de", "§\n\nAm 20.11.26 um 10:31 schrieb Northline:\n> Ist er grün?\n"},
	{"Thunderbird", "fr", "§\n\nLe 20/11/2026 à 10:31, Northline a écrit :\n> Est-elle verte ?\n"},
	{"Thunderbird", "es", "§\n\nEl 20/11/26 a las 10:31, Northline escribió:\n> ¿Es verde?\n"},
	{"Thunderbird", "it", "§\n\nIl 20/11/2026 10:31, Northline ha scritto:\n> È verde?\n"},
	{"Thunderbird", "nl", "§\n\nOp 20-11-2026 om 10:31 schreef Northline:\n> Is hij groen?\n"},
	{"Thunderbird", "sv", "§\n\nDen 2026-11-20 kl. 10:31, skrev Northline:\n> Är den grön?\n"},
	{"Thunderbird", "da", "§\n\nDen 20.11.2026 kl. 10.31 skrev Northline:\n> Er den grøn?\n"},
	{"Thunderbird", "no", "§\n\nDen 20.11.2026 10:31, skrev Northline:\n> Er den grønn?\n"},
	{"Thunderbird", "fi", "§\n\nNorthline kirjoitti 20.11.2026 klo 10.31:\n> Onko se vihreä?\n"},
	{"Thunderbird", "pl", "§\n\nW dniu 20.11.2026 o 10:31, Northline pisze:\n> Czy jest zielona?\n"},
	{"Thunderbird", "cs", "§\n\nDne 20. 11. 26 v 10:31 Northline napsal(a):\n> Je zelený?\n"},
	{"Thunderbird", "ru", "§\n\n20.11.2026 10:31, Northline пишет:\n> Он зелёный?\n"},
	{"Thunderbird", "tr", "§\n\n20.11.2026 10:31 tarihinde Northline yazdı:\n> Yeşil mi?\n"},
	{"Thunderbird", "zh", "§\n\n在 2026/11/20 10:31, Northline 写道:\n> 是绿色的吗？\n"},
	{"Thunderbird", "pt", "§\n\nEm 20/11/2026 10:31, Northline escreveu:\n> É verde?\n"},

	{"Outlook", "en", "§\n\nFrom: Northline <help@northline.example> \nSent: Friday, November 20, 2026 10:31 AM\nTo: Mara Quill <mara.quill@mail.example>\nSubject: RE: Suitcase\n\nIs it green?\n"},
	{"Outlook", "fr", "§\n\nDe : Northline <help@northline.example>\nEnvoyé : vendredi 20 novembre 2026 10:31\nÀ : Mara Quill\nObjet : RE: Valise\n\nEst-elle verte ?\n"},
	{"Outlook", "de", "§\n\nVon: Northline <help@northline.example>\nGesendet: Freitag, 20. November 2026 10:31\nAn: Mara Quill\nBetreff: AW: Koffer\n\nIst er grün?\n"},
	{"Outlook", "es", "§\n\nDe: Northline <help@northline.example>\nEnviado el: viernes, 20 de noviembre de 2026 10:31\nPara: Mara Quill\nAsunto: RE: Maleta\n\n¿Es verde?\n"},
	{"Outlook", "it", "§\n\nDa: Northline <help@northline.example>\nInviato: venerdì 20 novembre 2026 10:31\nA: Mara Quill\nOggetto: R: Valigia\n\nÈ verde?\n"},
	{"Outlook", "pt", "§\n\nDe: Northline <help@northline.example>\nEnviada em: sexta-feira, 20 de novembro de 2026 10:31\nPara: Mara Quill\nAssunto: RES: Mala\n\nÉ verde?\n"},
	{"Outlook", "nl", "§\n\nVan: Northline <help@northline.example>\nVerzonden: vrijdag 20 november 2026 10:31\nAan: Mara Quill\nOnderwerp: RE: Koffer\n\nIs hij groen?\n"},
	{"Outlook", "sv", "§\n\nFrån: Northline <help@northline.example>\nSkickat: den 20 november 2026 10:31\nTill: Mara Quill\nÄmne: SV: Väska\n\nÄr den grön?\n"},
	{"Outlook", "da", "§\n\nFra: Northline <help@northline.example>\nSendt: 20. november 2026 10:31\nTil: Mara Quill\nEmne: SV: Kuffert\n\nEr den grøn?\n"},
	{"Outlook", "no", "§\n\nFra: Northline <help@northline.example>\nSendt: fredag 20. november 2026 10:31\nTil: Mara Quill\nEmne: SV: Koffert\n\nEr den grønn?\n"},
	{"Outlook", "fi", "§\n\nLähettäjä: Northline <help@northline.example>\nLähetetty: perjantai 20. marraskuuta 2026 10.31\nVastaanottaja: Mara Quill\nAihe: VS: Laukku\n\nOnko se vihreä?\n"},
	{"Outlook", "pl", "§\n\nOd: Northline <help@northline.example>\nWysłano: piątek, 20 listopada 2026 10:31\nDo: Mara Quill\nTemat: ODP: Walizka\n\nCzy jest zielona?\n"},
	{"Outlook", "cs", "§\n\nOd: Northline <help@northline.example>\nOdesláno: pátek 20. listopadu 2026 10:31\nKomu: Mara Quill\nPředmět: RE: Kufr\n\nJe zelený?\n"},
	{"Outlook", "ru", "§\n\nОт: Northline <help@northline.example>\nОтправлено: пятница, 20 ноября 2026 г. 10:31\nКому: Mara Quill\nТема: RE: Чемодан\n\nОн зелёный?\n"},
	{"Outlook", "tr", "§\n\nKimden: Northline <help@northline.example>\nGönderildi: 20 Kasım 2026 Cuma 10:31\nKime: Mara Quill\nKonu: YNT: Bavul\n\nYeşil mi?\n"},
	{"Outlook", "ja", "§\n\n差出人: Northline <help@northline.example>\n送信日時: 2026年11月20日 10:31\n宛先: Mara Quill\n件名: RE: スーツケース\n\n緑色ですか。\n"},
	{"Outlook", "zh-CN", "§\n\n发件人: Northline <help@northline.example>\n发送时间: 2026年11月20日 10:31\n收件人: Mara Quill\n主题: 答复: 行李箱\n\n是绿色的吗？\n"},
	{"Outlook", "zh-TW", "§\n\n寄件者: Northline <help@northline.example>\n寄件日期: 2026年11月20日 上午 10:31\n收件者: Mara Quill\n主旨: RE: 行李箱\n\n是綠色的嗎？\n"},
	{"Outlook on the web", "en", "§\n________________________________\nFrom: Northline <help@northline.example>\nSent: Friday, November 20, 2026 10:31\nTo: Mara Quill\nSubject: Re: Suitcase\n\nIs it green?\n"},
	{"Outlook for Mac", "en", "§\n\nFrom: Northline <help@northline.example>\nDate: Friday, 20 November 2026 at 10:31\nTo: Mara Quill <mara.quill@mail.example>\nSubject: Re: Suitcase\n\nIs it green?\n"},
	{"Outlook for Mac", "de", "§\n\nVon: Northline <help@northline.example>\nDatum: Freitag, 20. November 2026 um 10:31\nAn: Mara Quill\nBetreff: Re: Koffer\n\nIst er grün?\n"},
	{"Outlook on a phone", "en", "§\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: Northline <help@northline.example>\nSent: Friday, November 20, 2026 10:31:02 AM\nTo: Mara Quill\nSubject: Re: Suitcase\n\nIs it green?\n"},
	{"Outlook 2003", "en", "§\n\n-----Original Message-----\nFrom: Northline [mailto:help@northline.example]\nSent: 20 November 2026 10:31\n\nIs it green?\n"},
	{"Outlook 2003", "de", "§\n\n-----Ursprüngliche Nachricht-----\nVon: Northline [mailto:help@northline.example]\nGesendet: Freitag\n\nIst er grün?\n"},

	{"Yahoo", "en", "§\n\n    On Friday, November 20, 2026 at 10:31:00 AM GMT, Northline <help@northline.example> wrote:  \n \n Is it green?\n"},
	{"Yahoo", "fr", "§\n\n    Le vendredi 20 novembre 2026 à 10:31:00 UTC+1, Northline <help@northline.example> a écrit :  \n \n Est-elle verte ?\n"},
	{"Yahoo", "de", "§\n\n    Am Freitag, 20. November 2026 um 10:31:00 MEZ hat Northline <help@northline.example> Folgendes geschrieben:  \n \n Ist er grün?\n"},
	{"Yahoo", "es", "§\n\n    En viernes, 20 de noviembre de 2026, 10:31:00 CET, Northline <help@northline.example> escribió:  \n \n ¿Es verde?\n"},
	{"Yahoo", "it", "§\n\n    Il venerdì 20 novembre 2026 alle ore 10:31:00 CET, Northline <help@northline.example> ha scritto:  \n \n È verde?\n"},
	{"GMX", "de", "§\n \n \n\nGesendet: Freitag, 20. November 2026 um 10:31 Uhr\nVon: \"Northline\" <help@northline.example>\nAn: mara.quill@mail.example\nBetreff: Re: Koffer\n\nIst er grün?\n"},
	{"Samsung", "en", "§\n\n\nSent from my Galaxy\n\n\n-------- Original message --------\nFrom: Northline <help@northline.example>\nDate: 20/11/2026 10:31 (GMT+00:00)\nTo: mara.quill@mail.example\nSubject: Re: Suitcase\n\nIs it green?\n"},
	{"QQ Mail", "zh", "§\n\n------------------ 原始邮件 ------------------\n发件人: \"Northline\" <help@northline.example>;\n发送时间: 2026年11月20日(星期五) 上午10:31\n收件人: \"Mara\"<mara.quill@mail.example>;\n主题: Re: 行李箱\n\n是绿色的吗？\n"},
	{"mail.ru", "ru", "§\n\n> Пятница, 20 ноября 2026, 10:31 +03:00 от Northline <help@northline.example>:\n> \n> Он зелёный?\n"},
	{"Proton", "en", "§\n\nSent with Proton Mail secure email.\n\nOn Friday, November 20th, 2026 at 10:31, Northline <help@northline.example> wrote:\n\n> Is it green?\n"},
	{"another desk", "en", "§\n\n##- Please type your reply above this line -##\nTicket 17 was updated.\n"},
	{"answers below", "en", "On 20/11/2026 10:31, Northline wrote:\n> Is it green?\n>\n> ^Ines\n\n§\n"},

	{"iPhone", "en", "§\n\nSent from my iPhone\n\n> On 20 Nov 2026, at 10:31, Northline <help@northline.example> wrote:\n> \n> Is it green?\n"},
	{"iPhone", "fr", "§\n\nEnvoyé de mon iPhone\n"}, {"iPhone", "de", "§\n\nVon meinem iPhone gesendet\n"}, {"iPhone", "es", "§\n\nEnviado desde mi iPhone\n"},
	{"iPhone", "it", "§\n\nInviato da iPhone\n"}, {"iPhone", "pt", "§\n\nEnviado do meu iPhone\n"}, {"iPhone", "nl", "§\n\nVerstuurd vanaf mijn iPhone\n"},
	{"iPhone", "sv", "§\n\nSkickat från min iPhone\n"}, {"iPhone", "da", "§\n\nSendt fra min iPhone\n"}, {"iPhone", "fi", "§\n\nLähetetty iPhonesta\n"},
	{"iPhone", "pl", "§\n\nWysłane z iPhone'a\n"}, {"iPhone", "cs", "§\n\nOdesláno z iPhonu\n"}, {"iPhone", "ru", "§\n\nОтправлено с iPhone\n"},
	{"iPhone", "tr", "§\n\niPhone'umdan gönderildi\n"}, {"iPhone", "ja", "§\n\niPhoneから送信\n"}, {"iPhone", "zh-CN", "§\n\n发自我的 iPhone\n"}, {"iPhone", "zh-TW", "§\n\n從我的 iPhone 傳送\n"},
	{"Outlook on Android", "de", "§\n\nOutlook für Android beziehen\n"}, {"Outlook on Android", "fr", "§\n\nTélécharger Outlook pour Android\n"},
	{"Yahoo on Android", "en", "§\n\nSent from Yahoo Mail on Android\n"}, {"BlackBerry", "en", "§\n\nSent via BlackBerry from Northtel\n"},
	{"signature", "en", "§\n-- \nMara Quill\nQuill & Daughters\nhttps://quill.example\n"},
}

// TestQuoteCorpus: of every program and language, what was written comes out alone
// and the rest is set apart.
func TestQuoteCorpus(t *testing.T) {
	texts := []string{"Yes, it has my name on it.", "Dear Ines,\n\nyes: it is green, I wrote it on the form at 10:31 on 20 Nov 2026.\n\nMara", "行李箱是绿色的。"}
	right, all, languages := 0, 0, map[string]bool{}
	for _, c := range corpus {
		languages[c.language[:2]] = true
		for _, text := range texts {
			all++
			mail := strings.ReplaceAll(c.mail, "§", text)
			got, quoted := splitReply("Re: Suitcase", strings.ReplaceAll(mail, "\n", "\r\n"))
			if got == text && quoted != "" {
				right++
				continue
			}
			t.Errorf("%s, %s: of\n%s\nwritten is %q, quoted %q", c.program, c.language, mail, got, quoted)
		}
	}
	t.Logf("%d of %d replies are parted exactly: %d shapes in %d languages", right, all, len(corpus), len(languages))
}

// What people write stays whole, however much it looks like a quote.
func TestProseStaysWhole(t *testing.T) {
	for _, text := range []string{
		"Am 3.11. schrieb ich Ihnen Folgendes:\nMein Koffer ist weg.",
		"On 3 November your colleague wrote:\nwe will call you. Nobody did.",
		"From: Lisbon\nTo: London\nDate: 3 May 2026\nPassengers: 2\n\nIs there a seat?",
		"Von: Lissabon\nNach: London\nDatum: 3. Mai\n\nGibt es Plätze?",
		"De: Lisbonne\nÀ: Londres\nDate: 3 mai\n\nY a-t-il des places ?",
		"Le 3 mai on m'a écrit : rien.\nJ'attends.",
		"El 3 de mayo me escribió:\nnada.",
		"My flights:\n20.11.2026 10:31 NL204\n21.11.2026 09:15 NL205\nPlease check both.",
		"Two questions:\n1. where is my bag?\n2. who pays?",
		"Contact me at <mara@mail.example> before 20 Nov 2026, or at 10:31:\n+44 20 7946 0000",
		"Sent from Lisbon by your handlers, the bag never came.\nWhere is it?",
		"I sent it on:\n20 Nov 2026\nTo: your desk\nand heard nothing.",
		"Subject: refund\nDate: 20 Nov 2026\nI want my money back.",
		"2026-11-20 10:31:\nthe desk was closed.",
		"Den 20 november skrev ni att jag får pengarna:\nvar är de?",
		"Enviado por correo el lunes, sin respuesta.\nGracias",
		"A --\nB",
		"--\nMara",
		"12:30: nobody at the gate\n13:05: still nobody",
	} {
		if got, quoted := splitReply("Suitcase", text); got != text || quoted != "" {
			t.Errorf("of\n%s\nwritten is %q, quoted %q", text, got, quoted)
		}
	}
}

// Forwarded mail is what the mail is about: whole, in any language.
func TestForwardedStaysWhole(t *testing.T) {
	const head = "\nFrom: Tom <tom@mail.example>\nSent: Friday\nTo: Mara\nSubject: Suitcase\n\nIt is green.\n> really"
	marks := []string{"---------- Forwarded message ---------", "-------- Weitergeleitete Nachricht --------", "---------- Message transféré ----------", "---------- Mensaje reenviado ----------",
		"---------- Messaggio inoltrato ---------", "---------- Mensagem encaminhada ---------", "---------- Doorgestuurd bericht ---------", "-------- Vidarebefordrat meddelande --------",
		"-------- Videresendt meddelelse --------", "-------- Videresendt melding --------", "-------- Välitetty viesti --------", "-------- Przekazana wiadomość --------", "-------- Přeposlaná zpráva --------",
		"-------- Пересылаемое сообщение --------", "-------- İletilen mesaj --------", "-------- 転送メッセージ --------", "-------- 转发的邮件 --------", "Begin forwarded message:", "Anfang der weitergeleiteten Nachricht:",
		"Début du message réexpédié :", "Inicio del mensaje reenviado:", "Inizio messaggio inoltrato:", "Início da mensagem encaminhada:", "Begin doorgestuurd bericht:", "Vidarebefordrat brev:", "Videresendt e-post:",
		"Początek przekazanej wiadomości:", "Начало переадресованного сообщения:", "İletilmiş mesajın başlangıcı:", "転送されたメッセージ：", "下面是被转发的邮件："}
	for _, mark := range marks {
		text := "See below.\n\n" + mark + "\n" + head
		if got, quoted := splitReply("Suitcase", text); got != text || quoted != "" {
			t.Errorf("%s: written is %q, quoted %q", mark, got, quoted)
		}
	}
	for _, subject := range []string{"Fwd: Suitcase", "FW: Suitcase", "WG: Koffer", "TR : Valise", "RV: Maleta", "I: Valigia", "ENC: Mala", "Doorst: Koffer", "VB: Väska", "PD: Walizka", "İLT: Bavul", "转发：行李箱", "転送: スーツケース"} {
		text := "See below." + head
		if got, quoted := splitReply(subject, text); got != text || quoted != "" {
			t.Errorf("%s: written is %q, quoted %q", subject, got, quoted)
		}
	}
}
