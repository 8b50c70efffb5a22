package x

import (
	"encoding/binary"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"
)

var anew = flag.Bool("endings", false, "write endings.txt anew")

// endings.txt is the top level of the list that comes with golang.org/x/net, of which
// the rest (80 KB) counts no letters: `go test ./shared/channel/x -run Endings -endings`.
func TestTheEndingsAreThoseOfTheList(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/net").Output()
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "publicsuffix", "data", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	// Nodes of 5 bytes, those of the top level first and sorted: 6 bits are the
	// length of the label, the 16 before them where it stands.
	nodes, text := read("nodes"), read("text")
	var want []string
	for i, last := 0, ""; i+5 <= len(nodes); i += 5 {
		n := binary.BigEndian.Uint64([]byte("\x00\x00\x00" + nodes[i:i+5]))
		label := text[n>>6&0xffff:][:n&0x3f]
		if label < last {
			break
		}
		if last = label; !strings.HasPrefix(label, "xn--") {
			want = append(want, label)
		}
	}
	if len(want) < 1000 {
		t.Fatalf("found %d endings", len(want))
	}
	if *anew {
		if err := os.WriteFile("endings.txt", []byte(strings.Join(want, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := strings.Fields(endings); !slices.Equal(got, want) {
		t.Errorf("endings.txt has %d, the list %d: run the test with -endings", len(got), len(want))
	}
	for _, label := range want {
		_, listed := publicsuffix.PublicSuffix(label)
		_, below := publicsuffix.PublicSuffix("a." + label) // some have only what is below them
		if !isEnding(label) || !listed && !below {
			t.Errorf("%s is no ending", label)
		}
	}
	for _, none := range []string{"", "a", "example", "localhost", "xx", "comm", "zzz", "aa", "com\nnet", "0"} {
		if isEnding(none) {
			t.Errorf("%q is an ending", none)
		}
	}
}
