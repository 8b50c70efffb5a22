package classify

import (
	"fmt"
	"os"

	"ines/shared/classify"
	"ines/shared/classify/model"
	"ines/shared/policy"
)

// An Opener opens the file of a model.
type Opener func(path string) (*model.Model, error)

// Read opens a model and looks at all of it.
func Read(path string) (*model.Model, error) { return readBy(path, os.ReadFile, model.Open) }

func readBy(path string, read func(path string) ([]byte, error), open func(file []byte) (*model.Model, error)) (*model.Model, error) {
	file, err := read(path)
	if err != nil {
		return nil, err
	}
	m, err := open(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Words makes the words of a policy's topics.
func Words(desk *policy.Desk) *classify.Words {
	var topics []classify.Topic
	for _, t := range desk.Topics {
		topics = append(topics, classify.Topic{ID: t.ID, Words: t.Words})
	}
	return classify.NewWords(topics)
}

// Classifier makes the one that a policy describes, of its words, the models that ship
// with ines, and those that stand beside the policy.
func Classifier(desk *policy.Desk, words *classify.Words, heads *classify.Heads, open Opener) (*classify.Learned, error) {
	d := classify.Desk{Heads: heads, Words: words}
	var err error
	if d.Topic, err = named(open, desk, desk.Learning.Model, "topic", func(l string) bool { _, ok := desk.Topic(l); return ok }); err != nil {
		return nil, err
	}
	if d.Topic != nil {
		if d.Wanted, err = d.Topic.Wanted(desk.Learning.Precision, desk.Learning.Precisions); err != nil {
			return nil, fmt.Errorf("%s: %w", desk.Beside(desk.Learning.Model), err)
		}
	}
	if d.Urgency, err = named(open, desk, desk.Learning.Urgency, "urgency", func(l string) bool {
		return l == classify.UrgencyNormal || l == classify.UrgencyHigh || l == classify.UrgencyNow
	}); err != nil {
		return nil, err
	}
	return classify.New(d), nil
}

// named opens a model that the policy names. A label that the policy does not know
// could reach no rule.
func named(open Opener, desk *policy.Desk, name, head string, known func(label string) bool) (*model.Model, error) {
	if name == "" {
		return nil, nil
	}
	path := desk.Beside(name)
	m, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("the %s model that the policy names: %w; ines train makes it", head, err)
	}
	if m.Head != head {
		return nil, fmt.Errorf("%s is a model of the head %s, not of %s", path, m.Head, head)
	}
	for _, l := range m.Labels {
		if !known(l) {
			return nil, fmt.Errorf("%s knows the %s %q, which the policy does not", path, head, l)
		}
	}
	return m, nil
}
