package casework

// The two voices that a company should hear: its customers' and its employees'.
type (
	// Praised gives a customer's thanks to the colleague who earned them.
	Praised struct {
		Colleague string `json:"colleague"`
		Message   string `json:"message"`
		Named     bool   `json:"named,omitempty"` // else he was the last who helped
	}
	// FeedbackGiven is a colleague's word on a rule that stood in his way.
	FeedbackGiven struct {
		Rule string `json:"rule,omitempty"` // one word: refund-limit
		Text string `json:"text"`
	}
	// Rated is how content the customer was, from 1 to 5.
	Rated struct {
		Score     int    `json:"score"`
		Text      string `json:"text,omitempty"`
		Colleague string `json:"colleague,omitempty"` // the last who helped
	}
)

func (Praised) Kind() string       { return "praised" }
func (FeedbackGiven) Kind() string { return "feedback_given" }
func (Rated) Kind() string         { return "rated" }
