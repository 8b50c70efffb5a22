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
	probes  []probe
	missing []int32 // the probes that found nothing
	shares  []share
	seen    byte
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
	at      at
	head    uint64 // of the row
	weights uint64 // if the row is narrow
	value   float32
	loud    float32 // how much it weighs at most: its value times the row's scale
	block   uint8   // see feature.Kind.Block
}

func (h *hit) rarity() uint16 { return uint16(h.head >> (8 * idfAt)) } // in 1/idfUnit
func (h *hit) scale() uint16  { return uint16(h.head >> (8 * scaleAt)) }

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

// isWord has 1 for the kind that is one.
var isWord = [16]uint8{feature.Word: 1}

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
	m.Weigh(features, s)
	s.level = m.Soften(s.Probs, s.Margins)
}

// Weigh is Score for whoever asks for the margins alone.
func (m *Model) Weigh(features []feature.Feature, s *Scratch) {
	m.find(features, s)
	m.value(features, s)
	m.multiply(s)
}

// find looks the features up, one shelf after the other.
func (m *Model) find(features []feature.Feature, s *Scratch) {
	if cap(s.hits) < len(features) {
		n := max(len(features), 2*cap(s.hits))
		s.probes, s.missing, s.hits = make([]probe, n), make([]int32, n), make([]hit, n)
	}
	probes := m.shelves[0].aim(features, m.Kinds, s.probes)
	on, left := m.look(probes, s.missing, s.hits[:cap(s.hits)])
	found := on
	for i := range m.shelves[1:] {
		probes = m.shelves[1+i].again(probes, s.missing[:left])
		on, left = m.look(probes, s.missing, s.hits[found:cap(s.hits)])
		found += on
	}
	s.hits = s.hits[:found]
	s.words, s.rare = 0, 0
	for _, i := range s.missing[:left] {
		if features[probes[i].at.index()].Kind == feature.Word {
			s.words++
			s.rare += m.Rarest
		}
	}
}

// look makes hits of those probes whose features are there, and says which ones are
// left.
func (m *Model) look(probes []probe, missing []int32, hits []hit) (found, left int) {
	heads := m.heads
	if m.width == narrow {
		for i := range probes {
			p := &probes[i]
			from := (headSize + narrow) * uint64(p.at.row())
			row := heads[from : from+headSize+narrow : from+headSize+narrow]
			h := &hits[found]
			h.at, h.head, h.weights = p.at, binary.LittleEndian.Uint64(row), binary.LittleEndian.Uint64(row[headSize:])
			missing[left] = int32(i)
			same := int((uint64(uint32(p.hash)^uint32(h.head)) - 1) >> 63)
			found += same
			left += 1 - same
		}
		return found, left
	}
	for i := range probes {
		p := &probes[i]
		from := headSize * uint64(p.at.row())
		h := &hits[found]
		h.at, h.head = p.at, binary.LittleEndian.Uint64(heads[from:from+headSize:from+headSize])
		missing[left] = int32(i)
		same := int((uint64(uint32(p.hash)^uint32(h.head)) - 1) >> 63)
		found += same
		left += 1 - same
	}
	return found, left
}

// value gives each hit its value once the text's blocks have length 1. Which feature
// is a word, or is in the text again, no processor can guess: that is worked out
// without branches.
func (m *Model) value(features []feature.Feature, s *Scratch) {
	words, known := s.words, 0.0
	rare := s.rare
	var pieces, whole, senses float64 // squared lengths of the blocks
	for i := range s.hits {
		h := &s.hits[i]
		f := &features[h.at.index()]
		v := float64(h.rarity()) * (1.0 / idfUnit)
		word := isWord[f.Kind&15]
		words += int(word)
		rare += float64(v * float64(word))
		known += float64(v * float64(word))
		v = Value(f.Count, v)
		h.block = uint8(f.Kind.Block())
		switch h.block {
		case 0:
			pieces += float64(v * v)
		case 1:
			whole += float64(v * v)
		default:
			senses += float64(v * v)
		}
		h.value = float32(v)
	}
	s.words, s.rare, s.known = words, rare, known
	var length [4]float32
	for b, squares := range [feature.Blocks]float64{pieces, whole, senses} {
		length[b] = float32(1 / math.Sqrt(max(squares, 1e-12)))
	}
	most := float32(0)
	for i := range s.hits {
		h := &s.hits[i]
		h.value *= length[h.block&3]
		h.loud = h.value * float32(h.scale())
		if h.loud > most {
			most = h.loud
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

// perLoud is how many levels a hit has for each part of its loudness.
func (s *Scratch) perLoud() float32 {
	if s.most > 0 {
		return topLevel / s.most
	}
	return 0
}

// level makes a whole number of a hit's value.
func (h *hit) level(perLoud float32) uint32 {
	return min(uint32(float32(h.loud*perLoud)+0.5), topLevel)
}

// share is what a row has in the sum: the row in the upper half, the level in the
// lower.
type share uint64

func (s share) row() int      { return int(s >> 32) }
func (s share) level() uint64 { return uint64(uint32(s)) }

// levels makes whole numbers of the hits' values. Half of a text's hits have level 1
// and need no multiplication: they are kept apart from the louder ones. Looking at both
// ends of each row here has them all on their way from memory when they are added.
func (s *Scratch) levels(weights []byte, width int) (louder, quiet []share, total uint64) {
	if cap(s.shares) < len(s.hits)+2 {
		s.shares = make([]share, cap(s.hits)+2)
	}
	perLoud := s.perLoud()
	shares := s.shares[:len(s.hits)+2]
	front, back, seen := 0, len(shares)-1, byte(0)
	for i := range s.hits {
		h := &s.hits[i]
		row := weights[h.at.row()*width:]
		seen ^= row[0] ^ row[width-1]
		level := uint64(h.level(perLoud))
		total += level
		one := share(h.at)>>32<<32 | share(level)
		shares[front], shares[back] = one, one
		front += int((1 - int64(level)) >> 63 & 1)
		back -= int((int64(level^1) - 1) >> 63 & 1)
	}
	s.seen = seen // or the compiler would not look
	quiet = shares[back+1:]
	if len(quiet)%2 > 0 { // the rows are added in pairs
		shares[front] = quiet[0]
		front, quiet = front+1, quiet[1:]
	}
	if front%2 > 0 {
		shares[front] = shares[0] >> 32 << 32
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
	var total uint64
	if m.width == narrow {
		total = s.addNarrow(sums, lanes)
	} else {
		total = m.addWide(s, sums, lanes)
	}
	fold(sums, lanes)
	s.quantum = float64(s.most) / topLevel * m.Unit
	for k := range s.Margins {
		lane := sums[k/8*4+k%4] >> (k % 8 / 4 * 32) & math.MaxUint32
		s.Margins[k] = float32(m.Bias[k] + float64(s.quantum*float64(int64(lane)-128*int64(total))))
	}
}

// addNarrow adds the rows that look has found with their heads. It returns what the
// levels add up to.
func (s *Scratch) addNarrow(sums, lanes []uint64) (total uint64) {
	perLoud := s.perLoud()
	held := uint64(0) // what the levels in the lanes add up to
	var evens, odds uint64
	for i := range s.hits {
		h := &s.hits[i]
		level := uint64(h.level(perLoud))
		total += level
		if held += level; held > fullLane {
			lanes[0], lanes[1] = evens, odds
			fold(sums, lanes)
			evens, odds, held = 0, 0, level
		}
		evens += (h.weights & even) * level
		odds += (h.weights >> 8) * level
	}
	lanes[0], lanes[1] = evens, odds
	return total
}

// addWide adds the others.
func (m *Model) addWide(s *Scratch, sums, lanes []uint64) (total uint64) {
	louder, quiet, total := s.levels(m.weights, m.width)
	held := uint64(0) // what the levels in the lanes add up to
	for ; len(louder) >= 2; louder = louder[2:] {
		a, b := louder[0], louder[1]
		if held += a.level() + b.level(); held > fullLane {
			fold(sums, lanes)
			held = a.level() + b.level()
		}
		addTimes(lanes, m.row(a.row()), m.row(b.row()), a.level(), b.level())
	}
	for ; len(quiet) >= 2; quiet = quiet[2:] {
		if held += 2; held > fullLane {
			fold(sums, lanes)
			held = 2
		}
		add(lanes, m.row(quiet[0].row()), m.row(quiet[1].row()))
	}
	return total
}

// row is the weights of one.
func (m *Model) row(i int) []byte {
	if m.width == narrow {
		return m.heads[i*(headSize+narrow)+headSize : (i+1)*(headSize+narrow)]
	}
	return m.weights[i*m.width : (i+1)*m.width]
}

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
