package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"ines/shared/table"
)

// What DynamoDB refuses is refused here too, so that nothing works on one
// machine only.
const (
	maxPartition = 2048 // bytes of a partition key
	maxSort      = 1024 // bytes of a sort key
)

func checkText(what, s string, most int) error {
	switch {
	case s == "":
		return fmt.Errorf("%w: the %s is empty", table.ErrInvalid, what)
	case len(s) > most:
		return fmt.Errorf("%w: the %s has %d bytes, at most %d allowed", table.ErrInvalid, what, len(s), most)
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return fmt.Errorf("%w: the %s %q is not UTF-8 without NUL", table.ErrInvalid, what, s)
	}
	return nil
}

func checkKey(k table.Key) error {
	if err := checkText("partition key", k.Partition, maxPartition); err != nil {
		return err
	}
	return checkText("sort key", k.Sort, maxSort)
}

func (t *Table) checkIndex(name string) error {
	if slices.Contains(t.o.Indexes, name) {
		return nil
	}
	return fmt.Errorf("%w: there is no index %q, only %s", table.ErrInvalid, name, strings.Join(t.o.Indexes, ", "))
}

func (t *Table) check(writes []table.Write) error {
	if err := table.Validate(writes); err != nil {
		return err
	}
	for _, w := range writes {
		if err := t.checkWrite(w); err != nil {
			return fmt.Errorf("%s: %w", w.Item.Key, err)
		}
	}
	return nil
}

func (t *Table) checkWrite(w table.Write) error {
	if err := checkKey(w.Item.Key); err != nil {
		return err
	}
	if w.When > table.SeqIs {
		return fmt.Errorf("%w: unknown condition %d", table.ErrInvalid, w.When)
	}
	size := len(w.Item.Key.Partition) + len(w.Item.Key.Sort)
	switch w.Op {
	case table.OpDelete, table.OpCheck:
		return nil
	case table.OpAdd:
		for name := range w.Fields {
			size += len(name)
			if err := checkText("counter's name", name, maxSort); err != nil {
				return err
			}
		}
	case table.OpPut:
		size += len(w.Item.Value)
		if !utf8.Valid(w.Item.Value) {
			return fmt.Errorf("%w: the value is not UTF-8", table.ErrInvalid)
		}
		for name, place := range w.Item.Indexes {
			size += len(place.Partition) + len(place.Sort)
			if err := t.checkIndex(name); err != nil {
				return err
			}
			if err := checkKey(table.Key(place)); err != nil {
				return fmt.Errorf("index %s: %w", name, err)
			}
		}
	default:
		return fmt.Errorf("%w: unknown operation %d", table.ErrInvalid, w.Op)
	}
	if size > maxItem {
		return fmt.Errorf("%w: the item has %d bytes, at most %d allowed", table.ErrInvalid, size, maxItem)
	}
	return nil
}
