package message

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

type sent struct {
	at time.Time
	id string
}

func (a sent) before(b sent) bool { return Before(a.at, a.id, b.at, b.id) }

func TestBefore(t *testing.T) {
	for _, tc := range []struct {
		name string
		a, b sent
	}{
		{"time counts first", sent{noon, "z"}, sent{noon.Add(1), "a"}},
		{"the time and not its zone", sent{noon.In(time.FixedZone("", 3600)), "2"}, sent{noon.Add(time.Second), "1"}},
		{"snowflakes of unequal length", sent{noon, "999999999999999999"}, sent{noon, "1000000000000000000"}},
		{"snowflakes of equal length", sent{noon, "2080761390344930001"}, sent{noon, "2080761390344930002"}},
		{"what are no numbers go by bytes", sent{noon, "wamid.B"}, sent{noon, "wamid.a"}},
		{"numbers before all others", sent{noon, "10"}, sent{noon, "1a"}},
		{"numbers before all others, whatever their length", sent{noon, "900"}, sent{noon, "1a"}},
		{"no id is no number", sent{noon, "7"}, sent{noon, ""}},
	} {
		if !tc.a.before(tc.b) || tc.b.before(tc.a) {
			t.Errorf("%s: %v should come before %v, and not after", tc.name, tc.a, tc.b)
		}
	}
}

// unordered says what is wrong with the order of three, or "": nobody comes before
// himself, of two different ones exactly one comes first, and it carries over.
func unordered(a, b, c sent) string {
	switch same := a.at.Equal(b.at) && a.id == b.id; {
	case a.before(a):
		return "one comes before itself"
	case !same && a.before(b) == b.before(a):
		return "of two, not exactly one comes first"
	case a.before(b) && b.before(c) && !a.before(c):
		return "a before b before c, and not a before c"
	}
	return ""
}

func TestBeforeIsAStrictOrder(t *testing.T) {
	// Every three of a few that are hard to tell, where chance would rarely hit.
	ids := []string{"", "1", "9", "10", "19", "90", "010", "1a", "9a", "a", "a1", ".", "1.", "wamid.9"}
	for _, a := range ids {
		for _, b := range ids {
			for _, c := range ids {
				if wrong := unordered(sent{noon, a}, sent{noon, b}, sent{noon, c}); wrong != "" {
					t.Fatalf("%q, %q, %q: %s", a, b, c, wrong)
				}
			}
		}
	}
	one := rapid.Custom(func(t *rapid.T) sent {
		return sent{noon.Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "at"))),
			rapid.OneOf(rapid.StringMatching(`[0-9]{0,20}`), rapid.String()).Draw(t, "id")}
	})
	rapid.Check(t, func(t *rapid.T) {
		if wrong := unordered(one.Draw(t, "a"), one.Draw(t, "b"), one.Draw(t, "c")); wrong != "" {
			t.Fatal(wrong)
		}
	})
}

func TestHandleKeysRoundTrip(t *testing.T) {
	word := rapid.StringMatching(`[a-zA-Z0-9_@.+-]{1,12}`)
	rapid.Check(t, func(t *rapid.T) {
		h := Handle{Channel: word.Draw(t, "channel"), ID: rapid.OneOf(word, rapid.StringMatching(`[a-z:#/|+]{1,12}`), rapid.StringN(1, 8, -1)).Draw(t, "id")}
		if rapid.Bool().Draw(t, "scoped") {
			h.Scope = word.Draw(t, "scope")
		}
		if got, ok := ParseHandle(h.Key()); !ok || got != h {
			t.Fatalf("%q is read as %+v, %v", h.Key(), got, ok)
		}
	})
}

func TestKeysThatNameNobody(t *testing.T) {
	for _, key := range []string{"", "x", "x:", "x:1", "x::", ":scope:1", "::1", "x:scope:"} {
		if h, ok := ParseHandle(key); ok {
			t.Errorf("%q is read as %+v", key, h)
		}
	}
}

// Customer ids derive from it: if this fails, every known customer is a stranger.
func TestHandleKeyIsForEver(t *testing.T) {
	for want, h := range map[string]Handle{
		"x::1716450569358098432":    {Channel: "x", ID: "1716450569358098432"},
		"web:northline-app:member9": {Channel: "web", Scope: "northline-app", ID: "member9"},
	} {
		if got := h.Key(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestOrderKey(t *testing.T) {
	m := Message{Channel: "x", Inbox: "northline-x", ID: "5", Thread: "1", Visibility: Public, Author: Author{Handle: Handle{Channel: "x", ID: "leo"}}}
	with := func(change func(*Message)) string { c := m; change(&c); return c.OrderKey() }
	private := func(m *Message) { m.Visibility = Private }
	if got := m.OrderKey(); got != "author/northline-x/x::leo" {
		t.Errorf("a public post travels in %q", got)
	}
	if got := with(private); got != "thread/x/northline-x/1" {
		t.Errorf("a private message travels in %q", got)
	}
	if with(func(m *Message) { m.Thread = "2" }) != m.OrderKey() {
		t.Error("an author's posts travel apart")
	}
	if with(func(m *Message) { m.Author.Handle.ID = "mia" }) == m.OrderKey() {
		t.Error("two authors' posts travel together")
	}
	if with(func(m *Message) { private(m); m.Author.Handle.ID = "mia" }) != with(private) {
		t.Error("a private conversation travels apart")
	}
	if with(func(m *Message) { private(m); m.Inbox = "northline-x-fr" }) == with(private) {
		t.Error("two inboxes travel together")
	}
	if got := m.Key(); got != "x/northline-x/5" {
		t.Errorf("key %q", got)
	}
}

func TestLabel(t *testing.T) {
	a := Author{Handle: Handle{Channel: "x", ID: "17"}, Username: "leo_k", Name: "Leo Kant"}
	if a.Label() != "Leo Kant" {
		t.Errorf("label %q", a.Label())
	}
	if a.Name = ""; a.Label() != "leo_k" {
		t.Errorf("label %q without a name", a.Label())
	}
	if a.Username = ""; a.Label() != "17" {
		t.Errorf("label %q without a username", a.Label())
	}
}

// The ids were computed by another program. If one changes, a replayed archive
// rebuilds other cases.
func TestIDsAreForEver(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{DeriveID("split", "case-1", "x::leo"), "8hxmm68ha6bkvfnb"},
		{DeriveID("thread", "café", "t1"), "7x5d4qn2ewgq6652"},
		{DeriveID(""), "werc8gmrzge196qv"},
		{EnvelopeID("req-1", 1795169103321, "x", "northline-x", []byte(`{"a":1}`)), "1e687b4f2c6aa9ac5ce28696"},
		{EnvelopeID("", 1795169103000, "web", "northline-app", nil), "e2afa95344c224b3045d8c28"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s, want %s", tc.got, tc.want)
		}
	}
}

func TestIDsTellCausesApart(t *testing.T) {
	text := rapid.StringMatching(`[a-z0-9/#:]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SliceOfN(text, 1, 4).Draw(t, "a"), rapid.SliceOfN(text, 1, 4).Draw(t, "b")
		x, y := DeriveID(a...), DeriveID(b...)
		if (x == y) != slices.Equal(a, b) {
			t.Fatalf("%v and %v give %s and %s", a, b, x, y)
		}
		if len(x) != 16 || strings.Trim(x, "0123456789abcdefghjkmnpqrstvwxyz") != "" {
			t.Fatalf("id %q", x)
		}
	})
}

func TestEnvelopeIDDependsOnEverything(t *testing.T) {
	ids := []string{
		EnvelopeID("req", 1000, "x", "in", []byte("body")),
		EnvelopeID("req2", 1000, "x", "in", []byte("body")),
		EnvelopeID("req", 1001, "x", "in", []byte("body")),
		EnvelopeID("req", 1000, "y", "in", []byte("body")),
		EnvelopeID("req", 1000, "x", "in2", []byte("body")),
		EnvelopeID("req", 1000, "xi", "n", []byte("body")),
		EnvelopeID("req", 1000, "x", "in", []byte("body.")),
	}
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != 7 {
		t.Fatalf("%d ids of 7 deliveries", n)
	}
}

// Whatever a platform sends, what a case keeps of a message fits an item of the
// table, even when JSON takes six bytes for each of its own.
func TestFit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		long := func(what string) string {
			return strings.Repeat(rapid.SampledFrom([]string{"a", "\x01", "é", "😀", "<"}).Draw(rt, what), rapid.IntRange(0, 300_000).Draw(rt, what+" length"))
		}
		m := Message{ID: "1", Text: long("text"), Quoted: long("quoted"), Subject: long("subject"), Parent: long("parent"), Token: long("token"),
			Author: Author{Name: long("name")}, Refs: []string{"r", long("ref")}, Extra: map[string]string{"k": long("extra"), "kept": "v"},
			Attachments: slices.Repeat([]Attachment{{Type: "file", Name: long("file"), URL: long("url")}}, rapid.IntRange(0, 80).Draw(rt, "files"))}
		before := m.Text
		m.Fit()
		raw, err := json.Marshal(m)
		if err != nil {
			rt.Fatal(err)
		}
		if len(m.Text) > MaxText || !utf8.ValidString(m.Text) || m.Extra["kept"] != "v" || !slices.Contains(m.Refs, "r") {
			rt.Fatalf("text of %d bytes, extra %v", len(m.Text), m.Extra["kept"])
		}
		if len(before) <= MaxText && m.Text != before || len(before) > MaxText && !m.Cut {
			rt.Fatalf("%d bytes of text became %d, cut %v", len(before), len(m.Text), m.Cut)
		}
		if len(raw) > 390_000 {
			rt.Fatalf("%d bytes of JSON", len(raw))
		}
		if (Item{Kind: KindMessage, Message: &m}).Unkeyable() != "" {
			rt.Fatal("oversized though its ids are short")
		}
	})
	for _, sign := range []string{"\x01", "<", "\xff", "\u2028"} { // the worst that JSON makes of anything
		full := func(bytes int) string { return strings.Repeat(sign, bytes/len(sign)) }
		file := Attachment{Type: full(maxName), MIME: full(maxName), Name: full(maxName), Alt: full(maxName), URL: full(maxAddress), Ref: full(maxID)}
		m := Message{ID: full(maxID), Thread: full(maxID), Parent: full(maxID), Token: full(maxID), Text: full(MaxText), Quoted: full(MaxQuoted), Subject: full(MaxSubject),
			Author: Author{Name: full(maxName), Username: full(maxName), Locale: full(maxName)}, Refs: slices.Repeat([]string{full(maxID)}, maxRefs),
			Extra: map[string]string{"k": full(maxAddress)}, Attachments: slices.Repeat([]Attachment{file}, MaxAttachments)}
		m.Fit()
		if raw, err := json.Marshal(m); err != nil || len(raw) > 390_000 || len(m.Attachments) < 4 || !m.Cut {
			t.Errorf("of %q everywhere: %d bytes of JSON with %d files, %v", sign, len(raw), len(m.Attachments), err)
		}
	}
	usual := Attachment{Type: "image", MIME: "image/jpeg", Name: "IMG_2041.jpg", URL: "https://cdn.northline.example/a?" + strings.Repeat("sig=0123456789&", 100)}
	m := Message{Attachments: slices.Repeat([]Attachment{usual}, MaxAttachments)}
	if m.Fit(); m.Cut || m.Attachments[MaxAttachments-1] != usual {
		t.Error("long addresses of all files do not fit")
	}
	if why := (Item{Kind: KindDelete, Delete: &Delete{ID: strings.Repeat("x", 2000)}}).Unkeyable(); why == "" {
		t.Error("an id of 2,000 bytes passed")
	}
	for _, id := range []string{"a\x00b", "a\xffb"} { // no key of the table may have them
		by := Author{Handle: Handle{Channel: "web", ID: id}}
		for _, it := range []Item{{Message: &Message{ID: id}}, {Message: &Message{ID: "m", Thread: id}}, {Message: &Message{ID: "m", Author: by}},
			{Edit: &Edit{ID: "m", Author: by}}, {Report: &Report{ReplyID: id}}} {
			if it.Unkeyable() == "" {
				t.Errorf("the id %q passed: %+v", id, it)
			}
		}
		m := Message{ID: "m", Parent: id, Token: id, Refs: []string{"r", id}}
		if m.Fit(); m.Parent != "" || m.Token != "" || !slices.Equal(m.Refs, []string{"r"}) {
			t.Errorf("kept with %q: %+v", id, m)
		}
	}
}
