package mask_test

import (
	"slices"
	"testing"

	"ines/shared/mask"

	"pgregory.net/rapid"
)

func TestFindNamesWhatTextReplaces(t *testing.T) {
	got := mask.Find("booking 7KX2PM, +44 20 7946 0958 or bo@mail.example; DE89370400440532013000, 4111 1111 1111 1111")
	want := []mask.Found{{mask.Booking, "7KX2PM"}, {mask.Phone, "+44 20 7946 0958"}, {mask.Email, "bo@mail.example"},
		{mask.IBAN, "DE89370400440532013000"}, {mask.Card, "4111 1111 1111 1111"}}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("booking @.x+0123456789- A"))).Draw(t, "text")
		if n := len(mask.Find(s)); (n > 0) != (mask.Text(s) != s) {
			t.Errorf("%q: %d found, masked %q", s, n, mask.Text(s))
		}
	})
}

func TestFindKnowsWhatIsOurs(t *testing.T) {
	text := "Ring +44 20 7183 8750 or me, 07700 900461, or write to BO@post.example. My booking is 7KX2PM, card 4111 1111 1111 1111."
	got := mask.Find(text, "+442071838750", "", "help@northline.example")
	want := []mask.Found{{mask.Phone, "07700 900461"}, {mask.Email, "BO@post.example"}, {mask.Booking, "7KX2PM"}, {mask.Card, "4111 1111 1111 1111"}}
	if !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	if got := mask.Find("write to Help@Northline.example", "help@northline.example"); got != nil {
		t.Errorf("our own address: %v", got)
	}
}
