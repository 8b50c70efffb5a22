package tabletest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/table"
)

func putAndGet(t *testing.T, s *suite) {
	p := fresh("put")
	a, b, c := table.Key{Partition: p, Sort: "a"}, table.Key{Partition: p, Sort: "b"}, table.Key{Partition: p, Sort: "c"}
	s.missing(t, a, b)
	s.must(t, put(a, `{"n":1}`), table.Write{Op: table.OpPut, Item: table.Item{Key: b, Value: []byte(`2`), Seq: -7}})
	found, err := s.table.Get(t.Context(), c, b, a)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || string(found[a].Value) != `{"n":1}` || found[b].Seq != -7 || found[a].Key != a {
		t.Errorf("got %v", found)
	}
	if found[a].Seq != 0 || found[a].Indexes != nil || !found[a].Expires.IsZero() {
		t.Errorf("the plain item has more than it was given: %+v", found[a])
	}
	s.must(t, put(b, `3`))
	if got := s.get(t, b); string(got.Value) != `3` || got.Seq != 0 {
		t.Errorf("a put replaces everything; got %+v", got)
	}
	if found, err := s.table.Get(t.Context()); err != nil || len(found) != 0 {
		t.Errorf("no keys: %v, %v", found, err)
	}
	if found, err := s.table.Get(t.Context(), a, a); err != nil || len(found) != 1 {
		t.Errorf("a key twice: %v, %v", found, err)
	}
}

func values(t *testing.T, s *suite) {
	big, err := json.Marshal(strings.Repeat("Zürich → 東京 😀 ", 300<<10/27))
	if err != nil {
		t.Fatal(err)
	}
	for i, value := range [][]byte{
		nil,
		[]byte(`{}`),
		[]byte(`"\u0000\u0001\u001f\\\"\/"`),
		[]byte("{\"tab\":\"a\tb\",\r\n \"del\":\"\x7f\", \"sep\":\"\u2028\u2029\ufeff\ufffd\"}"),
		[]byte(`{"seq":1,"pk":"x","html":"<b>&amp;</b>","quote":"'' OR 1=1 --"}`),
		big,
	} {
		k := table.Key{Partition: fresh("value"), Sort: fmt.Sprint(i)}
		s.must(t, table.Write{Op: table.OpPut, Item: table.Item{Key: k, Value: value}})
		if got := s.get(t, k).Value; !bytes.Equal(got, value) {
			t.Errorf("value %d: %d bytes came back from %d, not the same", i, len(got), len(value))
		}
	}
	k := table.Key{Partition: fresh("value"), Sort: "seq"}
	for _, seq := range []int64{math.MaxInt64, math.MinInt64, 0} {
		s.must(t, table.Write{Op: table.OpPut, Item: table.Item{Key: k, Value: []byte(`1`), Seq: seq}})
		if got := s.get(t, k).Seq; got != seq {
			t.Errorf("seq %d came back as %d", seq, got)
		}
	}
}

func oddKeys(t *testing.T, s *suite) {
	names := []string{"a#b", "a/b", "a b", " a", "a%", "a_", "A", "é", "e\u0301", "東京#1", "😀", `"'`, "\\", "\x01", "a\nb", "#", "~"}
	p := fresh("odd/é 東京#")
	var writes []table.Write
	for _, name := range names {
		writes = append(writes, put(table.Key{Partition: p, Sort: name}, `"in p"`), put(table.Key{Partition: p + name, Sort: "x"}, `"by itself"`))
	}
	s.must(t, writes...)
	for _, w := range writes {
		if got := s.get(t, w.Item.Key); !bytes.Equal(got.Value, w.Item.Value) || got.Key != w.Item.Key {
			t.Errorf("%q: got %+v", w.Item.Key, got)
		}
	}
	if got := s.all(t, table.Query{Partition: p}); len(got) != len(names) {
		t.Errorf("the partition has %q, want the %d of its own", sorts(got), len(names))
	}
	long := table.Key{Partition: p + strings.Repeat("p", 2048-len(p)), Sort: strings.Repeat("s", 1024)}
	s.must(t, put(long, `1`))
	s.get(t, long)
}

func conditions(t *testing.T, s *suite) {
	type state struct {
		name  string
		there bool
		seq   int64
	}
	for _, before := range []state{{"absent", false, 0}, {"seq 5", true, 5}} {
		for _, tt := range []struct {
			name     string
			when     table.When
			new, is  int64
			onAbsent bool
			onFive   bool
		}{
			{"always", table.Always, 1, 0, true, true},
			{"absent", table.Absent, 1, 0, true, false},
			{"exists", table.Exists, 1, 0, false, true},
			{"newer, lower", table.Newer, 4, 0, true, false},
			{"newer, equal", table.Newer, 5, 0, true, false},
			{"newer, higher", table.Newer, 6, 0, true, true},
			{"seq is, equal", table.SeqIs, 9, 5, false, true},
			{"seq is, other", table.SeqIs, 9, 4, false, false},
			{"seq is, zero", table.SeqIs, 9, 0, false, false},
		} {
			for _, op := range []table.Op{table.OpPut, table.OpDelete, table.OpCheck} {
				t.Run(fmt.Sprintf("%s/%s/op %d", before.name, tt.name, op), func(t *testing.T) {
					if op != table.OpPut && tt.when == table.Newer {
						tt.onAbsent = true // nothing to be newer than; delete and check carry no seq beyond the key's
					}
					k := table.Key{Partition: fresh("when"), Sort: "k"}
					if before.there {
						s.must(t, table.Write{Op: table.OpPut, Item: table.Item{Key: k, Value: []byte(`"old"`), Seq: before.seq}})
					}
					w := table.Write{Op: op, Item: table.Item{Key: k, Value: []byte(`"new"`), Seq: tt.new}, When: tt.when, Seq: tt.is}
					want := tt.onAbsent
					if before.there {
						want = tt.onFive
					}
					if !want {
						s.conflict(t, []table.Key{k}, w)
						if before.there && string(s.get(t, k).Value) != `"old"` {
							t.Error("the item changed in spite of the conflict")
						}
						return
					}
					s.must(t, w)
					switch {
					case op == table.OpPut:
						if got := s.get(t, k); string(got.Value) != `"new"` || got.Seq != tt.new {
							t.Errorf("got %+v", got)
						}
					case op == table.OpDelete || !before.there:
						s.missing(t, k)
					default:
						if got := s.get(t, k); string(got.Value) != `"old"` || got.Seq != before.seq {
							t.Errorf("a check changed the item: %+v", got)
						}
					}
				})
			}
		}
	}
}

func allOrNothing(t *testing.T, s *suite) {
	p := fresh("atomic")
	key := func(name string) table.Key { return table.Key{Partition: p, Sort: name} }
	other := table.Key{Partition: fresh("atomic"), Sort: "other"}
	s.must(t, put(key("taken"), `"old"`), put(other, `"old"`))
	add := table.Write{Op: table.OpAdd, Item: table.Item{Key: key("count")}, Fields: map[string]int64{"n": 1}}
	absent := func(k table.Key) table.Write {
		return table.Write{Op: table.OpPut, When: table.Absent, Item: table.Item{Key: k, Value: []byte(`"new"`), Indexes: map[string]table.IndexKey{"queue": {Partition: p, Sort: "1"}}}}
	}
	s.conflict(t, []table.Key{key("taken"), other, key("nowhere")},
		absent(key("first")),
		absent(key("taken")),
		add,
		absent(other),
		table.Write{Op: table.OpDelete, Item: table.Item{Key: key("nowhere")}, When: table.Exists},
		put(key("last"), `"new"`),
	)
	s.missing(t, key("first"), key("last"), key("count"), key("nowhere"))
	if got := s.get(t, other); string(got.Value) != `"old"` {
		t.Errorf("got %s", got.Value)
	}
	if got := s.all(t, table.Query{Index: "queue", Partition: p}); len(got) != 0 {
		t.Errorf("the index has %q", sorts(got))
	}
	s.must(t, absent(key("first")), add, table.Write{Op: table.OpCheck, When: table.Exists, Item: table.Item{Key: other}},
		table.Write{Op: table.OpDelete, When: table.Exists, Item: table.Item{Key: key("taken")}})
	s.get(t, key("first"))
	s.missing(t, key("taken"))
}

func stepByStep(t *testing.T, s *suite) {
	p := fresh("steps")
	key := func(name string) table.Key { return table.Key{Partition: p, Sort: name} }
	absent := func(name string) table.Write {
		return table.Write{Op: table.OpPut, When: table.Absent, Item: table.Item{Key: key(name), Value: []byte(`"new"`), Seq: 1}}
	}
	conflict := func(of string, writes ...table.Write) {
		t.Helper()
		err := s.table.Steps(t.Context(), writes...)
		var c *table.ConflictError
		if !errors.As(err, &c) || !slices.Equal(c.Keys, []table.Key{key(of)}) {
			t.Errorf("%v, want a conflict on %s", err, of)
		}
	}
	s.must(t, put(key("taken"), `"old"`), put(key("kept"), `"old"`))
	conflict("taken", absent("first"), absent("second"), absent("taken"), absent("kept"), put(key("last"), `"new"`))
	s.get(t, key("first"))
	s.get(t, key("second"))
	s.missing(t, key("last"))
	for _, name := range []string{"taken", "kept"} {
		if got := s.get(t, key(name)); string(got.Value) != `"old"` {
			t.Errorf("%s is %s", name, got.Value)
		}
	}
	conflict("taken", absent("taken"), absent("third"))
	s.missing(t, key("third"))
	next := table.Write{Op: table.OpPut, When: table.SeqIs, Seq: 1, Item: table.Item{Key: key("first"), Value: []byte(`"next"`), Seq: 2}}
	if err := s.table.Steps(t.Context(), next, absent("third"), table.Write{Op: table.OpDelete, Item: table.Item{Key: key("second")}}); err != nil {
		t.Error(err)
	}
	if got := s.get(t, key("first")); string(got.Value) != `"next"` || got.Seq != 2 {
		t.Errorf("first is %s, %d", got.Value, got.Seq)
	}
	s.get(t, key("third"))
	s.missing(t, key("second"))
	if err := s.table.Steps(t.Context()); !errors.Is(err, table.ErrInvalid) {
		t.Errorf("no step at all: %v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.table.Steps(canceled, absent("fourth")); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	s.missing(t, key("fourth"))
}

func deletes(t *testing.T, s *suite) {
	k := table.Key{Partition: fresh("delete"), Sort: "k"}
	s.must(t, table.Write{Op: table.OpDelete, Item: table.Item{Key: k}})
	s.must(t, table.Write{Op: table.OpPut, Item: table.Item{Key: k, Value: []byte(`1`), Seq: 8}})
	s.must(t, table.Write{Op: table.OpDelete, Item: table.Item{Key: k}})
	s.missing(t, k)
	// Nothing of the old item is left to compare with.
	s.must(t, table.Write{Op: table.OpPut, When: table.Newer, Item: table.Item{Key: k, Value: []byte(`2`), Seq: 1}})
	if got := s.get(t, k).Seq; got != 1 {
		t.Errorf("seq %d", got)
	}
}

func expiry(t *testing.T, s *suite) {
	// Far ahead, so that no driver deletes the items during the test.
	at := time.Date(2096, 1, 2, 3, 4, 5, 0, time.UTC)
	k := table.Key{Partition: fresh("expires"), Sort: "k"}
	for _, given := range []time.Time{at, at.Add(-time.Millisecond), at.In(time.FixedZone("east", 3600))} {
		s.must(t, table.Write{Op: table.OpPut, Item: table.Item{Key: k, Value: []byte(`1`), Expires: given}})
		got := s.get(t, k)
		if !got.Expires.Equal(at) {
			t.Errorf("expires %v, want %v: to the second, never earlier than asked", got.Expires, at)
		}
		if got.Expired(at.Add(-time.Second)) || !got.Expired(at) {
			t.Errorf("expired at the wrong moment: %v", got.Expires)
		}
	}
	s.must(t, put(k, `1`))
	if got := s.get(t, k); !got.Expires.IsZero() {
		t.Errorf("a put without expiry keeps the item; got %v", got.Expires)
	}
	s.must(t, table.Write{Op: table.OpAdd, Item: table.Item{Key: k, Expires: at}, Fields: map[string]int64{"n": 1}})
	if got := s.get(t, k); !got.Expires.Equal(at) {
		t.Errorf("an add sets the expiry; got %v", got.Expires)
	}
}
