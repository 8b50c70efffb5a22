// Package model is a trained head: a file that is used in place, and the arithmetic
// that turns a text's features into labels with probabilities. It reads no files and
// writes nothing but what Encode returns. Package train makes models.
package model

import (
	"cmp"
	"fmt"

	"ines/shared/classify/feature"
)

// Header is what a model says of itself. It is JSON in the file, so that a person
// can look at it.
type Header struct {
	Head    string      `json:"head"` // what it tells: "topic", "language"
	Labels  []string    `json:"labels"`
	Kinds   feature.Set `json:"kinds"`   // the features that it weighs
	Reading int         `json:"reading"` // feature.Version of its training
	Rows    int         `json:"rows"`    // features that it knows
	Unit    float64     `json:"unit"`    // of the rows' scales
	Rarest  float64     `json:"rarest"`  // the weight by rarity of a word never seen
	Bias    []float64   `json:"bias"`

	Calibration
	Reject Reject `json:"reject,omitzero"`
	// Precision is what was wanted when the thresholds were set. A label whose
	// threshold is above 1 never reached it.
	Precision  float64   `json:"precision,omitempty"`
	Thresholds []float64 `json:"thresholds,omitempty"`
	// Levels are the thresholds for other precisions, the lowest first.
	Levels []Level `json:"levels,omitempty"`

	// Frozen is what the training answered on a part of its texts while they were
	// unseen; package train reads it.
	Frozen []byte `json:"frozen,omitempty"`

	Settings Settings `json:"settings,omitzero"`
	Data     Data     `json:"data,omitzero"`
	Metrics  Metrics  `json:"metrics,omitzero"`
}

// Level is the thresholds, a label each, at which answers were right as often as
// Precision says, on texts that the scores had not seen.
type Level struct {
	Precision  float64   `json:"precision"`
	Thresholds []float64 `json:"thresholds"`
}

// Wanted are the thresholds for a precision, and for others of single labels. One
// between two levels takes the stricter; one that no level reaches is an error.
func (h *Header) Wanted(precision float64, of map[string]float64) ([]float64, error) {
	at := func(k int, precision float64) (float64, error) {
		if precision == h.Precision && len(h.Thresholds) > 0 {
			return h.Thresholds[k], nil
		}
		for _, l := range h.Levels {
			if l.Precision >= precision {
				return l.Thresholds[k], nil
			}
		}
		return 0, fmt.Errorf("a precision of %g is wanted and the model was trained for up to %g: train it again with --precision %g", precision, h.Precision, precision)
	}
	if len(h.Thresholds) == 0 && precision == 0 && len(of) == 0 {
		return nil, nil // nothing was ever wanted of it
	}
	wanted := make([]float64, len(h.Labels))
	for k, label := range h.Labels {
		p := cmp.Or(of[label], precision, h.Precision)
		var err error
		if wanted[k], err = at(k, p); err != nil {
			return nil, err
		}
	}
	return wanted, nil
}

// Reject says whether a text is about any of the labels at all: a logistic model
// over Evidence.
type Reject struct {
	Weights   [8]float64 `json:"weights"` // of the seven numbers, then the constant
	Threshold float64    `json:"threshold"`
}

// Settings are what the training was told.
type Settings struct {
	C        float64 `json:"c"`
	MinTexts int     `json:"min_texts"` // a feature in fewer texts is left out
	Seed     uint64  `json:"seed"`
}

// Data is what the training saw.
type Data struct {
	SHA256  string `json:"sha256"` // of the rows after dropping duplicates
	Rows    int    `json:"rows"`
	Outside int    `json:"outside,omitempty"` // rows that are about none of the labels
}

// Metrics are of texts that the scores had not seen (five folds).
type Metrics struct {
	Accuracy    float64 `json:"accuracy"`
	MacroF1     float64 `json:"macro_f1"`
	Calibration float64 `json:"calibration_error"`
	Coverage    float64 `json:"coverage"`       // share answered at the wanted precision
	Outside     float64 `json:"outside_recall"` // share of foreign texts that are noticed
}

// Model is a head ready to use. It is safe for concurrent use and keeps the bytes
// that it was opened from.
type Model struct {
	Header
	width    int // of a row's weights: the labels, rounded up to eight
	shelves  []shelf
	weights  []byte // width bytes a row, each weight + 128; nil if rows are narrow
	heads    []byte // headSize a row; of narrow ones, with their weights
	sketches []byte // sketchSize int8 a label: the direction of its centre
	squares  []byte // uint32 a label: of that direction's length
}

const (
	idfUnit    = 4096
	sketchSize = 512
	narrow     = 8 // the width of rows that have their head with them

	// A row's head: its feature's fingerprint, rarity and the scale of its weights.
	headSize = 8
	idfAt    = 4 // uint16, in 1/idfUnit
	scaleAt  = 6 // uint16, in Header.Unit
)

// Label is the index of a label, or -1.
func (m *Model) Label(name string) int {
	for i, l := range m.Labels {
		if l == name {
			return i
		}
	}
	return -1
}
