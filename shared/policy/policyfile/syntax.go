package policyfile

import (
	"bytes"
	"slices"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"ines/shared/pattern"
	"ines/shared/policy"
)

var (
	yamlLine = pattern.Late{Expr: `^yaml: line (\d+): `}
	tabbed   = pattern.Late{Expr: `^ *\t[ \t]*[^ \t\r#]`}
)

// syntax turns the YAML reader's error into problems. Tabs get their own words:
// they are the mistake that its message explains worst.
func syntax(name string, data []byte, err error) policy.Problems {
	var ps policy.Problems
	for i, line := range strings.Split(string(data), "\n") {
		if tabbed.MatchString(line) {
			ps = append(ps, policy.Problem{File: name, Line: i + 1, Message: "a tab in the indentation", Hint: "YAML wants spaces"})
		}
	}
	if ps != nil {
		return ps
	}
	line, message := located(err)
	if slices.Contains(parserWords, message) {
		line = firstFailing(data, message)
	}
	return policy.Problems{{File: name, Line: max(line, 1), Message: "YAML: " + message,
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
