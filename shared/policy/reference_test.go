package policy

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/rule"
)

var update = flag.Bool("update", false, "write desk.schema.json anew")

// The README's tables name exactly the keys that the types have, bold if required.
func TestTheReferenceNamesEveryKey(t *testing.T) {
	text := readme(t)
	for _, section := range keysOf(reflect.TypeFor[Desk]()) {
		of := reflect.TypeFor[Desk]().Field(section.index).Type
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		namesEveryKey(t, text, section.name, of)
	}
}

func namesEveryKey(t *testing.T, text, heading string, of reflect.Type) {
	var want []string
	for _, k := range keysOf(of) {
		name := k.name
		if k.required {
			name = "**" + name + "**"
		}
		want = append(want, name)
		if inner := of.Field(k.index).Type; inner.Kind() == reflect.Struct && inner != moneyType {
			namesEveryKey(t, text, heading+"."+k.name, inner)
		}
	}
	if got := firstColumn(chapter(text, "### "+heading)); !slices.Equal(got, want) {
		t.Errorf("### %s has the keys %v, the type %v", heading, got, want)
	}
}

func TestTheReferenceNamesEveryFact(t *testing.T) {
	seen := map[string][3]bool{}
	for line := range strings.SplitSeq(chapter(readme(t), "## Rules"), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 7 || strings.Contains(cells[1], "---") || strings.TrimSpace(cells[1]) == "Fact" {
			continue
		}
		for name := range strings.SplitSeq(cells[1], ",") {
			yes := func(i int) bool { return strings.TrimSpace(cells[i]) == "yes" }
			seen[strings.TrimSpace(name)] = [3]bool{yes(3), yes(4), yes(5)}
		}
	}
	want := map[string][3]bool{}
	for i, facts := range []*rule.Facts{sortingFacts, sortedFacts, receivingFacts} {
		for _, name := range facts.Names() {
			in := want[name]
			in[i] = true
			want[name] = in
		}
	}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("the table has %v\nthe types %v", seen, want)
	}
}

func TestTheReferenceNamesEveryWord(t *testing.T) {
	text := readme(t)
	for _, words := range [][]string{Channels, Providers, Roles, Kinds, Tones, Urgencies, Visibilities, Checks, Deadlines, Steps, defaultActions()} {
		for _, w := range words {
			if !strings.Contains(text, "`"+w+"`") {
				t.Errorf("README.md doesn't name %s", w)
			}
		}
	}
	for _, d := range []time.Duration{DefaultCases.ClaimLease, DefaultCases.ReopenWindow, DefaultCases.WarnBefore,
		DefaultOrder.MomentOfTruth, DefaultOrder.BrokenPromise, DefaultContainment.Within, LongestContainment,
		DefaultRatings.After, DefaultRatings.Within, DefaultQuiet, DefaultBedrock.Timeout, DefaultCases.ExpertAnswer,
		DefaultTargets.FirstAnswer, DefaultTargets.NextAnswer, DefaultTargets.Resolution} {
		if !strings.Contains(text, "`"+spoken(d)+"`") {
			t.Errorf("README.md doesn't name the default %s", spoken(d))
		}
	}
	for _, n := range []int{DefaultCapacity, DefaultContainment.Replies, DefaultContainment.Reach} {
		if !strings.Contains(text, fmt.Sprintf("| `%d` |", n)) {
			t.Errorf("README.md doesn't name the default %d", n)
		}
	}
}

func TestTheExamplesOfTheReferenceLoad(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	if len(blocks) != 4 {
		t.Fatalf("found %d examples", len(blocks))
	}
	smallest := blocks[0][1]
	parse(t, smallest)
	parse(t, smallest+blocks[1][1])
	parse(t, smallest+blocks[2][1])
	hours := "    " + strings.ReplaceAll(strings.TrimSpace(blocks[3][1]), "\n", "\n    ")
	parse(t, strings.Replace(smallest, "communities: [{id: northline-en, brand: northline, languages: [en]}]",
		"communities:\n  - id: northline-en\n    brand: northline\n    languages: [en]\n"+hours, 1))
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// chapter is the text from a heading to the next one.
func chapter(text, heading string) string {
	_, rest, _ := strings.Cut(text, "\n"+heading+"\n")
	rest, _, _ = strings.Cut(rest, "\n#")
	return rest
}

func firstColumn(table string) []string {
	var keys []string
	for line := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || strings.Contains(cells[1], "---") || strings.TrimSpace(cells[1]) == "Key" {
			continue
		}
		keys = append(keys, strings.TrimSpace(cells[1]))
	}
	return keys
}

// desk.schema.json is made of the types: `go test ./shared/policy -run Schema -update`.
func TestTheSchemaIsThatOfTheTypes(t *testing.T) {
	schema := schemaOf(reflect.TypeFor[Desk](), "")
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Desk policy of Ines"
	want, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("desk.schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("desk.schema.json")
	if err != nil || string(got) != string(want) {
		t.Errorf("desk.schema.json is not that of the types (%v): run the test with -update", err)
	}
}

// words that a key can have, by the type and the key.
var choices = map[string][]string{"Inbox.channel": Channels, "Inbox.provider": Providers, "Colleague.roles": Roles,
	"Wording.off": Checks, "Identity.off": Evidences, "EscalationStep.on": Deadlines, "EscalationStep.do": Steps, "AuthorityRule.role": Roles, "AuthorityRule.approved_by": Roles,
	"Incidents.confirm": Roles, "Incidents.broadcast": Roles, "Incidents.approved_by": Roles, "CaseSettings.erase_by": Roles}

func schemaOf(t reflect.Type, place string) map[string]any {
	text := map[string]any{"type": "string", "minLength": 1}
	switch {
	case t == durationType:
		return map[string]any{"type": "string", "pattern": "^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$", "minLength": 2}
	case t == ruleType:
		return text
	case t == moneyType:
		return map[string]any{"type": "string", "pattern": "^[0-9]{1,12}(\\.[0-9]{1,4})? [A-Z]{3}$"}
	case t == calendarType:
		intervals := map[string]any{"type": "array", "items": map[string]any{"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"}}
		day := "(" + strings.Join(days, "|") + ")"
		return map[string]any{"type": "object", "required": []string{"zone"}, "additionalProperties": false,
			"properties": map[string]any{"zone": text, "holidays": map[string]any{"type": "array",
				"items": map[string]any{"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}}},
			"patternProperties": map[string]any{"^" + day + "(-" + day + ")?$": intervals}}
	}
	switch t.Kind() {
	case reflect.Int:
		return map[string]any{"type": "integer", "minimum": 1}
	case reflect.Float64:
		return map[string]any{"type": "number", "minimum": 0.5, "exclusiveMaximum": 1}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), place)}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem(), place)}
	case reflect.Struct:
		properties, required := map[string]any{}, []string{}
		for _, k := range keysOf(t) {
			property := schemaOf(t.Field(k.index).Type, t.Name()+"."+k.name)
			switch {
			case k.check == "id":
				property["pattern"] = idShape.Expr
			case k.check == "name":
				property["pattern"] = nameShape.Expr
			}
			properties[k.name] = property
			if k.required {
				required = append(required, k.name)
			}
		}
		object := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
		if len(required) > 0 {
			object["required"] = required
		}
		return object
	}
	if words := choices[place]; words != nil {
		return map[string]any{"enum": words}
	}
	return text
}

func defaultActions() []string {
	d := Desk{Authority: DefaultAuthority}
	return d.Actions()
}
