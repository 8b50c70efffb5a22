package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ines/shared/pattern"
)

// Money is an amount in a currency, exact: Units counts ten-thousandths, the
// finest that any currency in ISO 4217 has. The zero value is no amount at all.
type Money struct {
	Units    int64
	Currency string // ISO 4217, three capitals
}

const (
	unitsPerOne = 10_000
	maxWhole    = 999_999_999_999 // below a trillion; sums of hundreds still fit
)

// minorDigits are the currencies whose amounts don't have two decimals (ISO 4217,
// list one).
var minorDigits = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0,
	"VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

var (
	amountShape   = pattern.Late{Expr: `^([0-9]{1,12})(?:\.([0-9]{1,4}))?$`}
	currencyShape = pattern.Late{Expr: `^[A-Z]{3}$`}
)

// ParseMoney reads an amount such as 200, 200.5 or 199.99 in a currency. It is
// above zero and has no more decimals than the currency.
func ParseMoney(amount, currency string) (Money, error) {
	m, err := parseMoney(amount, currency)
	if err == nil && m.Units == 0 {
		return Money{}, fmt.Errorf("%q is nothing: an amount is above zero", amount)
	}
	return m, err
}

func parseMoney(amount, currency string) (Money, error) {
	if !currencyShape.MatchString(currency) {
		return Money{}, fmt.Errorf("%q is no currency: write its three capitals, such as GBP or EUR", currency)
	}
	m := amountShape.FindStringSubmatch(amount)
	if m == nil {
		return Money{}, fmt.Errorf("%q is no amount: write digits with a point, such as 200 or 199.99", amount)
	}
	digits := 2
	if n, ok := minorDigits[currency]; ok {
		digits = n
	}
	if len(strings.TrimRight(m[2], "0")) > digits {
		return Money{}, fmt.Errorf("%s has %d decimals, %s has more", currency, digits, amount)
	}
	whole, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil || whole > maxWhole {
		return Money{}, fmt.Errorf("%q is more than can be written down", amount)
	}
	part, _ := strconv.ParseInt((m[2] + "0000")[:4], 10, 64)
	return Money{Units: whole*unitsPerOne + part, Currency: currency}, nil
}

// IsZero reports whether it is no amount at all.
func (m Money) IsZero() bool { return m.Units == 0 && m.Currency == "" }

// Amount writes the number alone, with the currency's decimals: 200.00.
func (m Money) Amount() string {
	digits := 2
	if n, ok := minorDigits[m.Currency]; ok {
		digits = n
	}
	units, sign := m.Units, ""
	if units < 0 {
		units, sign = -units, "-"
	}
	s := fmt.Sprintf("%s%d.%04d", sign, units/unitsPerOne, units%unitsPerOne)
	for range 4 - digits {
		if strings.HasSuffix(s, "0") {
			s = s[:len(s)-1]
		}
	}
	return strings.TrimSuffix(s, ".")
}

// String writes it for people: 200.00 GBP.
func (m Money) String() string {
	if m.IsZero() {
		return ""
	}
	return m.Amount() + " " + m.Currency
}

// Plus adds an amount of the same currency; of another one it changes nothing.
func (m Money) Plus(n Money) Money {
	if m.Currency == "" {
		return n
	}
	if m.Currency == n.Currency {
		m.Units += n.Units
	}
	return m
}

type moneyJSON struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// MarshalJSON writes {"amount":"200.00","currency":"GBP"}: text, so that no reader
// makes a float of it.
func (m Money) MarshalJSON() ([]byte, error) { return json.Marshal(moneyJSON{m.Amount(), m.Currency}) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *Money) UnmarshalJSON(data []byte) error {
	var j moneyJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	if j.Currency == "" {
		*m = Money{}
		return nil
	}
	n, err := parseMoney(j.Amount, j.Currency)
	*m = n
	return err
}

// money reads a limit of the policy: "150 GBP".
func (r *reader) money(n *Node, path string) Money {
	s, ok := r.text(n, path)
	if !ok {
		return Money{}
	}
	amount, currency, _ := strings.Cut(s, " ")
	m, err := ParseMoney(amount, currency)
	if err != nil {
		r.line(n.Line, path+": "+err.Error(), "such as 150 GBP")
	}
	return m
}

// limit is the amount of a currency among several.
func limit(all []Money, currency string) (Money, bool) {
	i := slices.IndexFunc(all, func(m Money) bool { return m.Currency == currency })
	if i < 0 {
		return Money{}, false
	}
	return all[i], true
}
