package casework

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/policy"
)

var writeGolden = flag.Bool("write-golden", false, "append the present shape of new and grown events to testdata/golden/events")

const (
	goldenEvents = "testdata/golden/events"
	goldenLogs   = "testdata/golden/logs"
)

// TestGoldenEvents: every event has a file with every shape in which it was ever
// released, one a line, each field filled; the newest last. Each of them still
// loads, and nothing of it is lost or renamed. With -write-golden a new event gets
// its file and a grown one its next line; lines that are there never change.
func TestGoldenEvents(t *testing.T) {
	for _, kind := range slices.Sorted(maps.Keys(eventTypes())) {
		t.Run(kind, func(t *testing.T) {
			now := filled(t, kind)
			name := filepath.Join(goldenEvents, kind+".ndjson")
			raw, err := os.ReadFile(name)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
			if lines[len(lines)-1] != now {
				if !*writeGolden {
					t.Errorf("the event's present shape is not in %s; if it only gained fields, run: go test ./shared/casework -run TestGoldenEvents -write-golden", name)
				} else if err := os.WriteFile(name, append(raw, now+"\n"...), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for i, line := range lines {
				if line == "" {
					continue // no file yet
				}
				var es Events
				if err := json.Unmarshal([]byte("["+line+"]"), &es); err != nil {
					t.Fatalf("version %d: %v", i+1, err)
				}
				again, err := json.Marshal(es)
				if err != nil {
					t.Fatal(err)
				}
				if lost := missing(decoded(t, line), decoded(t, strings.TrimSuffix(strings.TrimPrefix(string(again), "["), "]")), kind); lost != "" {
					t.Errorf("version %d: %s", i+1, lost)
				}
				(&Case{}).Clone().apply("ines", morning, es[0])
			}
		})
	}
	files, err := os.ReadDir(goldenEvents)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := eventTypes()[strings.TrimSuffix(f.Name(), ".ndjson")]; !ok {
			t.Errorf("%s: this event was released and is gone", f.Name())
		}
	}
}

// TestGoldenLogs: whole logs that earlier versions wrote still fold to the state
// that those versions made of them, and tell the same timeline.
func TestGoldenLogs(t *testing.T) {
	names, err := filepath.Glob(goldenLogs + "/*.ndjson")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden logs: %v", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var log []Commit
			for line := range bytes.Lines(raw) {
				var cm Commit
				if err := json.Unmarshal(line, &cm); err != nil {
					t.Fatal(err)
				}
				log = append(log, cm)
			}
			c, err := Fold(nil, log)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(name, ".ndjson") + ".state.json")
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(map[string]any{"case": c, "timeline": Timeline(log)})
			if err != nil {
				t.Fatal(err)
			}
			if lost := missing(decoded(t, string(want)), decoded(t, string(got)), "state"); lost != "" {
				t.Error(lost)
			}
		})
	}
}

func decoded(t *testing.T, s string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return v
}

// missing says what of old is not, or is otherwise, in now; now may have more
// fields.
func missing(old, now any, path string) string {
	switch old := old.(type) {
	case map[string]any:
		m, ok := now.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %v, no object", path, now)
		}
		for _, k := range slices.Sorted(maps.Keys(old)) {
			if _, ok := m[k]; !ok {
				return fmt.Sprintf("%s.%s is gone", path, k)
			}
			if s := missing(old[k], m[k], path+"."+k); s != "" {
				return s
			}
		}
		return ""
	case []any:
		l, ok := now.([]any)
		if !ok || len(l) != len(old) {
			return fmt.Sprintf("%s is %v, was %v", path, now, old)
		}
		for i := range old {
			if s := missing(old[i], l[i], fmt.Sprintf("%s[%d]", path, i)); s != "" {
				return s
			}
		}
		return ""
	}
	if !reflect.DeepEqual(old, now) {
		return fmt.Sprintf("%s is %v, was %v", path, now, old)
	}
	return ""
}

// filled is the event of a kind with something in every field, as JSON.
func filled(t *testing.T, kind string) string {
	t.Helper()
	zero, err := decodeEvent(eventTypes()[kind], []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	v := reflect.New(reflect.TypeOf(zero)).Elem()
	fill(v, kind)
	b, err := json.Marshal(Events{v.Interface().(Event)})
	if err != nil {
		t.Fatal(err)
	}
	return string(b[1 : len(b)-1])
}

func fill(v reflect.Value, name string) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(morning))
		return
	case time.Duration:
		v.SetInt(int64(90 * time.Minute))
		return
	case policy.Money:
		v.Set(reflect.ValueOf(policy.Money{Units: 2_000_000, Currency: "GBP"}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("a " + strings.ToLower(name))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), v.Type().Field(i).Name)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name)
	case reflect.Map:
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(k, "key")
		fill(e, name)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(k, e)
	case reflect.Interface:
		v.Set(reflect.ValueOf("a " + strings.ToLower(name)))
	default:
		panic("no example for " + v.Type().String())
	}
}
