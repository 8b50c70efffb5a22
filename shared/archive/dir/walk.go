package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"time"

	"ines/shared/archive"
	"ines/shared/archive/object"
)

// Read implements archive.Archive. A damaged object gives the records before the
// damage and an error; a file that is not an object gives an error.
func (a *Archive) Read(ctx context.Context, from, to time.Time) iter.Seq2[archive.Record, error] {
	return func(yield func(archive.Record, error) bool) {
		w := walk{a: a, ctx: ctx, from: from, to: to, yield: yield}
		w.folder("", 4)
	}
}

// Find implements archive.Archive.
func (a *Archive) Find(ctx context.Context, id string, at time.Time) (archive.Record, error) {
	return object.Pick(a.Read(ctx, at, at.Add(time.Millisecond)), id, at)
}

// walk is one Read.
type walk struct {
	a        *Archive
	ctx      context.Context
	from, to time.Time
	yield    func(archive.Record, error) bool
	found    func(key string) // is told of objects instead of reading them; nil: they are read
	// unfinished is told of files that are being written, or were; nil: nobody is.
	unfinished func(key string, entry fs.DirEntry)
}

func (w *walk) fail(key string, err error) bool {
	return w.yield(archive.Record{}, fmt.Errorf("archive object %s: %w", key, err))
}

// folder visits what is below key, levels deep above the objects, in order. It
// reports whether to go on.
func (w *walk) folder(key string, levels int) bool {
	entries, err := os.ReadDir(w.a.path(key)) // sorted by name, which is by time
	if err != nil {
		return w.fail(key, failure("list", err))
	}
	for _, entry := range entries {
		name := path.Join(key, entry.Name())
		if err := w.ctx.Err(); err != nil {
			w.yield(archive.Record{}, err)
			return false
		}
		switch {
		case key == "" && entry.Name() == "blobs":
			continue
		case strings.HasPrefix(entry.Name(), unfinished):
			if w.unfinished != nil {
				w.unfinished(name, entry)
			}
			continue
		case levels == 0:
			if !w.object(name, entry) {
				return false
			}
			continue
		case !entry.IsDir():
			if !w.fail(name, errors.New("a file among the folders")) {
				return false
			}
			continue
		}
		start, err := folderStart(name)
		if err != nil {
			if !w.fail(name, err) {
				return false
			}
			continue
		}
		if !start.Before(w.to) {
			return true // so are all that follow
		}
		if !w.folder(name, levels-1) {
			return false
		}
	}
	return true
}

func folderStart(key string) (time.Time, error) {
	depth := strings.Count(key, "/")
	layout := object.Folders[:4+3*depth]
	start, err := time.Parse(layout, key)
	if err != nil || start.Format(layout) != key {
		return time.Time{}, fmt.Errorf("a folder that is not %s", layout)
	}
	return start, nil
}

func (w *walk) object(key string, entry fs.DirEntry) bool {
	if !entry.Type().IsRegular() {
		return w.fail(key, object.ErrForeign)
	}
	overlaps, err := object.Overlaps(key, w.from, w.to)
	if err != nil {
		return w.fail(key, err)
	}
	if !overlaps {
		return true
	}
	if w.found != nil {
		w.found(key)
		return true
	}
	on, err := w.records(key)
	if on && err != nil {
		return w.fail(key, err)
	}
	return on
}

// records yields an object's records; on is false when the reader has enough.
func (w *walk) records(key string) (on bool, err error) {
	f, err := os.Open(w.a.path(key))
	if err != nil {
		return true, failure("open", err)
	}
	defer f.Close()
	return object.Records(f, w.from, w.to, w.yield)
}
