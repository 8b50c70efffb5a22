package mask

import "strings"

// number reads a run of digits with the marks that people put between them. It
// returns how long a card or phone number is at the start of s, and what it is: ""
// for a long number that is neither.
func number(s string) (n int, what string) {
	var digits [24]byte
	count, end, groups := 0, 0, 0
	marks := [128]bool{}
	plus := s[0] == '+'
	ends := [24]int{} // after which byte each count of digits ends
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case digit(c):
			if count == len(digits) { // too long for anything that we know, but of several numbers
				return judge(s, digits[:], ends[:], 0, groups, marks, plus)
			}
			if i == 0 || !digit(s[i-1]) {
				groups++
			}
			digits[count] = c
			ends[count] = i + 1
			count++
			end = i + 1
			continue
		case c == '+' && i == 0, c == '(' && i < 8, c == ')' && i < 10:
		case i > 0 && s[0] < '1' && count <= mostPrefix && slash(s, i): // "0176 / 2345678"; what begins otherwise may be two numbers
			marks['/'] = true
			continue
		case (c == ' ' || c == '-' || c == '.' || c == '/') && i > 0 && i+1 < len(s) && (digit(s[i-1]) || s[i-1] == ')' || s[i-1] == ' ' || s[i-1] == '+') && (digit(s[i+1]) || s[i+1] == '('):
		default:
			if letter(c) && i == end { // "12h", "A380", a code
				if count < 13 {
					return 0, ""
				}
			}
			return judge(s, digits[:count], ends[:count], end, groups, marks, plus)
		}
		marks[c] = true
	}
	return judge(s, digits[:count], ends[:count], end, groups, marks, plus)
}

// slash reports whether s[i] is of a slash with blanks around it, between digits.
func slash(s string, i int) bool {
	for start := max(i-2, 1); start <= i; start++ {
		if strings.HasPrefix(s[start:], " / ") && digit(s[start-1]) && start+3 < len(s) && digit(s[start+3]) {
			return true
		}
	}
	return false
}

func judge(s string, digits []byte, ends []int, end, groups int, marks [128]bool, plus bool) (int, string) {
	if n := card(s, digits, ends); n > 0 && !plus {
		return n, Card
	}
	if phone(s[:end], digits, groups, marks, plus) && (end == len(s) || !currency(s[end:])) {
		return end, Phone
	}
	if len(digits) > 12 {
		return several(s, digits, ends, plus, end)
	}
	return 0, ""
}

// mostPrefix is how many digits there are before a place's own.
const mostPrefix = 6

// several reads a run of digits that is too long for one number: it may begin with a
// phone number before another one, or have a card further on. Else all of it, up to n,
// is none of ours.
func several(s string, digits []byte, ends []int, plus bool, n int) (int, string) {
	for i := 8; i < min(len(digits), 16) && (plus || digits[0] == '0'); i++ {
		if end := ends[i-1]; digits[i] == '0' && whole(s, end) && !dates(s[:end]) {
			return end, Phone
		}
	}
	return before(s, digits, ends, n), ""
}

// before is where a card begins among the groups of a run of digits that begins with
// something else, such as the month that the card ends in; else n.
func before(s string, digits []byte, ends []int, n int) int {
	for i := 1; i+12 < len(digits); i++ {
		from := ends[i] - 1
		if s[from-1] != ' ' || from+3 >= len(s) || !digit(s[from+1]) || !digit(s[from+2]) || !digit(s[from+3]) {
			continue
		}
		left := [24]int{}
		for k, at := range ends[i:] {
			left[k] = at - from
		}
		if card(s[from:], digits[i:], left[:len(ends)-i]) > 0 {
			return from
		}
	}
	return n
}

// card is the length of a card's number at the start of s, or 0. It is the longest that
// there is: what follows it may be a date or a code.
func card(s string, digits []byte, ends []int) int {
	for n := min(len(digits), 19); n >= 13; n-- {
		if digits[0] >= '2' && digits[0] <= '6' && luhn(digits[:n]) && whole(s, ends[n-1]) && marked(s[:ends[n-1]], n) {
			return ends[n-1]
		}
	}
	return 0
}

// marked reports whether what is between a card's digits may be there: blanks and
// dashes, and dots between four groups of sixteen digits, which are like nothing else.
func marked(s string, digits int) bool {
	if strings.ContainsAny(s, "(/") {
		return false
	}
	return !strings.Contains(s, ".") || digits == 16 && len(runs(s)) == 4
}

// whole reports whether a number may end at s[at:]: not inside a run of digits.
func whole(s string, at int) bool { return at == len(s) || !digit(s[at]) }

// luhn is the check of ISO/IEC 7812-1.
func luhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// phone goes by the shape: a plus, a leading zero, a bracket or several groups,
// and 7 to 15 digits (E.164), unless it is a date, an address or an amount.
func phone(s string, digits []byte, groups int, marks [128]bool, plus bool) bool {
	n := len(digits)
	switch {
	case n < 7 || n > 15 || dates(s) || dotted(s) || fractions(s):
		return false
	case plus:
		return n >= 8
	case digits[0] == '0':
		return n >= 8
	case marks['('] && marks[')']:
		return true
	case marks['.'] && !marks['-'] && !marks[' ']:
		return groups >= 3 && !thousands(s)
	}
	return groups >= 3 && groups <= 5 && n >= 9 && !thousands(s)
}

// span is the length of a number at the start of s that is none of ours but must be
// stepped over whole, or the rest of it would look like one.
func span(s string) int {
	n := 0
	for n < len(s) && (digit(s[n]) || strings.IndexByte("+(", s[n]) >= 0 && n == 0 || n > 0 && n+1 < len(s) && strings.IndexByte(".,:/-", s[n]) >= 0 && digit(s[n-1]) && digit(s[n+1])) {
		n++
	}
	return n
}

// dotted reports whether s is an IPv4 address.
func dotted(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return false
	}
	for _, p := range parts {
		if len(p) == 0 || len(p) > 3 || strings.Trim(p, "0123456789") != "" || len(p) == 3 && p > "255" {
			return false
		}
	}
	return true
}

// fractions reports whether s is a decimal fraction or two, such as a place on a map:
// 48.8566 2.3522.
func fractions(s string) bool {
	all := runs(s)
	for i, d := range all {
		if i%2 == 1 && len(d) < 4 || i%2 == 0 && (len(d) > 3 || len(d) == 3 && d[0] > '1' || len(d) > 1 && d[0] == '0') {
			return false
		}
	}
	return len(all) <= 4 && 2*strings.Count(s, ".") == len(all) && !strings.ContainsAny(s, "+(-/")
}

// runs are the digits of s that stand together.
func runs(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// dates reports whether s is one date or two: 2026-11-22, 22.11.2026, 22/11-24/11,
// 01.12.26-03.12.26, 1-3 12 2026.
func dates(s string) bool {
	groups := runs(s)
	year, small := 0, 0
	for _, g := range groups {
		v := 0
		for i := range len(g) {
			v = v*10 + int(g[i]-'0')
		}
		switch {
		case len(g) == 4 && v >= 1900 && v <= 2100:
			year++
		case len(g) <= 2 && v >= 1 && v <= 31:
			small++
		case len(g) == 8 && len(groups) <= 2 && (v/10000 >= 1900 && v/10000 <= 2100 && v/100%100 <= 12 || v%10000 >= 1900 && v%10000 <= 2100 && v/10000%100 <= 12):
			year, small = year+1, small+2 // 20261122, 22112026
		default:
			return false
		}
	}
	return year >= 1 && small >= year || year == 2 || small == len(groups) && (small >= 4 && strings.Contains(s, "/") || small == 6)
}

// thousands reports whether s is one amount: 1.250.000 or 1 250 000.
func thousands(s string) bool {
	groups := runs(s)
	if len(groups[0]) > 3 {
		return false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 {
			return false
		}
	}
	return groups[0][0] != '0'
}

func currency(rest string) bool {
	rest = strings.TrimLeft(rest, " ")
	for _, c := range []string{"€", "£", "$", "EUR", "GBP", "USD", "CHF", "%", "kr", "zł"} {
		if strings.HasPrefix(rest, c) {
			return true
		}
	}
	return false
}

// iban is the length of the account number at the start of s, or 0: two letters, two
// check digits and up to 30 letters and digits, in groups or not, whose remainder
// by 97 is 1 (ISO 13616). Small letters after a blank are the next word, unless they
// are the bank's.
func iban(s string) int {
	if len(s) < 15 || !letter(s[1]) || !digit(s[2]) || !digit(s[3]) {
		return 0
	}
	var compact [34]byte
	n, best := 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c == ' ' || c == '-') && i > 0 && i+1 < len(s) && wordByte(s[i-1]) {
			continue
		}
		small := letter(c) && !upper(c)
		if !letter(c) && !digit(c) || n == len(compact) || small && i > 5 && !wordByte(s[i-1]) {
			break
		}
		if small {
			c &^= 'a' - 'A'
		}
		compact[n] = c
		n++
		if n >= 15 && (i+1 == len(s) || !wordByte(s[i+1])) && remainder(compact[:n]) == 1 {
			best = i + 1
		}
	}
	return best
}

func remainder(account []byte) int {
	r := 0
	for i := range account {
		c := account[(i+4)%len(account)]
		if digit(c) {
			r = (r*10 + int(c-'0')) % 97
		} else {
			r = (r*100 + int(c-'A') + 10) % 97
		}
	}
	return r
}
