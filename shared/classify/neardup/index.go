package neardup

// Index remembers the signatures of the latest texts. It is not safe for concurrent
// use.
type Index struct {
	room  int
	least float64
	next  int
	ids   []string
	signs []Signature
	found map[uint64][]int
}

// NewIndex makes an index of the latest room texts, which answers with those that
// are at least so similar.
func NewIndex(room int, least float64) *Index {
	return &Index{room: max(room, 1), least: least, found: map[uint64][]int{}}
}

// Like returns the id of the most similar text that is remembered, and how similar
// it is; "" if none is similar enough. The later one of equals wins.
func (x *Index) Like(s *Signature) (id string, similarity float64) {
	for _, k := range s.Bands() {
		for _, at := range x.found[k] {
			if v := Similarity(s, &x.signs[at]); v >= x.least && v >= similarity {
				id, similarity = x.ids[at], v
			}
		}
	}
	return id, similarity
}

// Add remembers a text, and forgets the oldest one when there is no room.
func (x *Index) Add(id string, s Signature) {
	at := x.next
	x.next = (x.next + 1) % x.room
	if at < len(x.ids) {
		for _, k := range x.signs[at].Bands() {
			x.forget(k, at)
		}
		x.ids[at], x.signs[at] = id, s
	} else {
		x.ids, x.signs = append(x.ids, id), append(x.signs, s)
	}
	for _, k := range s.Bands() {
		x.found[k] = append(x.found[k], at)
	}
}

func (x *Index) forget(key uint64, at int) {
	kept := x.found[key][:0]
	for _, v := range x.found[key] {
		if v != at {
			kept = append(kept, v)
		}
	}
	if len(kept) == 0 {
		delete(x.found, key)
		return
	}
	x.found[key] = kept
}
