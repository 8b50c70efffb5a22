// Package train makes models from examples: it reads them, splits them so that
// nothing leaks, fits, calibrates on what the fits have not seen, and reports how
// good the result is and where the examples are weak. The same examples give the
// same bytes. Only the ines command and tests import it.
package train

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
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
	text, label := table.Column("text"), table.Column("label")
	if text < 0 || label < 0 {
		return nil, fmt.Errorf("%s:1: the first line must name the columns text and label; it has %s", file, strings.Join(table.Header, ", "))
	}
	var examples []Example
	for i, row := range table.Rows {
		e := Example{Text: row[text], Label: strings.TrimSpace(row[label]), File: file, Line: table.Lines[i]}
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

// Table is a CSV file.
type Table struct {
	Header []string
	Rows   [][]string
	Lines  []int // where each row begins
}

// Column is the index of a named column, or -1. Case and blanks don't count.
func (t *Table) Column(name string) int {
	for i, h := range t.Header {
		if strings.EqualFold(strings.TrimSpace(h), name) {
			return i
		}
	}
	return -1
}

// ReadTable reads a CSV file in UTF-8, with semicolons or tabs between the columns
// where the first line has those and no comma: spreadsheets write them.
func ReadTable(r io.Reader, file string) (*Table, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if all, err = decode(all, file); err != nil {
		return nil, err
	}
	in := csv.NewReader(bytes.NewReader(all))
	in.Comma = separator(all)
	t := &Table{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, fmt.Errorf("%s:%d: %s%s", file, wrong.Line, explain(wrong, len(t.Header), len(row)), begun(wrong))
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if t.Header == nil {
			t.Header = row
			continue
		}
		line, _ := in.FieldPos(0)
		t.Rows, t.Lines = append(t.Rows, row), append(t.Lines, line)
	}
	if t.Header == nil {
		return nil, fmt.Errorf("%s: the file is empty", file)
	}
	for _, name := range []string{"text", "label"} {
		if first := t.Column(name); first >= 0 && (&Table{Header: t.Header[first+1:]}).Column(name) >= 0 {
			return nil, fmt.Errorf("%s:1: two columns are named %s", file, name)
		}
	}
	return t, nil
}

func separator(all []byte) rune {
	first, _, _ := bytes.Cut(all, []byte("\n"))
	for _, c := range []byte(",;\t") {
		if bytes.IndexByte(first, c) >= 0 {
			return rune(c)
		}
	}
	return ','
}

func explain(err *csv.ParseError, columns, got int) string {
	switch {
	case errors.Is(err.Err, csv.ErrFieldCount):
		return fmt.Sprintf("%d columns, want %d as in the first line; a text that has the mark between the columns in it needs quotes", got, columns)
	case errors.Is(err.Err, csv.ErrQuote):
		return `a quote that is neither at the start nor at the end of its field; inside a quoted text write it twice: ""`
	case errors.Is(err.Err, csv.ErrBareQuote):
		return `a quote in a field that has none around it; quote the whole field and write the quote twice: ""`
	}
	return err.Err.Error()
}

// begun says where a row of several lines begins: the quote that is missing may be there.
func begun(err *csv.ParseError) string {
	if err.StartLine == err.Line {
		return ""
	}
	return fmt.Sprintf(" (the row begins in line %d: is a quote missing there?)", err.StartLine)
}

// decode takes off the byte order mark and refuses what is not UTF-8: read as if it
// were, it would train on nonsense.
func decode(all []byte, file string) ([]byte, error) {
	switch {
	case bytes.HasPrefix(all, []byte("\xff\xfe")), bytes.HasPrefix(all, []byte("\xfe\xff")):
		return nil, fmt.Errorf("%s:1: the file is in UTF-16; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")", file)
	case bytes.IndexByte(all, 0) >= 0:
		return nil, fmt.Errorf("%s:%d: a zero byte: this is no text file in UTF-8", file, line(all, bytes.IndexByte(all, 0)))
	}
	all = bytes.TrimPrefix(all, []byte("\xef\xbb\xbf"))
	if utf8.Valid(all) {
		return all, nil
	}
	at := 0
	for at < len(all) {
		r, n := utf8.DecodeRune(all[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	return nil, fmt.Errorf("%s:%d: the byte %#02x is not UTF-8: the encoding is unknown, perhaps Windows-1252 or Latin-1; save the file as UTF-8", file, line(all, at), all[at])
}

func line(all []byte, at int) int { return 1 + bytes.Count(all[:at], []byte("\n")) }
