package model

import (
	"encoding/binary"
	"math"

	"ines/shared/classify/feature"
)

// Scratch is the room that scoring needs: one for each goroutine and model. The
// zero value is ready; once grown, scoring allocates nothing.
type Scratch struct {
	Margins []float32 // a label each, set by Score
	Probs   []float32 // set by Score; they add up to 1

	hits    []hit
	todo    []int32 // the features that are not found
	probes  []probe
	shares  []share
	lanes   []uint64
	sums    []uint64
	sketch  [sketchSize]float32
	words   int
	rare    float64 // the rarity of all words together
	known   float64 // and of those that the model knows
	most    float32 // of the hits' loud
	quantum float64 // what 1 of a hit's level stands for
	level   float64 // Temperature times the log of the sum of exponents
}

// hit is a known feature of the text.
type hit struct {
	row   int32
	index int32   // among the text's features
	value float32 // at first the feature's rarity, in 1/idfUnit
	scale uint16  // of the row
	block uint8   // see feature.Kind.Block
	level uint8
}

// loud is how much a hit weighs at most.
func (h *hit) loud() float32 { return h.value * float32(h.scale) }

// Known is the share of the text's words that the model knows, a rare one counting
// more. Score has filled s.
func (s *Scratch) Known() float64 {
	if s.rare == 0 {
		return 0
	}
	return s.known / s.rare
}

// Value is a feature's weight in a text before the text is brought to length 1.
func Value(count uint16, idf float64) float64 {
	if int(count) < len(growth) {
		return float64(growth[count] * idf)
	}
	return float64((1 + math.Log(float64(count))) * idf)
}

// growth is by how much a feature counts more that is in a text so often.
var growth = func() (g [32]float64) {
	for n := range g[1:] {
		g[n+1] = 1 + math.Log(float64(n+1))
	}
	return g
}()

// Score weighs a text's features for all labels. Its stages are loops of their own,
// without branches that depend on what a load brings: the processor then has many
// loads under way at a time instead of waiting for each.
func (m *Model) Score(features []feature.Feature, s *Scratch) {
	m.find(features, s)
	m.value(features, s)
	m.multiply(s)
	m.soften(s)
}

// find looks for the features' rows, on one shelf after the other. Those that are on
// none stay in todo.
func (m *Model) find(features []feature.Feature, s *Scratch) {
	if cap(s.todo) < len(features) {
		n := len(features) + len(features)/2
		s.todo, s.probes, s.hits = make([]int32, n), make([]probe, n), make([]hit, n)
	}
	todo, n := s.todo[:len(features)], 0
	for i := range features {
		todo[n] = int32(i)
		n += int(m.Kinds >> (features[i].Kind & 15) & 1)
	}
	todo, hits, found := todo[:n], s.hits[:n], 0
	for i := range m.shelves {
		on, left := m.shelves[i].find(features, todo, s.probes, hits[found:])
		todo, found = todo[:left], found+on
	}
	s.todo, s.hits = todo, hits[:found]
}

// value gives each hit its value once the text's blocks have length 1.
func (m *Model) value(features []feature.Feature, s *Scratch) {
	s.words, s.rare, s.known = 0, 0, 0
	for _, index := range s.todo {
		if features[index].Kind == feature.Word {
			s.words++
			s.rare += m.Rarest
		}
	}
	var pieces, words, senses float64 // squared lengths of the blocks
	for i := range s.hits {
		h := &s.hits[i]
		f := &features[h.index]
		idf := float64(h.value) * (1.0 / idfUnit)
		if f.Kind == feature.Word {
			s.words++
			s.rare += idf
			s.known += idf
		}
		v := idf
		if f.Count > 1 {
			v = Value(f.Count, idf)
		}
		h.block = uint8(f.Kind.Block())
		switch h.block {
		case 0:
			pieces += float64(v * v)
		case 1:
			words += float64(v * v)
		default:
			senses += float64(v * v)
		}
		h.value = float32(v)
	}
	var length [4]float32
	for b, squares := range [feature.Blocks]float64{pieces, words, senses} {
		length[b] = float32(1 / math.Sqrt(max(squares, 1e-12)))
	}
	most := float32(0)
	for i := range s.hits {
		h := &s.hits[i]
		h.value *= length[h.block&3]
		if loud := h.loud(); loud > most {
			most = loud
		}
	}
	s.most = most
}

// topLevel is the highest level of a hit. Levels that add up to fullLane, times bytes,
// stay below 2^16.
const (
	topLevel = 63
	fullLane = 255
)

// share is what a row has in the sum.
type share struct {
	row   int32
	level uint32
}

// levels makes whole numbers of the hits' values. Half of a text's hits have level 1
// and need no multiplication: they are kept apart from the louder ones.
func (s *Scratch) levels() (louder, quiet []share, total uint64) {
	if cap(s.shares) < len(s.hits)+2 {
		s.shares = make([]share, cap(s.hits)+2)
	}
	perLevel := float32(0)
	if s.most > 0 {
		perLevel = topLevel / s.most
	}
	shares := s.shares[:len(s.hits)+2]
	front, back := 0, len(shares)-1
	for i := range s.hits {
		h := &s.hits[i]
		level := min(uint32(float32(h.loud()*perLevel)+0.5), topLevel)
		h.level = uint8(level)
		total += uint64(level)
		shares[front], shares[back] = share{h.row, level}, share{h.row, level}
		front += int((1 - int64(level)) >> 63 & 1)
		back -= int((int64(level^1) - 1) >> 63 & 1)
	}
	quiet = shares[back+1:]
	if len(quiet)%2 > 0 { // the rows are added in pairs
		shares[front] = quiet[0]
		front, quiet = front+1, quiet[1:]
	}
	if front%2 > 0 {
		shares[front] = share{shares[0].row, 0}
		front++
	}
	return shares[:front], quiet, total
}

// multiply adds up the rows. A row's weights are bytes, eight of them to a machine
// word, and the values are whole numbers, so that one multiplication makes four
// products, and one addition adds four. Whole numbers also add up to the same on every
// processor.
func (m *Model) multiply(s *Scratch) {
	if n := m.width / 2; cap(s.sums) < n {
		s.sums, s.lanes = make([]uint64, n), make([]uint64, m.width/4)
		s.Margins, s.Probs = make([]float32, len(m.Labels)), make([]float32, len(m.Labels))
	}
	sums, lanes := s.sums[:m.width/2], s.lanes[:m.width/4]
	clear(sums)
	clear(lanes)
	s.Margins, s.Probs = s.Margins[:len(m.Labels)], s.Probs[:len(m.Labels)]
	louder, quiet, total := s.levels()
	held := uint32(0) // what the levels in the lanes add up to
	for ; len(louder) >= 2; louder = louder[2:] {
		a, b := louder[0], louder[1]
		if held += a.level + b.level; held > fullLane {
			fold(sums, lanes)
			held = a.level + b.level
		}
		if la, lb := uint64(a.level), uint64(b.level); m.width == 8 { // not worth a call
			w, x := eight(m.weights, int(a.row)*8), eight(m.weights, int(b.row)*8)
			lanes[0] += (w&even)*la + (x&even)*lb
			lanes[1] += (w>>8)*la + (x>>8)*lb
		} else {
			addTimes(lanes, m.row(a.row), m.row(b.row), la, lb)
		}
	}
	for ; len(quiet) >= 2; quiet = quiet[2:] {
		if held += 2; held > fullLane {
			fold(sums, lanes)
			held = 2
		}
		add(lanes, m.row(quiet[0].row), m.row(quiet[1].row))
	}
	fold(sums, lanes)
	s.quantum = float64(s.most) / topLevel * m.Unit
	for k := range s.Margins {
		lane := sums[k/8*4+k%4] >> (k % 8 / 4 * 32) & math.MaxUint32
		s.Margins[k] = float32(m.Bias[k] + float64(s.quantum*float64(int64(lane)-128*int64(total))))
	}
}

// row is the weights of one.
func (m *Model) row(i int32) []byte { return m.weights[int(i)*m.width : int(i+1)*m.width] }

// add adds two rows' bytes to lanes of 16 bits: to one word the even bytes, to the
// next the odd ones, among which are left what fold takes out, the even ones.
func add(lanes []uint64, a, b []byte) {
	b = b[:len(a):len(a)]
	for i := 0; i+8 <= len(a); i += 8 {
		w, x := eight(a, i), eight(b, i)
		pair := lanes[i>>2 : i>>2+2 : i>>2+2]
		pair[0] += (w & even) + (x & even)
		pair[1] += (w >> 8) + (x >> 8)
	}
}

// addTimes does so with the bytes times the rows' levels.
func addTimes(lanes []uint64, a, b []byte, la, lb uint64) {
	b = b[:len(a):len(a)]
	for i := 0; i+8 <= len(a); i += 8 {
		w, x := eight(a, i), eight(b, i)
		pair := lanes[i>>2 : i>>2+2 : i>>2+2]
		pair[0] += (w&even)*la + (x&even)*lb
		pair[1] += (w>>8)*la + (x>>8)*lb
	}
}

const even = 0x00FF00FF00FF00FF

// eight are as many bytes as one machine word. That the slice ends where the word does
// spares the compiler arithmetic.
func eight(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at : at+8 : at+8]) }

// fold moves the lanes into sums of 32 bits: byte i of eight is in sums[i%4], in the
// upper half from 4 on. A text has less than 2^18 features, so none runs over.
func fold(sums, lanes []uint64) {
	const halves = 0x0000FFFF0000FFFF
	for i := 0; i+2 <= len(lanes) && len(sums) >= 4; i += 2 {
		even := lanes[i]
		odd := lanes[i+1] - even>>16<<8
		lanes[i], lanes[i+1] = 0, 0
		sums[0] += even & halves
		sums[1] += odd & halves
		sums[2] += even >> 16 & halves
		sums[3] += odd >> 16 & halves
		sums = sums[4:]
	}
}

func (m *Model) soften(s *Scratch) { s.level = m.Soften(s.Probs, s.Margins) }
