package classify

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ines/shared/classify"
	"ines/shared/classify/model"
	"ines/shared/policy"
)

// Bundled are the files in a function's bundle that a classifier is made of. They were
// looked at when they were laid there, and don't change.
type Bundled struct {
	Policy *policy.Desk
	Words  string // the file of the policy's words
	Heads  string // the folder of the models that ship with ines
}

const lay = "make build lays it there"

// Check looks whether all are there and whole, and no further: for a function that
// makes a classifier only if somebody asks for it.
func (b Bundled) Check() error {
	err := begins(b.Words, classify.WordsHeadSize, func(begin []byte, size int64) error { return classify.WholeWords(begin, size, b.Policy.Hash()) })
	models := []string{}
	for _, name := range classify.HeadFiles {
		models = append(models, filepath.Join(b.Heads, name))
	}
	for _, name := range []string{b.Policy.Learning.Model, b.Policy.Learning.Urgency} {
		if name != "" {
			models = append(models, b.Policy.Beside(name))
		}
	}
	for _, path := range models {
		if err == nil {
			err = begins(path, model.HeadSize, model.Whole)
		}
	}
	return err
}

// begins has a file judged by its begin and its size.
func begins(path string, n int, judge func(begin []byte, size int64) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%w; %s", err, lay)
	}
	defer f.Close()
	info, err := f.Stat()
	begin := make([]byte, n)
	if err == nil {
		n, err = f.ReadAt(begin, 0)
	}
	if err == nil || err == io.EOF {
		err = judge(begin[:n], info.Size())
	}
	if err != nil {
		return fmt.Errorf("%s: %w; %s", path, err, lay)
	}
	return nil
}

// Classifier makes the classifier of files that are mapped into memory: what nobody
// asks for is never read.
func (b Bundled) Classifier() (*classify.Learned, error) { return b.classifier(trust) }

// Proven is Classifier for a bundle that is not to be trusted yet: it looks at all of
// the models.
func (b Bundled) Proven() (*classify.Learned, error) { return b.classifier(Read) }

func (b Bundled) classifier(open Opener) (*classify.Learned, error) {
	file, err := mapped(b.Words)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, lay)
	}
	words, err := classify.OpenWords(file, b.Policy.Hash())
	if err != nil {
		return nil, fmt.Errorf("%s: %w; %s", b.Words, err, lay)
	}
	heads, err := classify.OpenHeads(func(name string) (*model.Model, error) { return open(filepath.Join(b.Heads, name)) })
	if err != nil {
		return nil, fmt.Errorf("the models in %s: %w; %s", b.Heads, err, lay)
	}
	return Classifier(b.Policy, words, heads, open)
}

func trust(path string) (*model.Model, error) { return readBy(path, mapped, model.Trust) }
