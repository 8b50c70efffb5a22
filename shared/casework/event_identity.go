package casework

// Evidence is one reason to think that two customers are one person. It never
// holds the value itself: that stands in the messages, and goes with them.
type Evidence struct {
	Kind   string `json:"kind"`            // email, phone, booking, reference, link_token
	Mine   string `json:"mine"`            // wrote, writes_from, came_with
	Theirs string `json:"theirs"`          // wrote, writes_from, was_shown
	Shown  string `json:"shown,omitempty"` // the value, most of it hidden
	Of     string `json:"of,omitempty"`    // the message that says so
	Case   string `json:"case,omitempty"`  // where the other one wrote it
}

// Who is who. Machines only ever propose; colleagues join customers and part them.
type (
	// IdentityProposed says that whoever wrote here may be another customer, too.
	IdentityProposed struct {
		ID       string     `json:"proposal"`
		Customer Person     `json:"customer"` // who wrote
		With     Person     `json:"with"`
		Evidence []Evidence `json:"evidence"`
		Why      string     `json:"why"`
	}
	// IdentityWithheld says that nothing was proposed, although there is evidence:
	// it points to several customers, or a colleague said no before.
	IdentityWithheld struct {
		Customer Person     `json:"customer"`
		Evidence []Evidence `json:"evidence"`
		Matches  int        `json:"matches"`
		Reason   string     `json:"state"` // several, declined
		Why      string     `json:"why"`
	}
	// IdentityDeclined is a colleague's word that two customers are two people.
	IdentityDeclined struct {
		Customer  string   `json:"customer"`
		With      string   `json:"with_customer"`
		Proposals []string `json:"proposals,omitempty"` // of this case
		Why       string   `json:"why,omitempty"`
	}
	// CustomersMerged says that Customer and Into are one person. People are those
	// who became known by it here; the cases stay what they are.
	CustomersMerged struct {
		Customer   Person     `json:"customer"`
		Into       Person     `json:"into_customer"`
		People     []Person   `json:"people,omitempty"`
		Evidence   []Evidence `json:"evidence,omitempty"`
		Proposals  []string   `json:"proposals,omitempty"`   // answered by it
		OtherCases []string   `json:"other_cases,omitempty"` // his other open ones: to be merged if they are one matter
		Why        string     `json:"why"`
	}
	// CustomersParted undoes it. What was filed meanwhile stays where it is.
	CustomersParted struct {
		Customer Person   `json:"customer"`
		From     Person   `json:"from_customer"`
		Others   []string `json:"others"`            // customers who are not this case's any more
		Threads  []string `json:"threads,omitempty"` // conversations that go on elsewhere
		Filed    bool     `json:"filed,omitempty"`   // something of theirs was filed here and stays
		Why      string   `json:"why"`
	}
)

func (IdentityProposed) Kind() string { return "identity_proposed" }
func (IdentityWithheld) Kind() string { return "identity_withheld" }
func (IdentityDeclined) Kind() string { return "identity_declined" }
func (CustomersMerged) Kind() string  { return "customers_merged" }
func (CustomersParted) Kind() string  { return "customers_parted" }
