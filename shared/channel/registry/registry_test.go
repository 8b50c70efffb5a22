package registry_test

import (
	"os"
	"path/filepath"
	"slices"
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
