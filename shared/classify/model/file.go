package model

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"

	"ines/shared/classify/feature"
)

// The file: magic, version, length of the header, length of the tables, checksum of
// all that follows; the header; the tables. Numbers are little-endian.
//
// The tables are made for the processor's memory, which is what scoring waits for:
// the weights, a row a known feature; the heads, by which a row is recognised, apart
// from them and so close together that looking for features that the model does not
// know touches little; the seeds by which rows are found; the squares of the sketches'
// lengths; the sketches. Rows of 80 weights lie so that none touches more than two
// lines of the processor's cache. Rows of eight weights or less have their head before
// them, so that whoever recognises a row has it, and there is no table of heads.
const (
	magic    = "INESMODL"
	format   = 4
	preamble = 8 + 4*4
	line     = 64 // bytes of the processor's cache, where the tables begin

	maxRows   = 1<<24 - 1
	maxLabels = 1 << 12
)

// Errors of Open.
var (
	ErrNotModel = errors.New("not a model file")
	ErrDamaged  = errors.New("the model file is damaged")
	ErrNewer    = errors.New("the model was made by a newer ines")
)

// Open takes a model file's bytes and uses them in place: they must not change. It
// looks at all of them.
func Open(file []byte) (*Model, error) {
	m, err := Trust(file)
	if err != nil {
		return nil, err
	}
	if got, want := checksum(file[preamble:]), binary.LittleEndian.Uint32(file[8+4*3:]); got != want {
		return nil, fmt.Errorf("%w: checksum %08x, want %08x", ErrDamaged, got, want)
	}
	return m, nil
}

// Trust is Open for a file that was opened before, when it was put where it is: it
// looks at the header and the sizes alone, so that most of a file that is mapped into
// memory need not be there yet. If the file has changed since, scores are wrong; the
// program is as safe as with Open.
func Trust(file []byte) (*Model, error) {
	if err := Whole(file, int64(len(file))); err != nil {
		return nil, err
	}
	header := binary.LittleEndian.Uint32(file[12:])
	m := &Model{}
	if head := file[preamble:][:header]; header > 0 && head[0] == packedMark {
		p := &packer{b: head[1:], reading: true}
		if p.header(&m.Header); p.failed {
			return nil, fmt.Errorf("%w: header", ErrDamaged)
		}
	} else if err := json.Unmarshal(head, &m.Header); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrDamaged, err)
	}
	if m.Reading != feature.Version {
		return nil, fmt.Errorf("the model was trained with reading %d of texts, this ines has %d: train it again", m.Reading, feature.Version)
	}
	if err := m.Header.check(); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrDamaged, err)
	}
	if err := m.lay(file[preamble+int(header):]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return m, nil
}

// HeadSize is how much of a file Whole wants.
const HeadSize = preamble

// Whole checks by a file's first HeadSize bytes and its size that it is a model, and
// all there.
func Whole(begin []byte, size int64) error {
	if len(begin) < preamble || string(begin[:8]) != magic {
		return fmt.Errorf("%w: it does not begin as one", ErrNotModel)
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(begin[8+4*i:]) }
	if v := word(0); v > format {
		return fmt.Errorf("%w: format %d, this one reads up to %d", ErrNewer, v, format)
	} else if v == 0 {
		return fmt.Errorf("%w: format 0 never was", ErrDamaged)
	} else if v != format {
		return fmt.Errorf("the model was made by an older ines, in format %d: train it again", v)
	}
	header, tables := int64(word(1)), int64(word(2))
	if want := preamble + header + tables; size != want {
		return fmt.Errorf("%w: %d bytes, want %d", ErrDamaged, size, want)
	}
	return nil
}

// checksum makes its table when it is first asked: a start does without.
func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func (h *Header) check() error {
	k := len(h.Labels)
	finite := func(all ...float64) bool {
		return !slices.ContainsFunc(all, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	}
	switch {
	case k < 2 || k > maxLabels:
		return fmt.Errorf("%d labels", k)
	case h.Rows < 0 || h.Rows > maxRows:
		return fmt.Errorf("%d rows", h.Rows)
	case len(h.Bias) != k || !finite(h.Bias...):
		return errors.New("bias")
	case len(h.Thresholds) != 0 && len(h.Thresholds) != k || !finite(h.Thresholds...):
		return errors.New("thresholds")
	case slices.ContainsFunc(h.Levels, func(l Level) bool { return len(l.Thresholds) != k || !finite(l.Thresholds...) || !finite(l.Precision) }):
		return errors.New("levels")
	case !(h.Temperature > 0) || !finite(h.Temperature):
		return fmt.Errorf("temperature %v", h.Temperature)
	case !(h.Slope >= 0) || !finite(h.Slope, h.Offset):
		return fmt.Errorf("slope %v, offset %v", h.Slope, h.Offset)
	case !(h.Rarest >= 0) || !finite(h.Rarest):
		return fmt.Errorf("rarest %v", h.Rarest)
	case !(h.Unit >= 0) || !finite(h.Unit):
		return fmt.Errorf("unit %v", h.Unit)
	case !finite(h.Reject.Weights[:]...) || !finite(h.Reject.Threshold):
		return errors.New("reject weights")
	}
	return nil
}

// lay finds the tables. Whatever is in them, scoring stays inside: any seed puts a
// feature into a row of its shelf.
func (m *Model) lay(tables []byte) error {
	m.width = wide(len(m.Labels))
	if want := Size(len(m.Labels), m.Rows) - preamble; len(tables) != want {
		return fmt.Errorf("tables of %d bytes, want %d", len(tables), want)
	}
	take := func(n int) (part []byte) {
		part, tables = tables[:n:n], tables[n:]
		return part
	}
	rows := 0
	for _, features := range shelves(m.Rows, m.width) {
		n, buckets := room(features)
		m.shelves = append(m.shelves, shelf{first: uint64(rows), rows: uint64(n), buckets: uint64(buckets)})
		rows += n
	}
	if m.width == narrow {
		m.heads = take(rows * (headSize + narrow))
	} else {
		m.weights = take(rows * m.width)
		m.heads = take(rows * headSize)
	}
	for i := range m.shelves {
		m.shelves[i].seeds = take(int(m.shelves[i].buckets) * 2)
	}
	m.squares = take(len(m.Labels) * 4)
	m.sketches = take(len(m.Labels) * sketchSize)
	return nil
}

// wide is how many bytes a row's weights take, for so many labels.
func wide(labels int) int { return (labels + 7) &^ 7 }

// Size is how big a model's file is but for its header, in bytes.
func Size(labels, features int) int {
	size := preamble + labels*(4+sketchSize)
	for _, n := range shelves(features, wide(labels)) {
		rows, buckets := room(n)
		size += rows*(headSize+wide(labels)) + 2*buckets
	}
	return size
}

// Row is one feature's part of a model to be written.
type Row struct {
	Hash    uint64
	IDF     float64
	Weights []float32 // one a label
}

// Encode writes a model. It sets Reading, Rows and Unit in h itself. Rows may come in
// any order, no two with one hash; centres hold, a label, what Sketch adds up for its
// texts.
func Encode(h Header, rows []Row, centres [][]float64) ([]byte, error) {
	h.Reading, h.Rows = feature.Version, len(rows)
	scales, seen := make([]float64, len(rows)), make(map[uint64]bool, len(rows))
	for i, r := range rows {
		if seen[r.Hash] {
			return nil, fmt.Errorf("model: two rows have the hash %016x", r.Hash)
		}
		seen[r.Hash] = true
		for _, w := range r.Weights {
			scales[i] = max(scales[i], math.Abs(float64(w))/127)
		}
		h.Unit = max(h.Unit, scales[i]/math.MaxUint16)
	}
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	// The commonest first. Of equally common ones, the order must not be that of the
	// bits that choose a bucket, or one shelf would have them all in a few buckets.
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := rows[a], rows[b]
		return cmp.Or(cmp.Compare(x.IDF, y.IDF), cmp.Compare(uint32(x.Hash), uint32(y.Hash)), cmp.Compare(x.Hash, y.Hash))
	})
	var weights, heads, seeds []byte
	for _, n := range shelves(len(rows), wide(len(h.Labels))) {
		on := order[:n]
		order = order[n:]
		hashes := make([]uint64, n)
		for i, r := range on {
			hashes[i] = rows[r].Hash
		}
		planted, in, err := plant(hashes)
		if err != nil {
			return nil, fmt.Errorf("model: %w", err)
		}
		seeds = append(seeds, planted...)
		for _, i := range in {
			head, row := make([]byte, headSize), make([]byte, wide(len(h.Labels)))
			if i >= 0 {
				encodeRow(head, row, &h, &rows[on[i]], scales[on[i]])
			}
			heads = append(heads, head...)
			if len(row) == narrow {
				heads = append(heads, row...)
			} else {
				weights = append(weights, row...)
			}
		}
	}
	squares, sketches := encodeCentres(centres, len(h.Labels))
	header, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	return seal(header, slices.Concat(weights, heads, seeds, squares, sketches)), nil
}

// seal puts a file together.
func seal(header, tables []byte) []byte {
	for (preamble+len(header))%line != 0 {
		header = append(header, ' ')
	}
	file := append([]byte(magic), make([]byte, preamble-8)...)
	binary.LittleEndian.PutUint32(file[8:], format)
	binary.LittleEndian.PutUint32(file[12:], uint32(len(header)))
	binary.LittleEndian.PutUint32(file[16:], uint32(len(tables)))
	file = slices.Concat(file, header, tables)
	binary.LittleEndian.PutUint32(file[20:], checksum(file[preamble:]))
	return file
}

// ForUse is a model's file with its header packed, and without what it says of its
// training.
func ForUse(file []byte) ([]byte, error) {
	m, err := Open(file)
	if err != nil {
		return nil, err
	}
	p := &packer{b: []byte{packedMark}}
	p.header(&m.Header)
	return seal(p.b, file[preamble+int(binary.LittleEndian.Uint32(file[12:])):]), nil
}

// encodeRow fills in a row's head and its weights.
func encodeRow(head, weights []byte, h *Header, r *Row, scale float64) {
	s := math.Ceil(scale / max(h.Unit, math.SmallestNonzeroFloat64))
	s = max(min(s, math.MaxUint16), 1)
	binary.LittleEndian.PutUint32(head, uint32(r.Hash))
	binary.LittleEndian.PutUint16(head[idfAt:], uint16(min(math.Round(r.IDF*idfUnit), math.MaxUint16)))
	binary.LittleEndian.PutUint16(head[scaleAt:], uint16(s))
	for k := range weights {
		q := 0.0
		if k < len(r.Weights) && h.Unit > 0 {
			q = math.Round(float64(r.Weights[k]) / (s * h.Unit))
		}
		weights[k] = byte(int(max(min(q, 127), -127)) + 128)
	}
}

// encodeCentres keeps each centre's direction in a byte a number, and the square of
// its length that is left then.
func encodeCentres(centres [][]float64, labels int) (squares, sketches []byte) {
	squares, sketches = make([]byte, labels*4), make([]byte, labels*sketchSize)
	for k, c := range centres {
		most, square := 0.0, 0
		for _, v := range c {
			most = max(most, math.Abs(v))
		}
		for i, v := range c {
			if most > 0 {
				q := int8(math.Round(v / most * 127))
				sketches[k*sketchSize+i] = byte(q)
				square += int(q) * int(q)
			}
		}
		binary.LittleEndian.PutUint32(squares[4*k:], uint32(square))
	}
	return squares, sketches
}
