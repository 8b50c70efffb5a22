package policy

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The published schema takes every good policy, and refuses what an editor can see
// to be wrong without knowing the rest of the file.
func TestTheSchemaTellsGoodPoliciesFromBad(t *testing.T) {
	raw, err := os.ReadFile("desk.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	good, _ := filepath.Glob("testdata/working_*.yaml")
	for _, name := range append(good, "../../infra/desk.yaml") {
		if problems := against(schema, root(t, name), "desk"); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
	for name, want := range map[string]string{
		"authority":        `desk.authority[6].up_to[0]: "0.5 JPY"`, // only the loader knows the yen
		"automation":       "desk.automation[2].id is missing",
		"cases":            `desk.cases.erase_by[1]: "owner" is none of`,
		"durations":        "",
		"empty_values":     "desk.",
		"containment":      "desk.containment.replies: 0 is below 1",
		"team":             "desk.colleagues[0].capacity: string is no integer",
		"incidents":        `desk.incidents.broadcast[0]: "leads" is none of`,
		"escalation":       `desk.escalation[0].do: "tell_the_lead" is none of`,
		"missing_keys":     "is missing",
		"ratings":          "desk.ratings.scale is not known",
		"ratings_unasked":  "desk.ratings.ask is missing",
		"missing_sections": "is missing",
		"types":            "desk.",
		"unknown_keys":     "is not known",
		"wording":          "desk.brands[0].wording.on is not known",
	} {
		problems := strings.Join(against(schema, root(t, "testdata/busted_"+name+".yaml"), "desk"), "\n")
		if problems == "" || name != "authority" && !strings.Contains(problems, want) {
			t.Errorf("busted_%s.yaml: the schema finds %q, want %q", name, problems, want)
		}
		if name == "authority" && (strings.Contains(problems, want) || !strings.Contains(problems, `desk.authority[4].up_to[0]: "150 gbp"`)) {
			t.Errorf("busted_authority.yaml: the schema finds %q", problems)
		}
	}
}

func root(t *testing.T, name string) *yaml.Node {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

// against holds a value against the words of JSON Schema that desk.schema.json
// uses; another word is an error, so that the schema can't say more than is tested.
func against(schema map[string]any, n *yaml.Node, path string) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, path+fmt.Sprintf(format, args...)) }
	patterns, _ := schema["patternProperties"].(map[string]any)
	properties, _ := schema["properties"].(map[string]any)
	for word, v := range schema {
		switch word {
		case "$schema", "title", "properties", "patternProperties":
		case "type":
			if got := typeOf(n); got != v {
				say(": %s is no %s", got, v)
			}
		case "enum":
			if !slices.Contains(v.([]any), any(n.Value)) {
				say(": %q is none of %v", n.Value, v)
			}
		case "minLength":
			if n.Kind == yaml.ScalarNode && len(n.Value) < int(v.(float64)) {
				say(": %q is too short", n.Value)
			}
		case "minimum":
			if number, err := strconv.ParseFloat(n.Value, 64); err == nil && number < v.(float64) {
				say(": %s is below %v", n.Value, v)
			}
		case "exclusiveMaximum":
			if number, err := strconv.ParseFloat(n.Value, 64); err == nil && number >= v.(float64) {
				say(": %s is not below %v", n.Value, v)
			}
		case "pattern":
			if n.Kind == yaml.ScalarNode && !regexp.MustCompile(v.(string)).MatchString(n.Value) {
				say(": %q doesn't look like %s", n.Value, v)
			}
		case "items":
			for i, item := range n.Content {
				if n.Kind == yaml.SequenceNode {
					out = append(out, against(v.(map[string]any), item, fmt.Sprintf("%s[%d]", path, i))...)
				}
			}
		case "required":
			for _, name := range v.([]any) {
				if !slices.ContainsFunc(n.Content, func(k *yaml.Node) bool { return k.Value == name }) {
					say(".%s is missing", name)
				}
			}
		case "additionalProperties":
			if n.Kind != yaml.MappingNode {
				continue
			}
			for i := 0; i+1 < len(n.Content); i += 2 {
				name := n.Content[i].Value
				sub, known := properties[name].(map[string]any)
				for p, s := range patterns {
					if regexp.MustCompile(p).MatchString(name) {
						sub, known = s.(map[string]any), true
					}
				}
				if more, open := v.(map[string]any); !known && open {
					sub, known = more, true
				}
				if !known {
					say(".%s is not known", name)
					continue
				}
				out = append(out, against(sub, n.Content[i+1], path+"."+name)...)
			}
		default:
			say(": the schema says %q, which this test doesn't know", word)
		}
	}
	return out
}

func typeOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "object"
	case n.Kind == yaml.SequenceNode:
		return "array"
	}
	switch n.ShortTag() {
	case "!!str", "!!timestamp": // holidays
		return "string"
	case "!!bool":
		return "boolean"
	case "!!int":
		return "integer"
	case "!!float":
		return "number"
	}
	return strings.TrimPrefix(n.ShortTag(), "!!")
}
