package sms

import (
	"strings"
	"unicode/utf16"
)

// The GSM 03.38 alphabet, and what stands behind an escape in it.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmTwice = "\f^{}\\[~]|€"
)

// Segments is how many SMS a text is sent as, which is what Twilio charges by: 160
// characters of the GSM alphabet (some count twice) or 70 UTF-16 units otherwise,
// 153 and 67 when there are several, none cut in half.
func Segments(text string) int {
	var sizes []int
	whole, part := 160, 153
	for _, r := range text {
		n := 1
		switch {
		case strings.ContainsRune(gsmBasic, r):
		case strings.ContainsRune(gsmTwice, r):
			n = 2
		default:
			return segments(units(text), 70, 67)
		}
		sizes = append(sizes, n)
	}
	return segments(sizes, whole, part)
}

func units(text string) []int {
	var sizes []int
	for _, r := range text {
		sizes = append(sizes, max(utf16.RuneLen(r), 1))
	}
	return sizes
}

func segments(sizes []int, whole, part int) int {
	total := 0
	for _, n := range sizes {
		total += n
	}
	if total <= whole {
		return min(total, 1)
	}
	count, used := 1, 0
	for _, n := range sizes {
		if used+n > part {
			count, used = count+1, 0
		}
		used += n
	}
	return count
}
