package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
)

// Kind is what a Node is.
type Kind uint8

// The kinds of nodes.
const (
	Scalar Kind = iota
	Mapping
	Sequence
	Alias
)

// Node is a part of a policy file as a reader of YAML found it. Of a mapping Content
// has each key, followed by its value.
type Node struct {
	Kind    Kind
	Tag     string // what a scalar is without quotes: !!str, !!int, !!float, !!bool, !!null, !!timestamp
	Value   string // of a scalar; of an alias the name
	Literal bool   // a scalar of several lines, whose lines are those of the file
	Anchor  string
	Line    int // from 1
	Content []*Node
}

// Source is where a policy comes from.
type Source struct {
	Name  string // stands for the file in problems
	Dir   string // the file's folder, in which the files are that the policy names
	Bytes []byte
}

// New makes a policy of a file's sections. The error is Problems: everything that is
// wrong with it. Package policyfile reads files.
func New(from Source, root *Node) (*Desk, error) {
	r := &reader{file: from.Name, lines: map[string]int{"": root.Line}, keys: map[reflect.Type][]key{}}
	d := &Desk{dir: from.Dir, hash: hashOf(from.Bytes)}
	r.plain(root)
	r.structure(root, d)
	c := checker{reader: r, desk: d}
	c.all()
	if len(r.problems) > 0 {
		return nil, r.problems.sorted()
	}
	return d, nil
}

func hashOf(source []byte) string {
	sum := sha256.Sum256(source)
	return hex.EncodeToString(sum[:12])
}

// plain refuses the parts of YAML that make a reviewed file mean something else
// than it seems to at the place where it is read.
func (r *reader) plain(n *Node) {
	switch {
	case n.Kind == Alias:
		r.line(n.Line, "an alias (*"+n.Value+")", "write the value out here")
		return
	case n.Anchor != "":
		r.line(n.Line, "an anchor (&"+n.Anchor+")", "write the value out where it is used")
	}
	for _, child := range n.Content {
		r.plain(child)
	}
}
