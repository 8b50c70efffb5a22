// Package channel is the contract between Ines and the platforms. Each platform
// is one folder below with its fixtures, its README for operators and a test that
// runs the shared conformance suite (channeltest); package registry lists them.
// It imports only message; functions, the local host and tools import it.
package channel

import (
	"context"
	"errors"
	"net/http"
	"time"

	"ines/shared/message"
)

// Inbox is one of our accounts on a platform, as the policy declares it.
type Inbox struct {
	ID       string // the last part of the webhook URL
	Channel  string
	Provider string // mail only: ses, postmark, mailgun, sendgrid
	Account  string // our own id on the platform: echoes are recognised by it
	// Name is how we are called there (a mail display name), or "".
	Name string
	// URL is the webhook's address as the platform sees it, for schemes that sign it.
	URL string
}

// Secrets are an inbox's live values, the current one first.
type Secrets struct {
	Sign   []string // never empty when Verify or Handshake is called
	Verify []string // Meta's handshake token; may be empty
}

// Request is a webhook request with its body as raw bytes (base64 undone).
type Request struct {
	Method string
	Query  string            // raw, without "?"
	Header map[string]string // lower-case names; repeated headers joined by ","
	Body   []byte
}

// Response is what a platform gets to hear.
type Response struct {
	Status      int
	ContentType string
	Body        []byte
}

// Channel is what one platform's folder provides. Implementations hold no state
// and are safe for concurrent use. None may panic on any input.
type Channel interface {
	// Name is the {channel} of the webhook URL.
	Name() string

	// Handshake answers the requests by which a platform checks the address
	// (CRC, hub.challenge, url_verification). False: this request is not one.
	Handshake(in Inbox, s Secrets, r Request) (Response, bool)

	// Verify checks the request's signature over the raw bytes, in constant
	// time, against each live secret. Any error means 401 (503 if it wraps
	// ErrNotNow); its text is for our log and never leaves. now is the wall clock, for schemes that sign a time.
	Verify(in Inbox, s Secrets, r Request, now time.Time) error

	// Accepted is the answer to a delivery that was made durable.
	Accepted() Response

	// Read turns an envelope into items, in the platform's order. It never
	// fails as a whole: a body that makes no sense is one unrecognised item,
	// and one bad entry of a batch is one unrecognised item among the others.
	// An envelope that carries nothing (a test button) gives none.
	// Every platform time goes through Stamp.
	Read(in Inbox, e message.Envelope) []message.Item

	// Send makes one reply at the platform. Errors are *SendError; anything
	// else, a context's error included, counts as Unknown.
	Send(ctx context.Context, o Outlet, r Reply) (Receipt, error)

	// Window says whether a thread may be answered now.
	Window(t Thread, now time.Time) Window

	// Limits are the bounds on a reply's text.
	Limits(v message.Visibility) Limits
}

// Opener is a channel on which we may write first to a known address or handle.
type Opener interface {
	// Open checks and normalises who is to be addressed and returns the
	// private thread that a first message there begins. Key is "" where only
	// sending reveals it (mail). address is what a colleague typed, or ""; known
	// is the customer's handle on this channel, or zero. The error is a sentence
	// for the colleague.
	Open(in Inbox, address string, known message.Handle) (Thread, error)
}

// Inviter is a channel on which something public can be answered privately, though
// we may not write first (Meta's private replies).
type Inviter interface {
	// Invite returns the private thread that a private answer to the last post of
	// public begins. Its Key is "" until sending reveals it; LastInbound is zero.
	// public may be of another channel of the same platform. The error is a sentence
	// for the colleague.
	Invite(in Inbox, public Thread) (Thread, error)
}

// Lookuper is a channel that can find out whether an unconfirmed reply arrived.
type Lookuper interface {
	// Lookup searches for a reply that was sent at or after since. found false
	// with no error means that the platform doesn't list it.
	Lookup(ctx context.Context, o Outlet, r Reply, since time.Time) (receipt Receipt, found bool, err error)
	// Lag is how long the platform may take to list what it took: only a reply
	// that is missing after it surely isn't there.
	Lag() time.Duration
}

// Repeater is a channel whose platform knows a reply by a key that we give it, so
// that sending it again can't make it appear twice.
type Repeater interface {
	// Repeats reports whether that holds for this reply, first tried at first, if
	// it is sent again at now.
	Repeats(r Reply, first, now time.Time) bool
}

// Namer is a channel whose deliveries name people by an id alone, and whose platform
// says, when it is asked, how they are called.
type Namer interface {
	// Named asks how somebody is called who wrote in a thread: display name and user
	// name as the platform has them, neither if it has none. It is a look-up and
	// changes nothing over there. Errors are *SendError: Permanent says that the
	// platform doesn't tell it of this person, Blocked that it tells it of nobody.
	Named(ctx context.Context, o Outlet, t Thread, who message.Handle) (message.Author, error)
}

// Fetcher is a channel whose files can't be got by their link alone: they need a
// credential, or the platform's media id has to be turned into a link first.
type Fetcher interface {
	// Locate returns the request that brings the attachment's bytes. It may ask
	// the platform. The request's credentials must go to the platform's own hosts
	// only: whoever makes it follows redirects without them. Errors are *SendError.
	Locate(ctx context.Context, o Outlet, a message.Attachment) (*http.Request, error)
}

// Encloser is a channel whose deliveries carry files themselves (mail).
type Encloser interface {
	// Enclosed reads an envelope again and returns what gives the content of an
	// attachment that Read gave with a Ref and no URL.
	Enclosed(in Inbox, e message.Envelope) func(message.Attachment) ([]byte, error)
}

// Depositor is a channel whose platform lays what is too large for a webhook into a
// bucket of ours and only says in the delivery where it is (SES with mail above
// 150 KB). Read then finds it in Envelope.Content, or in ContentLost why it is not
// there, and makes the best of what the delivery itself says.
type Depositor interface {
	// Deposited says where it is; false: the delivery is complete. The place is what
	// the platform says: whoever fetches makes sure that it is one of ours.
	Deposited(in Inbox, e message.Envelope) (Deposit, bool)
}

// Deposit is an object in a bucket.
type Deposit struct{ Bucket, Key string }

// Confirmer is a channel whose platform asks, within a delivery, to be called back
// before it sends more (SNS).
type Confirmer interface {
	// Confirm returns the call that a verified delivery asks for, nil if it asks
	// for none. It goes to the platform's own hosts, without redirects, and is made
	// once the delivery is durable: unless it is answered with 2xx the platform is
	// asked to deliver again. An error says why a delivery that asks for one gets
	// none; that is for our log.
	Confirm(in Inbox, s Secrets, r Request) (*http.Request, error)
}

// Saved is how saved events come to life again: `ines replay`, the stories and
// the tests use it.
type Saved interface {
	// Freshen moves the payload's times so that the newest is now, keeping
	// their distances. Other bytes stay as they are as far as possible.
	Freshen(in Inbox, r Request, now time.Time) (Request, error)
	// Sign replaces the request's signature headers with ones made from the
	// current secret at the time now.
	Sign(in Inbox, s Secrets, r Request, now time.Time) (Request, error)
}

// Emulator answers like the platform when the local engine's sink stands in for
// it. Calls for one inbox come one at a time; earlier are the calls the sink
// accepted before, oldest first (for look-ups and ids). It reports false for a
// request the platform would not know: the sink then answers 404.
type Emulator interface {
	Emulate(call Call, earlier []Call) (CallAnswer, bool)
}

// Call is one request that a reply function made.
type Call struct {
	At     time.Time
	Inbox  string
	Method string
	URL    string
	Header http.Header
	Body   []byte
	Answer CallAnswer
}

// CallAnswer is what the sink says to a Call.
type CallAnswer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Thread is one conversation on a platform, as far as answering it needs.
type Thread struct {
	Channel    string             `json:"channel"`
	Inbox      string             `json:"inbox"`
	Key        string             `json:"key"`
	Visibility message.Visibility `json:"visibility"`
	With       message.Handle     `json:"with,omitzero"` // the other side of a private thread
	// LastInbound is the platform time of the customer's last message there.
	LastInbound time.Time `json:"last_inbound,omitzero"`
	LastID      string    `json:"last_id,omitempty"` // that message's id
	// Extra is the last inbound message's Extra.
	Extra   map[string]string `json:"extra,omitempty"`
	Subject string            `json:"subject,omitempty"`
}

// WindowState says what may be sent into a thread.
type WindowState string

const (
	WindowOpen     WindowState = "open"
	WindowTemplate WindowState = "template" // only approved templates
	WindowClosed   WindowState = "closed"
)

// Window is the answer to "may we write here now?". Until is when an open window
// closes, zero if it never does. Why is a sentence for people when it is not open.
type Window struct {
	State WindowState `json:"state"`
	Until time.Time   `json:"until,omitzero"`
	Why   string      `json:"why,omitempty"`
	// Machines is until when something that no person wrote may be sent, where that
	// is sooner than Until; else zero.
	Machines time.Time `json:"machines,omitzero"`
}

// Limits bound a reply's text, by the platform's own counting.
type Limits struct {
	Max     int
	Unit    string // what Measure counts: "weighted characters", "bytes", …
	Measure func(text string) int
	// Parts is how many messages a longer text may be split into; 0 and 1: it is
	// refused.
	Parts int
}

// Outlet is what a channel sends with.
type Outlet struct {
	HTTP  *http.Client // has its own timeout; never follow redirects with credentials
	Inbox Inbox
	Token string // the inbox's sending credential
	// Now is the desk's time, on which platforms travel along after time travel;
	// zero: not known.
	Now time.Time
}

// Time is when the call is made: Now, or the wall clock's time if that is not known.
func (o Outlet) Time() time.Time {
	if o.Now.IsZero() {
		return time.Now()
	}
	return o.Now
}

// Reply is one outgoing message, complete: signed, checked, addressed.
type Reply struct {
	ID     string // ours; deterministic
	Thread Thread
	// To is whom a private message addresses (Thread.With) or, in public, the
	// author of the post that Parent names.
	To      message.Handle
	Parent  string // platform id of the message answered, "" when we write first
	Text    string
	Subject string   // mail
	Refs    []string // mail: Message-IDs of the thread, oldest first
	// ReplyTo is the mail address with the link token, or "".
	ReplyTo string
	// Automatic marks what no person wrote.
	Automatic bool
	// Again says that the customer's last message was answered before: what a platform
	// gives us for one answer is spent.
	Again bool
}

// Receipt is the platform's word that it took a reply.
type Receipt struct {
	ID string `json:"id"` // the platform's id of our message
	// Thread is the key under which answers to it will come, where it is
	// known only now; else "".
	Thread string `json:"thread,omitempty"`
	// With is who the platform says got it, where it names somebody else than the
	// reply did: who writes there is then the one we wrote to. Else zero.
	With message.Handle `json:"with,omitzero"`
	// Pause is how long the platform wants this inbox to be quiet now (its usage
	// headers say that a limit is close); 0: it does not say.
	Pause time.Duration `json:"pause,omitempty"`
}

// Class says what to do about a failed send.
type Class string

const (
	Throttled Class = "throttled" // surely not taken; wait until SendError.Wait is over
	Retry     Class = "retry"     // surely not taken; may work soon
	Permanent Class = "permanent" // surely not taken, and never will be
	Blocked   Class = "blocked"   // the inbox can't send: stop it and raise the alarm
	Unknown   Class = "unknown"   // may have been taken: ask the platform or a person
)

// SendError is a failed send, classified.
type SendError struct {
	Class Class
	Wait  time.Duration // Throttled: how long; 0 = not said
	// Narrow: the wait is about this conversation only. A throttled inbox otherwise
	// waits as a whole.
	Narrow bool
	// Refused: the person doesn't want our messages, by the platform's word.
	Refused bool
	Code    string // the platform's code
	Detail  string // the platform's words, without credentials
	Err     error  // what lies beneath, or nil
}

func (e *SendError) Error() string {
	s := string(e.Class)
	if e.Code != "" {
		s += " (" + e.Code + ")"
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *SendError) Unwrap() error { return e.Err }

// AsSendError classifies any error of Send.
func AsSendError(err error) *SendError {
	var se *SendError
	if errors.As(err, &se) {
		return se
	}
	return &SendError{Class: Unknown, Err: err}
}

// ErrSignature is what Verify's errors wrap.
var ErrSignature = errors.New("signature refused")

// ErrNotNow is what Verify's error wraps instead when it can't tell yet (a key that
// has to be fetched didn't come): the platform is asked to deliver again.
var ErrNotNow = errors.New("can't be verified now")

// ErrNoLookup is Lookup's error where this inbox's platform can't be asked at all:
// an unconfirmed reply is then shown to a person at once.
var ErrNoLookup = errors.New("the platform can't be asked")
