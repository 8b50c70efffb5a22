package story

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What a step with a name leaves for later ones, and how they say it:
//
//	promise          {{name}}        the promise's id
//	act              {{name}}        the approval's id, or the action's if it was just done
//	reply, private   {{name}}        the platform's id of what was sent
//	                 {{name.reply}}  our id of it
//	                 {{name.token}}  mail only: the link token in its Reply-To
//	                 {{name.promise}} the promise that was heard in it
//	any              {{case}}        the case's id
//
// Saved webhooks and the texts of actions may hold such placeholders. The promise
// of keep, move and accept and the approval of approve and decline are names already
// and have no braces.
var placeholder = regexp.MustCompile(`\{\{\s*([a-z0-9_.-]*)\s*\}\}`)

const caseValue = "case"

// given lists the values that a step with a name leaves.
func given(s Step) []string {
	switch {
	case s.Name == "":
		return nil
	case s.Does == "promise", s.Does == "act":
		return []string{s.Name}
	}
	return []string{s.Name, s.Name + ".reply", s.Name + ".token", s.Name + ".promise"}
}

// placeholders lists the names that a text uses.
func placeholders(text string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}

// fill puts values into a text.
func fill(text string, values map[string]string) (string, error) {
	var missing []string
	out := placeholder.ReplaceAllStringFunc(text, func(p string) string {
		name := placeholder.FindStringSubmatch(p)[1]
		v, ok := values[name]
		if !ok {
			missing = append(missing, name)
		}
		return v
	})
	if missing != nil {
		return "", fmt.Errorf("nothing earlier in the story gave {{%s}}", strings.Join(missing, "}}, {{"))
	}
	return out, nil
}
