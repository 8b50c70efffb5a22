// Package heads holds the models that ship with ines: language, mood, spam and
// kind. ATTRIBUTION.md says what they were trained from and by which commands.
// Whoever links it carries the models: the command ines and tests do. The functions
// have them as Files in their bundles (make build) and never import it.
package heads

import (
	"embed"
	"fmt"
	"sync"

	"ines/shared/classify"
	"ines/shared/classify/model"
)

// Files are the models as files.
//
//go:embed *.model
var Files embed.FS

// Open opens them, once a process.
var Open = sync.OnceValue(func() *classify.Heads {
	h, err := classify.OpenHeads(func(name string) (*model.Model, error) {
		file, err := Files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		return model.Open(file)
	})
	if err != nil {
		panic(fmt.Sprintf("the models that this program was built with: %v", err))
	}
	return h
})
