package classify

import (
	"encoding/binary"
	"math"
	"slices"
)

// tables writes them; Words says how.
func (l *lexicon) tables(topics []string) []byte {
	var parts [tableCount][]byte
	const slots, words, phrases, rest, weights, all, names = 0, 1, 2, 3, 4, 5, 6
	u32 := func(part int, n int) { parts[part] = binary.LittleEndian.AppendUint32(parts[part], uint32(n)) }
	u16 := func(part int, n int) { parts[part] = binary.LittleEndian.AppendUint16(parts[part], uint16(n)) }

	texts := make([]string, len(l.words))
	for text, id := range l.ids {
		texts[id] = text
	}
	size := 4
	for size < 2*len(texts) {
		size *= 2
	}
	parts[slots] = make([]byte, 4*size)
	for part, each := range map[int]int{words: 12, phrases: 16, rest: 4, all: 10} { // bytes a word, roughly
		parts[part] = make([]byte, 0, each*len(texts))
	}
	for id, text := range texts {
		h := hashOf([]byte(text))
		i := h & uint32(size-1)
		for binary.LittleEndian.Uint32(parts[slots][4*i:]) != 0 {
			i = (i + 1) & uint32(size-1)
		}
		binary.LittleEndian.PutUint32(parts[slots][4*i:], h>>20<<20|uint32(id+1))
	}

	var none [languageCount]float32
	known := map[[languageCount]float32]int{}
	weigh := func(e [languageCount]float32) int {
		at, ok := known[e]
		if !ok {
			at = len(known)
			known[e] = at
			for _, v := range e {
				u32(weights, int(math.Float32bits(v)))
			}
		}
		return at
	}
	weigh(none)
	count := 0
	for id, w := range l.words {
		u32(words, len(parts[all]))
		u32(words, count)
		u16(words, weigh(w.evidence))
		u16(words, mark(w.joins, markJoins)|mark(w.topical, markTopical)|mark(w.aims, markAims))
		parts[all] = append(parts[all], texts[id]...)
		for _, p := range w.starts {
			if len(p.rest) > math.MaxUint16 { // no text that is read has so many words
				continue
			}
			second := alone
			if len(p.rest) > 0 {
				second = int(p.rest[0])
			}
			u32(phrases, second)
			u32(phrases, len(parts[rest])/4)
			u32(phrases, p.topic)
			u16(phrases, len(p.rest))
			u16(phrases, int(p.group)|int(p.signal)<<8)
			for _, next := range p.rest {
				u32(rest, int(next))
			}
			count++
		}
	}
	u32(words, len(parts[all]))
	u32(words, count)
	u32(words, 0)
	list := slices.Clone(topics)
	for i := range senses {
		list = append(list, senses[i].name)
	}
	for i, name := range list {
		if i > 0 {
			parts[names] = append(parts[names], 0)
		}
		parts[names] = append(parts[names], name...)
	}

	file := binary.LittleEndian.AppendUint32([]byte(wordsMagic), wordsFormat)
	file = append(file, make([]byte, 8+ownerSize)...)
	for _, part := range parts {
		file = binary.LittleEndian.AppendUint32(file, uint32(len(part)))
	}
	file = append(file, slices.Concat(parts[:]...)...)
	binary.LittleEndian.PutUint64(file[len(wordsMagic)+4:], mixed(file[len(wordsMagic)+12:]))
	return file
}

func mark(is bool, mark int) int {
	if is {
		return mark
	}
	return 0
}
