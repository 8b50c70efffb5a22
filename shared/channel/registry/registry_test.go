package registry_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ines/shared/channel"
	"ines/shared/channel/registry"
)

// Whatever has a folder with a README for operators is registered under the
// folder's name, and can be replayed and emulated.
func TestEveryFolderIsRegistered(t *testing.T) {
	readmes, err := filepath.Glob("../*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var folders, names []string
	for _, p := range readmes {
		folders = append(folders, filepath.Base(filepath.Dir(p)))
	}
	for _, ch := range registry.All() {
		names = append(names, ch.Name())
		if _, ok := ch.(channel.Saved); !ok {
			t.Errorf("%s is no channel.Saved", ch.Name())
		}
		if _, ok := ch.(channel.Emulator); !ok {
			t.Errorf("%s is no channel.Emulator", ch.Name())
		}
		if _, err := os.Stat(filepath.Join("../../../events", ch.Name())); err != nil {
			t.Errorf("%s has no saved events: %v", ch.Name(), err)
		}
	}
	if !slices.IsSorted(names) || !slices.Equal(folders, names) {
		t.Errorf("folders %v, registered %v", folders, names)
	}
}

// The README says how little a channel takes, and which have a row in the front
// door's table.
func TestTheSmallestChannelIsAsSmallAsItSays(t *testing.T) {
	read := func(path string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.FromSlash(path))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	said := strings.Join(strings.Fields(read("../README.md")), " ")
	for name, words := range map[string]string{"messenger": "takes %d lines", "voice": "takes %d with its own", "line": "the others, %d with both"} {
		files, err := filepath.Glob("../" + name + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") {
				lines += strings.Count(read(f), "\n")
			}
		}
		if want := fmt.Sprintf(words, lines); !strings.Contains(said, want) {
			t.Errorf("%s has %d lines, and the README does not say %q", name, lines, want)
		}
	}
	front := read("../../../README.md")
	for _, ch := range registry.All() {
		if !strings.Contains(front, "(shared/channel/"+ch.Name()+"/README.md)") {
			t.Errorf("the README's table has no row for %s", ch.Name())
		}
	}
}

func TestFind(t *testing.T) {
	for _, want := range registry.All() {
		if ch, ok := registry.Find(want.Name()); !ok || ch.Name() != want.Name() {
			t.Errorf("%s: %v, %v", want.Name(), ch, ok)
		}
	}
	if ch, ok := registry.Find("pigeon"); ok {
		t.Errorf("got %v", ch)
	}
}
