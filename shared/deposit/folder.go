package deposit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ines/shared/channel"
)

// Folder is a folder whose subfolders stand for buckets: <folder>/<bucket>/<key>.
type Folder struct{ root *os.Root }

var _ Store = (*Folder)(nil)

// OpenFolder opens the folder, which has to be there. Links that lead out of it are
// not followed.
func OpenFolder(path string) (*Folder, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("the folder that stands for buckets of mail: %w", err)
	}
	return &Folder{root}, nil
}

// Fetch implements Store. Each subfolder is a bucket that may be read.
func (f *Folder) Fetch(ctx context.Context, d channel.Deposit) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if d.Bucket == "" || !filepath.IsLocal(d.Bucket) || filepath.Base(d.Bucket) != d.Bucket {
		return nil, lost("%.80q is no bucket's name", d.Bucket)
	}
	if err := named(d.Bucket, d); err != nil {
		return nil, err
	}
	path := filepath.Join(d.Bucket, filepath.FromSlash(d.Key))
	info, err := f.root.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, mendable("the bucket %s does not have it", d.Bucket)
	case err != nil:
		return nil, mendable("it can't be opened: %v", err)
	case !info.Mode().IsRegular():
		return nil, lost("its name in the bucket is none")
	case info.Size() > MaxBytes:
		return nil, tooLarge(info.Size())
	}
	content, err := f.root.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("deposit %s/%s: %w", d.Bucket, d.Key, err)
	}
	return content, nil
}
