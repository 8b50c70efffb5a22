package casework

// Profile is what colleagues wrote down about a customer, over all of his cases.
type Profile struct {
	Name     string   `json:"name,omitempty"`     // how he wants to be called
	Language string   `json:"language,omitempty"` // BCP 47
	Tags     []string `json:"tags,omitempty"`     // such as vulnerable or fan: segments may ask for them
}

// IsZero reports whether nothing is written there.
func (p Profile) IsZero() bool { return p.Name == "" && p.Language == "" && len(p.Tags) == 0 }
