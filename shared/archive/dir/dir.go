// Package dir keeps the archive in a folder, in the same files that the S3
// driver keeps in a bucket. The local host and the operator's command open it.
// It imports archive.
//
// An object is YYYY/MM/DD/HH/MMSS.mmm-<hash>.ndjson.gz, placed and ordered by its
// earliest record (UTC); "+<n>h" before the extension says that its latest record
// is n hours further on, so that Read finds it. Each line is
// {"id":…,"at":…,"data":…}. Bodies lie in blobs/<aa>/<sha256>.
package dir

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"ines/shared/archive"
)

// Archive implements archive.Archive.
type Archive struct {
	root string
	zips sync.Pool // of *gzip.Writer
	// making lets nobody use a folder before its entry is durable.
	making sync.Mutex
}

var _ archive.Archive = (*Archive)(nil)

// New opens the archive in the folder, creating it (mode 0700) if need be.
func New(root string) (*Archive, error) {
	a := &Archive{root: root}
	a.zips.New = func() any {
		w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is a constant
		}
		return w
	}
	if err := makeFolder(root); err != nil {
		return nil, failure("open archive "+root, err)
	}
	return a, nil
}

func failure(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %s: %w", archive.ErrUnavailable, doing, err)
}

// Append implements archive.Archive.
func (a *Archive) Append(ctx context.Context, records ...archive.Record) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	lines, first, last, err := encode(records)
	if err != nil {
		return "", fmt.Errorf("append to the archive: %w", err)
	}
	key := objectKey(first, last, sha256.Sum256(lines))
	var packed bytes.Buffer
	zip := a.zips.Get().(*gzip.Writer)
	defer a.zips.Put(zip)
	zip.Reset(&packed)
	if _, err := zip.Write(lines); err != nil {
		return "", failure("pack "+key, err)
	}
	if err := zip.Close(); err != nil {
		return "", failure("pack "+key, err)
	}
	if err := a.store(key, packed.Bytes()); err != nil {
		return "", err
	}
	return key, nil
}

// line is a record in an object.
type line struct {
	ID   string          `json:"id"`
	At   time.Time       `json:"at"`
	Data json.RawMessage `json:"data"`
}

// encode writes the data as it is: encoding/json would reformat it.
func encode(records []archive.Record) (lines []byte, first, last time.Time, err error) {
	if len(records) == 0 {
		return nil, first, last, errors.New("no records")
	}
	for i, r := range records {
		switch {
		case r.At.Year() < 1970 || r.At.Year() > 9999:
			return nil, first, last, fmt.Errorf("record %q came at %v", r.ID, r.At)
		case bytes.IndexByte(r.Data, '\n') >= 0:
			return nil, first, last, fmt.Errorf("the data of record %q has line feeds", r.ID)
		case !json.Valid(r.Data):
			return nil, first, last, fmt.Errorf("the data of record %q is not JSON", r.ID)
		}
		if i == 0 || r.At.Before(first) {
			first = r.At
		}
		if i == 0 || r.At.After(last) {
			last = r.At
		}
		head, err := json.Marshal(struct {
			ID string    `json:"id"`
			At time.Time `json:"at"`
		}{r.ID, r.At.UTC()})
		if err != nil {
			return nil, first, last, fmt.Errorf("record %q: %w", r.ID, err)
		}
		lines = append(lines, head[:len(head)-1]...)
		lines = append(lines, `,"data":`...)
		lines = append(lines, r.Data...)
		lines = append(lines, '}', '\n')
	}
	return lines, first.UTC(), last.UTC(), nil
}

func objectKey(first, last time.Time, hash [sha256.Size]byte) string {
	span := ""
	if hours := last.Truncate(time.Hour).Sub(first.Truncate(time.Hour)) / time.Hour; hours > 0 {
		span = fmt.Sprintf("+%dh", hours)
	}
	return first.Format("2006/01/02/15/0405.000-") + hex.EncodeToString(hash[:16]) + span + ".ndjson.gz"
}

// Put implements archive.Archive.
func (a *Archive) Put(ctx context.Context, body []byte) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	key := blobKey(body)
	if info, err := os.Stat(a.path(key)); err == nil && info.Size() == int64(len(body)) {
		return key, nil // files appear whole, so this is the body
	}
	return key, a.store(key, body)
}

func blobKey(body []byte) string {
	sum := sha256.Sum256(body)
	name := hex.EncodeToString(sum[:])
	return "blobs/" + name[:2] + "/" + name
}

// blobName keeps Get inside its folder.
var blobName = regexp.MustCompile(`^blobs/[0-9a-f]{2}/[0-9a-f]{64}$`)

// Get implements archive.Archive. A body that is no longer what was put gives an
// error.
func (a *Archive) Get(ctx context.Context, key string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !blobName.MatchString(key) {
		return nil, fmt.Errorf("%w: %q", archive.ErrNotFound, key)
	}
	body, err := os.ReadFile(a.path(key))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %q", archive.ErrNotFound, key)
	case err != nil:
		return nil, failure("get "+key, err)
	case blobKey(body) != key:
		return nil, failure("get "+key, errors.New("the file was changed"))
	}
	return body, nil
}

func (a *Archive) path(key string) string { return filepath.Join(a.root, filepath.FromSlash(key)) }
