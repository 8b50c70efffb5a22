package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"ines/shared/pattern"
)

// reader turns YAML nodes into the policy's types, strictly, and remembers on
// which line each value stood so that later checks can point there. It goes on
// after a problem: a value that is wrong stays zero.
type reader struct {
	file     string
	lines    map[string]int // by path, such as inboxes[1].community
	problems Problems
	keys     map[reflect.Type][]key // of the structs read so far: lists have many alike
}

func (r *reader) line(line int, message, hint string) {
	r.problems = append(r.problems, Problem{File: r.file, Line: max(line, 1), Message: message, Hint: hint})
}

// at reports a problem with the value at a path, or with the nearest part of the
// file around it.
func (r *reader) at(path, message, hint string) {
	r.line(r.lineOf(path), message, hint)
}

func (r *reader) lineOf(path string) int {
	for {
		if line, ok := r.lines[path]; ok {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
}

// key is one key of a mapping, as a struct's field declares it.
type key struct {
	name     string
	index    int
	required bool
	check    string // "id", "name", "lines" (text of several) or ""
}

func keysOf(t reflect.Type) []key {
	var keys []key
	for i := range t.NumField() {
		f := t.Field(i)
		name, ok := f.Tag.Lookup("yaml")
		if !ok {
			continue
		}
		k := key{name: name, index: i}
		for option := range strings.SplitSeq(f.Tag.Get("policy"), ",") {
			switch option {
			case "required":
				k.required = true
			case "id", "name", "lines":
				k.check = option
			}
		}
		keys = append(keys, k)
	}
	return keys
}

// structure reads a mapping into the struct that v points to.
func (r *reader) structure(n *Node, v any) {
	r.fields(n, reflect.ValueOf(v).Elem(), "")
}

func (r *reader) fields(n *Node, v reflect.Value, path string) {
	keys, known := r.keys[v.Type()]
	if !known {
		keys = keysOf(v.Type())
		r.keys[v.Type()] = keys
	}
	seen := r.pairs(n, path, func(name string, k, value *Node) {
		i := slices.IndexFunc(keys, func(k key) bool { return k.name == name })
		if i < 0 {
			names := make([]string, len(keys))
			for i, k := range keys {
				names[i] = k.name
			}
			r.line(k.Line, fmt.Sprintf("unknown key %q%s", name, in(path)), nearest(name, names))
			return
		}
		r.value(value, v.Field(keys[i].index), join(path, name), keys[i])
	})
	if n.Kind != Mapping {
		return
	}
	for _, k := range keys {
		if _, ok := seen[k.name]; k.required && !ok {
			switch path {
			case "":
				r.line(1, fmt.Sprintf("the section %q is missing", k.name), "brands, communities, inboxes, departments and colleagues are required")
			default:
				r.line(n.Line, fmt.Sprintf("%s has no %q", path, k.name), "it is required")
			}
		}
	}
}

// pairs goes through a mapping's keys; each is named once.
func (r *reader) pairs(n *Node, path string, each func(name string, k, value *Node)) (seen map[string]int) {
	seen = map[string]int{}
	if n.Kind == Alias {
		return seen
	}
	if n.Kind != Mapping {
		r.line(n.Line, fmt.Sprintf("%s must be keys with values, not %s", path, kindOf(n)), "write {key: value, …}")
		return seen
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, value := n.Content[i], n.Content[i+1]
		if k.Kind != Scalar {
			r.line(k.Line, "a key"+in(path)+" must be a word", "")
			continue
		}
		if k.Tag == "!!merge" {
			r.line(k.Line, "a merge key (<<)", "write the keys out here")
			continue
		}
		if first, ok := seen[k.Value]; ok {
			r.line(k.Line, fmt.Sprintf("%q is given twice%s", k.Value, in(path)), fmt.Sprintf("first on line %d", first))
			continue
		}
		seen[k.Value] = k.Line
		r.lines[join(path, k.Value)] = k.Line
		if value.Kind == Scalar {
			r.lines[join(path, k.Value)] = value.Line
		}
		if value.Tag == "!!null" {
			r.line(k.Line, fmt.Sprintf("%q is empty%s", k.Value, in(path)), "give it a value or leave it out")
			continue
		}
		each(k.Value, k, value)
	}
	return seen
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	ruleType     = reflect.TypeFor[*Rule]()
	calendarType = reflect.TypeFor[*Calendar]()
	moneyType    = reflect.TypeFor[Money]()
)

func (r *reader) value(n *Node, v reflect.Value, path string, k key) {
	if n.Kind == Alias {
		return // reported by plain
	}
	switch t := v.Type(); {
	case t == durationType:
		v.SetInt(int64(r.duration(n, path)))
	case t == ruleType:
		if source, ok := r.text(n, path); ok {
			v.Set(reflect.ValueOf(&Rule{source: source, block: n.Literal}))
		}
	case t == calendarType:
		v.Set(reflect.ValueOf(r.hours(n, path)))
	case t == moneyType:
		v.Set(reflect.ValueOf(r.money(n, path)))
	case t.Kind() == reflect.String:
		s, ok := r.text(n, path)
		if k.check == "lines" {
			s = strings.TrimSpace(s)
		}
		if ok && strings.ContainsFunc(s, func(c rune) bool { return unicode.IsControl(c) && (c != '\n' || k.check != "lines") }) {
			r.line(n.Line, path+" must be one line without control characters", "")
		}
		if ok {
			r.id(n, path, s, k.check)
		}
		v.SetString(s)
	case t.Kind() == reflect.Bool:
		if n.Kind != Scalar || n.Tag != "!!bool" {
			r.line(n.Line, fmt.Sprintf("%s must be true or false, not %s", path, kindOf(n)), "")
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case t.Kind() == reflect.Int:
		v.SetInt(r.whole(n, path))
	case t.Kind() == reflect.Float64:
		v.SetFloat(r.share(n, path))
	case t.Kind() == reflect.Slice:
		r.list(n, v, path, k)
	case t.Kind() == reflect.Map: // words by language
		v.Set(reflect.MakeMap(t))
		r.pairs(n, path, func(name string, _, value *Node) {
			words := reflect.New(t.Elem()).Elem()
			r.value(value, words, join(path, name), key{required: true, check: k.check})
			v.SetMapIndex(reflect.ValueOf(name), words)
		})
	case t.Kind() == reflect.Struct:
		r.fields(n, v, path)
	}
}

func (r *reader) list(n *Node, v reflect.Value, path string, k key) {
	if n.Kind != Sequence {
		hint := "begin each entry with -"
		if n.Kind == Scalar {
			hint = "write [" + n.Value + "]"
		}
		r.line(n.Line, fmt.Sprintf("%s must be a list, not %s", path, kindOf(n)), hint)
		return
	}
	if len(n.Content) == 0 && k.required {
		r.line(n.Line, path+" must not be an empty list", "")
	}
	all := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	seen := map[string]bool{}
	for i, item := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		r.lines[at] = item.Line
		if item.Kind == Scalar && item.Tag == "!!null" {
			r.line(item.Line, at+" is empty", "")
			continue
		}
		r.value(item, all.Index(i), at, key{})
		if all.Index(i).Kind() == reflect.String && item.Kind == Scalar {
			if seen[item.Value] {
				r.line(item.Line, fmt.Sprintf("%q is twice in %s", item.Value, path), "")
			}
			seen[item.Value] = true
		}
	}
	v.Set(all)
}

// whole reads a number from 1 to a billion.
func (r *reader) whole(n *Node, path string) int64 {
	number, err := strconv.ParseInt(n.Value, 10, 64)
	if n.Kind != Scalar || n.Tag != "!!int" || err != nil || number < 1 || number > 1e9 {
		r.line(n.Line, fmt.Sprintf("%s must be a whole number above zero, not %s", path, kindOf(n)), "such as 20")
		return 0
	}
	return number
}

// share reads a share: how often something has to be so.
func (r *reader) share(n *Node, path string) float64 {
	number, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != Scalar || n.Tag != "!!float" || err != nil || !(number >= 0.5 && number < 1) {
		r.line(n.Line, fmt.Sprintf("%s must be a number from 0.5 to below 1, not %s", path, kindOf(n)), "such as 0.95")
		return 0
	}
	return number
}

// text reads a scalar that is written as text. Numbers are refused rather than
// taken as text: an unquoted account may have lost its zeros already.
func (r *reader) text(n *Node, path string) (string, bool) {
	switch {
	case n.Kind == Alias:
		return "", false
	case n.Kind != Scalar:
		r.line(n.Line, fmt.Sprintf("%s must be text, not %s", path, kindOf(n)), "")
		return "", false
	case n.Tag != "!!str":
		r.line(n.Line, fmt.Sprintf("%s must be text, not %s", path, kindOf(n)), fmt.Sprintf("write it in quotes: %q", n.Value))
		return "", false
	case strings.TrimSpace(n.Value) == "":
		r.line(n.Line, path+" is empty", "give it a value or leave it out")
		return "", false
	}
	return n.Value, true
}

var (
	idShape   = pattern.Late{Expr: `^[a-z0-9]+(-[a-z0-9]+)*$`}
	nameShape = pattern.Late{Expr: `^[a-z0-9]+([-_][a-z0-9]+)*$`}
)

// id checks the shape of ids: they become parts of URLs, of environment variables
// (where - turns into _) and of table keys.
func (r *reader) id(n *Node, path, s, check string) {
	switch {
	case check == "" || check == "lines":
	case len(s) > 48:
		r.line(n.Line, path+" is longer than 48 characters", "")
	case check == "id" && !idShape.MatchString(s):
		r.line(n.Line, fmt.Sprintf("%s %q is not an id", path, s), "lower-case letters and digits, joined by single hyphens")
	case check == "name" && !nameShape.MatchString(s):
		r.line(n.Line, fmt.Sprintf("%s %q is not an id", path, s), "lower-case letters and digits, joined by single hyphens or underscores")
	}
}

func kindOf(n *Node) string {
	switch n.Kind {
	case Mapping:
		return "keys with values"
	case Sequence:
		return "a list"
	}
	switch n.Tag {
	case "!!str":
		return "text"
	case "!!int", "!!float":
		return "the number " + n.Value
	case "!!bool":
		return n.Value
	case "!!timestamp":
		return "a date"
	}
	return "a value of the type " + n.Tag
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func in(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
}
