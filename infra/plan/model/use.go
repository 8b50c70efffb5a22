// Package model says what a message costs and how fast a stack of default quotas is,
// from the plan and from what the functions were measured to use. It is plain Go
// without CDK; the command `ines model` prints it, the README shows its table.
package model

import (
	"math"

	"ines/infra/plan"
)

// Use is what one message makes of AWS's services.
type Use struct {
	Invocations float64 // of the function
	// Writes and Reads are DynamoDB's request units: by the sizes of the items,
	// indexes among them, double in transactions.
	Writes, Reads  float64
	Standard, FIFO float64 // requests to queues: sending, receiving, deleting
	Objects        float64 // put into the archive
}

func (u Use) plus(v Use, times float64) Use {
	return Use{u.Invocations + times*v.Invocations, u.Writes + times*v.Writes, u.Reads + times*v.Reads,
		u.Standard + times*v.Standard, u.FIFO + times*v.FIFO, u.Objects + times*v.Objects}
}

// Per is the use of one of n messages.
func (u Use) Per(n float64) Use { return Use{}.plus(u, 1/n) }

// Like reports whether two uses are the same within a tenth, or a few hundredths
// where there is little.
func (u Use) Like(v Use) bool {
	near := func(a, b float64) bool { return math.Abs(a-b) <= max(0.05, math.Abs(a)/10) }
	return near(u.Invocations, v.Invocations) && near(u.Writes, v.Writes) && near(u.Reads, v.Reads) &&
		near(u.Standard, v.Standard) && near(u.FIFO, v.FIFO) && near(u.Objects, v.Objects)
}

// Work is what happens, by function.
type Work map[string]Use

// The kinds of what happens: a message that opens a case, one in a thread that is
// known, one that brings another thread into the customer's open case, and a reply, from the colleague's request to the customer.
const (
	NewCase = "new case"
	Known   = "known thread"
	Joined  = "joined thread"
	Reply   = "reply"
)

// Full and Single are measured by TestCostIsAsModelled in infra/local, over DynamoDB
// Local, with full batches (a storm) and with batches of one (a quiet day). What an
// index's entries cost in a transaction is taken as DynamoDB Local has it, doubled;
// the documentation doesn't say that AWS does that too.
var (
	Full = map[string]Work{
		NewCase: {
			plan.Receive:  {Invocations: 1, Standard: 1},
			plan.Classify: {Invocations: 0.004, Standard: 0.2, FIFO: 0.1, Objects: 0.004},
			plan.Casework: {Invocations: 0.1, Writes: 2, Reads: 4.57, FIFO: 0.2},
			plan.Relay:    {Invocations: 0.022, Writes: 3.04, Reads: 1.04},
		},
		Known: {
			plan.Receive:  {Invocations: 1, Standard: 1},
			plan.Classify: {Invocations: 0.004, Standard: 0.2, FIFO: 0.1, Objects: 0.004},
			plan.Casework: {Invocations: 0.1, Writes: 1, Reads: 1.5, FIFO: 0.2},
			plan.Relay:    {Invocations: 0.01, Writes: 1.03, Reads: 1.02},
		},
	}
	Single = map[string]Work{
		NewCase: {
			plan.Receive:  {Invocations: 1, Standard: 1},
			plan.Classify: {Invocations: 1, Standard: 2, FIFO: 1, Objects: 1},
			plan.Casework: {Invocations: 1, Writes: 2.1, Reads: 4.8, FIFO: 2},
			plan.Relay:    {Invocations: 1, Writes: 9, Reads: 2},
		},
		Known: {
			plan.Receive:  {Invocations: 1, Standard: 1},
			plan.Classify: {Invocations: 1, Standard: 2, FIFO: 1, Objects: 1},
			plan.Casework: {Invocations: 1, Writes: 1, Reads: 1.5, FIFO: 2},
			plan.Relay:    {Invocations: 1, Writes: 2, Reads: 2},
		},
		Joined: {
			plan.Receive:  {Invocations: 1, Standard: 1},
			plan.Classify: {Invocations: 1, Standard: 2, FIFO: 1, Objects: 1},
			plan.Casework: {Invocations: 1, Writes: 6, Reads: 8.5, FIFO: 2},
			plan.Relay:    {Invocations: 1, Writes: 2, Reads: 2},
		},
		Reply: {
			plan.Desk:     {Invocations: 1, Writes: 6, Reads: 2},
			plan.Relay:    {Invocations: 2, Writes: 16, Reads: 4, FIFO: 1},
			plan.Reply:    {Invocations: 1, Writes: 5, Reads: 5, FIFO: 3},
			plan.Casework: {Invocations: 1, Writes: 1, Reads: 1, FIFO: 2},
		},
	}
)

// NewCases is the part of the messages that open a case, where nothing else is said: a
// customer writes five messages about a matter. That is an assumption, between chats,
// where a matter takes more, and public posts, where it takes fewer; Shares are others.
const NewCases = 0.2

// Shares are the mixes that the README has prices for.
var Shares = []float64{0.05, 0.1, NewCases, 0.35, 0.5}

// Mix is the work of a message, of which this part opens cases.
func Mix(of map[string]Work, newCases float64) Work {
	mixed := Work{}
	for name, u := range of[NewCase] {
		mixed[name] = mixed[name].plus(u, newCases)
	}
	for name, u := range of[Known] {
		mixed[name] = mixed[name].plus(u, 1-newCases)
	}
	return mixed
}

// Milliseconds is how long an invocation is assumed to take on Lambda, arm64: each
// plus so many for each message of its batch. It can't be measured without an
// account. Assumed are calls to services in the same region at some 4 ms each, one
// after the other where the code makes them so (casework and classify work on a
// batch's messages side by side), and the processor's time that the handlers were
// measured to need over DynamoDB Local, clients and signatures among it (receive 0.3 ms,
// classify 0.5, casework 1.5 and relay 0.5 a message), at the part of a processor that
// their memory buys: 1,769 MB are one.
var Milliseconds = map[string]struct{ Each, Message float64 }{
	plan.Receive:  {8, 0},
	plan.Classify: {60, 1.6},
	plan.Casework: {25, 10.5},
	plan.Relay:    {10, 3.5},
	plan.Reply:    {250, 0}, // the platform's answer
	plan.Desk:     {20, 0},
	plan.Clock:    {40, 0},
}
