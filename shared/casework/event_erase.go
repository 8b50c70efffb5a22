package casework

// What is left where somebody was forgotten. The words themselves are taken out of the
// log by docket; these events say that, and make whoever remembers the case forget,
// too. They name nobody but by id.
type (
	// Erased ends a case for good: nothing that anybody said in it is left.
	Erased struct {
		Erasure  string `json:"erasure"` // its id
		Customer string `json:"customer"`
		// Retention: its time had come. Else the customer asked for it.
		Retention bool `json:"retention,omitempty"`
		Messages  int  `json:"messages"` // how many there were
	}
	// AuthorErased takes what one person wrote out of somebody else's case. People
	// are the person's handles, as ErasedHandle writes them.
	AuthorErased struct {
		Erasure  string   `json:"erasure"`
		Customer string   `json:"customer"`
		People   []string `json:"people"`
		Messages int      `json:"messages"`
	}
)

func (Erased) Kind() string       { return "erased" }
func (AuthorErased) Kind() string { return "author_erased" }
