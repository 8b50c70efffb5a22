// Package dir keeps the archive in a folder, in the same files that the S3
// driver keeps in a bucket. The local host and the operator's command open it.
// It imports archive and object.
//
// shared/archive/object says what the files are named and what is in them.
package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"ines/shared/archive"
	"ines/shared/archive/object"
)

// Archive implements archive.Archive.
type Archive struct {
	root string
	// making lets nobody use a folder before its entry is durable.
	making sync.Mutex
}

var _ archive.Archive = (*Archive)(nil)

// New opens the archive in the folder, creating it (mode 0700) if need be.
func New(root string) (*Archive, error) {
	a := &Archive{root: root}
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
	key, packed, err := object.Pack(records)
	if err != nil {
		return "", fmt.Errorf("append to the archive: %w", err)
	}
	if err := a.store(key, packed); err != nil {
		return "", err
	}
	return key, nil
}

// Put implements archive.Archive.
func (a *Archive) Put(ctx context.Context, body []byte) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	key := object.BlobKey(body)
	if info, err := os.Stat(a.path(key)); err == nil && info.Size() == int64(len(body)) {
		return key, nil // files appear whole, so this is the body
	}
	return key, a.store(key, body)
}

// Get implements archive.Archive. A body that is no longer what was put gives an
// error.
func (a *Archive) Get(ctx context.Context, key string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !object.IsBlob(key) {
		return nil, fmt.Errorf("%w: %q", archive.ErrNotFound, key)
	}
	body, err := os.ReadFile(a.path(key))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %q", archive.ErrNotFound, key)
	case err != nil:
		return nil, failure("get "+key, err)
	case object.BlobKey(body) != key:
		return nil, failure("get "+key, errors.New("the file was changed"))
	}
	return body, nil
}

func (a *Archive) path(key string) string { return filepath.Join(a.root, filepath.FromSlash(key)) }
