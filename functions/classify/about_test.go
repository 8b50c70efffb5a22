package classify

import (
	"testing"
	"time"

	"ines/shared/linktoken"
	"ines/shared/message"
)

func TestAPreparedChatMessageBringsItsLinkToken(t *testing.T) {
	token := linktoken.Mint("a key", "abcdefghjkmnpqrs", time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), time.Hour)
	for _, tt := range []struct {
		channel    string
		visibility message.Visibility
		had, want  string
	}{
		{"whatsapp", message.Private, "", token},
		{"sms", message.Private, "", token},
		{"telegram", message.Private, "its own", "its own"},
		{"email", message.Private, "", ""}, // a quotation
		{"x", message.Public, "", ""},      // anybody's
	} {
		m := message.Message{Channel: tt.channel, Visibility: tt.visibility, Token: tt.had, Text: "Hello, I was sent here: " + token}
		if invited(&m); m.Token != tt.want {
			t.Errorf("%+v: token %q", tt, m.Token)
		}
	}
}
