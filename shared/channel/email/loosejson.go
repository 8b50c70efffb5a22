package email

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"ines/shared/sorting"
)

// anyText is a string; a number counts as one, anything else as "".
type anyText string

func (t *anyText) UnmarshalJSON(b []byte) error {
	switch {
	case b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*t = anyText(b)
	}
	return nil
}

// anyList keeps the members that can be read.
type anyList[T any] []T

func (l *anyList[T]) UnmarshalJSON(b []byte) error {
	var raw []json.RawMessage
	if json.Unmarshal(b, &raw) != nil {
		return nil
	}
	for _, r := range raw {
		var v T
		if json.Unmarshal(r, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}

// spot is a member's value in a JSON object: the bytes [start, end).
type spot struct {
	start, end int
	value      string // if it is a string
}

// members finds the members of an object, by name.
func members(body []byte) (map[string]spot, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, errors.Join(errors.New("no object"), err)
	}
	spots := map[string]spot{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, err
		}
		end := int(dec.InputOffset())
		m := spot{start: end - len(raw), end: end}
		if json.Unmarshal(raw, &m.value) != nil {
			m.value = ""
		}
		spots[fmt.Sprint(key)] = m
	}
	if _, err := dec.Token(); err != nil && err != io.EOF {
		return nil, err
	}
	return spots, nil
}

// topLevel finds string members of the body's object, in order.
func topLevel(body []byte, names []string) ([]spot, error) {
	all, err := members(body)
	if err != nil {
		return nil, err
	}
	var spots []spot
	for _, n := range names {
		if m, ok := all[n]; ok && m.value != "" {
			spots = append(spots, m)
		}
	}
	sorting.By(spots, func(a, b spot) int { return a.start - b.start })
	return spots, nil
}
