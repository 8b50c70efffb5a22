package docket_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/table"
)

var (
	morning   = dockettest.Morning
	complaint = dockettest.Complaint
)

// bench is a register over a real SQLite table.
type bench struct {
	*dockettest.Register
	t        testing.TB
	settings docket.Settings
}

func newBench(t testing.TB, s docket.Settings) *bench {
	t.Helper()
	return &bench{dockettest.Open(t, dockettest.Setup{Settings: s, Channels: anything{}}), t, s}
}

// anything lets every reply out.
type anything struct{ docket.Channels }

func (anything) Window(casework.Thread, time.Time) casework.Window {
	return casework.Window{State: casework.WindowOpen}
}
func (anything) Measure(casework.Thread, string) (int, int, string) { return 0, 0, "" }

func (anything) Split(_ casework.Thread, text string) ([]string, bool) { return []string{text}, true }

func (b *bench) ctx() context.Context { return b.t.Context() }

func (b *bench) cases() []string {
	b.t.Helper()
	var ids []string
	for shard := range b.settings.QueueShards {
		for _, prefix := range []string{"open#care#", "closed#care#"} {
			page, err := b.Store.Query(b.ctx(), table.Query{Index: docket.IndexQueue, Partition: prefix + fmt.Sprint(shard)})
			if err != nil {
				b.t.Fatal(err)
			}
			for _, item := range page.Items {
				v, err := docket.DecodeView(item)
				if err != nil {
					b.t.Fatal(err)
				}
				ids = append(ids, v.ID)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

func (b *bench) only() *casework.Case {
	b.t.Helper()
	b.CatchUp()
	ids := b.cases()
	if len(ids) != 1 {
		b.t.Fatalf("%d cases %v, want one", len(ids), ids)
	}
	return b.MustLoad(ids[0])
}

// post is a post in the thread that most of the tests are about.
func post(id, author, text string, at time.Time) message.Message {
	return dockettest.Post(id, "1", author, text, at)
}

// holdsNo looks at every item of the one case and at its view.
func (b *bench) holdsNo(text string) {
	b.t.Helper()
	page, err := b.Store.Query(b.ctx(), table.Query{Partition: docket.CasePartition(b.cases()[0])})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, item := range page.Items {
		if strings.Contains(string(item.Value), text) {
			b.t.Errorf("%s still holds %q: %s", item.Key, text, item.Value)
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
