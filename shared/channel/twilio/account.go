package twilio

import (
	"strings"

	"ines/shared/pattern"
)

var number = pattern.Late{Expr: `^\+[1-9][0-9]{6,14}$`}

// Elsewhere reports whether a form that names one of our addresses is another inbox's.
// Only numbers tell: what else stands there (a service, a client, an agent of RCS) may
// be this inbox under another name, and so may nothing.
func Elsewhere(account, address string) bool {
	plain := func(s string) string { return strings.TrimPrefix(s, "whatsapp:") }
	account, address = plain(account), plain(address)
	return number.MatchString(account) && number.MatchString(address) && account != address
}
