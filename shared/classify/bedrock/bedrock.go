// Package bedrock asks a language model on Amazon Bedrock what messages are about
// that the desk's own classifier is not sure of. It is a second opinion that
// everything works without: whatever goes wrong, there is none. What leaves is masked
// (shared/mask), what comes back is one of the desk's topics or nothing, and what a
// day may cost is bounded.
//
// The function classify imports it, and whoever wires that; it imports the AWS calls,
// masking and near-duplicates.
package bedrock

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"ines/shared/aws"
	"ines/shared/classify/feature"
	"ines/shared/classify/neardup"
)

// Topic is one that may be answered.
type Topic struct{ ID, Name string }

// Question is a message that nobody is sure about.
type Question struct{ Subject, Text string }

// Config says whom to ask, and how often.
type Config struct {
	AWS    aws.Config // of the region where the model is asked
	Model  string     // its id, or that of an inference profile
	Topics []Topic
	// Timeout bounds what one batch of questions takes, however many they are.
	Timeout time.Duration
	// Spend takes one call out of the day's budget; false: there is none left.
	Spend func(context.Context) (bool, error)
	Now   func() time.Time
	Log   *slog.Logger
}

const (
	atOnce     = 8    // calls in flight
	remembered = 1000 // texts whose answer is known
	same       = 0.8  // texts so similar have one answer

	afterFailure = 30 * time.Second // nobody is asked for so long after a call that failed
	afterBudget  = 10 * time.Minute // … and after the budget was found empty
)

// Asker asks. It is safe for concurrent use.
type Asker struct {
	Config
	free chan struct{} // a place for each call in flight

	mu    sync.Mutex
	known *neardup.Index // its ids are answers, "" among them
	rests time.Time      // nobody is asked before
}

// New makes one.
func New(c Config) *Asker {
	c.AWS.AttemptTime = c.Timeout
	return &Asker{Config: c, free: make(chan struct{}, atOnce), known: neardup.NewIndex(remembered, same)}
}

// Topics says what each message is about, "" where there is no answer: the model
// knows none, or named something else, or could not be asked in time, or the day's
// budget is spent. Near-duplicates are asked about once.
func (a *Asker) Topics(ctx context.Context, questions []Question) []string {
	answers := make([]string, len(questions))
	groups := a.group(questions, answers)
	if len(groups) == 0 || a.resting() {
		return answers
	}
	ctx, cancel := context.WithTimeout(ctx, a.Timeout)
	defer cancel()
	var asking sync.WaitGroup
	var mu sync.Mutex // of answers
	for _, g := range groups {
		select {
		case a.free <- struct{}{}:
		case <-ctx.Done():
			continue
		}
		asking.Go(func() {
			defer func() { <-a.free }()
			if a.resting() {
				return
			}
			topic, err := a.one(ctx, questions[g.of[0]])
			if err != nil {
				a.failed(err)
				return
			}
			a.mu.Lock()
			a.known.Add(topic, g.sign)
			a.mu.Unlock()
			mu.Lock()
			defer mu.Unlock()
			for _, i := range g.of {
				answers[i] = topic
			}
		})
	}
	asking.Wait()
	return answers
}

// group is questions that have one answer.
type group struct {
	sign neardup.Signature
	of   []int
}

// group fills in the answers that are known and puts the other questions together
// by their near-duplicates. A text without words is no question.
func (a *Asker) group(questions []Question, answers []string) (groups []*group) {
	var r feature.Reader
	a.mu.Lock()
	defer a.mu.Unlock()
next:
	for i, q := range questions {
		r.Read(q.Subject, q.Text)
		sign, ok := neardup.Sign(r.Features())
		if !ok {
			continue
		}
		if topic, similar := a.known.Like(&sign); similar > 0 {
			answers[i] = topic
			continue
		}
		for _, g := range groups {
			if neardup.Similarity(&g.sign, &sign) >= same {
				g.of = append(g.of, i)
				continue next
			}
		}
		groups = append(groups, &group{sign, []int{i}})
	}
	return groups
}

func (a *Asker) resting() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.Now().Before(a.rests)
}

var errBudget = errors.New("the day's budget of calls is spent")

// one asks about one message.
func (a *Asker) one(ctx context.Context, q Question) (topic string, err error) {
	left, err := a.Spend(ctx)
	if err != nil {
		return "", err
	}
	if !left {
		return "", errBudget
	}
	said, err := a.converse(ctx, q)
	if err != nil {
		return "", err
	}
	return a.held(said), nil
}

// failed lets the model be for a while, so that one that is down or busy costs every
// batch no time.
func (a *Asker) failed(err error) {
	rest := afterFailure
	if errors.Is(err, errBudget) {
		rest = afterBudget
	}
	until := a.Now().Add(rest)
	a.mu.Lock()
	already := a.Now().Before(a.rests)
	if until.After(a.rests) {
		a.rests = until
	}
	a.mu.Unlock()
	if !already {
		a.Log.Warn("no second opinion on topics for a while; cases take what the classifier says", "model", a.Model, "for", rest.String(), "error", err.Error())
	}
}
