package casework

import (
	"reflect"

	"ines/shared/policy"
)

// Explained are the decisions that an event records, with the rules that fired and
// the facts they saw: whatever it has of the type, so that an event of tomorrow is
// told, too.
func Explained(e Event) []policy.Explanation {
	var all []policy.Explanation
	v := reflect.ValueOf(e)
	for i := range v.NumField() {
		switch x := v.Field(i).Interface().(type) {
		case policy.Explanation:
			if x.Decision != "" {
				all = append(all, x)
			}
		case []policy.Explanation:
			all = append(all, x...)
		}
	}
	return all
}
