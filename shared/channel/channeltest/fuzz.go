package channeltest

import (
	"testing"

	"ines/shared/channel"
)

// FuzzRead fuzzes the channel's Read, seeded with the saved events of the folders:
// no panic, and every item whole. A fuzz target is one line:
//
//	func FuzzRead(f *testing.F) { channeltest.FuzzRead(f, x.Channel{}, inbox, "testdata", "../../../events/x") }
func FuzzRead(f *testing.F, ch channel.Channel, in channel.Inbox, dirs ...string) {
	fixtures := loadFixtures(f, ch, Config{Inbox: in, Dirs: dirs})
	if len(fixtures) == 0 {
		f.Fatalf("no saved events for inbox %q in %v", in.ID, dirs)
	}
	for i, fx := range fixtures {
		f.Add(i, fx.request.Body)
	}
	f.Fuzz(func(t *testing.T, i int, body []byte) {
		// The fixture gives method, query and headers.
		fx := fixtures[int(uint(i)%uint(len(fixtures)))]
		fx.request.Body = body
		for _, s := range faults(in, ch.Read(in, fx.envelope(in))) {
			t.Error(s)
		}
	})
}
