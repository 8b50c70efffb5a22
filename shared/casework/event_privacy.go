package casework

// What takes a matter out of the public eye.
type (
	// InvitedPrivately says that the customer was shown the way to a private thread
	// on another channel, where we can't write first. Public: everybody could read
	// the way, so that whoever takes it is not proven to be the customer.
	InvitedPrivately struct {
		Thread  string `json:"thread"` // where it was said
		Channel string `json:"to_channel"`
		Inbox   string `json:"to_inbox"`
		Public  bool   `json:"public,omitempty"`
	}
	// PersonalDataPublic says that somebody posted personal data where everybody can
	// read it: of which kinds, and never the data. Proposed is the warning that a
	// colleague may send; Reply the one that went out by itself.
	PersonalDataPublic struct {
		Thread   string   `json:"thread"`
		Message  string   `json:"message"`
		Role     Role     `json:"role"`
		Kinds    []string `json:"kinds"` // card, iban, phone, email, booking
		Proposed string   `json:"proposed,omitempty"`
		Reply    string   `json:"reply,omitempty"`
	}
)

func (InvitedPrivately) Kind() string   { return "invited_privately" }
func (PersonalDataPublic) Kind() string { return "personal_data_public" }
