package dir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// unfinished begins the names of files that are being written; a crash may leave
// some behind, and Read passes over them.
const unfinished = ".unfinished-"

// store makes the file appear whole and durably, or not at all.
func (a *Archive) store(key string, content []byte) error {
	path := a.path(key)
	folder := filepath.Dir(path)
	a.making.Lock()
	err := makeFolder(folder)
	a.making.Unlock()
	if err != nil {
		return failure("store "+key, err)
	}
	f, err := os.CreateTemp(folder, unfinished)
	if err != nil {
		return failure("store "+key, err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return failure("store "+key, errors.Join(err, ignoreMissing(os.Remove(f.Name()))))
	}
	return failure("store "+key, syncFolder(folder))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// makeFolder is os.MkdirAll that survives a power cut: each new folder's entry
// is synced too.
func makeFolder(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := makeFolder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil // it is a file, and storing below it says so
		}
		return err
	}
	return syncFolder(parent)
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
