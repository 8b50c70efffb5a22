package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// input opens a file to read, "-" being the standard input.
func input(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(os.Stdin), nil
	}
	return os.Open(name)
}

// writable reports why replace could not write a file; "" is no file.
func writable(name string) error {
	if name == "" {
		return nil
	}
	if special, err := inPlace(name); special || err != nil {
		return err
	}
	f, err := beside(name)
	if err != nil {
		return fmt.Errorf("%s can't be written: %w", name, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// apart reports which of the others is the same file as name.
func apart(name string, others []string) error {
	at, err := os.Stat(name)
	for _, other := range others {
		if name == "" || other == "" {
			continue
		}
		was, missing := os.Stat(other)
		if filepath.Clean(name) == filepath.Clean(other) || err == nil && missing == nil && at.Mode().IsRegular() && os.SameFile(at, was) {
			return fmt.Errorf("%s can't be written: it is %s, which is needed", name, other)
		}
	}
	return nil
}

// replace writes a file so that there is never half of one. Who may read it is as it
// was, or as for any new file. A link stays one, and what is no file, such as a device
// or a pipe, is written to.
func replace(name string, data []byte) error {
	special, err := inPlace(name)
	if err != nil {
		return err
	}
	if special {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return errors.Join(err, f.Close())
	}
	f, err := beside(name)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if was, missing := os.Stat(name); missing == nil {
		err = errors.Join(err, f.Chmod(was.Mode().Perm()))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), target(name))
}

// inPlace reports whether a name is that of something that can only be written to.
func inPlace(name string) (bool, error) {
	at, err := os.Stat(name)
	switch {
	case err != nil: // there is nothing yet
		return false, nil
	case at.IsDir():
		return false, fmt.Errorf("%s can't be written: it is a directory", name)
	}
	return !at.Mode().IsRegular(), nil
}

// beside makes a file next to the one that it will become.
func beside(name string) (*os.File, error) {
	// os.CreateTemp would make it private, whatever the user's umask says.
	return os.OpenFile(filepath.Join(filepath.Dir(target(name)), ".ines-"+rand.Text()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

// target is where a link leads, else the name.
func target(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	return name
}
