package casework

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ines/shared/message"

	"pgregory.net/rapid"
)

func stating(t testing.TB, channel, author, text string) []string {
	r := dm("1", author, text, morning)
	r.Message.Channel, r.Message.Author.Handle.Channel = channel, channel
	var all []string
	for _, s := range Statements(&Case{}, r, desk(t)) {
		line := s.Kind + " " + s.Value
		if s.Sender {
			line = "writes from " + line
		}
		all = append(all, line)
	}
	return all
}

// TestStatements: what counts as stated, in the desk's languages, and what does not.
func TestStatements(t *testing.T) {
	for _, c := range []struct {
		channel, author, text string
		want                  []string
	}{
		{"x", "mara", "hello, where is my bag?", nil},
		{"x", "mara", "my booking is ABC123, mail Anna@Post.example.", []string{"booking ABC123", "email anna@post.example"}},
		{"x", "mara", "meine buchungsnummer lautet 7kx2pm", []string{"booking 7KX2PM"}},
		{"x", "mara", "réservation QWERTY", []string{"booking QWERTY"}},
		{"x", "mara", "my booking please", nil}, // PLEASE is no reference
		{"x", "mara", "ring +44 (0)20 7946 0958", []string{"phone +442079460958"}},
		{"x", "mara", "Tel. 0049 30 1234567", []string{"phone +49301234567"}},
		{"x", "mara", "ring 020 7946 0958", nil}, // nobody knows of which country
		{"x", "mara", "Order no. 20881734", []string{"reference 20881734"}},
		{"x", "mara", "Bestellnummer: NL-20881734!", []string{"reference NL-20881734"}},
		{"x", "mara", "commande n° 20881734", []string{"reference 20881734"}},
		{"x", "mara", "order 4111 1111 1111 1111", nil},
		{"x", "mara", "I ordered on 20261122", nil},
		{"x", "mara", "> my mail is anna@post.example\nno", nil},
		{"x", "mara", "you are help@northline.example, help+1@northline.example", nil},
		{"email", "anna@post.example", "hello", []string{"writes from email anna@post.example"}},
		{"email", "anna@post.example", "anna@post.example", []string{"writes from email anna@post.example"}},
		{"sms", "+447700900123", "hello", []string{"writes from phone +447700900123"}},
		{"whatsapp", "447700900123", "hello", []string{"writes from phone +447700900123"}},
		{"whatsapp", "US.13491208655302741918", "hello", nil},
		{"voice", "CA0123", "hello", nil},
	} {
		got := stating(t, c.channel, c.author, c.text)
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %q: %q, want %q", c.channel, c.text, got, c.want)
		}
	}
}

// What is said in public, by machines, or again is no statement.
func TestWhatIsNoStatement(t *testing.T) {
	for name, change := range map[string]func(*Receive){
		"public":  func(r *Receive) { r.Message.Visibility = message.Public },
		"machine": func(r *Receive) { r.Message.Automatic = true },
		"again":   func(r *Receive) { r.Again = true },
		"deleted": func(r *Receive) { r.Deleted = true },
		"colleague": func(r *Receive) {
			r.Message.Author.Handle = message.Handle{Channel: "email", ID: "ines@northline.example"}
		},
		"nobody": func(r *Receive) { r.Message.Author.Handle = message.Handle{} },
		"quoted": func(r *Receive) { r.Message.Text, r.Message.Quoted = "yes", r.Message.Text },
		"subject of an answer": func(r *Receive) {
			r.Message.Text, r.Message.Subject, r.Message.Parent = "yes", r.Message.Text, "earlier"
		},
	} {
		r := dm("1", "mara", "booking ABC123", morning)
		us := deskText(t, strings.Replace(testDesk, "name: Ines Silva", "name: Ines Silva, email: Ines@northline.example", 1))
		if got := Statements(&Case{}, r, us); len(got) != 1 {
			t.Fatalf("%+v", got)
		}
		change(&r)
		if got := Statements(&Case{}, r, us); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestIdentityPolicy: a brand says which numbers are its own, and what counts for nothing.
func TestIdentityPolicy(t *testing.T) {
	us := deskText(t, strings.Replace(testDesk, `sign: "^{first_name}"`, `sign: "^{first_name}", identity: {off: [booking, email], references: ["(?i)NLX-[a-z]{4}"]}`, 1))
	r := dm("1", "mara", "booking ABC123, anna@post.example, order no. 20881734, my card is nlx-abcd", morning)
	got := Statements(&Case{}, r, us)
	if len(got) != 1 || got[0].Kind != EvidenceReference || got[0].Value != "NLX-ABCD" {
		t.Errorf("%+v", got)
	}
}

// TestShownHidesMost: an explanation names a value by what is of no use without it.
func TestShownHidesMost(t *testing.T) {
	for _, s := range []Statement{{Kind: EvidenceEmail, Value: "anna@post.example"}, {Kind: EvidencePhone, Value: "+447700900123"},
		{Kind: EvidenceBooking, Value: "ABC123"}, {Kind: EvidenceEmail, Value: "a@b.example"}, {Kind: EvidenceEmail, Value: "é@ü.example"}} {
		shown := s.Shown()
		if !strings.Contains(shown, "…") || strings.Contains(shown, s.Value) || len([]rune(shown)) > 5 {
			t.Errorf("%q is shown as %q", s.Value, shown)
		}
	}
}

// TestProfilesJoinAndSpread: what colleagues write down about somebody who is several
// customers is what they read again, and what they did not touch stays where it was.
func TestProfilesJoinAndSpread(t *testing.T) {
	tags := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 4, rapid.ID)
	profile := rapid.Custom(func(t *rapid.T) Profile {
		p := Profile{Name: rapid.SampledFrom([]string{"", "Mara", "Anna"}).Draw(t, "name"), Language: rapid.SampledFrom([]string{"", "de", "en"}).Draw(t, "language"), Tags: tags.Draw(t, "tags")}
		slices.Sort(p.Tags)
		return p
	})
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(profile, 1, 4).Draw(t, "all")
		before := fmt.Sprint(all)
		if got := SpreadProfile(all, JoinProfiles(all)); fmt.Sprint(got) != before {
			t.Fatalf("nothing changed, and %v became %v", before, got)
		}
		p := profile.Draw(t, "new")
		if got := JoinProfiles(SpreadProfile(all, p)); fmt.Sprint(got) != fmt.Sprint(p) || fmt.Sprint(all) != before {
			t.Fatalf("%v spread over %v reads %v", p, all, got)
		}
	})
}

func FuzzStatements(f *testing.F) {
	f.Add("my booking is ABC123, mail anna@post.example, order no. 20881734, +44 (0)20 7946 0958")
	f.Add("order .!? > \n>x")
	f.Fuzz(func(t *testing.T, text string) {
		r := dm("1", "mara", text, morning)
		for _, s := range Statements(&Case{}, r, desk(t)) {
			if s.Value == "" || s.Kind == "" || len(s.Value) > 1 && s.Shown() == s.Value {
				t.Errorf("%+v shown as %q", s, s.Shown())
			}
		}
	})
}
