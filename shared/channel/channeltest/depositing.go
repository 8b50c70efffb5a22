package channeltest

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ines/shared/channel"
)

// depositing: a delivery whose content lies in a bucket says where; with the content
// it reads as a whole, in pieces without panic, and without it as what came, with the
// reason.
func depositing(t *testing.T, ch channel.Channel, c Config, f fixture) {
	d, ok := ch.(channel.Depositor)
	var where channel.Deposit
	if ok {
		where, ok = d.Deposited(c.Inbox, f.envelope(c.Inbox))
	}
	if !ok {
		if f.deposit != nil {
			t.Error("there is a file of what lies in a bucket, and the delivery names none")
		}
		e := f.envelope(c.Inbox)
		e.Content, e.ContentLost = []byte("From: eve@mail.example\r\n\r\nnot asked for"), "nor this"
		if got, want := ch.Read(c.Inbox, e), ch.Read(c.Inbox, f.envelope(c.Inbox)); !reflect.DeepEqual(got, want) {
			t.Errorf("a delivery that is complete reads differently with something besides:\n%+v\nwithout:\n%+v", got, want)
		}
		return
	}
	if where.Bucket == "" || where.Key == "" {
		t.Errorf("it lies at %+v", where)
	}
	whole := ch.Read(c.Inbox, f.envelope(c.Inbox))
	const why = "the bucket's keeper has lost the key"
	for _, lost := range []string{why, ""} {
		e := f.envelope(c.Inbox)
		e.Content, e.ContentLost = nil, lost
		items := ch.Read(c.Inbox, e)
		for _, s := range faults(c.Inbox, items) {
			t.Error(s)
		}
		if len(items) != len(whole) {
			t.Fatalf("without its content there are %d items, with it %d", len(items), len(whole))
		}
		for i, it := range items {
			m := it.Message
			if m == nil {
				continue
			}
			if lost != "" && !strings.Contains(m.Text, lost) {
				t.Errorf("the text does not say what happened: %q", m.Text)
			}
			for _, a := range m.Attachments {
				if a.Lost == "" {
					t.Errorf("an attachment of what is not there: %+v", a)
				}
			}
			if w := whole[i].Message; f.deposit != nil && w != nil && !f.nameless() && (m.ID != w.ID || m.Thread != w.Thread || m.Author.Handle != w.Author.Handle) {
				t.Errorf("without its content it is another message: %+v, with it %+v", m, w)
			}
		}
	}
	rng := rand.New(rand.NewPCG(2, uint64(len(f.deposit)))) // the same noise every time
	for n := range 200 {
		b := slices.Clone(f.deposit[:len(f.deposit)*n/200])
		if len(b) > 0 && n%2 == 0 {
			b[rng.IntN(len(b))] = byte(rng.IntN(256))
		}
		e := f.envelope(c.Inbox)
		e.Content = b
		for _, s := range faults(c.Inbox, ch.Read(c.Inbox, e)) {
			t.Fatalf("%s\nof %q", s, b)
		}
	}
	if e := f.envelope(c.Inbox); len(f.deposit) > 0 {
		ch.Read(c.Inbox, e)
		if !bytes.Equal(e.Content, f.deposit) {
			t.Error("Read changed the content")
		}
	}
}
