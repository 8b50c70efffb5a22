package mask

// Found is one piece of personal data in a text: What is its placeholder.
type Found struct{ What, Text string }

// Find lists what Text would replace, in the order of the text.
func Find(s string) (all []Found) {
	if !worthLooking(s) {
		return nil
	}
	walk(nil, s, func(what, text string) { all = append(all, Found{what, text}) })
	return all
}
