package casework

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ines/shared/message"
	"ines/shared/policy"
	"ines/shared/wording"
)

func (d *draft) sendReply(cmd SendReply) error {
	if err := d.open(); err != nil {
		return err
	}
	if strings.TrimSpace(cmd.Text) == "" {
		return refuse(CodeInvalid, "A reply needs a text.")
	}
	id := cmd.Thread
	if id == "" {
		id = d.c.LastThread
	}
	t, ok := d.c.Thread(id)
	if !ok {
		return refuse(CodeNotFound, "The case has no thread %q.", id).with("threads", d.threadIDs())
	}
	if err := d.mine("answered it"); err != nil {
		return err
	}
	reply, err := d.request(t, outgoing{text: cmd.Text})
	if err == nil {
		d.propose(reply, cmd.Text)
	}
	return err
}

// outgoing is something that we want to say to a customer.
type outgoing struct {
	text, subject string
	notice        bool // see ReplyRequested
	// id is the reply's, where what causes it is no commit of this case alone.
	id        string
	automatic bool
}

// request asks for a text to be sent into a thread, when the platform allows it, and
// gives the id of the reply, or of its first part.
func (d *draft) request(t Thread, out outgoing) (reply string, err error) {
	full := d.signed(t, out.text)
	if w := d.env.Channels.Window(t, d.env.Now); w.State != WindowOpen {
		return "", d.windowClosed(t, w)
	} else if out.automatic && !w.Machines.IsZero() && !d.env.Now.Before(w.Machines) {
		return "", refuse(CodeWindow, "%s takes only what a person writes by now.", threadName(t))
	}
	if d.by != "" && !out.notice {
		d.takenUp()
	}
	parts := []string{full}
	if length, limit, unit := d.env.Channels.Measure(t, full); limit > 0 && length > limit {
		var ok bool
		if parts, ok = d.env.Channels.Split(t, full); !ok {
			return "", refuse(CodeTooLong, "With the signature the text has %d %s; %s takes %d. Shorten it by %d.", length, unit, t.Channel, limit, length-limit).
				with("length", length).with("limit", limit).with("unit", unit)
		}
	}
	r := ReplyRequested{Thread: t.ID, To: t.With, Parent: t.LastID, Subject: cmp.Or(out.subject, t.Subject), Refs: slices.Clone(t.Refs), Notice: out.notice, Automatic: out.automatic}
	r.Again = t.LastID != "" && t.Answered == t.LastID
	if !out.automatic { // nobody was there to be warned
		for _, w := range d.warnings(t, out.text) {
			r.Warned = append(r.Warned, w.Check)
		}
	}
	for i, part := range parts {
		id := d.derive("reply")
		if out.id != "" {
			if id = out.id; i > 0 {
				id = message.DeriveID("part", out.id, strconv.Itoa(i))
			}
		}
		r.Reply, r.Text, r.After, r.Again = id, part, r.Reply, r.Again || i > 0
		if len(parts) > 1 {
			r.Part, r.Parts = i+1, len(parts)
		}
		d.emit(r)
		reply = cmp.Or(reply, r.Reply)
	}
	return reply, nil
}

// warnings are what the brand's wording checks say of a text.
func (d *draft) warnings(t Thread, text string) []wording.Warning {
	return Warnings(d.env.Policy, d.c, t, text)
}

// Warnings are what a colleague should know before a text goes out into a thread.
func Warnings(desk *policy.Desk, c *Case, t Thread, text string) []wording.Warning {
	brand, _ := desk.Brand(c.Brand)
	in, _ := desk.Inbox(t.Inbox)
	return wording.Check(text, wording.Setting{Wording: brand.Wording, Public: t.Visibility == message.Public,
		Language: c.About.Language, Own: in.Account})
}

// windowClosed names what the colleague can do instead.
func (d *draft) windowClosed(t Thread, w Window) *Refusal {
	var other []map[string]string
	for _, u := range d.c.Threads {
		if u.ID != t.ID && d.env.Channels.Window(u, d.env.Now).State == WindowOpen {
			other = append(other, map[string]string{"thread": u.ID, "channel": u.Channel, "visibility": string(u.Visibility)})
		}
	}
	if t.Channel == "voice" {
		other = append(other, d.callersSMS()...)
	}
	if in, ok := d.canInvite(t); ok {
		other = append(other, map[string]string{"channel": in.Channel, "inbox": in.ID, "by": "private"})
	}
	for _, in := range d.env.Policy.Inboxes {
		if d.sameBrand(in) && in.Channel == "email" && !slices.ContainsFunc(d.c.Threads, func(u Thread) bool { return u.Channel == "email" }) {
			other = append(other, map[string]string{"channel": in.Channel, "inbox": in.ID, "by": "private"})
			break
		}
	}
	return refuse(CodeWindow, "%s can't be answered now: %s", threadName(t), w.Why).
		with("window", w).with("thread", t.ID).with("alternatives", other)
}

// canInvite reports whether what was said in a public thread may be answered in
// private, by the same inbox and in a thread that is not there yet.
func (d *draft) canInvite(t Thread) (policy.Inbox, bool) {
	in, ok := d.env.Policy.Inbox(t.Inbox)
	if !ok || t.Visibility != message.Public || !d.sameBrand(in) {
		return in, false
	}
	open, err := d.env.Channels.Open(in, "", d.c.Handle(in.Channel), t)
	if err != nil {
		return in, false
	}
	if _, there := d.privateThread(open); there {
		return in, false
	}
	open.Visibility = message.Private
	return in, d.env.Channels.Window(open, d.env.Now).State == WindowOpen
}

func threadName(t Thread) string { return "The " + string(t.Visibility) + " " + t.Channel + " thread" }

func (d *draft) threadIDs() []string {
	ids := make([]string, len(d.c.Threads))
	for i, t := range d.c.Threads {
		ids[i] = t.ID
	}
	return ids
}

func (d *draft) sameBrand(in policy.Inbox) bool {
	com, ok := d.env.Policy.Community(in.Community)
	return ok && com.Brand == d.c.Brand
}

// signed puts the colleague's signature under a text, once.
func (d *draft) signed(t Thread, text string) string {
	text = strings.TrimSpace(text)
	sign := d.env.Policy.Signature(d.c.Brand, d.by)
	if sign == "" || strings.HasSuffix(text, sign) {
		return text
	}
	if t.Channel == "email" {
		return text + "\n\n" + sign
	}
	return text + " " + sign
}

// goPrivate opens or reuses a private thread and sends the first words there.
func (d *draft) goPrivate(cmd GoPrivate) error {
	if err := d.open(); err != nil {
		return err
	}
	silent := strings.TrimSpace(cmd.Text) == ""
	in, err := d.privateInbox(cmd)
	if err != nil {
		return err
	}
	known := d.c.Handle(cmd.Channel)
	if known.IsZero() {
		known = d.caller(in)
	}
	if cmd.Address != "" {
		known = message.Handle{}
	}
	open, openErr := d.env.Channels.Open(in, strings.TrimSpace(cmd.Address), known, d.publicThread())
	if openErr != nil && silent && cmd.Address == "" {
		return d.invite(in, openErr)
	}
	if openErr != nil {
		return refuse(CodeUnreachable, "%s", openErr.Error())
	}
	if err := d.mine("took it to a private thread"); err != nil {
		return err
	}
	if silent {
		brand, _ := d.env.Policy.Brand(d.c.Brand)
		way, _ := d.link(in)
		cmd.Text = d.filled(brand.OpeningText(d.spoken(d.c.About.Language)), way)
	}
	t, reused := d.privateThread(open)
	if !reused {
		t = open
		t.ID, t.Visibility, t.Invited = d.c.nextThread(), message.Private, open.With
		t.Subject = cmd.Subject
		d.emit(ThreadJoined{Thread: t, Via: "private"})
	}
	d.emit(WentPrivate{Thread: t.ID, Address: cmd.Address, Reused: reused})
	reply, err := d.request(t, outgoing{text: cmd.Text, subject: cmd.Subject})
	if err == nil {
		d.propose(reply, cmd.Text)
	}
	return err
}

// publicThread is where the customer last spoke in public, zero if nowhere.
func (d *draft) publicThread() (last Thread) {
	for _, t := range d.c.Threads {
		if t.Visibility == message.Public && t.LastInbound.After(last.LastInbound) {
			last = t
		}
	}
	return last
}

func (d *draft) privateInbox(cmd GoPrivate) (policy.Inbox, error) {
	if cmd.Inbox != "" {
		in, ok := d.env.Policy.Inbox(cmd.Inbox)
		if !ok || in.Channel != cmd.Channel || !d.sameBrand(in) {
			return in, refuse(CodeInvalid, "%q is no %s inbox of this case's brand.", cmd.Inbox, cmd.Channel)
		}
		return in, nil
	}
	var found *policy.Inbox
	for i, in := range d.env.Policy.Inboxes {
		if in.Channel != cmd.Channel || !d.sameBrand(in) {
			continue
		}
		if found == nil || in.Community == d.c.Community && found.Community != d.c.Community {
			found = &d.env.Policy.Inboxes[i]
		}
	}
	if found == nil {
		return policy.Inbox{}, refuse(CodeInvalid, "This case's brand has no %q inbox.", cmd.Channel)
	}
	return *found, nil
}

func (d *draft) privateThread(open Thread) (Thread, bool) {
	for _, t := range d.c.Threads {
		same := open.Key != "" && t.Key == open.Key || !open.With.IsZero() && (t.With == open.With || t.Invited == open.With)
		if t.Visibility == message.Private && t.Channel == open.Channel && t.Inbox == open.Inbox && same {
			return t, true
		}
	}
	return Thread{}, false
}

// reportRank orders what can become of a reply; a report never takes it back.
var reportRank = map[string]int{"pending": 0, "delayed": 1, "unconfirmed": 2, "sent": 3, "delivered": 4, "read": 5, "failed": 6}

func (d *draft) reportReply(r ReportReply) error {
	was, known := d.reply(r.Reply)
	state, thread := was.State, was.Thread
	if !known || (reportRank[r.State] <= reportRank[state] && r.State != "delayed") {
		return nil
	}
	switch r.State {
	case "sent", "delivered", "read":
		if reportRank[state] < reportRank["sent"] {
			d.emit(ReplySent{Reply: r.Reply, Thread: thread, Platform: r.Platform, Key: r.Key, With: r.With, At: r.At})
			if !was.Notice {
				d.answered()
			}
		}
		if r.State == "delivered" {
			d.emit(ReplyDelivered{Reply: r.Reply, Thread: thread})
		}
		if r.State == "read" {
			d.emit(ReplyRead{Reply: r.Reply, Thread: thread})
		}
	case "delayed":
		if state != "pending" && state != "delayed" {
			return nil
		}
		d.emit(ReplyDelayed{Reply: r.Reply, Thread: thread, Until: r.Until, Why: r.Why})
	case "unconfirmed":
		d.emit(ReplyUnconfirmed{Reply: r.Reply, Thread: thread, Why: r.Why})
	case "failed":
		d.emit(ReplyFailed{Reply: r.Reply, Thread: thread, Class: r.Class, Code: r.Code, Why: r.Why})
		if reportRank[state] >= reportRank["sent"] && d.c.Status == StatusOpen && !d.c.owesAWord() && !was.Notice {
			// What counted as an answer never arrived: one is owed again.
			d.startClock(ClockNext, d.c.Targets.NextAnswer)
			d.turn()
		}
	default:
		return refuse(CodeInvalid, "A reply can't become %q.", r.State)
	}
	return nil
}

// watermarkSlack is how much our clock may be ahead of a platform's.
const watermarkSlack = 2 * time.Second

// reportThread takes a receipt that names no message: whatever we had asked to be
// sent by then, and the platform took, is meant.
func (d *draft) reportThread(r ReportThread) error {
	t, ok := d.c.ThreadOf(r.Channel, r.Inbox, r.Key)
	if !ok || r.State != "delivered" && r.State != "read" {
		return nil
	}
	for _, s := range slices.Clone(d.c.Settled) {
		if s.Thread != t.ID || s.At.After(r.At.Add(watermarkSlack)) || reportRank[r.State] <= reportRank[s.State] {
			continue
		}
		if r.State == "read" {
			d.emit(ReplyRead{Reply: s.Reply, Thread: t.ID})
		} else {
			d.emit(ReplyDelivered{Reply: s.Reply, Thread: t.ID})
		}
	}
	return nil
}

// reply finds what the case knows of a reply.
func (d *draft) reply(id string) (Settled, bool) {
	if s, ok := d.c.Sendings[id]; ok {
		return Settled{Reply: id, Thread: s.Thread, State: s.State, Notice: s.Notice}, true
	}
	for _, s := range d.c.Settled {
		if s.Reply == id {
			return s, true
		}
	}
	return Settled{}, false
}
