package mask_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"ines/shared/mask"
)

func TestWhatIsPersonal(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"Where is my bag?", "Where is my bag?"},
		{"my card 4111 1111 1111 1111 was charged", "my card <card> was charged"},
		{"4111-1111-1111-1111, exp 12/27", "<card>, exp 12/27"},
		{"card:5500005555555559.", "card:<card>."},
		{"amex 378282246310005", "amex <card>"},
		{"4111 1111 1111 1112 is not one", "4111 1111 1111 1112 is not one"},
		{"pay to GB82 WEST 1234 5698 7654 32 please", "pay to <iban> please"},
		{"DE89370400440532013000", "<iban>"},
		{"FR1420041010050500013M02606!", "<iban>!"},
		{"DE89370400440532013001 is mistyped", "DE89370400440532013001 is mistyped"},
		{"ring +44 20 7946 0958 or 020 7946 0958", "ring <phone> or <phone>"},
		{"(020) 7946-0958", "<phone>"},
		{"0171/2345678 ruft an", "<phone> ruft an"},
		{"06 12 34 56 78", "<phone>"},
		{"555-123-4567", "<phone>"},
		{"write to bo.lind+air@mail.example.org.", "write to <email>."},
		{"é@x.example", "<email>"},
		{"jörg.müller@bücher.example, bitte", "<email>, bitte"},
		{"連絡はbo@mail.exampleまで", "連絡は<email>まで"},
		{"de89370400440532013000", "<iban>"},
		{"iban gb82 west 1234 5698 7654 32 please", "iban <iban> please"},
		{"BE68-5390-0754-7034", "<iban>"},
		{"nl48 is not one, nor is it anything", "nl48 is not one, nor is it anything"},
		{"4111.1111.1111.1111", "<card>"},
		{"4111 1111 1111 1111 12/27 123", "<card> 12/27 123"},
		{"4111.1111.1111.1111 12/27", "<card> 12/27"},
		{"4111111111111111 12.2027", "<card> 12.2027"},
		{"12/27 4111 1111 1111 1111, 123", "12/27 <card>, 123"},
		{"123 4111-1111-1111-1111", "123 <card>"},
		{"4111111111111111 4012888888881881", "<card> <card>"},
		{"4111 1111 1111 1111 12 2027 123 45 67", "<card> <phone>"},
		{"12 27 4111 1111 1111 1111 0151 23456789", "12 27 <card> <phone>"},
		{"1234 5678 9012 3456 7890 1234 5678", "1234 5678 9012 3456 7890 1234 5678"},
		{"01.12.26-03.12.26", "01.12.26-03.12.26"},
		{"1.111.111.111.111.111", "1.111.111.111.111.111"},
		{"4111\u00a01111\u202f1111\u20111111", "<card>"},
		{"4111\u200b1111 1111 1111", "<card>"},
		{"Mon numéro\u00a0:\u00a006\u00a012\u00a034\u00a056\u00a078", "Mon numéro : <phone>"},
		{"\u202a+49 151 23456789\u202c", "<phone>"},
		{"４１１１ １１１１ １１１１ １１１１", "<card>"},
		{"رقمي ٠٦١٢٣٤٥٦٧٨", "رقمي <phone>"},
		{"1\u202f250\u202f000\u00a0€ le 3\u00a0mai 👨\u200d👩\u200d👧", "1\u202f250\u202f000\u00a0€ le 3\u00a0mai 👨\u200d👩\u200d👧"},
		{"0176 / 23 45 67 89 ab 18 Uhr", "<phone> ab 18 Uhr"},
		{"030 1234567 / 0151 23456789", "<phone> / <phone>"},
		{"030 1234567/0151 23456789/0170 7654321", "<phone>/<phone>/<phone>"},
		{"0151 23456789 0170 1234567", "<phone> <phone>"},
		{"+49 151 23456789 030 1234567", "<phone> <phone>"},
		{"033638 / 12345", "<phone>"},
		{"01 / 02 / 2026 03 / 04 / 2026", "01 / 02 / 2026 03 / 04 / 2026"},
		{"01.02.2026-03.02.2026 08.00", "01.02.2026-03.02.2026 08.00"},
		{"10 / 20 / 30 Euro", "10 / 20 / 30 Euro"},
		{"my booking is xj4t9k, thanks", "my booking is <booking>, thanks"},
		{"Réf. XJ4T9K", "Réf. <booking>"},
		{"Buchung Nr. 9FZ3LM", "Buchung Nr. <booking>"},
		{"réf XJ4T9K", "réf <booking>"},
		{"@northline thanks", "@northline thanks"},
		{"booking 7KX2PM and my seat", "booking <booking> and my seat"},
		{"My booking reference is ABCDEF", "My booking reference is <booking>"},
		{"Buchungsnummer: 9FZ3LM", "Buchungsnummer: <booking>"},
		{"BUCHUNG NUMMER 9FZ3LM", "BUCHUNG NUMMER <booking>"},
		{"Booking reference:\n\n7KX2PM\r\nwhere is it", "Booking reference:\n\n<booking>\r\nwhere is it"},
		{"Buchungsnummer\r\n9FZ3LM", "Buchungsnummer\r\n<booking>"},
		{"about my booking\nPLEASE answer", "about my booking\nPLEASE answer"},
		{"about my booking\nHello, 7KX2PM", "about my booking\nHello, 7KX2PM"},
		{"my booking?\n7KX2PM", "my booking?\n7KX2PM"},
		{"PLEASE ANSWER SOON", "PLEASE ANSWER SOON"},
		{"my booking. PLEASE answer", "my booking. PLEASE answer"},
		{"TICKET 44112 IS CLOSED", "TICKET 44112 IS CLOSED"},
		{"booking WITHOUT an answer", "booking WITHOUT an answer"},
		// What looks like one and is none.
		{"from 192.168.100.200", "from 192.168.100.200"},
		{"on 2026-11-22 at 10:30", "on 2026-11-22 at 10:30"},
		{"22.11.2026-24.11.2026", "22.11.2026-24.11.2026"},
		{"from 01/12/2026 - 05/12/2026", "from 01/12/2026 - 05/12/2026"},
		{"paid 1.250.000 for it", "paid 1.250.000 for it"},
		{"1 250 000 €", "1 250 000 €"},
		{"£1,250.00 on NL204", "£1,250.00 on NL204"},
		{"2026-2027", "2026-2027"},
		{"flights NL204, NL310 and NL77", "flights NL204, NL310 and NL77"},
		{"we stand at 48.8566 2.3522", "we stand at 48.8566 2.3522"},
		{"at -0.12775 51.50735", "at -0.12775 51.50735"},
		{"a rate of 0.12345678", "a rate of 0.12345678"},
		{"030.1234567", "<phone>"},
		{"555.1234 555.9876", "<phone>"},
		{"row 12, 14, 16", "row 12, 14, 16"},
		{"20261122", "20261122"},
	} {
		if got := mask.Text(c.text); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{"4111 1111 1111 1111", "GB82 WEST 1234 5698 7654 32", "a@b.example", "+44 20 7946 0958", "booking ABCDEF", "@@", "4111111111111111@x.example", "+(0)1", "\xff@\xff.\xff", "1-2.3/4 5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		masked := mask.Text(s)
		if utf8.ValidString(s) && !utf8.ValidString(masked) {
			t.Errorf("%q becomes %q, which is no text", s, masked)
		}
		// Whatever stands around it, what is surely personal goes.
		for _, secret := range []string{"4111 1111 1111 1111", "DE89370400440532013000", "bo@mail.example"} {
			if strings.Contains(s, secret[:9]) {
				continue // part of something else there
			}
			if got := mask.Text(s + "\n" + secret + "\n" + s); strings.Contains(got, secret) {
				t.Errorf("%q keeps %s", got, secret)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	const s = "Hello, my booking 7KX2PM was charged twice to 4111 1111 1111 1111, please phone +44 20 7946 0958 or write to bo@mail.example. I fly on 22.11.2026 from Oslo with two children and nobody has answered since Monday."
	b.ReportAllocs()
	for b.Loop() {
		mask.Text(s)
	}
}
