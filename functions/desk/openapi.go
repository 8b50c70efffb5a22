package desk

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/pattern"
)

type object = map[string]any

// describe makes the OpenAPI 3.1 document of the routes.
func describe(routes []route) []byte {
	s := schemas{}
	paths := object{}
	for _, r := range routes {
		at, _ := paths[r.path].(object)
		if at == nil {
			at = object{}
			paths[r.path] = at
		}
		at[strings.ToLower(r.method)] = r.describe(s)
	}
	s["Problem"] = object{"type": "object", "required": []string{"type", "title", "status", "detail", "instance", "code"},
		"description": "RFC 9457. Further members depend on the code: the holder of a claim and since when, the open promises, what could be done instead, the field that is wrong.",
		"properties": object{"type": object{"type": "string"}, "title": object{"type": "string"}, "status": object{"type": "integer"},
			"detail": object{"type": "string", "description": "a sentence for people"}, "instance": object{"type": "string"},
			"code": object{"type": "string", "description": "stable, for programs"}}}
	doc, err := json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info": object{"title": "Ines desk", "version": "1",
			"description": "The agents' API of a customer-case desk. Times are RFC 3339; ids are opaque strings. Unknown parameters of a list, and fields of a body that are unknown or there twice, are refused (400)."},
		"paths": paths,
		"components": object{"schemas": s, "securitySchemes": object{
			"colleague": object{"type": "http", "scheme": "bearer", "description": "On one machine a colleague's id; in the cloud a JWT."}}},
	}, "", " ")
	if err != nil {
		panic("the description is plain data: " + err.Error())
	}
	return doc
}

var wildcard = pattern.Late{Expr: `\{(\w+)\}`}

func (r route) describe(s schemas) object {
	params := []any{}
	for _, m := range wildcard.FindAllStringSubmatch(r.path, -1) {
		params = append(params, object{"name": m[1], "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for _, f := range r.query {
		params = append(params, object{"name": f.name, "in": "query", "description": f.doc, "schema": f.schema()})
	}
	op := object{"summary": r.summary, "operationId": r.operation(), "responses": object{
		strconv.Itoa(r.status): object{"description": http.StatusText(r.status), "content": object{cmp.Or(r.media, "application/json"): object{"schema": s.of(reflect.TypeOf(r.shape))}}},
		"default":              object{"description": "What went wrong", "content": object{"application/problem+json": object{"schema": ref("Problem")}}},
	}}
	if r.also != 0 {
		answers := op["responses"].(object)
		other := maps.Clone(answers[strconv.Itoa(r.status)].(object))
		other["description"] = http.StatusText(r.also)
		answers[strconv.Itoa(r.also)] = other
	}
	if r.acts {
		params = append(params,
			object{"name": "If-Match", "in": "header", "description": "the ETag that it was read with: refuse (412) if it has changed since", "schema": object{"type": "string"}},
			object{"name": "Idempotency-Key", "in": "header", "description": "a repetition within 24 hours gets the first answer again", "schema": object{"type": "string", "maxLength": 200}})
		op["requestBody"] = requestBody(r.body)
	} else if r.body != nil {
		params = append(params, object{"name": "Idempotency-Key", "in": "header", "description": "a repetition within 24 hours gets the first answer again", "schema": object{"type": "string", "maxLength": 200}})
		op["requestBody"] = requestBody(r.body)
	}
	if len(params) > 0 {
		op["parameters"] = params
	}
	if !r.open {
		op["security"] = []any{object{"colleague": []string{}}}
	}
	return op
}

// operation names a route: postCasesPromisesKeep.
func (r route) operation() string {
	name := strings.ToLower(r.method)
	for part := range strings.SplitSeq(strings.TrimPrefix(r.path, "/api"), "/") {
		if part == "{id}" && r.method == http.MethodGet {
			part = "one"
		}
		part = strings.TrimSuffix(part, ".json")
		if part != "" && part[0] != '{' {
			name += strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return name
}

func requestBody(fields []field) object {
	properties, required, must := object{}, []string{}, false
	for _, f := range fields {
		properties[f.name] = f.schema()
		if f.required {
			required, must = append(required, f.name), true
		}
	}
	schema := object{"type": "object", "properties": properties, "additionalProperties": false}
	if must {
		schema["required"] = required
	}
	return object{"required": must, "content": object{"application/json": object{"schema": schema}}}
}

func (f field) schema() object {
	s := object{"type": "string", "description": f.doc}
	switch f.kind {
	case texts:
		s["type"], s["items"] = "array", object{"type": "string"}
	case count:
		s["type"] = "integer"
	case flag:
		s["type"] = "boolean"
	case parts:
		s["type"] = "object"
	case anything:
		delete(s, "type")
	}
	if f.oneOf != nil {
		s["enum"] = f.oneOf
	}
	return s
}

// schemas are the named types of the answers, made from the Go types.
type schemas map[string]any

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func (s schemas) of(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[casework.Entry]():
		s["Entry"] = object{"type": "object", "required": []string{"seq", "at", "kind", "by"},
			"description": "One line of a timeline. Further members depend on the kind.",
			"properties": object{"seq": object{"type": "integer"}, "at": object{"type": "string", "format": "date-time"},
				"kind": object{"type": "string"}, "by": object{"type": "string", "description": "a colleague's id, customer, bystander, participant or system"},
				"channel": object{"type": "string"}, "inbox": object{"type": "string"}, "thread": object{"type": "string"},
				"visibility": object{"type": "string", "enum": []string{"public", "private"}},
				"direction":  object{"type": "string", "enum": []string{"inbound", "outbound"}},
				"author":     object{"type": "string"}, "author_id": object{"type": "string"}, "text": object{"type": "string"}}}
		return ref("Entry")
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := maps.Clone(s.of(t.Elem()))
		inner["type"] = []any{inner["type"], "null"}
		return inner
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Struct:
		name := strings.TrimSuffix(strings.ToUpper(t.Name()[:1])+t.Name()[1:], "JSON")
		if _, done := s[name]; !done {
			s[name] = nil // it may mention itself
			s[name] = s.structure(t)
		}
		return ref(name)
	case reflect.Map:
		return object{"type": "object"}
	}
	return object{"type": "string"}
}

func (s schemas) structure(t reflect.Type) object {
	properties, required := object{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		tag, tagged := f.Tag.Lookup("json")
		if !tagged {
			continue // an embedded struct: its fields come too
		}
		name, options, _ := strings.Cut(tag, ",")
		properties[name] = s.of(f.Type)
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	slices.Sort(required)
	return object{"type": "object", "properties": properties, "required": required}
}
