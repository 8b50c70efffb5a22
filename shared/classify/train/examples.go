// Package train makes models from examples: it reads them, splits them so that
// nothing leaks, fits, calibrates on what the fits have not seen, and reports how
// good the result is and where the examples are weak. The same examples give the
// same bytes. Only the ines command and tests import it.
package train

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Example is one labelled text.
type Example struct {
	Text  string
	Label string
	File  string
	Line  int
}

// Outside are labels of texts that are about none of the others: no label is made
// of them, they teach what is foreign.
var Outside = []string{"oos", "out_of_scope", "out-of-scope"}

// ReadExamples reads a CSV file with the columns text and label, in any order and
// among others. It stops at the first mistake, which names its line.
func ReadExamples(r io.Reader, file string) ([]Example, error) {
	table, err := ReadTable(r, file)
	if err != nil {
		return nil, err
	}
	at, err := table.Columns("text", "label")
	if err != nil {
		return nil, err
	}
	text, label := at[0], at[1]
	var examples []Example
	for i, row := range table.Rows {
		e := Example{Text: row[text], Label: labelled(row[label]), File: file, Line: table.Lines[i]}
		switch {
		case strings.TrimSpace(e.Text) == "":
			return nil, fmt.Errorf("%s:%d: the text is empty", file, e.Line)
		case e.Label == "":
			return nil, fmt.Errorf("%s:%d: the label is empty; texts about none of the labels are labelled %s", file, e.Line, Outside[0])
		}
		examples = append(examples, e)
	}
	if len(examples) == 0 {
		return nil, fmt.Errorf("%s: no examples after the first line", file)
	}
	return examples, nil
}

// labelled is a label as it is meant: blanks of any kind and number are one, and an
// accent is the same whether it is written in one character or two.
func labelled(cell string) string { return norm.NFC.String(strings.Join(strings.Fields(cell), " ")) }
