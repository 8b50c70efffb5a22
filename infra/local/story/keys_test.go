package story_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/infra/local"
	"ines/infra/local/story"
	"ines/shared/sqlitefile"
	"ines/shared/table"
)

// seldom are the kinds of items that no story writes: what people do and machines meet
// rarely. Their words stand in the code that writes them.
var seldom = []string{
	"budget#<what>#<day> <n>",
	"case#<case> snap#<seq>",
	"colleague#<colleague> asked#<case>#<question>",
	"colleague#<colleague> seat",
	"customer#<customer> answer#<colleague>#<key>",
	"customer#<customer> erased",
	"customer#<customer> identity",
	"customer#<customer> joint#<brand>",
	"customer#<customer> profile",
	"erased#<hash> tombstone",
	"erasure#done <time>#<erasure>",
	"erasure#open <erasure>",
	"handle#<channel>#<scope>#<id> consent#<inbox>",
	"handle#<channel>#<scope>#<id> customer#called",
	"handle#<channel>#<scope>#<id> early#<message>",
	"inbox#<inbox> hold",
	"incident#<incident> log#<seq>",
	"incident#<incident> sweep",
	"incident#<incident> view",
	"incident#<incident>#<shard> case#<case>",
	"incidents active",
	"message#<channel>#<inbox>#<id> again",
	"message#<channel>#<inbox>#<id> file#<n>",
	"message#<channel>#<inbox>#<id> file#<n>#<case>",
}

var placeholder = regexp.MustCompile(`<[a-z]+>`)

// kinds are the rows of the README's table, by what it says of them.
func kinds(t *testing.T) map[string]*regexp.Regexp {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, "shared/docket/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\| .{10,} \\|$")
	all := map[string]*regexp.Regexp{}
	for _, m := range row.FindAllStringSubmatch(string(raw), -1) {
		pattern := func(text string) string {
			var b strings.Builder
			at := 0
			for _, p := range placeholder.FindAllStringIndex(text, -1) {
				b.WriteString(regexp.QuoteMeta(text[at:p[0]]))
				switch name := text[p[0]:p[1]]; {
				case name == "<seq>":
					b.WriteString("[0-9]{12}")
				case name == "<shard>" || name == "<n>":
					b.WriteString("[0-9]+")
				case name == "<hash>":
					b.WriteString("[0-9a-f]{32}")
				case p[1] == len(text) && name != "<case>" && name != "<incident>":
					b.WriteString(".+") // ids of others may hold anything
				case name == "<key>" || name == "<id>":
					b.WriteString(".+")
				default:
					b.WriteString("[^#]*")
				}
				at = p[1]
			}
			return b.String() + regexp.QuoteMeta(text[at:])
		}
		all[m[1]+" "+m[2]] = regexp.MustCompile("^" + pattern(m[1]) + "\x00" + pattern(m[2]) + "$")
	}
	return all
}

// TestKeysAreThoseOfTheReadme: every key that the stories write is one of a kind that
// the README of shared/docket lists, and every kind is written but those that are
// seldom.
func TestKeysAreThoseOfTheReadme(t *testing.T) {
	kinds, written := kinds(t), map[string]bool{}
	dirs, err := filepath.Glob("../../../events/stories/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, dir := range dirs {
		data := t.TempDir()
		if !t.Run(filepath.Base(dir), func(t *testing.T) {
			s, err := story.Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			how := open(t, s.Desk, time.Date(2026, 11, 20, 10, 5, 0, 0, time.UTC), func(c *local.Config) { c.Data = data })
			how.Out = &bytes.Buffer{}
			if err := story.Play(t.Context(), how, s); err != nil {
				t.Fatal(err)
			}
		}) {
			continue
		}
		for _, k := range keysIn(t, data) {
			found := 0
			for kind, is := range kinds {
				if is.MatchString(k.Partition + "\x00" + k.Sort) {
					written[kind] = true
					found++
				}
			}
			if found != 1 {
				t.Errorf("%s: the README lists %d kinds for the key %s", filepath.Base(dir), found, k)
			}
		}
	}
	for kind := range kinds {
		if written[kind] == slices.Contains(seldom, kind) {
			t.Errorf("%s: written by the stories is %v", kind, written[kind])
		}
	}
	code := sources(t, "shared/docket/*.go")
	for _, kind := range seldom {
		if kinds[kind] == nil {
			t.Errorf("%s is in no README", kind)
		}
		for _, word := range regexp.MustCompile(`[a-z]+(#[a-z]+)?#?`).FindAllString(placeholder.ReplaceAllString(kind, " "), -1) {
			if !strings.Contains(code, `"`+word) {
				t.Errorf("%s: nothing in shared/docket writes %q", kind, word)
			}
		}
	}
}

// sources are the texts of files, one after the other.
func sources(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, name := range files {
		if raw, err := os.ReadFile(name); err != nil {
			t.Fatal(err)
		} else if !strings.HasSuffix(name, "_test.go") {
			b.Write(raw)
		}
	}
	return b.String()
}

func keysIn(t *testing.T, data string) (keys []table.Key) {
	t.Helper()
	db, err := sqlitefile.Open(filepath.Join(data, "ines.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Read(t.Context(), func(conn *sqlitefile.Conn) error {
		return sqlitefile.Each(conn, "SELECT pk, sk FROM items", func(row *sqlitefile.Stmt) error {
			keys = append(keys, table.Key{Partition: row.ColumnText(0), Sort: row.ColumnText(1)})
			return nil
		})
	})
	if err != nil || len(keys) == 0 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	return keys
}
