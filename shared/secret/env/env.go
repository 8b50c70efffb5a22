// Package env finds secrets in the environment, and behind it in a file of
// NAME=value lines. The local host and the operator's command use it. It imports
// secret.
package env

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"ines/shared/secret"
)

// Source implements secret.Source. What it found in the file is fixed; the
// environment is asked every time.
type Source struct {
	lookup func(string) (string, bool)
	file   string
	kept   map[string]string
}

var _ secret.Source = (*Source)(nil)

// New takes the environment (such as os.LookupEnv) and a file, "" for none. A
// file that is missing or malformed is an error, which names the line and never
// shows a value.
func New(lookup func(string) (string, bool), file string) (*Source, error) {
	s := &Source{lookup: lookup, file: file}
	if file == "" {
		return s, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("secrets: %w", err)
	}
	defer f.Close()
	if s.kept, err = parse(f, file); err != nil {
		return nil, fmt.Errorf("secrets: %w", err)
	}
	return s, nil
}

// Variable is the name of the environment variable for a secret, "" if there is
// no such use or the inbox is missing.
func Variable(use secret.Use, inbox string) string {
	prefix := map[secret.Use]string{secret.Sign: "INES_SECRET_", secret.Token: "INES_TOKEN_", secret.Verify: "INES_VERIFY_"}[use]
	switch {
	case use == secret.Link:
		return "INES_LINK_KEY"
	case prefix == "" || inbox == "":
		return ""
	}
	return prefix + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, inbox)
}

// Values implements secret.Source. A variable that is set hides the file's, and
// may hold two values separated by a comma; a token is taken as it is.
func (s *Source) Values(ctx context.Context, use secret.Use, inbox string) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	name := Variable(use, inbox)
	if name == "" {
		return nil, fmt.Errorf("%w: there is no %q of inbox %q", secret.ErrMissing, use, inbox)
	}
	values := split(use, s.find(name))
	if len(values) == 0 {
		where := ""
		if s.file != "" {
			where = " or add it to " + s.file
		}
		return nil, fmt.Errorf("%w: set %s in the environment%s", secret.ErrMissing, name, where)
	}
	return values, nil
}

func (s *Source) find(name string) string {
	if text, set := s.lookup(name); set && strings.TrimSpace(text) != "" {
		return text
	}
	return s.kept[name]
}

func split(use secret.Use, text string) []string {
	parts := []string{text}
	if use != secret.Token {
		parts = strings.Split(text, ",")
	}
	var values []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			values = append(values, part)
		}
	}
	return values
}

// parse reads NAME=value lines. Blank lines and those that begin with # are
// passed over; a value may stand in single quotes, or in double quotes with \n,
// \" and \\ (a PEM certificate on one line).
func parse(r io.Reader, file string) (map[string]string, error) {
	kept := make(map[string]string)
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		text, err := lines.ReadString('\n')
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("%s:%d: %w", file, n, err)
		}
		if line := strings.TrimSpace(text); line != "" && line[0] != '#' {
			name, value, problem := assignment(line)
			if problem == "" {
				if _, twice := kept[name]; twice {
					problem = name + " is set a second time"
				}
			}
			if problem != "" {
				return nil, fmt.Errorf("%s:%d: %s", file, n, problem)
			}
			kept[name] = value
		}
		if err == io.EOF {
			return kept, nil
		}
	}
}

// assignment takes a line apart. The problem never quotes the line: it may hold
// a secret.
func assignment(line string) (name, value, problem string) {
	name, value, found := strings.Cut(line, "=")
	if !found {
		return "", "", "want NAME=value"
	}
	if name = strings.TrimSpace(name); !isName(name) {
		return "", "", "the part before = is not a name of letters, digits and _"
	}
	value = strings.TrimSpace(value)
	if value == "" || value[0] != '\'' && value[0] != '"' {
		return name, value, ""
	}
	quote := value[0]
	if len(value) < 2 || value[len(value)-1] != quote {
		return "", "", "the value of " + name + " lacks its closing quote"
	}
	value = value[1 : len(value)-1]
	if quote == '\'' {
		return name, value, ""
	}
	plain, ok := unescape(value)
	if !ok {
		return "", "", "the value of " + name + ` has a \ that is not \n, \" or \\, or a quote without one`
	}
	return name, plain, ""
}

func unescape(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			return "", false
		}
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			return "", false
		}
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case '"', '\\':
			b.WriteByte(s[i])
		default:
			return "", false
		}
	}
	return b.String(), true
}

func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
