package train

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Table is a CSV file.
type Table struct {
	File   string
	Header []string
	Rows   [][]string
	Lines  []int // where each row begins
	first  int   // the line of the header
}

// Columns are the indexes of named columns. Case and blanks don't count.
func (t *Table) Columns(names ...string) ([]int, error) {
	var all []int
	for _, name := range names {
		at := slices.IndexFunc(t.Header, named(name))
		if at < 0 {
			what := "the column " + name
			if len(names) > 1 {
				what = "the columns " + strings.Join(names, " and ")
			}
			return nil, fmt.Errorf("%s:%d: the first line must name %s; it has %s", t.File, t.first, what, short(strings.Join(t.Header, ", ")))
		}
		if slices.ContainsFunc(t.Header[at+1:], named(name)) {
			return nil, fmt.Errorf("%s:%d: two columns are named %s", t.File, t.first, name)
		}
		all = append(all, at)
	}
	return all, nil
}

func named(name string) func(string) bool {
	return func(cell string) bool { return strings.EqualFold(strings.TrimSpace(cell), name) }
}

// ReadTable reads a CSV file in UTF-8 as the world writes them: spreadsheets put
// semicolons or tabs between the columns, and may say so in a line of its own before
// the header ("sep=;"); lines end in a line feed, a carriage return or both.
func ReadTable(r io.Reader, file string) (*Table, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if all, err = decode(all, file); err != nil {
		return nil, err
	}
	t := &Table{File: file, first: 1}
	mark, all := announced(all)
	if mark != 0 {
		t.first = 2
	} else {
		mark = separator(all)
	}
	in := csv.NewReader(bytes.NewReader(all))
	in.Comma = mark
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			wrong.StartLine, wrong.Line = wrong.StartLine+t.first-1, wrong.Line+t.first-1
			return nil, fmt.Errorf("%s:%d: %s%s", file, wrong.Line, explain(wrong, len(t.Header), len(row)), begun(wrong))
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if t.Header == nil {
			t.Header = row
			continue
		}
		line, _ := in.FieldPos(0)
		t.Rows, t.Lines = append(t.Rows, row), append(t.Lines, line+t.first-1)
	}
	if t.Header == nil {
		return nil, fmt.Errorf("%s: the file is empty", file)
	}
	return t, nil
}

// announced takes off a first line that says no more than what is between the
// columns, and returns that mark; 0 without such a line.
func announced(all []byte) (rune, []byte) {
	first, rest, _ := bytes.Cut(all, []byte("\n"))
	said := strings.Trim(string(first), "\"\r ")
	if len(said) > 4 && strings.EqualFold(said[:4], "sep=") {
		if mark, n := utf8.DecodeRuneInString(said[4:]); n == len(said)-4 {
			return mark, rest
		}
	}
	return 0, all
}

// separator is the mark between the columns: the one that makes the first line name a
// column that somebody asks for, else the first one that it has.
func separator(all []byte) rune {
	found := ','
	for _, mark := range "|\t;," { // the commonest last: it is preferred
		in := csv.NewReader(bytes.NewReader(all))
		in.Comma, in.LazyQuotes = mark, true
		header, err := in.Read()
		if err != nil {
			continue
		}
		if slices.ContainsFunc(header, named("text")) || slices.ContainsFunc(header, named("label")) {
			found = mark
		}
	}
	return found
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
	all = feeds(bytes.TrimPrefix(all, []byte("\xef\xbb\xbf")))
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

// feeds puts a line feed in the place of each carriage return that ends a line by
// itself.
func feeds(all []byte) []byte {
	quoted := false
	for i, c := range all {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\r' && !quoted && (i+1 == len(all) || all[i+1] != '\n'):
			all[i] = '\n'
		}
	}
	return all
}

func line(all []byte, at int) int { return 1 + bytes.Count(all[:at], []byte("\n")) }
