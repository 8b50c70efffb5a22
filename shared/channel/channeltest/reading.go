package channeltest

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

// reading: the items are what they should be, the same every time, and travel in
// time with the envelope.
func reading(t *testing.T, ch channel.Channel, c Config, f fixture) {
	e := f.envelope(c.Inbox)
	body := slices.Clone(e.Body)
	items := ch.Read(c.Inbox, e)
	for _, s := range faults(c.Inbox, items) {
		t.Error(s)
	}
	if again := ch.Read(c.Inbox, f.envelope(c.Inbox)); !reflect.DeepEqual(items, again) {
		t.Error("read twice, the items differ")
	}
	if !bytes.Equal(e.Body, body) {
		t.Error("Read changed the body")
	}
	echoes := 0
	for _, it := range items {
		switch {
		case f.busted() && it.Kind != message.KindUnrecognised:
			t.Errorf("a busted fixture gives %s", it.Kind)
		case f.echo() && it.Kind == message.KindMessage:
			t.Errorf("our own words come back as a message: %q", it.Message.Text)
		}
		if it.Kind == message.KindEcho {
			echoes++
		}
	}
	if f.busted() && len(items) == 0 || f.echo() && echoes == 0 {
		t.Errorf("%d items, %d echoes", len(items), echoes)
	}

	const skew = 26 * time.Hour
	e.Skew, e.ReceivedAt = skew, e.ReceivedAt.Add(skew)
	shifted := ch.Read(c.Inbox, e)
	was, is := times(items), times(shifted)
	if len(was) != len(is) {
		t.Fatalf("with a skew there are %d times, not %d", len(is), len(was))
	}
	for i := range is {
		if !is[i].Equal(was[i].Add(skew)) {
			t.Errorf("a skew of %s moves %v to %v", skew, was[i], is[i])
		}
	}
	golden(t, filepath.Join(c.Golden, f.name+".items.json"), items)
}

// elsewhere: at the address of another account's inbox the delivery is counted, item
// by item, and nothing of it is filed.
func elsewhere(t *testing.T, ch channel.Channel, c Config, f fixture) {
	if c.Elsewhere == "" || slices.Contains(c.Nameless, f.name) {
		return
	}
	in := c.Inbox
	own := ch.Read(in, f.envelope(in))
	in.Account = c.Elsewhere
	other := ch.Read(in, f.envelope(in))
	if len(other) != len(own) {
		t.Errorf("%d items, of the account's own %d", len(other), len(own))
	}
	for _, it := range other {
		if it.Kind != message.KindIgnored && it.Kind != message.KindUnrecognised {
			t.Errorf("another account's %s goes on: %+v", it.Kind, it)
		}
	}
	for i, it := range own {
		filed := it.Kind == message.KindMessage || it.Kind == message.KindEdit || it.Kind == message.KindDelete || it.Kind == message.KindConsent
		if filed && i < len(other) && other[i].Reason != "other_account" {
			t.Errorf("%s counts as %s:%s", it.Kind, other[i].Kind, other[i].Reason)
		}
	}
}

func golden(t *testing.T, path string, items []message.Item) {
	t.Helper()
	got, err := json.MarshalIndent(items, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("expected items (run with -update, then read what it wrote): %v", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("items are\n%s\nexpected, by %s\n%s", got, path, want)
	}
}

// noise: cut short or changed anywhere, the fixture is still read without panic
// into items that are whole.
func noise(t *testing.T, ch channel.Channel, c Config, f fixture) {
	body := f.request.Body
	try := func(b []byte) {
		e := f.envelope(c.Inbox)
		e.Body = b
		for _, s := range faults(c.Inbox, ch.Read(c.Inbox, e)) {
			t.Fatalf("%s\nof %q", s, b)
		}
	}
	for n := 0; n < len(body); n += 1 + len(body)/200 {
		try(body[:n])
	}
	rng := rand.New(rand.NewPCG(1, uint64(len(body)))) // the same noise every time
	swaps := []string{`null`, `{}`, `[]`, `""`, `-1`, `1e400`, `true`, `"\ud800"`, "\xff", `,`, `[[[[`}
	for range 300 {
		if len(body) == 0 {
			break
		}
		b := slices.Clone(body)
		at := rng.IntN(len(b))
		to := min(len(b), at+rng.IntN(12))
		switch rng.IntN(3) {
		case 0:
			b[at] = byte(rng.IntN(256))
		case 1:
			b = slices.Delete(b, at, to)
		case 2:
			b = slices.Replace(b, at, to, []byte(swaps[rng.IntN(len(swaps))])...)
		}
		try(b)
	}
	for _, b := range swapValues(body) {
		try(b)
	}
}

// swapValues replaces each value of a JSON body, one at a time, by one of another
// type: the mutation that random noise seldom hits.
func swapValues(body []byte) [][]byte {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var out [][]byte
	last := int64(0)
	for {
		tok, err := dec.Token()
		if err != nil || len(out) > 4000 {
			return out
		}
		end := dec.InputOffset()
		start := last + int64(bytes.IndexFunc(body[last:end], func(r rune) bool { return r != ' ' && r != ':' && r != ',' && r != '\n' && r != '\t' && r != '\r' }))
		last = end
		if _, delim := tok.(json.Delim); delim || start < 0 {
			continue
		}
		for _, v := range []string{`null`, `[]`, `{"a":1}`, `7`, `"7"`, `-0.5`, `true`, `""`} {
			out = append(out, slices.Concat(body[:start], []byte(v), body[end:]))
		}
	}
}

// emptiness: nothing, and nothing sensible, is counted and never fatal.
func emptiness(t *testing.T, ch channel.Channel, c Config) {
	for _, body := range []string{"", "{}", "[]", "null", "not json", "\x00\xff", `{"a":`, "0"} {
		for _, header := range []map[string]string{nil, {"content-type": "application/json"}} {
			e := message.Envelope{ID: "e", Channel: c.Inbox.Channel, Inbox: c.Inbox.ID, ReceivedAt: c.Now, Method: "POST", Header: header, Body: []byte(body)}
			items := ch.Read(c.Inbox, e)
			for _, s := range faults(c.Inbox, items) {
				t.Errorf("body %q: %s", body, s)
			}
			for _, it := range items {
				if it.Kind != message.KindUnrecognised {
					t.Errorf("body %q gives %s", body, it.Kind)
				}
			}
			if (body == "not json" || body == `{"a":`) && len(items) == 0 {
				t.Errorf("body %q vanishes", body)
			}
		}
	}
}
