package casework

import (
	"cmp"
	"slices"
)

// Profile is what colleagues wrote down about a customer, over all of his cases.
type Profile struct {
	Name     string   `json:"name,omitempty"`     // how he wants to be called
	Language string   `json:"language,omitempty"` // BCP 47
	Tags     []string `json:"tags,omitempty"`     // such as vulnerable or fan: segments may ask for them
}

// JoinProfiles is what is written down about somebody who is several customers: what
// the first says of name and language comes first, tags are those of all.
func JoinProfiles(all []Profile) (joined Profile) {
	for _, p := range all {
		joined.Name = cmp.Or(joined.Name, p.Name)
		joined.Language = cmp.Or(joined.Language, p.Language)
		joined.Tags = append(joined.Tags, p.Tags...)
	}
	slices.Sort(joined.Tags)
	joined.Tags = slices.Compact(joined.Tags)
	return joined
}

// SpreadProfile changes several profiles so that they join to p: what is new goes to
// the first, what is gone goes everywhere, and the rest stays where it came from.
func SpreadProfile(all []Profile, p Profile) []Profile {
	before, out := JoinProfiles(all), slices.Clone(all)
	had := map[string]bool{}
	for i := range out {
		q := &out[i]
		q.Tags = slices.DeleteFunc(slices.Clone(q.Tags), func(t string) bool { return !slices.Contains(p.Tags, t) })
		for _, t := range q.Tags {
			had[t] = true
		}
		if before.Name != p.Name {
			q.Name = ""
		}
		if before.Language != p.Language {
			q.Language = ""
		}
	}
	first := &out[0]
	for _, t := range p.Tags {
		if !had[t] {
			first.Tags = append(first.Tags, t)
		}
	}
	slices.Sort(first.Tags)
	if before.Name != p.Name {
		first.Name = p.Name
	}
	if before.Language != p.Language {
		first.Language = p.Language
	}
	return out
}

// IsZero reports whether nothing is written there.
func (p Profile) IsZero() bool { return p.Name == "" && p.Language == "" && len(p.Tags) == 0 }
