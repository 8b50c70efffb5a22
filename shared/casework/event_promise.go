package casework

import (
	"time"
)

// What colleagues said they would do.
type (
	PromiseMade struct {
		Promise string    `json:"promise"`
		Text    string    `json:"text"`
		Due     time.Time `json:"due"`
		Owner   string    `json:"owner"`
	}
	PromiseKept struct {
		Promise string `json:"promise"`
		What    string `json:"what"`
		Text    string `json:"text,omitempty"`
		Late    bool   `json:"late,omitempty"`
	}
	PromiseMoved struct {
		Promise string    `json:"promise"`
		What    string    `json:"what"`
		From    time.Time `json:"from"`
		Due     time.Time `json:"due"`
		Why     string    `json:"why"`
	}
	PromiseBroken struct {
		Promise string    `json:"promise"`
		What    string    `json:"what"`
		Due     time.Time `json:"due"`
		Owner   string    `json:"owner"`
	}
)

func (PromiseMade) Kind() string   { return "promise_made" }
func (PromiseKept) Kind() string   { return "promise_kept" }
func (PromiseMoved) Kind() string  { return "promise_moved" }
func (PromiseBroken) Kind() string { return "promise_broken" }
