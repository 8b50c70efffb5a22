package story

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"ines/shared/lambdahttp"
	"ines/shared/policy"
)

// FileName is what a story's file is called.
const FileName = "story.yaml"

// Load reads a story strictly. The error has one line for each mistake,
// file:line: message; unknown keys are mistakes. The webhooks' files are read too,
// so that a story which loads can be played.
func Load(dir string) (*Story, error) {
	s := &Story{Dir: dir, file: filepath.ToSlash(filepath.Join(dir, FileName))}
	raw, err := os.ReadFile(s.path(FileName))
	if err != nil {
		return nil, fmt.Errorf("a story is a folder with a %s: %w", FileName, err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	var doc yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s:1: the story is empty", s.file)
		}
		return nil, syntax(s.file, err)
	}
	r := &reader{file: s.file}
	r.story(doc.Content[0], s)
	r.names(s)
	if err := r.problems.err(); err != nil {
		return nil, err
	}
	return s, nil
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntax gives the YAML reader's error the form of the others.
func syntax(file string, err error) error {
	m := yamlLine.FindStringSubmatch(err.Error())
	if m == nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	line, _ := strconv.Atoi(m[1])
	return problems{{file, max(line, 1), "YAML: " + m[2]}}
}

func (r *reader) story(n *yaml.Node, s *Story) {
	keys := r.keys(n, "the story", "title", "desk", "steps")
	s.Title = r.text(keys["title"])
	s.Desk = r.text(keys["desk"])
	if s.Desk != "" && !filepath.IsAbs(s.Desk) {
		s.Desk = s.path(s.Desk)
	}
	if len(r.problems) == 0 && (s.Title == "" || s.Desk == "" || keys["steps"] == nil) {
		r.at(n, "a story has a title, the desk it is written for, and steps")
	}
	for _, step := range r.list(keys["steps"]) {
		s.Steps = append(s.Steps, r.step(step, s))
	}
}

func (r *reader) step(n *yaml.Node, s *Story) Step {
	step := Step{Line: n.Line, Repeat: 1}
	kind := ""
	for _, k := range []string{"webhook", "as", "wait"} {
		if has(n, k) {
			if kind != "" {
				r.at(n, "one step is one thing: %s or %s", kind, k)
			}
			kind = k
		}
	}
	known := []string{"about", "then"}
	switch kind {
	case "webhook":
		known = append(known, "webhook", "repeat")
	case "as":
		known = append(known, "as", "does", "case", "name")
		if a, ok := acts[scalar(n, "does")]; ok {
			known = append(known, a.fields...)
		} else {
			for _, a := range acts { // one mistake at a time: the deed's fields come later
				known = append(known, a.fields...)
			}
		}
	case "wait":
		known = append(known, "wait")
	default:
		r.at(n, "a step is a webhook that comes in, what a colleague does (as, does), or a wait")
		return step
	}
	keys := r.keys(n, "this step", known...)
	step.About = r.text(keys["about"])
	switch kind {
	case "webhook":
		step.Webhook = r.text(keys["webhook"])
		if v := keys["repeat"]; v != nil {
			step.Repeat = r.count(v, 1)
		}
		r.webhook(keys["webhook"], s)
	case "as":
		r.deed(n, keys, &step)
	case "wait":
		d, err := policy.ParseDuration(r.text(keys["wait"]))
		if step.Wait = d; err != nil && keys["wait"] != nil {
			r.at(keys["wait"], "a wait is a duration such as 20m or 2h")
		}
	}
	for _, e := range r.list(keys["then"]) {
		step.Then = append(step.Then, r.expectation(e, kind))
	}
	return step
}

func (r *reader) deed(n *yaml.Node, keys map[string]*yaml.Node, step *Step) {
	step.As, step.Does, step.Case, step.Name = r.text(keys["as"]), r.text(keys["does"]), r.text(keys["case"]), r.text(keys["name"])
	a, ok := acts[step.Does]
	if !ok {
		r.at(n, "%q is nothing that colleagues do; they %s", step.Does, strings.Join(actNames(), ", "))
		return
	}
	step.Fields = map[string]any{}
	for _, f := range a.fields {
		switch v := keys[f]; {
		case v == nil:
		case v.Kind == yaml.SequenceNode:
			texts := []string{}
			for _, one := range r.list(v) {
				texts = append(texts, r.text(one))
			}
			step.Fields[f] = texts
		default:
			step.Fields[f] = r.text(v)
		}
	}
	for _, f := range a.needs {
		if keys[f] == nil {
			r.at(n, "who does %q says %s", step.Does, strings.Join(a.needs, ", "))
			break
		}
	}
	if step.Name != "" && !slices.Contains([]string{"promise", "reply", "private", "act"}, step.Does) {
		r.at(keys["name"], "only a promise, a reply, a private message and an action leave something that a name could stand for")
	}
}

// webhook looks whether the saved event is one.
func (r *reader) webhook(n *yaml.Node, s *Story) {
	if n == nil || n.Value == "" {
		return
	}
	e, _, err := lambdahttp.Load(s.path(n.Value))
	if err != nil {
		r.at(n, "%v", err)
		return
	}
	if _, _, ok := inboxOf(e.RawPath); !ok {
		r.at(n, "%s posts to %q, not to /webhooks/{channel}/{inbox}", n.Value, e.RawPath)
	}
}

// names looks whether every placeholder is given a value by an earlier step.
func (r *reader) names(s *Story) {
	known := []string{caseValue}
	look := func(line int, names []string) {
		for _, name := range names {
			if !slices.Contains(known, name) {
				r.problems.add(r.file, line, "no earlier step gives {{%s}}; there is %s", name, strings.Join(known, ", "))
			}
		}
	}
	for _, step := range s.Steps {
		look(step.Line, step.uses(s))
		for _, name := range given(step) {
			if slices.Contains(known, name) {
				r.problems.add(r.file, step.Line, "the name %q is taken", name)
			}
			known = append(known, name)
		}
		for _, e := range step.Then {
			for _, m := range []*Match{e.Timeline, e.Sent} {
				if m != nil {
					look(e.Line, placeholders(strings.Join(slices.Collect(maps.Values(m.Want)), "\n")))
				}
			}
		}
	}
}

// uses lists the names that a step needs.
func (s Step) uses(of *Story) []string {
	var names []string
	if s.Webhook != "" {
		if _, req, err := lambdahttp.Load(of.path(s.Webhook)); err == nil {
			names = placeholders(string(req.Body))
		}
	}
	for field, v := range s.Fields {
		switch text, isText := v.(string); {
		case slices.Contains(named, field):
			names = append(names, text)
		case isText:
			names = append(names, placeholders(text)...)
		}
	}
	return names
}
