package story

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/policy"
	"ines/shared/secret"
)

// Player says where a story is played. BaseURL, Desk, Secrets and Find are
// required; the desk must be the embedded engine, whose clock can be moved.
type Player struct {
	BaseURL string // without a slash at its end
	Desk    *policy.Desk
	Secrets secret.Source // what webhooks are signed with
	Find    func(name string) (channel.Channel, bool)
	// PublicURL is the address that platforms see, for those that sign it; ""
	// is BaseURL.
	PublicURL string

	HTTP *http.Client // nil: one of its own
	// Now is the world's clock, by which platforms date and sign; nil: time.Now.
	Now func() time.Time
	// Out gets a readable account, a line a step; nil: none.
	Out io.Writer
	// Patience is how long an expectation may take to come true; 0: 15 seconds.
	Patience time.Duration
}

// player is a performance.
type player struct {
	Player
	story  *Story
	api    api
	reader string // the colleague who looks things up
	values map[string]string
	// What was there before the story began.
	before struct {
		cases    map[string]bool
		outcomes map[string]int
		sent     int
	}
	now time.Time // the desk's
}

// Play tells a story to a desk, step by step, and checks what must be true after
// each. The error says which line of the story did not come true, and what was
// there instead. A story that begins on a desk with cases counts only its own.
func Play(ctx context.Context, how Player, s *Story) error {
	if how.BaseURL == "" || how.Desk == nil || how.Secrets == nil || how.Find == nil {
		return errors.New("story.Player needs BaseURL, Desk, Secrets and Find")
	}
	if err := s.Check(how.Desk); err != nil {
		return err
	}
	p, err := begin(ctx, how, s)
	if err != nil {
		return err
	}
	for i, step := range s.Steps {
		if err := p.step(ctx, i, step); err != nil {
			return fmt.Errorf("%s:%d: %w", s.file, step.Line, err)
		}
	}
	return nil
}

func (how Player) complete() Player {
	if how.HTTP == nil {
		how.HTTP = &http.Client{Timeout: time.Minute}
	}
	if how.Now == nil {
		how.Now = time.Now
	}
	if how.Out == nil {
		how.Out = io.Discard
	}
	if how.Patience <= 0 {
		how.Patience = 15 * time.Second
	}
	how.BaseURL = strings.TrimSuffix(how.BaseURL, "/")
	if how.PublicURL == "" {
		how.PublicURL = how.BaseURL
	}
	return how
}

func begin(ctx context.Context, how Player, s *Story) (*player, error) {
	how = how.complete()
	p := &player{Player: how, story: s, api: api{how.BaseURL, how.HTTP}, reader: how.Desk.Colleagues[0].ID, values: map[string]string{}}
	p.before.cases = map[string]bool{}
	var err error
	if p.now, err = p.api.advance(ctx, 0); err != nil {
		return nil, err
	}
	cases, err := p.api.cases(ctx, p.reader)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		p.before.cases[c.ID] = true
	}
	if p.before.outcomes, err = p.api.outcomes(ctx); err != nil {
		return nil, err
	}
	sent, err := p.api.sent(ctx)
	p.before.sent = len(sent)
	return p, err
}

func (p *player) step(ctx context.Context, i int, s Step) error {
	p.say(s)
	var err error
	switch {
	case s.Webhook != "":
		err = p.webhook(ctx, s)
	case s.As != "":
		err = p.deed(ctx, i, s)
	default:
		p.now, err = p.api.advance(ctx, s.Wait)
		return errors.Join(err, p.check(ctx, s))
	}
	if err != nil {
		return err
	}
	if p.now, err = p.api.advance(ctx, 0); err != nil {
		return err
	}
	if err := p.keep(ctx, s); err != nil {
		return err
	}
	return p.check(ctx, s)
}

// webhook posts the very same bytes as often as the step says: that is what a
// platform does that repeats itself.
func (p *player) webhook(ctx context.Context, s Step) error {
	d, err := p.prepare(ctx, s.Webhook, p.Now())
	if err != nil {
		return err
	}
	for n := range s.Repeat {
		if err := p.post(ctx, d); err != nil {
			return fmt.Errorf("%s, delivery %d: %w", s.Webhook, n+1, err)
		}
	}
	return nil
}

// deed does what a colleague does, and looks whether it is refused if it should be.
func (p *player) deed(ctx context.Context, i int, s Step) error {
	c, err := p.caseOf(ctx, s.Case)
	if err != nil {
		return err
	}
	p.values[caseValue] = c.ID
	path, fields, err := s.request(c, p.values)
	if err != nil {
		return err
	}
	if whose, is := fields["into"].(string); is {
		into, err := p.caseOf(ctx, whose)
		if err != nil {
			return err
		}
		fields["into"] = into.ID
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	header := map[string]string{"Content-Type": "application/json", "Idempotency-Key": "story-" + c.ID + "-" + strconv.Itoa(i)}
	a, err := p.api.do(ctx, http.MethodPost, path, s.As, header, body)
	if err != nil {
		return err
	}
	code, detail := a.problem()
	want := s.Refusal()
	switch {
	case want == nil && !a.ok():
		return fmt.Errorf("%s can't %s: %d %s %s", s.As, s.Does, a.status, code, detail)
	case want == nil:
		return p.remember(s, a)
	case a.ok():
		return fmt.Errorf("%s could %s; it must be refused with %q", s.As, s.Does, want.Refused.Code)
	case code != want.Refused.Code || !contains(detail, want.Refused.Names):
		return fmt.Errorf("%s can't %s, but for another reason than expected: %q %s", s.As, s.Does, code, detail)
	}
	p.tell("      refused: %s", strings.Join(wrap(detail, 95), "\n               "))
	return nil
}

// remember takes our ids from the answer to a step with a name.
func (p *player) remember(s Step, a answer) error {
	if s.Name == "" {
		return nil
	}
	type thing struct {
		ID string `json:"id"`
	}
	var made struct {
		thing
		Action    thing   `json:"action"`
		Approval  thing   `json:"approval"`
		Proposals []thing `json:"proposals"`
	}
	err := json.Unmarshal(a.body, &made)
	id := cmp.Or(made.ID, made.Approval.ID, made.Action.ID)
	if err != nil || id == "" {
		return fmt.Errorf("the desk's answer has no id: %s", clip(string(a.body), 200))
	}
	if s.Does == "promise" || s.Does == "act" {
		p.values[s.Name] = id
		return nil
	}
	p.values[s.Name+".reply"] = id
	if len(made.Proposals) > 0 {
		p.values[s.Name+".promise"] = made.Proposals[0].ID
	}
	return nil
}

var plusAddress = regexp.MustCompile(`\+([0-9a-z.]+)@`)

// keep waits until a reply with a name went out and takes the platform's id, and
// the link token if it was a mail.
func (p *player) keep(ctx context.Context, s Step) error {
	reply, isReply := p.values[s.Name+".reply"]
	if s.Name == "" || !isReply {
		return nil
	}
	return p.eventually(ctx, func() error {
		c, err := p.caseOf(ctx, s.Case)
		if err != nil {
			return err
		}
		t, err := p.api.told(ctx, c.ID, p.reader)
		if err != nil {
			return err
		}
		for _, e := range t.Timeline {
			if e.Text("kind") == "reply_sent" && e.Text("reply") == reply {
				p.values[s.Name] = e.Text("platform_id")
				return p.token(ctx, s.Name)
			}
		}
		return errors.New("the reply was not sent")
	})
}

func (p *player) token(ctx context.Context, name string) error {
	sent, err := p.api.sent(ctx)
	if err != nil {
		return err
	}
	for i := len(sent) - 1; i >= p.before.sent; i-- {
		if m := plusAddress.FindStringSubmatch(sent[i].Body); sent[i].Channel == "email" && m != nil {
			p.values[name+".token"] = m[1]
			return nil
		}
	}
	return nil
}

// caseOf finds the story's case of a customer; "" is the only one there is.
func (p *player) caseOf(ctx context.Context, customer string) (Case, error) {
	own, err := p.cases(ctx)
	if err != nil {
		return Case{}, err
	}
	var found []Case
	for _, c := range own {
		if customer == "" || c.Customer.Name == customer {
			found = append(found, c)
		}
	}
	if len(found) > 1 { // a matter that goes on is meant, not the one before it
		found = slices.DeleteFunc(found, func(c Case) bool { return c.Status == "resolved" })
	}
	if len(found) != 1 {
		return Case{}, fmt.Errorf("the story has %d cases of %q; say in the step whose case is meant, with case: and the customer's name", len(found), customer)
	}
	return found[0], nil
}

// cases are those that the story opened.
func (p *player) cases(ctx context.Context) ([]Case, error) {
	all, err := p.api.cases(ctx, p.reader)
	var own []Case
	for _, c := range all {
		if !p.before.cases[c.ID] {
			own = append(own, c)
		}
	}
	return own, err
}

// eventually tries until it works or patience ends; the last error counts.
func (p *player) eventually(ctx context.Context, try func() error) error {
	const pause = 25 * time.Millisecond
	patience := time.NewTimer(p.Patience)
	defer patience.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-patience.C:
			again.Stop()
			return err
		case <-ctx.Done():
			again.Stop()
			return errors.Join(ctx.Err(), err)
		}
	}
}
