//go:build unix

package classify

import (
	"fmt"
	"os"
	"syscall"
)

// mapped is a file's bytes, for as long as the process lives. The file must not
// change.
func mapped(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 || info.Size() > 1<<30 {
		return nil, fmt.Errorf("%s has %d bytes: that is no model", path, info.Size())
	}
	file, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("mapping %s into memory: %w", path, err)
	}
	return file, nil
}
