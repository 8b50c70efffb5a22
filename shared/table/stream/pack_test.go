package stream_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"ines/shared/table"
	"ines/shared/table/stream"
)

const commit = `{"case":"wm99b2pz6dnntmf7","seq":1,"at":"2026-11-20T10:05:00.1Z","cause":{"kind":"delivery","id":"dea94d42bad907f5be83b192#0","outcome":"filed","items":1},` +
	`"events":[{"kind":"case_opened","brand":"northline","customer":{"id":"cg0mbry1ywj9they","name":"Amara Boateng"},"why":"first message of Amara Boateng here"},{"kind":"message_received","text":"`

func item(size int) table.Item {
	text := commit
	for i := 0; len(text) < size; i++ {
		text += fmt.Sprintf("The %d. suitcase did not come out, and nobody was at desk %d. ", i, i*7919)
	}
	return table.Item{Key: table.Key{Partition: "case#wm99b2pz6dnntmf7", Sort: "log#000000000001"}, Value: []byte(text + `"}]}`), Seq: 7,
		Indexes: map[string]table.IndexKey{"queue": {Partition: "open#care#1", Sort: "2026"}}}
}

// What is packed comes back as it was, also through the JSON that Lambda is
// invoked with, and packing never costs more.
func TestPackedItemsComeBack(t *testing.T) {
	packed := 0
	values := [][]byte{nil, []byte(`{}`), []byte(strings.Repeat("x", 5000)), []byte(strings.Repeat("é😀", 3000))}
	for size := 0; size < 20<<10; size += 500 {
		values = append(values, item(size).Value)
	}
	for _, value := range values {
		given := item(0)
		given.Value = value
		a := stream.Image(given)
		before := stream.Units(a)
		if err := stream.Pack(a); err != nil {
			t.Fatal(err)
		}
		_, is := a[stream.Packed]
		_, plain := a[stream.Value]
		if is == plain || is != (stream.Units(a) < before) || before == 1 && is {
			t.Errorf("%d bytes: packed %t, %d units of %d", len(value), is, stream.Units(a), before)
		}
		if is {
			packed++
		}
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var back stream.Attributes
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		got, err := stream.Item(back)
		if err != nil || !bytes.Equal(got.Value, value) || got.Seq != 7 || len(got.Indexes) != 1 {
			t.Errorf("%d bytes: got %+v, %v", len(value), got, err)
		}
	}
	if packed < 30 {
		t.Errorf("only %d of %d values were packed", packed, len(values))
	}
}

func TestUnits(t *testing.T) {
	a := stream.Attributes{"pk": events.NewStringAttribute("12345678"), "n": events.NewNumberAttribute("1234"), "b": events.NewBinaryAttribute(make([]byte, 4))}
	if got := stream.Size(a); got != 2+8+1+3+1+4 {
		t.Errorf("size %d", got)
	}
	for size, want := range map[int]int{0: 1, 1: 1, 1024: 1, 1025: 2, 2048: 2, 2049: 3} {
		if got := stream.Units(stream.Attributes{"": events.NewStringAttribute(strings.Repeat("x", size))}); got != want {
			t.Errorf("%d bytes: %d units, want %d", size, got, want)
		}
	}
}

func TestDamagedPackingIsRefused(t *testing.T) {
	good := stream.Image(item(3000))
	if err := stream.Pack(good); err != nil {
		t.Fatal(err)
	}
	whole := good[stream.Packed].Binary()
	bomb := stream.Image(table.Item{Key: table.Key{Partition: "p", Sort: "s"}, Value: bytes.Repeat([]byte(" "), 2<<20)})
	if err := stream.Pack(bomb); err != nil {
		t.Fatal(err)
	}
	for what, z := range map[string]events.DynamoDBAttributeValue{
		"empty":      events.NewBinaryAttribute(nil),
		"newer":      events.NewBinaryAttribute(append([]byte{9}, whole[1:]...)),
		"cut off":    events.NewBinaryAttribute(whole[:len(whole)/2]),
		"no deflate": events.NewBinaryAttribute([]byte{1, 0xff, 0xff, 0xff}),
		"too much":   bomb[stream.Packed],
		"a string":   events.NewStringAttribute("z"),
	} {
		a := stream.Image(table.Item{Key: table.Key{Partition: "p", Sort: "s"}})
		delete(a, stream.Value)
		a[stream.Packed] = z
		if got, err := stream.Item(a); err == nil {
			t.Errorf("%s: got %d bytes", what, len(got.Value))
		}
	}
	// One bad item spoils none that comes after it.
	if _, err := stream.Item(good); err != nil {
		t.Error(err)
	}
}

func BenchmarkPack(b *testing.B) {
	one := item(2300)
	var units, after int
	for b.Loop() {
		a := stream.Image(one)
		units = stream.Units(a)
		if err := stream.Pack(a); err != nil {
			b.Fatal(err)
		}
		after = stream.Units(a)
	}
	b.ReportMetric(float64(units), "units-before")
	b.ReportMetric(float64(after), "units-after")
}
