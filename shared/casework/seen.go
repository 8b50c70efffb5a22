package casework

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Seen remembers which items the case has filed, and by which delivery: what
// tells a duplicate (a second delivery) from a retry of the same one. It holds
// the last seenWindow items as hashes; what is not younger than everything that
// was dropped has to be looked for in the log, with Filed.
type Seen struct {
	marks []mark    // in order of filing
	older time.Time // the latest platform time among the marks dropped
}

type mark struct {
	key      uint64
	delivery uint32
	at       int64 // platform time, unix seconds
}

const (
	seenWindow = 512
	markBytes  = 8 + 4 + 5
)

// Sight is Seen's answer.
type Sight int

const (
	SightNew       Sight = iota // surely not filed
	SightSame                   // filed by this very delivery: a retry, count nothing
	SightDuplicate              // filed by another delivery
	SightUnsure                 // too old to tell: look into the log
)

// Look says whether the item with this key was filed.
func (s Seen) Look(key, delivery string, at time.Time) Sight {
	k, d := hash64(key), hash32(delivery)
	for _, m := range s.marks {
		if m.key == k {
			if m.delivery == d {
				return SightSame
			}
			return SightDuplicate
		}
	}
	if !s.older.IsZero() && !at.Truncate(time.Second).After(s.older) {
		return SightUnsure
	}
	return SightNew
}

func (s *Seen) add(key, delivery string, at time.Time) {
	if len(s.marks) >= seenWindow {
		if t := time.Unix(s.marks[0].at, 0).UTC(); t.After(s.older) {
			s.older = t
		}
		s.marks = slices.Delete(s.marks, 0, 1)
	}
	s.marks = append(s.marks, mark{key: hash64(key), delivery: hash32(delivery), at: at.Unix()})
}

func (s Seen) clone() Seen { return Seen{marks: slices.Clone(s.marks), older: s.older} }

type seenJSON struct {
	Marks string    `json:"marks,omitempty"`
	Older time.Time `json:"older,omitzero"`
}

// MarshalJSON packs the marks into 17 bytes each.
func (s Seen) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, len(s.marks)*markBytes)
	for _, m := range s.marks {
		b = binary.BigEndian.AppendUint64(b, m.key)
		b = binary.BigEndian.AppendUint32(b, m.delivery)
		var at [8]byte
		binary.BigEndian.PutUint64(at[:], uint64(max(m.at, 0)))
		b = append(b, at[3:]...)
	}
	return json.Marshal(seenJSON{base64.RawStdEncoding.EncodeToString(b), s.older})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Seen) UnmarshalJSON(data []byte) error {
	var j seenJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	b, err := base64.RawStdEncoding.DecodeString(j.Marks)
	if err != nil || len(b)%markBytes != 0 {
		return fmt.Errorf("seen marks are damaged (%d bytes)", len(b))
	}
	s.older, s.marks = j.Older, nil
	for ; len(b) > 0; b = b[markBytes:] {
		var at [8]byte
		copy(at[3:], b[12:markBytes])
		s.marks = append(s.marks, mark{
			key:      binary.BigEndian.Uint64(b),
			delivery: binary.BigEndian.Uint32(b[8:]),
			at:       int64(binary.BigEndian.Uint64(at[:])),
		})
	}
	return nil
}

func hash64(s string) uint64 {
	sum := sha256.Sum256([]byte(s))
	return binary.BigEndian.Uint64(sum[:])
}

func hash32(s string) uint32 { return uint32(hash64(s)) }
