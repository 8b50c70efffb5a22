package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"ines/shared/pattern"
)

// maxSize is the largest policy file in bytes: anything above is a mistaken file.
const maxSize = 1 << 20

// Load reads a policy file. The error is Problems when the file was read and is
// wrong; it then holds everything that is wrong with it.
func Load(path string) (*Desk, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the desk policy (INES_DESK or --desk names it): %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading the desk policy %s: %w", path, err)
	}
	d, err := Parse(filepath.ToSlash(path), data)
	if err != nil {
		return nil, err
	}
	d.dir = filepath.Dir(path)
	return d, nil
}

// Parse reads a policy from memory; name stands for the file in problems. The
// error is Problems.
func Parse(name string, data []byte) (*Desk, error) {
	root, problems := document(name, data)
	if problems != nil {
		return nil, problems
	}
	r := &reader{file: name, lines: map[string]int{"": root.Line}, keys: map[reflect.Type][]key{}}
	d := &Desk{}
	r.plain(root)
	r.structure(root, d)
	c := checker{reader: r, desk: d}
	c.all()
	if len(r.problems) > 0 {
		return nil, r.problems.sorted()
	}
	sum := sha256.Sum256(data)
	d.hash = hex.EncodeToString(sum[:12])
	return d, nil
}

// document reads the file's one YAML document.
func document(name string, data []byte) (*yaml.Node, Problems) {
	fail := func(line int, message, hint string) (*yaml.Node, Problems) {
		return nil, Problems{{File: name, Line: line, Message: message, Hint: hint}}
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

var (
	yamlLine = pattern.Late{Expr: `^yaml: line (\d+): `}
	tabbed   = pattern.Late{Expr: `^ *\t[ \t]*[^ \t\r#]`}
)

// syntax turns the YAML reader's error into problems. Tabs get their own words:
// they are the mistake that its message explains worst.
func syntax(name string, data []byte, err error) Problems {
	var ps Problems
	for i, line := range strings.Split(string(data), "\n") {
		if tabbed.MatchString(line) {
			ps = append(ps, Problem{File: name, Line: i + 1, Message: "a tab in the indentation", Hint: "YAML wants spaces"})
		}
	}
	if ps != nil {
		return ps
	}
	line, message := located(err)
	if slices.Contains(parserWords, message) {
		line = firstFailing(data, message)
	}
	return Problems{{File: name, Line: max(line, 1), Message: "YAML: " + message,
		Hint: "look at this line and the one above it: quotes, brackets, indentation"}}
}

// located splits a YAML error into its line (0 if it says none) and its words.
func located(err error) (line int, message string) {
	message = err.Error()
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	return line, strings.TrimPrefix(message, "yaml: ")
}

// parserWords are the errors for which the YAML library names the line above the
// one where the list or mapping around the mistake began.
var parserWords = []string{
	"did not find expected key", "did not find expected '-' indicator", "did not find expected ',' or ']'",
	"did not find expected ',' or '}'", "did not find expected node content", "did not find expected <document start>",
}

// firstFailing is the last line of the shortest beginning of the file that fails
// in the same way.
func firstFailing(data []byte, message string) int {
	lines := bytes.SplitAfter(data, []byte("\n"))
	return 1 + sort.Search(len(lines)-1, func(i int) bool {
		var doc yaml.Node
		err := yaml.Unmarshal(bytes.Join(lines[:i+1], nil), &doc)
		if err == nil {
			return false
		}
		_, same := located(err)
		return same == message
	})
}

// plain refuses the parts of YAML that make a reviewed file mean something else
// than it seems to at the place where it is read.
func (r *reader) plain(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		r.line(n.Line, "an alias (*"+n.Value+")", "write the value out here")
		return
	case n.Anchor != "":
		r.line(n.Line, "an anchor (&"+n.Anchor+")", "write the value out where it is used")
	}
	for _, child := range n.Content {
		r.plain(child)
	}
}
