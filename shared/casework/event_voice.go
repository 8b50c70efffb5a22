package casework

import (
	"time"

	"ines/shared/policy"
)

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
		// Message is the customer's own answer; "" where he told a colleague.
		Message string `json:"message,omitempty"`
		Thread  string `json:"thread,omitempty"`
	}
	// RatingPlanned says when the customer will be asked how it was, RatingSpared that
	// he will not although the case was drawn.
	RatingPlanned struct {
		Due time.Time          `json:"due"`
		Why policy.Explanation `json:"why"`
	}
	RatingSpared struct {
		Why policy.Explanation `json:"why"`
	}
	// RatingAsked says that the reply asks him. An answer there until Until is his
	// rating.
	RatingAsked struct {
		Thread string             `json:"thread"`
		Reply  string             `json:"reply"`
		Until  time.Time          `json:"until"`
		Why    policy.Explanation `json:"why"`
	}
)

func (Praised) Kind() string       { return "praised" }
func (FeedbackGiven) Kind() string { return "feedback_given" }
func (Rated) Kind() string         { return "rated" }
func (RatingPlanned) Kind() string { return "rating_planned" }
func (RatingSpared) Kind() string  { return "rating_spared" }
func (RatingAsked) Kind() string   { return "rating_asked" }
