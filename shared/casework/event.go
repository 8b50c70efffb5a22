package casework

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Event is one fact about a case. Kind is its name in logs and on timelines.
//
// Logs outlive code: a released event may gain fields with a good zero value and
// never loses or renames one. If you add an event you must also add it to
// newEvent (event_registry.go), to apply, and, if people should read it, see how Timeline shows it.
type Event interface{ Kind() string }

// Commit is one command's events: one entry of a case's log.
type Commit struct {
	Case   string    `json:"case"`
	Seq    int64     `json:"seq"` // 1, 2, …
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"` // colleague id; "" is the desk itself
	Cause  Cause     `json:"cause"`
	Events Events    `json:"events"`
}

// Cause says what made a commit.
type Cause struct {
	Kind string `json:"kind"` // delivery, command, timer, reply, case
	// ID is the delivery item ("<envelope>#<index>"), the command's
	// idempotency key, or the reply that was reported.
	ID string `json:"id,omitempty"`
	// Outcome is the counted outcome of a delivery item that this commit ends,
	// and Items, on an envelope's first item, how many the envelope had.
	Outcome string `json:"outcome,omitempty"`
	Items   int    `json:"items,omitempty"`
}

// Events is a list that knows its own JSON: each event is an object with "kind".
type Events []Event

// MarshalJSON writes [{"kind":…, …}, …].
func (es Events) MarshalJSON() ([]byte, error) {
	out := []byte{'['}
	for i, e := range es {
		if i > 0 {
			out = append(out, ',')
		}
		body, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", e.Kind(), err)
		}
		out = append(out, `{"kind":"`+e.Kind()+`"`...)
		if len(body) > 2 {
			out = append(out, ',')
		}
		out = append(out, body[1:]...)
	}
	return append(out, ']'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote. A kind that this version doesn't
// know is an error: folding a log without it would give a wrong state.
func (es *Events) UnmarshalJSON(data []byte) error {
	var raws []json.RawMessage
	if err := json.Unmarshal(data, &raws); err != nil {
		return err
	}
	*es = make(Events, 0, len(raws))
	for _, raw := range raws {
		kind, err := kindOf(raw)
		if err != nil {
			return err
		}
		decode, ok := newEvent[kind]
		if !ok {
			return fmt.Errorf("this version does not know the event %q: it was written by a newer one", kind)
		}
		e, err := decode(raw)
		if err != nil {
			return fmt.Errorf("event %s: %w", kind, err)
		}
		*es = append(*es, e)
	}
	return nil
}

// kindOf reads an event's kind: where MarshalJSON puts it, without parsing the
// rest, else wherever it is.
func kindOf(raw []byte) (string, error) {
	if rest, ok := bytes.CutPrefix(raw, []byte(`{"kind":"`)); ok {
		if i := bytes.IndexAny(rest, `"\`); i >= 0 && rest[i] == '"' {
			return string(rest[:i]), nil
		}
	}
	var k struct {
		Kind string `json:"kind"`
	}
	err := json.Unmarshal(raw, &k)
	return k.Kind, err
}
