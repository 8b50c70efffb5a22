package classify

// topic is the one with the most words in the text, the earlier one of equals. A
// phrase counts as many words as it has.
func (t *reading) topic(names []string) Label {
	best, total := 0, 0
	for i, n := range t.topics {
		total += n
		if n > t.topics[best] {
			best = i
		}
	}
	if total == 0 {
		return Label{}
	}
	n := float64(t.topics[best])
	// One word alone is right four times in five.
	return Label{Name: names[best], Probability: n / float64(total) * n / (n + 0.25)}
}
