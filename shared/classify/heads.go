package classify

import (
	"fmt"
	"strings"

	"ines/shared/classify/model"
)

// Heads are the models that ship with ines, whatever the desk: what language a text
// is in, how it sounds, whether it is junk and what kind of message it is.
type Heads struct {
	Language, Mood, Spam, Kind *model.Model
}

// HeadFiles are the models' files.
var HeadFiles = []string{"language.model", "mood.model", "spam.model", "kind.model"}

// OpenHeads opens the files language.model, mood.model, spam.model and kind.model.
func OpenHeads(open func(name string) (*model.Model, error)) (*Heads, error) {
	h := &Heads{}
	for i, into := range []**model.Model{&h.Language, &h.Mood, &h.Spam, &h.Kind} {
		name := HeadFiles[i]
		head := strings.TrimSuffix(name, ".model")
		m, err := open(name)
		if err != nil {
			return nil, fmt.Errorf("the %s head, %s: %w", head, name, err)
		}
		if m.Head != head {
			return nil, fmt.Errorf("the %s head, %s: it is a model of the head %s", head, name, m.Head)
		}
		*into = m
	}
	return h, nil
}
