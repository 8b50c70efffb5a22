package casework

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"ines/shared/message"
	"ines/shared/policy"
)

// Decide says which events a command makes of a case. It changes nothing. No
// events and no error means that there is nothing to do (a repeated command, a
// timer that somebody forestalled). The error is a *Refusal, always.
func Decide(c *Case, cmd Command, env Env) ([]Event, error) {
	d := &draft{c: c.Clone(), env: env}
	if err := d.decide(cmd); err != nil {
		return nil, err
	}
	return d.events, nil
}

// draft collects events and folds each into its own copy of the case, so that a
// decision's later parts see what its earlier ones did.
type draft struct {
	c      *Case
	env    Env
	by     string
	events []Event
}

func (d *draft) emit(e Event) {
	d.events = append(d.events, e)
	d.c.apply(d.by, d.env.Now, e)
}

func (d *draft) decide(cmd Command) error {
	if _, opens := cmd.(Receive); !opens && !d.c.Exists() {
		return refuse(CodeNotFound, "There is no such case.")
	}
	if d.c.IsErased() {
		return d.gone(cmd)
	}
	switch cmd := cmd.(type) {
	case Erase:
		d.erase(cmd)
		return nil
	case EraseAuthor:
		d.eraseAuthor(cmd)
		return nil
	case Receive:
		return d.receive(cmd)
	case Edit:
		return d.edit(cmd)
	case Delete:
		return d.delete(cmd)
	case NoteFile:
		return d.noteFile(cmd)
	case NoteName:
		d.noteName(cmd)
		return nil
	case HearConsent:
		d.hearConsent(cmd.Consent)
		return nil
	case FireTimers:
		return d.fireTimers()
	case ReportReply:
		return d.reportReply(cmd)
	case ReportThread:
		return d.reportThread(cmd)
	case NoteSplit:
		if d.c.SplitTo(cmd.Author.Handle) == "" {
			d.emit(BystanderSplit{Author: cmd.Author, Case: cmd.Case, Why: "has a case of their own already"})
		}
		return nil
	case MergeInto:
		if d.c.MergedInto == "" {
			d.releaseQuestions("", "the case became part of another one")
			d.emit(MergedInto{Case: cmd.Case, Why: cmd.Why})
		}
		return nil
	case Match:
		return d.match(cmd)
	case LinkIncident:
		d.linkIncident(cmd.Incident)
		return nil
	case AnswerIncident:
		return d.answerIncident(cmd)
	case NoteFollowUp:
		if !slices.Contains(d.c.FollowedBy, cmd.Case) { // relay may say it twice
			d.emit(FollowedUp{Case: cmd.Case})
		}
		return nil
	}
	return d.decidePeople(cmd)
}

func (d *draft) decidePeople(cmd Command) error {
	for _, text := range words(cmd) {
		if len(text) > message.MaxText {
			return refuse(CodeTooLong, "The text takes %d bytes, a case keeps %d. Shorten it or attach it elsewhere.", len(text), message.MaxText).
				with("length", len(text)).with("limit", message.MaxText).with("unit", "bytes")
		}
	}
	switch cmd := cmd.(type) {
	case Claim:
		return d.as(cmd.By, d.claim)
	case Release:
		return d.as(cmd.By, d.release)
	case TakeOver:
		return d.as(cmd.By, func() error { return d.takeOver(cmd) })
	case Assign:
		return d.as(cmd.By, func() error { return d.assign(cmd) })
	case Transfer:
		return d.as(cmd.By, func() error { return d.transfer(cmd) })
	case Note:
		return d.as(cmd.By, func() error { return d.note(cmd) })
	case SendReply:
		return d.as(cmd.By, func() error { return d.sendReply(cmd) })
	case GoPrivate:
		return d.as(cmd.By, func() error { return d.goPrivate(cmd) })
	case LogCall:
		return d.as(cmd.By, func() error { return d.logCall(cmd) })
	case MakePromise:
		return d.as(cmd.By, func() error { return d.makePromise(cmd) })
	case KeepPromise:
		return d.as(cmd.By, func() error { return d.keepPromise(cmd) })
	case MovePromise:
		return d.as(cmd.By, func() error { return d.movePromise(cmd) })
	case AcceptPromise:
		return d.as(cmd.By, func() error { return d.acceptPromise(cmd) })
	case DismissPromise:
		return d.as(cmd.By, func() error { return d.dismissPromise(cmd) })
	case Act:
		return d.as(cmd.By, func() error { return d.act(cmd) })
	case Approve:
		return d.as(cmd.By, func() error { return d.approve(cmd) })
	case Decline:
		return d.as(cmd.By, func() error { return d.decline(cmd) })
	case AskExpert:
		return d.as(cmd.By, func() error { return d.askExpert(cmd) })
	case AnswerExpert:
		return d.as(cmd.By, func() error { return d.answerExpert(cmd) })
	case ReleaseExpert:
		return d.as(cmd.By, func() error { return d.releaseExpert(cmd) })
	case Merge:
		return d.as(cmd.By, func() error { return d.merge(cmd) })
	case Absorb:
		return d.as(cmd.By, func() error { return d.absorb(cmd) })
	case Unmerge:
		return d.as(cmd.By, func() error { return d.unmerge(cmd) })
	case JoinCustomers:
		return d.as(cmd.By, func() error { return d.joinCustomers(cmd) })
	case PartCustomers:
		return d.as(cmd.By, func() error { return d.partCustomers(cmd) })
	case DeclineIdentity:
		return d.as(cmd.By, func() error { return d.declineIdentity(cmd) })
	case UndoAbsorb:
		return d.as(cmd.By, func() error { return d.undoAbsorb(cmd) })
	case GiveFeedback:
		return d.as(cmd.By, func() error { return d.giveFeedback(cmd) })
	case Rate:
		return d.as(cmd.By, func() error { return d.rate(cmd) })
	case Wake:
		return d.as(cmd.By, d.wake)
	case Correct:
		return d.as(cmd.By, func() error { return d.correct(cmd) })
	case Snooze:
		return d.as(cmd.By, func() error { return d.snooze(cmd) })
	case Resolve:
		return d.as(cmd.By, func() error { return d.resolve(cmd) })
	case Reopen:
		return d.as(cmd.By, func() error { return d.reopen(cmd) })
	case Split:
		return d.as(cmd.By, func() error { return d.split(cmd) })
	}
	return refuse(CodeInvalid, "Unknown command %T.", cmd)
}

// words are what a colleague's command says in free text.
func words(cmd Command) []string {
	switch cmd := cmd.(type) {
	case TakeOver:
		return []string{cmd.Why}
	case Transfer:
		return []string{cmd.Why}
	case Note:
		return append([]string{cmd.Text}, cmd.Mentions...)
	case SendReply:
		return []string{cmd.Text}
	case GoPrivate:
		return []string{cmd.Text, cmd.Subject, cmd.Address}
	case LogCall:
		return []string{cmd.Text, cmd.Number}
	case MakePromise:
		return []string{cmd.Text}
	case KeepPromise:
		return []string{cmd.Text}
	case MovePromise:
		return []string{cmd.Why, cmd.Tell}
	case AcceptPromise:
		return []string{cmd.Text}
	case Act:
		return []string{cmd.Text}
	case Approve:
		return []string{cmd.Text}
	case Decline:
		return []string{cmd.Text}
	case AskExpert:
		return []string{cmd.Text}
	case AnswerExpert:
		return []string{cmd.Text}
	case ReleaseExpert:
		return []string{cmd.Why}
	case GiveFeedback:
		return []string{cmd.Rule, cmd.Text}
	case Rate:
		return []string{cmd.Text}
	case Unmerge:
		return []string{cmd.Why}
	case JoinCustomers:
		return []string{cmd.Why}
	case PartCustomers:
		return []string{cmd.Why}
	case DeclineIdentity:
		return []string{cmd.Why}
	case Resolve:
		return []string{cmd.Text}
	case Reopen:
		return []string{cmd.Why}
	}
	return nil
}

// as runs a colleague's command. Colleagues who are not in the policy may do
// nothing.
func (d *draft) as(by string, do func() error) error {
	if _, ok := d.env.Policy.Colleague(by); !ok {
		return refuse(CodeNotAllowed, "%q is not a colleague in the desk policy.", by)
	}
	d.by = by
	return do()
}

// name is a colleague's name for people.
func (d *draft) name(id string) string {
	if c, ok := d.env.Policy.Colleague(id); ok && c.Name != "" {
		return c.Name
	}
	return id
}

// derive makes an id for something that this decision brings about: the next
// commit's place in the log and the number of the event in it cause it.
func (d *draft) derive(what string) string {
	return message.DeriveID(what, d.c.ID, strconv.FormatInt(d.c.Seq+1, 10), strconv.Itoa(len(d.events)))
}

func (d *draft) calendar() *policy.Calendar {
	com, _ := d.env.Policy.Community(d.c.Community)
	return com.Hours
}

// stamp writes a time for people, in the community's zone.
func (d *draft) stamp(t time.Time) string {
	if cal := d.calendar(); cal != nil {
		t = t.In(cal.Zone())
	}
	return t.Format("2 January 15:04")
}

// must be open: most commands make no sense on a resolved case.
func (d *draft) open() error {
	if d.c.MergedInto != "" {
		return d.merged()
	}
	if d.c.Status == StatusResolved {
		return refuse(CodeClosed, "The case was resolved on %s. Reopen it first.", d.stamp(d.c.ResolvedAt))
	}
	return nil
}

// mine refuses when somebody else's claim is in force, and claims the case when
// nobody's is: whoever answers a customer has taken the case on.
func (d *draft) mine(why string) error {
	switch holder := d.c.HeldBy(d.env.Now); holder {
	case d.by:
		return nil
	case "":
		d.takeHold(why)
		return nil
	default:
		return d.heldBy(holder)
	}
}

func (d *draft) heldBy(holder string) *Refusal {
	return refuse(CodeClaimed, "%s has had this case since %s. Ask, or take it over and say why.", d.name(holder), d.stamp(d.c.ClaimedAt)).
		with("holder", map[string]string{"id": holder, "name": d.name(holder)}).
		with("since", d.c.ClaimedAt)
}

func (d *draft) takeHold(why string) {
	d.expireClaim()
	lease, before := d.env.Policy.Cases.ClaimLease, d.c.LastOwner
	d.emit(Claimed{Lease: lease, Until: d.env.Now.Add(lease), Why: why})
	d.handPromises(before)
}

// plural is for sentences.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
