package classify

import (
	"fmt"

	"ines/shared/classify/model"
)

// Heads are the models that ship with ines, whatever the desk: what language a text
// is in, how it sounds, whether it is junk and what kind of message it is.
type Heads struct {
	Language, Mood, Spam, Kind *model.Model
}

// OpenHeads opens the files language.model, mood.model, spam.model and kind.model.
func OpenHeads(open func(name string) (*model.Model, error)) (*Heads, error) {
	h := &Heads{}
	for _, each := range []struct {
		name string
		into **model.Model
	}{
		{"language", &h.Language}, {"mood", &h.Mood}, {"spam", &h.Spam}, {"kind", &h.Kind},
	} {
		name := each.name + ".model"
		m, err := open(name)
		if err != nil {
			return nil, fmt.Errorf("the %s head, %s: %w", each.name, name, err)
		}
		if m.Head != each.name {
			return nil, fmt.Errorf("the %s head, %s: it is a model of the head %s", each.name, name, m.Head)
		}
		*each.into = m
	}
	return h, nil
}
