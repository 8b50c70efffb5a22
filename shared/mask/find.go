package mask

import "strings"

// Found is one piece of personal data in a text: What is its placeholder.
type Found struct{ What, Text string }

// Find lists what Text would replace, in the order of the text. own are addresses and
// numbers of ours, which give nobody away, however they are written.
func Find(s string, own ...string) (all []Found) {
	if s = plain(s); !worthLooking(s) {
		return nil
	}
	walk(nil, s, func(what, text string) {
		for _, o := range own {
			if o != "" && bare(o) == bare(text) {
				return
			}
		}
		all = append(all, Found{what, text})
	})
	return all
}

// bare is a number or an address without what people put between its parts.
func bare(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" ()-./", r) {
			return -1
		}
		return r
	}, s))
}
