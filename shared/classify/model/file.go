package model

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"
	"slices"

	"ines/shared/classify/feature"
)

// The file: magic, version, length of the header, length of the tables, checksum of
// all that follows; the header; the tables. Numbers are little-endian.
//
// The tables are made for the processor's memory, which is what scoring waits for. A
// bucket is where its rows begin and, in its upper byte, which of eight kinds of
// fingerprints they have: most features that the model does not know go no further.
// A row has its fingerprint, the rarity of its feature, its scale and its weights in
// one piece.
const (
	magic    = "INESMODL"
	format   = 2
	preamble = 8 + 4*4

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
	if err := m.ordered(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
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
	if err := json.Unmarshal(file[preamble:][:header], &m.Header); err != nil {
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
	case h.Buckets < 1 || h.Buckets > 1<<24 || bits.OnesCount(uint(h.Buckets)) != 1:
		return fmt.Errorf("%d buckets", h.Buckets)
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

// lay finds the tables.
func (m *Model) lay(tables []byte) error {
	m.width = (len(m.Labels) + 7) &^ 7
	m.mask = uint64(m.Buckets - 1)
	take := func(n int) (part []byte) {
		if n > len(tables) {
			part, tables = nil, nil
			return nil
		}
		part, tables = tables[:n:n], tables[n:]
		return part
	}
	m.stride = weightsAt + m.width
	if m.Rows*m.stride > math.MaxInt32 {
		return fmt.Errorf("%d rows of %d bytes", m.Rows, m.stride)
	}
	want := 4*(m.Buckets+1) + m.Rows*m.stride + len(m.Labels)*sketchSize
	if len(tables) != want {
		return fmt.Errorf("tables of %d bytes, want %d", len(tables), want)
	}
	m.buckets = take(4 * (m.Buckets + 1))
	m.rows = take(m.stride * m.Rows)
	m.sketches = take(len(m.Labels) * sketchSize)
	return nil
}

// ordered checks where the buckets begin: a file can be wrong and have the right
// checksum.
func (m *Model) ordered() error {
	last := uint32(0)
	for i := range m.Buckets + 1 {
		at := binary.LittleEndian.Uint32(m.buckets[4*i:]) & firstRow
		if at < last || i == 0 && at != 0 {
			return fmt.Errorf("bucket %d begins at row %d", i, at)
		}
		last = at
	}
	if int(last) != m.Rows {
		return fmt.Errorf("the buckets hold %d rows of %d", last, m.Rows)
	}
	return nil
}

func buckets(rows int) int {
	n := 1
	for n*3 < rows*2 {
		n *= 2
	}
	return n
}

// Size is how big a model's file is but for its header, in bytes.
func Size(labels, rows int) int {
	return preamble + 4*(buckets(rows)+1) + rows*(weightsAt+(labels+7)&^7) + labels*sketchSize
}

// Row is one feature's part of a model to be written.
type Row struct {
	Hash    uint64
	IDF     float64
	Weights []float32 // one a label
}

// Encode writes a model. It sets Reading, Rows, Buckets and Unit in h itself. Rows
// may come in any order; centres hold, a label, what Sketch adds up for its texts.
func Encode(h Header, rows []Row, centres [][]float64) ([]byte, error) {
	h.Reading, h.Rows, h.Buckets = feature.Version, len(rows), buckets(len(rows))
	scales := make([]float64, len(rows))
	for i, r := range rows {
		for _, w := range r.Weights {
			scales[i] = max(scales[i], math.Abs(float64(w))/127)
		}
		h.Unit = max(h.Unit, scales[i]/math.MaxUint16)
	}
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, xp := Bucket(rows[a].Hash, h.Buckets)
		y, yp := Bucket(rows[b].Hash, h.Buckets)
		return 2*compare(x, y) + compare(xp, yp)
	})
	var index, table []byte
	width, next := (len(h.Labels)+7)&^7, 0
	for b := range h.Buckets {
		first, kinds := uint32(next), uint32(0)
		for ; next < len(order); next++ {
			r := rows[order[next]]
			at, print := Bucket(r.Hash, h.Buckets)
			if at != b {
				break
			}
			kinds |= kindOf(print)
			table = binary.LittleEndian.AppendUint32(table, print)
			table = binary.LittleEndian.AppendUint16(table, uint16(min(math.Round(r.IDF*idfUnit), math.MaxUint16)))
			s := math.Ceil(scales[order[next]] / max(h.Unit, math.SmallestNonzeroFloat64))
			s = max(min(s, math.MaxUint16), 1)
			table = binary.LittleEndian.AppendUint16(table, uint16(s))
			for k := range width {
				q := 0.0
				if k < len(r.Weights) && h.Unit > 0 {
					q = math.Round(float64(r.Weights[k]) / (s * h.Unit))
				}
				table = append(table, byte(int(max(min(q, 127), -127))+128))
			}
		}
		index = binary.LittleEndian.AppendUint32(index, first|kinds)
	}
	index = binary.LittleEndian.AppendUint32(index, uint32(next))
	tables := slices.Concat(index, table, encodeCentres(centres, len(h.Labels)))
	return seal(h, tables)
}

// seal puts a file together.
func seal(h Header, tables []byte) ([]byte, error) {
	header, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	for (preamble+len(header))%8 != 0 {
		header = append(header, ' ')
	}
	file := append([]byte(magic), make([]byte, preamble-8)...)
	binary.LittleEndian.PutUint32(file[8:], format)
	binary.LittleEndian.PutUint32(file[12:], uint32(len(header)))
	binary.LittleEndian.PutUint32(file[16:], uint32(len(tables)))
	file = slices.Concat(file, header, tables)
	binary.LittleEndian.PutUint32(file[20:], checksum(file[preamble:]))
	return file, nil
}

// ForUse is a model's file without what training alone reads: most of its header,
// which whoever opens it would read first.
func ForUse(file []byte) ([]byte, error) {
	m, err := Open(file)
	if err != nil {
		return nil, err
	}
	m.Frozen = nil
	return seal(m.Header, file[preamble+int(binary.LittleEndian.Uint32(file[12:])):])
}

func compare[T int | uint32](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// encodeCentres keeps each centre's direction in a byte a number.
func encodeCentres(centres [][]float64, labels int) []byte {
	out := make([]byte, labels*sketchSize)
	for k, c := range centres {
		most := 0.0
		for _, v := range c {
			most = max(most, math.Abs(v))
		}
		for i, v := range c {
			if most > 0 {
				out[k*sketchSize+i] = byte(int8(math.Round(v / most * 127)))
			}
		}
	}
	return out
}
