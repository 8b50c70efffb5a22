package table

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// What DynamoDB refuses, every driver refuses, so that nothing works on one
// machine only. Sizes are in bytes; source: "Quotas in Amazon DynamoDB" in its
// Developer Guide.
const (
	// MaxWrites is how many operations one transaction may hold.
	MaxWrites = 100
	// MaxKeys is how many keys one Get may name.
	MaxKeys = 100

	maxPartition   = 2048
	maxSort        = 1024
	maxItem        = 400 << 10
	maxTransaction = 4 << 20
)

// What an item weighs besides its texts: the names of the attributes, numbers (21
// bytes at most), and the mark of its writer.
const (
	itemOverhead    = 72
	placeOverhead   = 6  // the two attributes' suffixes; their names come twice
	counterOverhead = 23 // the attribute's prefix and the number
)

// Validate checks the operations of one transaction on a table with these
// indexes. Errors wrap ErrInvalid.
func Validate(indexes []string, writes []Write) error {
	if len(writes) == 0 || len(writes) > MaxWrites {
		return fmt.Errorf("%w: %d operations in one transaction, 1 to %d allowed", ErrInvalid, len(writes), MaxWrites)
	}
	seen := make(map[Key]struct{}, len(writes))
	total := 0
	for _, w := range writes {
		k := w.Item.Key
		size, err := weigh(indexes, w)
		if err == nil && size > maxItem {
			err = fmt.Errorf("%w: the item has %d bytes, at most %d allowed", ErrInvalid, size, maxItem)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		if _, twice := seen[k]; twice {
			return fmt.Errorf("%w: %s is named twice in one transaction", ErrInvalid, k)
		}
		seen[k] = struct{}{}
		total += size
	}
	if total > maxTransaction {
		return fmt.Errorf("%w: %d bytes in one transaction, at most %d allowed", ErrInvalid, total, maxTransaction)
	}
	return nil
}

// weigh checks one operation and gives the bytes that it brings.
func weigh(indexes []string, w Write) (int, error) {
	if err := checkKey(w.Item.Key); err != nil {
		return 0, err
	}
	if w.When > SeqIs {
		return 0, fmt.Errorf("%w: unknown condition %d", ErrInvalid, w.When)
	}
	size := itemOverhead + len(w.Item.Key.Partition) + len(w.Item.Key.Sort)
	switch w.Op {
	case OpDelete, OpCheck:
	case OpAdd:
		if w.When != Always || len(w.Fields) == 0 {
			return 0, fmt.Errorf("%w: an add needs fields and takes no condition", ErrInvalid)
		}
		for name := range w.Fields {
			size += counterOverhead + len(name)
			if err := checkText("counter's name", name, maxSort); err != nil {
				return 0, err
			}
		}
	case OpPut:
		size += len(w.Item.Value)
		if !utf8.Valid(w.Item.Value) {
			return 0, fmt.Errorf("%w: the value is not UTF-8", ErrInvalid)
		}
		for name, place := range w.Item.Indexes {
			size += placeOverhead + 2*len(name) + len(place.Partition) + len(place.Sort)
			if err := checkIndex(indexes, name); err != nil {
				return 0, err
			}
			if err := checkKey(Key(place)); err != nil {
				return 0, fmt.Errorf("index %s: %w", name, err)
			}
		}
	default:
		return 0, fmt.Errorf("%w: unknown operation %d", ErrInvalid, w.Op)
	}
	return size, nil
}

// ValidateKeys checks what a Get or Counters asks for. Errors wrap ErrInvalid.
func ValidateKeys(keys []Key) error {
	if len(keys) > MaxKeys {
		return fmt.Errorf("%w: %d keys in one call, at most %d allowed", ErrInvalid, len(keys), MaxKeys)
	}
	for _, k := range keys {
		if err := checkKey(k); err != nil {
			return err
		}
	}
	return nil
}

// ValidateQuery checks a query of a table with these indexes, its cursor apart.
// Errors wrap ErrInvalid.
func ValidateQuery(indexes []string, q Query) error {
	if q.Index != "" {
		if err := checkIndex(indexes, q.Index); err != nil {
			return err
		}
	}
	if q.Limit < 0 {
		return fmt.Errorf("%w: limit %d", ErrInvalid, q.Limit)
	}
	if err := checkText("partition key", q.Partition, maxPartition); err != nil {
		return err
	}
	for _, bound := range []string{q.From, q.To, q.Prefix} {
		if bound == "" {
			continue
		}
		if err := checkText("bound", bound, maxSort); err != nil {
			return err
		}
	}
	return nil
}

func checkKey(k Key) error {
	if err := checkText("partition key", k.Partition, maxPartition); err != nil {
		return err
	}
	return checkText("sort key", k.Sort, maxSort)
}

func checkIndex(indexes []string, name string) error {
	if slices.Contains(indexes, name) {
		return nil
	}
	return fmt.Errorf("%w: there is no index %q, only %s", ErrInvalid, name, strings.Join(indexes, ", "))
}

func checkText(what, s string, most int) error {
	switch {
	case s == "":
		return fmt.Errorf("%w: the %s is empty", ErrInvalid, what)
	case len(s) > most:
		return fmt.Errorf("%w: the %s has %d bytes, at most %d allowed", ErrInvalid, what, len(s), most)
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return fmt.Errorf("%w: the %s %q is not UTF-8 without NUL", ErrInvalid, what, s)
	}
	return nil
}
