package dynamo

import (
	"maps"
	"slices"
	"strconv"

	"ines/shared/table"
	"ines/shared/table/stream"
)

// expression is a condition or an update in DynamoDB's language, with what its
// placeholders stand for. The zero value has neither.
type expression struct {
	text   *string
	names  map[string]string
	values attributes
}

// condition is what must hold for a write. An item that only counters were added
// to has no seq attribute; its seq is 0.
func condition(w table.Write) expression {
	const (
		absent = "attribute_not_exists(#p)"
		exists = "attribute_exists(#p)"
		no     = "attribute_not_exists(#s)"
	)
	e := expression{names: map[string]string{"#p": stream.Partition}}
	var text string
	compare := func(seq int64) {
		e.names["#s"] = stream.Seq
		e.values = attributes{":s": number(seq)}
	}
	switch w.When {
	case table.Always:
		return expression{}
	case table.Absent:
		text = absent
	case table.Exists:
		text = exists
	case table.Newer:
		compare(w.Item.Seq)
		text = absent + " OR #s < :s"
		if w.Item.Seq > 0 {
			text += " OR " + no
		}
	case table.SeqIs:
		compare(w.Seq)
		text = "#s = :s"
		if w.Seq == 0 {
			text += " OR (" + exists + " AND " + no + ")"
		} else {
			delete(e.names, "#p") // unused names are refused
		}
	}
	e.text = &text
	return e
}

// addition adds to an item's counters. The order of the fields is fixed so that
// the same addition is the same request.
func addition(w table.Write) expression {
	e := expression{names: map[string]string{}, values: attributes{}}
	text := "ADD "
	for i, field := range slices.Sorted(maps.Keys(w.Fields)) {
		n := strconv.Itoa(i)
		if i > 0 {
			text += ", "
		}
		text += "#c" + n + " :c" + n
		e.names["#c"+n] = stream.Counter(field)
		e.values[":c"+n] = number(w.Fields[field])
	}
	if !w.Item.Expires.IsZero() {
		text += " SET #t = :t"
		e.names["#t"] = stream.Expires
		e.values[":t"] = number(stream.ExpirySeconds(w.Item.Expires))
	}
	e.text = &text
	return e
}
