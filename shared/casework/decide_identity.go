package casework

import (
	"fmt"
	"slices"
	"strings"

	"ines/shared/message"
)

// Candidate is another customer whom a statement points to.
type Candidate struct {
	Person Person
	Root   string // the customer that he is one with, or he himself
	Case   string // where he wrote it, "" if it is what he writes from
	// Declined: a colleague said no before. Proposed: it is there already.
	Declined, Proposed bool
}

// Likeness is a statement with those whom it points to.
type Likeness struct {
	Statement Statement
	Whom      []Candidate
}

// Matches is what a message says of who its author is, held against what other
// customers said: docket looks it up.
type Matches struct {
	Customer Person // the author
	Found    []Likeness
	// Repeated: he has said all of it before.
	Repeated bool
}

// Commands about who is who. They are decided for each case concerned, and docket
// writes them together.
type (
	// JoinCustomers says that two customers are one. Others are those who are new to
	// this case's customer, and their ids.
	JoinCustomers struct {
		By, Why        string
		Customer, Into Person
		Others         []Person
		Mine, Theirs   []string // ids of the two sides
		OtherCases     []string
		Evidence       []Evidence
	}
	// PartCustomers undoes it.
	PartCustomers struct {
		By, Why        string
		Customer, From Person
		Theirs         []string // ids that are not this case's customer's any more
	}
	// DeclineIdentity is a colleague's no to a proposal.
	DeclineIdentity struct {
		By, Why        string
		Customer, With string
		Mine, Theirs   []string
	}
)

func (JoinCustomers) command()   {}
func (PartCustomers) command()   {}
func (DeclineIdentity) command() {}

// identify proposes that the author is another customer, too; or says why not.
func (d *draft) identify(r Receive) {
	m := d.env.Matches
	if m == nil {
		return
	}
	var roots []string
	var other Candidate
	var evidence []Evidence
	for _, f := range m.Found {
		for _, w := range f.Whom {
			if !slices.Contains(roots, w.Root) {
				roots = append(roots, w.Root)
			}
			if other.Root == "" || w.Root == other.Root && w.Declined {
				other = w
			}
			other.Proposed = other.Proposed || w.Proposed
		}
		if len(f.Whom) > 0 {
			evidence = append(evidence, f.evidence(r.Message.ID))
		}
	}
	switch {
	case len(roots) == 0:
	case len(roots) > 1 && !m.Repeated:
		d.emit(IdentityWithheld{Customer: m.Customer, Evidence: evidence, Matches: len(roots), Reason: "several",
			Why: fmt.Sprintf("it points to %d other customers: %s", len(roots), because(evidence))})
	case len(roots) > 1 || other.Proposed:
	case other.Declined:
		if !m.Repeated {
			d.emit(IdentityWithheld{Customer: m.Customer, Evidence: evidence, Matches: 1, Reason: "declined",
				Why: "a colleague has said before that they are two people; " + because(evidence)})
		}
	default:
		d.emit(IdentityProposed{ID: d.derive("identity"), Customer: m.Customer, With: other.Person, Evidence: evidence, Why: because(evidence)})
	}
}

func (f Likeness) evidence(of string) Evidence {
	e := Evidence{Kind: f.Statement.Kind, Mine: evidenceWrote, Theirs: evidenceWrote, Shown: f.Statement.Shown(), Of: of, Case: f.Whom[0].Case}
	if f.Statement.Sender {
		e.Mine, e.Of = evidenceSender, ""
	}
	if e.Case == "" {
		e.Theirs = evidenceSender
	}
	if e.Kind == EvidenceLink {
		e.Mine, e.Theirs = evidenceCame, evidenceShown
	}
	return e
}

var evidenceWords = map[string]string{EvidenceEmail: "the mail address", EvidencePhone: "the phone number",
	EvidenceBooking: "the booking reference", EvidenceReference: "the number"}

// because words evidence without anybody's name.
func because(evidence []Evidence) string {
	var reasons []string
	for _, e := range evidence {
		what := evidenceWords[e.Kind] + " " + e.Shown
		switch {
		case e.Kind == EvidenceLink:
			reasons = append(reasons, "came with the link that the other one was shown where everybody can read it")
		case e.Mine == evidenceSender && e.Theirs == evidenceSender:
			reasons = append(reasons, "both write from "+what)
		case e.Mine == evidenceSender:
			reasons = append(reasons, "writes from "+what+", which the other one wrote in a private message")
		case e.Theirs == evidenceSender:
			reasons = append(reasons, "wrote "+what+" in a private message, and the other one writes from it")
		default:
			reasons = append(reasons, "both wrote "+what+" in private messages")
		}
	}
	return strings.Join(reasons, "; ")
}

// proposalsBetween are the ids of those that a colleague's word on two sides answers.
func (d *draft) proposalsBetween(mine, theirs []string) (ids []string) {
	for _, p := range d.c.Identity {
		if p.between(mine, theirs) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

func (d *draft) joinCustomers(cmd JoinCustomers) error {
	e := CustomersMerged{Customer: cmd.Customer, Into: cmd.Into, Evidence: cmd.Evidence, Why: cmd.Why,
		Proposals: d.proposalsBetween(cmd.Mine, cmd.Theirs)}
	for _, p := range cmd.Others {
		if !d.c.IsCustomer(p.Handle) {
			e.People = append(e.People, p)
		}
	}
	for _, id := range cmd.OtherCases {
		if id != d.c.ID && !d.c.Absorbs(id) {
			e.OtherCases = append(e.OtherCases, id)
		}
	}
	d.emit(e)
	return nil
}

func (d *draft) partCustomers(cmd PartCustomers) error {
	gone := d.c.joinedByMerge(cmd.Theirs)
	e := CustomersParted{Customer: cmd.Customer, From: cmd.From, Others: cmd.Theirs, Why: cmd.Why}
	for _, t := range d.c.Threads {
		if i := slices.IndexFunc(gone, func(p Person) bool { return t.Visibility == message.Private && t.With == p.Handle }); i >= 0 {
			if d.sendingIn(t.ID) {
				return refuse(CodeInvalid, "A reply to %s is still on its way. Part the customers when it has arrived.", gone[i].Label())
			}
			e.Threads = append(e.Threads, t.ID)
		}
	}
	for _, p := range gone {
		e.Filed = e.Filed || d.c.Origins[p.Handle.Key()].Wrote
	}
	threads := slices.Clone(d.c.Threads)
	d.emit(e)
	for _, t := range threads {
		if slices.Contains(e.Threads, t.ID) {
			i := slices.IndexFunc(gone, func(p Person) bool { return p.Handle == t.With })
			d.splitOff(gone[i], "is another customer: the conversation goes on in a case of theirs")
		}
	}
	return nil
}

func (d *draft) sendingIn(thread string) bool {
	for _, s := range d.c.Sendings {
		if s.Thread == thread && s.State != "unconfirmed" {
			return true
		}
	}
	return false
}

func (d *draft) declineIdentity(cmd DeclineIdentity) error {
	d.emit(IdentityDeclined{Customer: cmd.Customer, With: cmd.With, Why: cmd.Why, Proposals: d.proposalsBetween(cmd.Mine, cmd.Theirs)})
	return nil
}
