// Package policyfile reads desk policies from files of YAML. The command ines, the
// CDK app, tests, and what makes the functions' bundles import it. A function reads
// what is compiled from the file and never imports it: a reader of YAML would be half
// of its start.
package policyfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"ines/shared/policy"
)

// maxSize is the largest policy file in bytes: anything above is a mistaken file.
const maxSize = 1 << 20

// Load reads a policy file. The error is policy.Problems when the file was read and
// is wrong; it then holds everything that is wrong with it.
func Load(path string) (*policy.Desk, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the desk policy (INES_DESK or --desk names it): %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading the desk policy %s: %w", path, err)
	}
	return parse(policy.Source{Name: filepath.ToSlash(path), Dir: filepath.Dir(path), Bytes: data})
}

// Parse reads a policy from memory; name stands for the file in problems. The
// error is policy.Problems.
func Parse(name string, data []byte) (*policy.Desk, error) {
	return parse(policy.Source{Name: name, Bytes: data})
}

func parse(from policy.Source) (*policy.Desk, error) {
	root, problems := document(from.Name, from.Bytes)
	if problems != nil {
		return nil, problems
	}
	return policy.New(from, node(root))
}

// node takes over what the policy's reader looks at.
func node(n *yaml.Node) *policy.Node {
	out := &policy.Node{Tag: n.ShortTag(), Value: n.Value, Literal: n.Style&yaml.LiteralStyle != 0, Anchor: n.Anchor, Line: n.Line}
	switch n.Kind {
	case yaml.MappingNode:
		out.Kind = policy.Mapping
	case yaml.SequenceNode:
		out.Kind = policy.Sequence
	case yaml.AliasNode:
		out.Kind = policy.Alias
	}
	for _, child := range n.Content {
		out.Content = append(out.Content, node(child))
	}
	return out
}

// document reads the file's one YAML document.
func document(name string, data []byte) (*yaml.Node, policy.Problems) {
	fail := func(line int, message, hint string) (*yaml.Node, policy.Problems) {
		return nil, policy.Problems{{File: name, Line: line, Message: message, Hint: hint}}
	}
	if len(data) > maxSize {
		return fail(1, "the file is larger than 1 MB", "is this the desk policy?")
	}
	if i := invalidUTF8(data); i >= 0 {
		return fail(1+bytes.Count(data[:i], []byte("\n")), "the file is not UTF-8 text", "save it as UTF-8")
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	err := decoder.Decode(&doc)
	if errors.Is(err, io.EOF) || err == nil && (len(doc.Content) == 0 || doc.Content[0].ShortTag() == "!!null") {
		return fail(1, "the policy is empty", "README.md of shared/policy has a complete example")
	}
	if err != nil {
		return nil, syntax(name, data, err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return fail(second.Line, "the file has a second YAML document", "one file is one policy: remove the line ---")
	case !errors.Is(err, io.EOF):
		return nil, syntax(name, data, err)
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return fail(root.Line, "the policy must be sections with keys", "it begins with a line such as brands:")
	}
	return root, nil
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
