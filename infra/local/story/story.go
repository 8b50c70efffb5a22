// Package story tells cases: a story is a folder with a story.yaml, which people
// who don't program can read and write, and the saved webhooks it posts. Playing
// one posts them to a running desk, acts as the colleagues do through the public
// API, and checks after each step what must be true. The tests and the demo of
// `make run` play through the same code.
//
// It knows a desk only from outside, by HTTP; of our packages it needs the
// channels' contract (to sign saved webhooks) and the policy. The operator's
// command and tests import it.
package story

import (
	"path/filepath"
	"time"

	"ines/shared/policy"
)

// Story is a loaded story.yaml.
type Story struct {
	Title string
	// Desk is the path of the desk policy that the story is written for.
	Desk  string
	Steps []Step
	Dir   string
	file  string
}

// Step is one thing that happens. Exactly one of Webhook, As and Wait is set.
type Step struct {
	Line  int
	About string // what happens, for people; "" = the step speaks for itself

	// A platform posts the saved event in this file, Repeat times over.
	Webhook string
	Repeat  int

	// A colleague does something, on the case of this customer ("" = the only
	// case there is). Fields are the API's, as text or as a list of texts.
	As, Does, Case string
	Fields         map[string]any
	// Name keeps what comes of the step for later ones: see names.go.
	Name string

	// Time passes.
	Wait time.Duration

	Then []Expectation
}

// Refusal is the refusal that the step expects, or nil.
func (s Step) Refusal() *Expectation {
	for i := range s.Then {
		if s.Then[i].Refused != nil {
			return &s.Then[i]
		}
	}
	return nil
}

// Expectation is one thing that must become true soon after a step. Exactly one
// of its parts is set.
type Expectation struct {
	Line int
	Case string // the customer whose case is meant, "" = the only one

	Cases    *int              // so many cases were opened since the story began
	Is       map[string]string // fields of the case, as in lists: status, owner, …
	Timeline *Match            // an entry of the case's timeline
	Sent     *Match            // a call that went out to a platform
	Outcomes map[string]int    // so many items ended so since the story began
	Refused  *Refused
}

// Match describes entries or calls. Texts need only be contained; everything
// else is equal.
type Match struct {
	Want  map[string]string
	Times *int // exactly so often; nil = at least once
}

// Refused is how the step's action must be refused.
type Refused struct {
	Code  string
	Names string // what the problem's words must contain
}

// Duration is the time that passes in the story.
func Duration(s *Story) time.Duration {
	var d time.Duration
	for _, step := range s.Steps {
		d += step.Wait
	}
	return d
}

// Check compares the story with the desk it will be told at: whoever acts must
// be a colleague there. Webhooks name their inboxes themselves; Load has read
// them.
func (s *Story) Check(desk *policy.Desk) error {
	var ps problems
	for _, step := range s.Steps {
		if step.As == "" {
			continue
		}
		if _, ok := desk.Colleague(step.As); !ok {
			ps.add(s.file, step.Line, "%q is no colleague of the desk", step.As)
		}
	}
	return ps.err()
}

func (s *Story) path(name string) string { return filepath.Join(s.Dir, filepath.FromSlash(name)) }
