package dir

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ines/shared/archive"
)

var objectName = regexp.MustCompile(`^\d{4}\.\d{3}-[0-9a-f]{32}(?:\+(\d{1,7})h)?\.ndjson\.gz$`)

// Read implements archive.Archive. A damaged object gives the records before the
// damage and an error; a file that is not an object gives an error.
func (a *Archive) Read(ctx context.Context, from, to time.Time) iter.Seq2[archive.Record, error] {
	return func(yield func(archive.Record, error) bool) {
		w := walk{a: a, ctx: ctx, from: from, to: to, yield: yield}
		w.folder("", 4)
	}
}

// walk is one Read.
type walk struct {
	a        *Archive
	ctx      context.Context
	from, to time.Time
	yield    func(archive.Record, error) bool
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
		case key == "" && entry.Name() == "blobs", strings.HasPrefix(entry.Name(), unfinished):
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

const folders = "2006/01/02/15"

func folderStart(key string) (time.Time, error) {
	depth := strings.Count(key, "/")
	layout := folders[:4+3*depth]
	start, err := time.Parse(layout, key)
	if err != nil || start.Format(layout) != key {
		return time.Time{}, fmt.Errorf("a folder that is not %s", layout)
	}
	return start, nil
}

func (w *walk) object(key string, entry fs.DirEntry) bool {
	parts := objectName.FindStringSubmatch(entry.Name())
	if parts == nil || !entry.Type().IsRegular() {
		return w.fail(key, errors.New("not an object of the archive"))
	}
	hour, err := time.Parse(folders, path.Dir(key))
	if err != nil {
		return w.fail(key, err)
	}
	span := 0
	if parts[1] != "" {
		if span, err = strconv.Atoi(parts[1]); err != nil {
			return w.fail(key, err)
		}
	}
	if end := hour.Add(time.Duration(span+1) * time.Hour); !end.After(w.from) {
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
	zip, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return true, err
	}
	lines := bufio.NewReaderSize(zip, 64<<10)
	for n := 1; ; n++ {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(text) == 0 {
			return true, nil
		}
		if err != nil {
			return true, fmt.Errorf("line %d: %w", n, errors.Join(io.ErrUnexpectedEOF, err))
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return true, fmt.Errorf("line %d: %w", n, err)
		}
		if l.At.Before(w.from) || !l.At.Before(w.to) {
			continue
		}
		if !w.yield(archive.Record{ID: l.ID, At: l.At, Data: l.Data}, nil) {
			return false, nil
		}
	}
}
