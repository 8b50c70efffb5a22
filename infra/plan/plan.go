// Package plan says once what exists: queues and their limits, the table and its
// indexes, functions with their triggers, memory, time and rights. The CDK app
// and the local engine both read it, so that neither can drift from the other. It
// is plain Go without CDK and imports nothing of ours but port constants.
package plan

import (
	"slices"
	"strings"
	"time"
)

// The names of the queues.
const (
	Inbound = "inbound"
	Cases   = "cases.fifo"
	Replies = "replies.fifo"
)

// The names of the functions.
const (
	Receive  = "receive"
	Classify = "classify"
	Casework = "casework"
	Relay    = "relay"
	Reply    = "reply"
	Desk     = "desk"
	Clock    = "clock"
)

// MaxRequestBody is the largest webhook body that Lambda can be invoked with
// (6 MB of synchronous payload).
const MaxRequestBody = 6 << 20

// Queue is one queue and its dead letters.
type Queue struct {
	Name        string
	FIFO        bool
	Visibility  time.Duration // at least 6 times the consumer's timeout
	MaxReceives int           // deliveries before a message goes to the dead letters
	Retention   time.Duration
	// Late is how old the oldest message may get before people are told.
	Late time.Duration
}

// Bus is where what happened is told to departments.
type Bus struct {
	Name string
	// Source is what events say they come from. The member Field of their detail
	// lists the ids of the departments that are concerned: rules filter by both.
	Source, Field string
	Kept          time.Duration // how long the bus's own archive can play events again
}

// Table is the one table.
type Table struct {
	Indexes []string
	// StreamPrefix limits the change stream to items of this sort key: commits.
	StreamPrefix string
	TTL          string // the attribute that expires items
}

// Trigger is what invokes a function. Exactly one of its parts is set.
type Trigger struct {
	Routes []string // "METHOD /path" of the HTTP API
	// Guarded are those of the routes that let nobody in without a token that the
	// HTTP API's JWT authorizer has verified.
	Guarded  []string
	Queue    string
	Stream   bool
	Schedule time.Duration
	// Batch is the most records of one invocation; Window how long AWS may wait
	// to fill it (the local engine never waits).
	Batch  int
	Window time.Duration
	// Rate is how many requests a second the HTTP API lets through for good on
	// these routes, and Burst how many at once; more are answered 429.
	Rate, Burst int
	// GiveUp is the age at which a stream's record that keeps failing is put
	// aside, in full, so that those behind it can pass. Late is the age at which
	// people are told.
	GiveUp, Late time.Duration
}

// Call is a right to call a service that the plan has no word for.
type Call struct {
	Action   string // such as ses:SendEmail
	Resource string // what follows the account in the ARN, such as identity/*
	// Region is "" for the stack's and "*" for any; Shared says that the resource is
	// AWS's own, and its ARN names no account.
	Region string
	Shared bool
	Why    string
}

// Access is what a function may do with a resource.
type Access string

const (
	Read   Access = "read"
	Write  Access = "write"
	Delete Access = "delete"
	Send   Access = "send"
)

// Function is one function.
type Function struct {
	Name    string
	Trigger Trigger
	Timeout time.Duration
	Memory  int // MB
	// Concurrency bounds parallel invocations where that protects others: those of
	// a queue's function, or of one shard of the stream. For other functions so
	// many are set aside besides, so that others' storms leave them room; accounts
	// with a small quota refuse that, and a stage may do without. The local engine
	// runs so many workers on a queue. 0 = no bound.
	Concurrency int
	Table       []Access
	Archive     []Access
	Sends       []string // queues
	Secrets     []string // uses: secret, token, verify, link
	// Publishes means that it puts events on the bus.
	Publishes bool
	Calls     []Call
	// MailBucket is where a mail service lays what is too large for a webhook, in the
	// stack's region and account: it may get those objects. "" = nowhere.
	MailBucket string
	// Postpones means that it changes the visibility of its queue's messages.
	Postpones bool
	// Classifies means that it asks the models: they are files in its bundle.
	Classifies bool
}

// Plan is all of it.
type Plan struct {
	Queues    []Queue
	Table     Table
	Bus       Bus
	Functions []Function
}

// Default is what every stage has.
func Default() Plan {
	return Plan{
		Queues: []Queue{
			// Over 6 times the timeout: the batch window counts too.
			{Name: Inbound, Visibility: 3*time.Minute + 10*time.Second, MaxReceives: 8, Retention: 14 * 24 * time.Hour, Late: 5 * time.Minute},
			{Name: Cases, FIFO: true, Visibility: 3 * time.Minute, MaxReceives: 12, Retention: 14 * 24 * time.Hour, Late: 5 * time.Minute},
			// Waiting out a platform's rate limit or a blocked inbox takes deliveries.
			{Name: Replies, FIFO: true, Visibility: 6 * time.Minute, MaxReceives: 1000, Retention: 14 * 24 * time.Hour, Late: 30 * time.Minute},
		},
		Table: Table{Indexes: []string{"queue", "owner", "customer", "due"}, StreamPrefix: "log#", TTL: "ttl"},
		Bus:   Bus{Name: "departments", Source: "ines", Field: "departments", Kept: 30 * 24 * time.Hour},
		Functions: []Function{
			{Name: Receive, Trigger: Trigger{Routes: []string{"ANY /webhooks/{channel}/{inbox}"}, Rate: 2000, Burst: 4000},
				Timeout: 10 * time.Second, Memory: 256, Concurrency: 200, Archive: []Access{Write}, Sends: []string{Inbound}, Secrets: []string{"secret", "verify"}},
			{Name: Classify, Trigger: Trigger{Queue: Inbound, Batch: 250, Window: time.Second}, Timeout: 30 * time.Second, Memory: 512,
				Concurrency: 2, Table: []Access{Write}, Archive: []Access{Read, Write}, Sends: []string{Cases}, Postpones: true, Classifies: true},
			{Name: Casework, Trigger: Trigger{Queue: Cases, Batch: 10}, Timeout: 30 * time.Second, Memory: 256,
				Concurrency: 8, Table: []Access{Read, Write}, Secrets: []string{"link"}, Postpones: true},
			{Name: Relay, Trigger: Trigger{Stream: true, Batch: 100, GiveUp: 6 * time.Hour, Late: 5 * time.Minute}, Timeout: 30 * time.Second, Memory: 256,
				Concurrency: 1, Table: []Access{Read, Write}, Sends: []string{Cases, Replies}, Publishes: true},
			{Name: Reply, Trigger: Trigger{Queue: Replies, Batch: 1}, Timeout: time.Minute, Memory: 256, Concurrency: 8,
				Table: []Access{Read, Write}, Archive: []Access{Write}, Sends: []string{Cases}, Secrets: []string{"token", "link"}, Postpones: true,
				Calls: []Call{
					{Action: "ses:SendEmail", Resource: "identity/*", Why: "inboxes at SES without a sending credential send by the function's own role"},
					{Action: "ses:SendEmail", Resource: "configuration-set/*", Why: "an identity may have a default configuration set, which reports what became of its mail"},
				}},
			{Name: Desk, Trigger: Trigger{Routes: []string{"ANY /", "ANY /{proxy+}", "ANY /api/{proxy+}"}, Guarded: []string{"ANY /api/{proxy+}"},
				Rate: 200, Burst: 400}, Timeout: 29 * time.Second, Memory: 512,
				Table: []Access{Read, Write}, Archive: []Access{Read}, Secrets: []string{"link"}, Classifies: true},
			{Name: Clock, Trigger: Trigger{Schedule: time.Minute}, Timeout: time.Minute, Memory: 256, Concurrency: 1,
				Table: []Access{Read, Write}, Archive: []Access{Read, Write, Delete}, Sends: []string{Cases}},
		},
	}
}

// Queue finds a queue by name.
func (p Plan) Queue(name string) (Queue, bool) {
	for _, q := range p.Queues {
		if q.Name == name {
			return q, true
		}
	}
	return Queue{}, false
}

// MaxReceives is how often a queue of the default plan delivers a message; 0 if
// there is no such queue.
func MaxReceives(queue string) int {
	q, _ := Default().Queue(queue)
	return q.MaxReceives
}

// Function finds a function by name.
func (p Plan) Function(name string) (Function, bool) {
	for _, f := range p.Functions {
		if f.Name == name {
			return f, true
		}
	}
	return Function{}, false
}

// Asking is the plan with the right to ask one model on Bedrock, by its id or by that
// of an inference profile, in a region ("": the stack's).
func (p Plan) Asking(model, region string) Plan {
	const action = "bedrock:InvokeModel" // Converse asks for it, too
	calls := []Call{{Action: action, Resource: "foundation-model/" + model, Region: region, Shared: true,
		Why: "the desk policy names the model for second opinions on topics"}}
	if area, of, _ := strings.Cut(model, "."); slices.Contains(profileAreas, area) {
		calls = []Call{
			{Action: action, Resource: "inference-profile/" + model, Region: region, Why: "the desk policy names the inference profile for second opinions on topics"},
			{Action: action, Resource: "foundation-model/" + of, Region: "*", Shared: true, Why: "the inference profile passes a call on to whichever of its regions has room"},
		}
	}
	p.Functions = slices.Clone(p.Functions)
	for i, f := range p.Functions {
		if f.Name == Classify {
			p.Functions[i].Calls = append(slices.Clone(f.Calls), calls...)
		}
	}
	return p
}

// Fetching is the plan with the right to get mail from a bucket.
func (p Plan) Fetching(bucket string) Plan {
	p.Functions = slices.Clone(p.Functions)
	for i, f := range p.Functions {
		if f.Name == Classify {
			p.Functions[i].MailBucket = bucket
		}
	}
	return p
}

// profileAreas are what the ids of inference profiles across regions begin with.
var profileAreas = []string{"us", "us-gov", "eu", "apac", "jp", "au", "ca", "sa", "me", "af", "global"}
