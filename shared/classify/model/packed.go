package model

import (
	"encoding/binary"
	"math"

	"ines/shared/classify/feature"
)

// A model in a bundle has its header packed: eight bytes a number, texts and lists with
// one more than their length before them, 0 for none. Reading JSON would be most of what
// opening a model takes.
const packedMark = 1 // the header's first byte; that of JSON is {

// packer goes through a header once: it writes it, or reads it from b. After a mistake
// it reads zeros.
type packer struct {
	b       []byte
	reading bool
	failed  bool
}

func (p *packer) header(h *Header) {
	p.text(&h.Head)
	list(p, &h.Labels, p.text)
	kinds := uint64(h.Kinds)
	p.word(&kinds)
	h.Kinds = feature.Set(kinds)
	p.number(&h.Reading)
	p.number(&h.Rows)
	p.real(&h.Unit)
	p.real(&h.Rarest)
	list(p, &h.Bias, p.real)
	p.real(&h.Temperature)
	p.real(&h.Slope)
	p.real(&h.Offset)
	for i := range h.Reject.Weights {
		p.real(&h.Reject.Weights[i])
	}
	p.real(&h.Reject.Threshold)
	p.real(&h.Precision)
	list(p, &h.Thresholds, p.real)
	list(p, &h.Levels, func(l *Level) {
		p.real(&l.Precision)
		list(p, &l.Thresholds, p.real)
	})
}

func (p *packer) word(n *uint64) {
	switch {
	case !p.reading:
		p.b = binary.LittleEndian.AppendUint64(p.b, *n)
	case len(p.b) < 8:
		*n, p.b, p.failed = 0, nil, true
	default:
		*n, p.b = binary.LittleEndian.Uint64(p.b), p.b[8:]
	}
}

func (p *packer) number(n *int) {
	w := uint64(*n)
	p.word(&w)
	*n = int(w)
}

func (p *packer) real(f *float64) {
	w := math.Float64bits(*f)
	p.word(&w)
	*f = math.Float64frombits(w)
}

// length is that of a text or a list; what is read has at least a byte for each part.
func (p *packer) length(n int) int {
	w := uint64(n + 1)
	if p.word(&w); w > uint64(len(p.b))+1 && p.reading {
		w, p.b, p.failed = 0, nil, true
	}
	return int(w) - 1
}

func (p *packer) text(s *string) {
	n := p.length(len(*s))
	if !p.reading {
		p.b = append(p.b, *s...)
		return
	}
	n = max(n, 0)
	*s, p.b = string(p.b[:n]), p.b[n:]
}

func list[T any](p *packer, all *[]T, each func(*T)) {
	n := len(*all)
	if *all == nil {
		n = -1
	}
	n = p.length(n)
	if p.reading && n >= 0 {
		*all = make([]T, n)
	}
	for i := range *all {
		each(&(*all)[i])
	}
}
