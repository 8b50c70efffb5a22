package tabletest

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ines/shared/table"
)

// model is the table as the port describes it, with nothing else in mind.
type model struct {
	items    map[table.Key]table.Item
	counters map[table.Key]map[string]int64
}

func (m *model) write(writes []table.Write) error {
	var failed []table.Key
	for _, w := range writes {
		old, there := m.items[w.Item.Key]
		holds := map[table.When]bool{
			table.Always: true,
			table.Absent: !there,
			table.Exists: there,
			table.Newer:  !there || old.Seq < w.Item.Seq,
			table.SeqIs:  there && old.Seq == w.Seq,
		}
		if !holds[w.When] {
			failed = append(failed, w.Item.Key)
		}
	}
	if len(failed) > 0 {
		return &table.ConflictError{Keys: failed}
	}
	for _, w := range writes {
		k := w.Item.Key
		switch w.Op {
		case table.OpPut:
			m.items[k] = w.Item
			delete(m.counters, k)
		case table.OpDelete:
			delete(m.items, k)
			delete(m.counters, k)
		case table.OpAdd:
			if _, there := m.items[k]; !there {
				m.items[k] = table.Item{Key: k}
			}
			if m.counters[k] == nil {
				m.counters[k] = map[string]int64{}
			}
			for name, n := range w.Fields {
				m.counters[k][name] += n
			}
		}
	}
	return nil
}

func (m *model) query(q table.Query) []table.Item {
	place := func(i table.Item) (table.IndexKey, bool) {
		if q.Index == "" {
			return table.IndexKey(i.Key), true
		}
		p, in := i.Indexes[q.Index]
		return p, in
	}
	var items []table.Item
	for _, i := range m.items {
		p, in := place(i)
		if !in || p.Partition != q.Partition || !strings.HasPrefix(p.Sort, q.Prefix) {
			continue
		}
		if q.Prefix == "" && (p.Sort < q.From || q.To != "" && p.Sort > q.To) {
			continue
		}
		items = append(items, i)
	}
	slices.SortFunc(items, func(a, b table.Item) int {
		pa, _ := place(a)
		pb, _ := place(b)
		return cmp.Or(cmp.Compare(pa.Sort, pb.Sort), cmp.Compare(a.Key.String(), b.Key.String()))
	})
	return items
}

func sameItem(a, b table.Item) bool {
	return a.Key == b.Key && bytes.Equal(a.Value, b.Value) && a.Seq == b.Seq && maps.Equal(a.Indexes, b.Indexes)
}

// likeTheModel does random transactions on a few keys, on the table and on the
// model, and wants the same outcomes and the same contents.
func likeTheModel(t *testing.T, s *suite) {
	rapid.Check(t, func(rt *rapid.T) {
		p, shelf := fresh("model"), fresh("shelf")
		m := &model{items: map[table.Key]table.Item{}, counters: map[table.Key]map[string]int64{}}
		write := rapid.Custom(func(rt *rapid.T) table.Write { return anyWrite(rt, p, shelf) })
		transaction := rapid.SliceOfNDistinct(write, 1, 4, func(w table.Write) table.Key { return w.Item.Key })
		for range rapid.IntRange(1, 12).Draw(rt, "transactions") {
			writes := transaction.Draw(rt, "writes")
			want, got := m.write(writes), s.table.Write(t.Context(), writes...)
			if fmt.Sprint(want) != fmt.Sprint(got) {
				rt.Fatalf("got %v, want %v", got, want)
			}
		}
		s.compare(t, rt, m, p, shelf)
	})
}

func anyWrite(rt *rapid.T, p, shelf string) table.Write {
	w := table.Write{
		Op:   rapid.SampledFrom([]table.Op{table.OpPut, table.OpPut, table.OpDelete, table.OpCheck, table.OpAdd}).Draw(rt, "op"),
		Item: table.Item{Key: table.Key{Partition: p, Sort: rapid.SampledFrom([]string{"a", "b", "b#1", "c", "d"}).Draw(rt, "key")}},
	}
	if w.Op == table.OpAdd {
		w.Fields = map[string]int64{rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "field"): rapid.Int64Range(-9, 9).Draw(rt, "n")}
		return w
	}
	w.When = rapid.SampledFrom([]table.When{table.Always, table.Absent, table.Exists, table.Newer, table.SeqIs}).Draw(rt, "when")
	w.Seq = rapid.Int64Range(0, 3).Draw(rt, "is")
	w.Item.Seq = rapid.Int64Range(0, 3).Draw(rt, "seq")
	if w.Op != table.OpPut {
		return w
	}
	w.Item.Value = fmt.Appendf(nil, "%q", rapid.StringN(0, 8, -1).Draw(rt, "value"))
	for _, name := range Indexes {
		if rapid.Bool().Draw(rt, name) {
			if w.Item.Indexes == nil {
				w.Item.Indexes = map[string]table.IndexKey{}
			}
			w.Item.Indexes[name] = table.IndexKey{
				Partition: shelf + rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "partition"),
				Sort:      rapid.SampledFrom([]string{"m", "n", "n#1", "o"}).Draw(rt, "sort"),
			}
		}
	}
	return w
}

func (s *suite) compare(t *testing.T, rt *rapid.T, m *model, p, shelf string) {
	keys := slices.Collect(maps.Keys(m.items))
	found, err := s.table.Get(t.Context(), keys...)
	if err != nil {
		rt.Fatal(err)
	}
	if !maps.EqualFunc(found, m.items, sameItem) {
		rt.Fatalf("items %v, want %v", found, m.items)
	}
	sums, err := s.table.Counters(t.Context(), keys...)
	if err != nil {
		rt.Fatal(err)
	}
	if !maps.EqualFunc(sums, m.counters, maps.Equal[map[string]int64, map[string]int64]) {
		rt.Fatalf("counters %v, want %v", sums, m.counters)
	}
	ends := rapid.SampledFrom([]string{"", "", "a", "b", "b#", "m", "n", "n#", "z"})
	for _, place := range []struct{ index, partition string }{{"", p}, {"queue", shelf + "1"}, {"queue", shelf + "2"}, {"owner", shelf + "1"}} {
		q := table.Query{
			Index: place.index, Partition: place.partition,
			From: ends.Draw(rt, "from"), To: ends.Draw(rt, "to"), Prefix: ends.Draw(rt, "prefix"),
			Limit: rapid.IntRange(0, 3).Draw(rt, "limit"), Descending: rapid.Bool().Draw(rt, "descending"),
		}
		s.eventually(t, func() error {
			got, want := s.all(t, q), m.query(q)
			if q.Descending {
				slices.Reverse(got)
			}
			// Items that share a place may come in any order.
			slices.SortStableFunc(got, func(a, b table.Item) int {
				if q.Index == "" || a.Indexes[q.Index].Sort != b.Indexes[q.Index].Sort {
					return 0
				}
				return cmp.Compare(a.Key.String(), b.Key.String())
			})
			if !slices.EqualFunc(got, want, sameItem) {
				return fmt.Errorf("%+v: got %v, want %v", q, got, want)
			}
			return nil
		})
	}
}
