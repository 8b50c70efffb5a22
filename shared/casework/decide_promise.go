package casework

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"ines/shared/wording"
)

// Commands about promises.
type (
	// MakePromise takes Due as a time; the desk turns durations into one.
	MakePromise struct {
		By, Text string
		Due      time.Time
	}
	// AcceptPromise makes a promise of one that was heard in a reply. Text and Due
	// are those heard unless they are given.
	AcceptPromise struct {
		By, Promise, Text string
		Due               time.Time
	}
	// DismissPromise says that what was heard was none.
	DismissPromise struct{ By, Promise string }
	KeepPromise    struct{ By, Promise, Text string }
	// MovePromise tells the customer of the new time, in the words of Tell if there
	// are any, and not at all if it is to be quiet.
	MovePromise struct {
		By, Promise, Why, Tell string
		Due                    time.Time
		Quiet                  bool
	}
)

func (MakePromise) command()    {}
func (AcceptPromise) command()  {}
func (DismissPromise) command() {}
func (KeepPromise) command()    {}
func (MovePromise) command()    {}

// sameTime is how near two promises are one.
const sameTime = 10 * time.Minute

// propose shows which promises a reply makes, for a colleague to say so.
func (d *draft) propose(reply, text string) {
	for _, p := range wording.Promises(text, d.c.About.Language, d.env.Now, d.calendar()) {
		// What he has promised for about that time already, he only says again.
		if slices.ContainsFunc(d.c.Promises, func(q Promise) bool { return q.Owner == d.by && p.Due.Sub(q.Due).Abs() <= sameTime }) {
			continue
		}
		d.emit(PromiseProposed{Promise: d.derive("promise"), Reply: reply, Text: p.Text, Due: p.Due.UTC(), Owner: d.by})
	}
}

func (d *draft) makePromise(cmd MakePromise) error {
	return d.promiseTo(PromiseMade{Promise: d.derive("promise"), Text: cmd.Text, Due: cmd.Due, Owner: d.by})
}

func (d *draft) acceptPromise(cmd AcceptPromise) error {
	p, ok := d.c.Proposal(cmd.Promise)
	if !ok {
		if made, is := d.c.Promise(cmd.Promise); is {
			return refuse(CodeInvalid, "“%s” is a promise already.", made.Text)
		}
		return refuse(CodeNotFound, "No promise %q was heard in this case's last replies.", cmd.Promise)
	}
	due := cmd.Due
	if due.IsZero() {
		due = p.Due
	}
	return d.promiseTo(PromiseMade{Promise: p.ID, Text: cmp.Or(strings.TrimSpace(cmd.Text), p.Text), Due: due, Owner: p.Owner, Reply: p.Reply})
}

func (d *draft) promiseTo(p PromiseMade) error {
	if err := d.open(); err != nil {
		return err
	}
	p.Text = strings.TrimSpace(p.Text)
	switch {
	case p.Text == "":
		return refuse(CodeInvalid, "Say what is promised.")
	case !p.Due.After(d.env.Now):
		return refuse(CodeInvalid, "A promise needs a time to come, not %s.", d.stamp(p.Due))
	}
	p.Warn = d.warning(p.Due)
	d.emit(p)
	d.turn()
	return nil
}

func (d *draft) dismissPromise(cmd DismissPromise) error {
	p, ok := d.c.Proposal(cmd.Promise)
	if !ok {
		return refuse(CodeNotFound, "No promise %q was heard in this case's last replies.", cmd.Promise)
	}
	d.emit(ProposalDismissed{Promise: p.ID, What: p.Text})
	return nil
}

func (d *draft) promise(id string) (Promise, error) {
	p, ok := d.c.Promise(id)
	if !ok {
		return p, refuse(CodeNotFound, "The case has no open promise %q.", id)
	}
	return p, nil
}

func (d *draft) keepPromise(cmd KeepPromise) error {
	p, err := d.promise(cmd.Promise)
	if err != nil {
		return err
	}
	d.emit(PromiseKept{Promise: p.ID, What: p.Text, Text: cmd.Text, Late: p.Broken || d.env.Now.After(p.Due)})
	d.turn()
	return nil
}

func (d *draft) movePromise(cmd MovePromise) error {
	p, err := d.promise(cmd.Promise)
	switch {
	case err != nil:
		return err
	case strings.TrimSpace(cmd.Why) == "":
		return refuse(CodeInvalid, "Say why the promise moves.")
	case !cmd.Due.After(d.env.Now):
		return refuse(CodeInvalid, "A promise needs a time to come, not %s.", d.stamp(cmd.Due))
	}
	e := PromiseMoved{Promise: p.ID, What: p.Text, From: p.Due, Due: cmd.Due, Why: cmd.Why, Warn: d.warning(cmd.Due)}
	switch text := strings.TrimSpace(cmd.Tell); {
	case text != "":
		// The colleague's own words must arrive.
		if e.Reply, err = d.tell(p, text); err != nil {
			return err
		}
	case cmd.Quiet:
		e.Untold = d.name(d.by) + " chose not to"
	case !cmd.Due.After(p.Due):
		e.Untold = "it is no later than was promised"
	default:
		if e.Reply, err = d.tell(p, d.movedWords(p.Due, cmd.Due)); err != nil {
			e.Untold = err.(*Refusal).Detail
		}
	}
	d.emit(e)
	return nil
}

// tell writes to the customer about a promise, where it was made or else where he
// wrote last.
func (d *draft) tell(p Promise, text string) (reply string, err error) {
	id := d.c.LastThread
	if known, ok := d.reply(p.Reply); ok {
		id = known.Thread
	}
	t, ok := d.c.Thread(id)
	if !ok {
		return "", refuse(CodeUnreachable, "There is no thread to tell the customer in.")
	}
	return d.request(t, outgoing{text: text, notice: true})
}

// handPromises gives the promises of the colleague who had the case to the one who
// has it now: they are to the customer, and he waits for us, not for one of us. What
// was asked of that one is his own affair now.
func (d *draft) handPromises(from string) {
	to := d.c.Owner
	if to != "" {
		d.releaseQuestions(to, d.name(to)+" has the case now")
	}
	if from == "" || to == "" || from == to {
		return
	}
	for _, p := range slices.Clone(d.c.Promises) {
		if p.Owner == from {
			d.emit(PromiseHandedOver{Promise: p.ID, What: p.Text, Due: p.Due, From: from, To: to})
		}
	}
}
