package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ines/shared/archive"
	"ines/shared/archive/object"
)

// Delete implements archive.Archive.
func (a *Archive) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !object.IsBlob(key) {
		return fmt.Errorf("%w: %q", archive.ErrNotFound, key)
	}
	return a.remove(key)
}

// remove makes a file go for good, whether or not it is there.
func (a *Archive) remove(key string) error {
	path := a.path(key)
	switch err := os.Remove(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return failure("delete "+key, err)
	}
	return failure("delete "+key, syncFolder(filepath.Dir(path)))
}

// Drop implements archive.Archive. Files that a crash left unfinished are told apart
// by nobody: those older than an hour go, too.
func (a *Archive) Drop(ctx context.Context, from, to time.Time, picked func(archive.Record) bool) (dropped int, err error) {
	var keys []string
	var errs []error
	w := walk{a: a, ctx: ctx, from: from, to: to, found: func(key string) { keys = append(keys, key) },
		unfinished: func(key string, entry fs.DirEntry) {
			if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > time.Hour {
				if err := a.remove(key); err != nil {
					errs = append(errs, err)
				}
			}
		},
		yield: func(_ archive.Record, err error) bool {
			errs = append(errs, err)
			return ctx.Err() == nil
		}}
	w.folder("", 4)
	for _, key := range keys {
		n, err := a.sift(ctx, key, from, to, picked)
		dropped += n
		if err != nil {
			errs = append(errs, fmt.Errorf("archive object %s: %w", key, err))
		}
	}
	return dropped, errors.Join(errs...)
}

func (a *Archive) sift(ctx context.Context, key string, from, to time.Time, picked func(archive.Record) bool) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	f, err := os.Open(a.path(key))
	if err != nil {
		return 0, failure("open", err)
	}
	stay, dropped, err := object.Sift(f, from, to, picked)
	if err := errors.Join(err, f.Close()); err != nil || dropped == 0 {
		return 0, err
	}
	if len(stay) > 0 {
		if _, err := a.Append(ctx, stay...); err != nil {
			return 0, err
		}
	}
	return dropped, a.remove(key)
}
