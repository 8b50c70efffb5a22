package casework

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode is the commit's JSON, byte for byte what json.Marshal makes of it. That would
// look at each event once more, and commits are most of what is written.
func (cm Commit) Encode() ([]byte, error) {
	events := cm.Events
	cm.Events = nil
	head, err := json.Marshal(cm)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	buf.Grow(len(head) + 512*len(events))
	_, _ = buf.Write(head[:len(head)-len("[]}")]) // never fails
	if err := events.write(&buf); err != nil {
		return nil, err
	}
	_ = buf.WriteByte('}')
	return buf.Bytes(), nil
}

// DecodeCommit reads a commit's JSON as json.Unmarshal does. What Encode wrote is taken
// apart first, so that each event is read once and not three times.
func DecodeCommit(data []byte) (Commit, error) {
	var cm Commit
	head, raws, ok := apart(data)
	if !ok {
		err := json.Unmarshal(data, &cm)
		return cm, err
	}
	if err := json.Unmarshal(head, &cm); err != nil {
		return cm, err
	}
	var err error
	cm.Events, err = decodeEvents(raws)
	return cm, err
}

var eventsMember = []byte(`,"events":[`)

// apart splits a commit's JSON into what is before its events, as an object, and the
// events. It is not ok if anything is not as Encode writes it. It may take nonsense
// for an event, which the event's decoder then refuses.
func apart(data []byte) (head []byte, raws []json.RawMessage, ok bool) {
	// An object's member is not to be found within a string: its quotes would end that.
	i := bytes.Index(data, eventsMember)
	if i < 0 {
		return nil, nil, false
	}
	head = append(append(make([]byte, 0, i+1), data[:i]...), '}')
	rest := data[i+len(eventsMember):]
	for {
		n := objectEnd(rest)
		if n == 0 || len(rest) < n+2 {
			return nil, nil, false
		}
		raws, rest = append(raws, rest[:n:n]), rest[n:]
		switch {
		case string(rest) == "]}":
			return head, raws, true
		case rest[0] != ',':
			return nil, nil, false
		}
		rest = rest[1:]
	}
}

// objectEnd is where an object ends that data begins with, 0 if it begins with none.
func objectEnd(data []byte) int {
	if len(data) == 0 || data[0] != '{' {
		return 0
	}
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			n := stringEnd(data[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
		}
	}
	return 0
}

// stringEnd is where a string ends that data begins with, 0 if it doesn't end.
func stringEnd(data []byte) int {
	for end := 1; ; {
		i := bytes.IndexByte(data[end:], '"')
		if i < 0 {
			return 0
		}
		end += i + 1
		escapes := 0
		for data[end-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return end
		}
	}
}

// MarshalJSON writes [{"kind":…, …}, …].
func (es Events) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	err := es.write(&buf)
	return buf.Bytes(), err
}

func (es Events) write(buf *bytes.Buffer) error {
	_ = buf.WriteByte('[')
	encoder := json.NewEncoder(buf)
	for i, e := range es {
		if i > 0 {
			_ = buf.WriteByte(',')
		}
		_, _ = buf.WriteString(`{"kind":"` + e.Kind() + `"`)
		begin := buf.Len()
		if err := encoder.Encode(e); err != nil {
			return fmt.Errorf("event %s: %w", e.Kind(), err)
		}
		// The object goes on where the encoder has begun one, and has ended a line.
		buf.Truncate(buf.Len() - 1)
		if object := buf.Bytes()[begin:]; string(object) == "{}" {
			object[0] = '}'
			buf.Truncate(begin + 1)
		} else {
			object[0] = ','
		}
	}
	return buf.WriteByte(']')
}

// UnmarshalJSON reads what MarshalJSON wrote. A kind that this version doesn't
// know is an error: folding a log without it would give a wrong state.
func (es *Events) UnmarshalJSON(data []byte) error {
	var raws []json.RawMessage
	err := json.Unmarshal(data, &raws)
	if err == nil {
		*es, err = decodeEvents(raws)
	}
	return err
}

func decodeEvents(raws []json.RawMessage) (Events, error) {
	es := make(Events, 0, len(raws))
	for _, raw := range raws {
		kind, err := kindOf(raw)
		if err != nil {
			return nil, err
		}
		t, ok := eventTypes()[kind]
		if !ok {
			return nil, fmt.Errorf("this version does not know the event %q: it was written by a newer one", kind)
		}
		e, err := decodeEvent(t, raw)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", kind, err)
		}
		es = append(es, e)
	}
	return es, nil
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
