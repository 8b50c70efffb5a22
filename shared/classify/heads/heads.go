// Package heads holds the models that ship with ines: language, mood, spam and
// kind. ATTRIBUTION.md says what they were trained from and by which commands. Only
// package classify imports it: whoever links it carries the models.
package heads

import (
	_ "embed"
	"fmt"
	"sync"

	"ines/shared/classify/model"
)

var (
	//go:embed language.model
	language []byte
	//go:embed mood.model
	mood []byte
	//go:embed spam.model
	spam []byte
	//go:embed kind.model
	kind []byte
)

// Heads are the opened models.
type Heads struct {
	Language, Mood, Spam, Kind *model.Model
}

// Open opens them, once a process.
var Open = sync.OnceValue(func() *Heads {
	h := &Heads{}
	for _, each := range []struct {
		name string
		file []byte
		into **model.Model
	}{
		{"language", language, &h.Language}, {"mood", mood, &h.Mood}, {"spam", spam, &h.Spam}, {"kind", kind, &h.Kind},
	} {
		m, err := model.Open(each.file)
		if err == nil && m.Head != each.name {
			err = fmt.Errorf("it is the head %q", m.Head)
		}
		if err != nil {
			panic(fmt.Sprintf("the %s model that this program was built with: %v", each.name, err))
		}
		*each.into = m
	}
	return h
})
