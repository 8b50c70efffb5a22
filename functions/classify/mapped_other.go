//go:build !unix

package classify

import "os"

func mapped(path string) ([]byte, error) { return os.ReadFile(path) }
