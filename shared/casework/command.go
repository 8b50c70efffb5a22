package casework

import (
	"slices"
	"time"

	"ines/shared/message"
)

// Command is something that somebody wants of a case. By is the colleague's id
// for people's commands.
type Command interface{ command() }

type (
	// Receive files a message, edit or deletion that belongs to this case.
	Receive struct {
		Item    string // the delivery item, for Seen
		Message message.Message
		About   About
		// Customer is who the author is by handle, Called how the platform called him
		// when it was asked.
		Customer Person
		Called   message.Author
		// Same are the customers whom colleagues found to be one with him, himself
		// among them; the first stands for all. None: nobody.
		Same []string
		Via  string // how the case was found: see ThreadJoined
		// Opens says what kind of case a first message opens.
		FollowsUp  string
		LinkedFrom string
		Brand      string
		Community  string
		// Takes is the case that holds the conversation so far, although it is the
		// customer's: see TakesOver.
		Takes string
		// Edited or Deleted came before the message itself did.
		Edited  string
		Deleted bool
		// Consent is what the author last said about being written to in this
		// inbox, nil if nothing.
		Consent *message.Consent
		// Again marks what was filed before in another case: no machine answers it
		// a second time.
		Again bool
		// Known is what is known of the customer beyond this case.
		OpenCases, Cases int
		Praised          int // messages of praise so far
		Profile          Profile
	}
	Edit struct {
		Item string
		Edit message.Edit
	}
	Delete struct {
		Item   string
		Delete message.Delete
	}
	// NoteFile says what became of one of a message's attachments: there is a copy
	// at Key, or none, and Lost says why.
	NoteFile struct {
		Channel, Inbox, Conversation string
		Message                      string
		Index                        int
		Key, MIME, SHA256            string
		Size                         int64
		Lost                         string
	}
	// HearConsent says whether somebody may be written to.
	HearConsent struct{ Consent message.Consent }

	Claim    struct{ By string }
	Release  struct{ By string }
	TakeOver struct{ By, Why string }
	Assign   struct{ By, Colleague string }
	Transfer struct{ By, Department, Why string }
	Note     struct {
		By, Text string
		Mentions []string
	}
	SendReply struct{ By, Text, Thread string }
	GoPrivate struct{ By, Channel, Inbox, Address, Subject, Text string }
	LogCall   struct{ By, Number, Direction, Outcome, Text string }
	Snooze    struct {
		By    string
		Until time.Time
	}
	// Wake ends a snooze.
	Wake    struct{ By string }
	Resolve struct{ By, Text string }
	Reopen  struct{ By, Why string }
	// Split gives a bystander a case of his own. Author is his handle's key,
	// or his name where only one bystander has it.
	Split struct{ By, Author string }

	// FireTimers does everything that is due by now.
	FireTimers struct{}
	// ReportReply says what became of a reply.
	ReportReply struct {
		Reply    string
		State    string // sent, delivered, read, delayed, unconfirmed, failed
		Platform string // the platform's id of our message
		Key      string // the thread's key, where only sending revealed it
		// With is who got it, where the platform names somebody else than we did.
		With  message.Handle
		At    time.Time
		Until time.Time
		Class string
		Code  string
		Why   string
	}
	// ReportThread says that all we said in a thread up to At got there or was read.
	ReportThread struct {
		Channel, Inbox, Key string // of the thread
		State               string // delivered, read
		At                  time.Time
	}
	// NoteSplit says which case of his own a bystander has already.
	NoteSplit struct {
		Author Person
		Case   string
	}
	// MergeInto ends a case whose messages were filed in another.
	MergeInto struct{ Case, Why string }
	// NoteFollowUp tells a closed case that another one goes on.
	NoteFollowUp struct{ Case string }
)

func (Receive) command()      {}
func (Edit) command()         {}
func (Delete) command()       {}
func (NoteFile) command()     {}
func (HearConsent) command()  {}
func (Claim) command()        {}
func (Release) command()      {}
func (TakeOver) command()     {}
func (Assign) command()       {}
func (Transfer) command()     {}
func (Note) command()         {}
func (SendReply) command()    {}
func (GoPrivate) command()    {}
func (LogCall) command()      {}
func (Snooze) command()       {}
func (Wake) command()         {}
func (Resolve) command()      {}
func (Reopen) command()       {}
func (Split) command()        {}
func (FireTimers) command()   {}
func (ReportReply) command()  {}
func (ReportThread) command() {}
func (NoteSplit) command()    {}
func (MergeInto) command()    {}
func (NoteFollowUp) command() {}

// Is reports whether a case's customer is the author, or somebody who is one with him.
func (r *Receive) Is(c *Case) bool {
	return c.Knows(r.Customer.ID) || slices.ContainsFunc(r.Same, c.Knows)
}

// Person is the customer who stands for all that are one with the author.
func (r *Receive) Person() string {
	if len(r.Same) > 0 {
		return r.Same[0]
	}
	return r.Customer.ID
}
