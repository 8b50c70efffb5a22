package local

import (
	"fmt"
	"strings"

	"ines/infra/plan"
)

// route is one "METHOD /path" of the HTTP API, split.
type route struct {
	key      string
	method   string // or ANY
	segments []string
	fn       *function
}

func parseRoutes(functions []plan.Function, hosted map[string]*function) ([]route, error) {
	var routes []route
	for _, f := range functions {
		for _, key := range f.Trigger.Routes {
			method, path, ok := strings.Cut(key, " ")
			if !ok || !strings.HasPrefix(path, "/") {
				return nil, fmt.Errorf("route %q of %s: want \"METHOD /path\"", key, f.Name)
			}
			routes = append(routes, route{key: key, method: method, segments: strings.Split(path[1:], "/"), fn: hosted[f.Name]})
		}
	}
	return routes, nil
}

// find picks the route that API Gateway would: the one that names most of the
// path, a method before ANY.
func find(routes []route, method, path string) (best route, parameters map[string]string, found bool) {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	most := -1
	for _, r := range routes {
		if r.method != "ANY" && r.method != method {
			continue
		}
		p, score, ok := r.match(segments)
		if ok && r.method != "ANY" {
			score++
		}
		if ok && score > most {
			best, parameters, found, most = r, p, true, score
		}
	}
	return best, parameters, found
}

// match scores segments: a literal counts most, then {name}, then {name+}.
func (r route) match(segments []string) (parameters map[string]string, score int, ok bool) {
	for i, s := range r.segments {
		name, isParameter := strings.CutPrefix(s, "{")
		name = strings.TrimSuffix(name, "}")
		if greedy, ok := strings.CutSuffix(name, "+"); isParameter && ok {
			if len(segments) <= i {
				return nil, 0, false
			}
			return set(parameters, greedy, strings.Join(segments[i:], "/")), score + 1, true
		}
		switch {
		case len(segments) <= i:
			return nil, 0, false
		case isParameter && segments[i] != "":
			parameters = set(parameters, name, segments[i])
			score += 10
		case s == segments[i]:
			score += 100
		default:
			return nil, 0, false
		}
	}
	return parameters, score, len(segments) == len(r.segments)
}

func set(m map[string]string, name, value string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[name] = value
	return m
}
