package casework

import (
	"time"
)

// What makes a case, whose it is, and which conversations and cases belong to it.
type (
	// CaseOpened begins every log.
	CaseOpened struct {
		Brand      string `json:"brand"`
		Community  string `json:"community"`
		Customer   Person `json:"customer"`
		FollowsUp  string `json:"follows_up,omitempty"`
		LinkedFrom string `json:"linked_from,omitempty"`
		Message    string `json:"message"` // the id of the message it opens with
		Why        string `json:"why"`
	}
	// ThreadJoined makes a conversation the case's own.
	ThreadJoined struct {
		Thread Thread `json:"thread"`
		Via    string `json:"via"` // opened, token, known, sent, customer, private
	}
	// CustomerChanged corrects who the matter belongs to when an earlier post
	// of the thread arrives late.
	CustomerChanged struct {
		From    Person    `json:"from"`
		To      Person    `json:"to"`
		Message string    `json:"message"`
		Sent    time.Time `json:"sent"`
		Why     string    `json:"why"`
	}
	// BystanderSplit gives somebody in the thread a case of his own.
	BystanderSplit struct {
		Author Person `json:"bystander"`
		Case   string `json:"new_case"`
		Why    string `json:"why"`
	}
	// ThreadTaken says that a conversation which another case began is this
	// one's: the customer's first post in it arrived late. Relay makes the other
	// case give up what belongs here.
	ThreadTaken struct {
		Thread string `json:"thread"`
		From   string `json:"from_case"`
	}
	// FollowedUp points from a closed case to the one that goes on.
	FollowedUp struct {
		Case string `json:"follow_up"`
	}
	HandleLinked struct {
		Person Person `json:"person"`
		Source string `json:"source"`        // in words
		How    string `json:"how,omitempty"` // one of the Source constants
	}
)

func (CaseOpened) Kind() string      { return "case_opened" }
func (ThreadJoined) Kind() string    { return "thread_joined" }
func (CustomerChanged) Kind() string { return "customer_changed" }
func (BystanderSplit) Kind() string  { return "bystander_split" }
func (ThreadTaken) Kind() string     { return "thread_taken" }
func (FollowedUp) Kind() string      { return "followed_up" }
func (HandleLinked) Kind() string    { return "handle_linked" }
