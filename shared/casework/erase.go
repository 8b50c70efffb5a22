package casework

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"ines/shared/message"
	"ines/shared/pattern"
)

// Erase makes a case forget everything that was said in it. EraseAuthor does so with
// what one person wrote in it.
type (
	Erase struct {
		Erasure, Customer string
		Retention         bool
	}
	EraseAuthor struct {
		Erasure, Customer string
		Traces            Traces
	}
)

func (Erase) command()       {}
func (EraseAuthor) command() {}

// IsErased reports whether the case was erased: it is the stone over a grave, and no
// case that anything can belong to.
func (c *Case) IsErased() bool { return !c.ErasedAt.IsZero() }

// ErasedHandle is how an event names the handle of somebody who was forgotten.
func ErasedHandle(h message.Handle) string { return message.DeriveID("erased", h.Key()) }

func (d *draft) erase(e Erase) {
	if !d.c.IsErased() {
		d.emit(Erased{Erasure: e.Erasure, Customer: e.Customer, Retention: e.Retention, Messages: d.c.Messages})
	}
}

// gone answers every command for an erased case: machines come too late and have
// nothing to do, people are told.
func (d *draft) gone(cmd Command) error {
	switch cmd.(type) {
	case Erase, EraseAuthor, Receive, Edit, Delete, NoteFile, NoteName, HearConsent, FireTimers, ReportReply, ReportThread, NoteSplit, MergeInto, NoteFollowUp, LinkIncident, AnswerIncident:
		return nil
	}
	return refuse(CodeErased, "The case was erased on %s. Nothing of it is left.", d.stamp(d.c.ErasedAt))
}

func (d *draft) eraseAuthor(e EraseAuthor) {
	var people []string
	for _, h := range e.Traces.Handles {
		people = append(people, ErasedHandle(h))
	}
	d.emit(AuthorErased{Erasure: e.Erasure, Customer: e.Customer, People: people, Messages: e.Traces.Messages})
}

func (c *Case) applyErase(at time.Time, e Event) {
	switch e := e.(type) {
	case Erased:
		*c = Case{ID: c.ID, Seq: c.Seq, Status: StatusResolved, Brand: c.Brand, Community: c.Community, Department: c.Department,
			OpenedAt: c.OpenedAt, ResolvedAt: c.ResolvedAt, Messages: e.Messages, ErasedAt: at}
		if c.ResolvedAt.IsZero() {
			c.ResolvedAt = at
		}
	case AuthorErased:
		c.quote("", nil) // it may name him
		gone := func(h message.Handle) bool { return slices.Contains(e.People, ErasedHandle(h)) }
		for key := range c.Bystanders {
			if h, ok := message.ParseHandle(key); ok && gone(h) {
				delete(c.Bystanders, key)
			}
		}
		c.forgetIdentity(gone)
		for i := range c.Threads {
			if t := &c.Threads[i]; gone(t.With) {
				t.With, t.Extra = message.Handle{}, nil
			}
		}
	}
}

// Traces are what somebody left in others' cases: whose messages are emptied, and the
// words (names, user names) that are struck out of everything else.
type Traces struct {
	Handles  []message.Handle
	Words    []string
	Messages int // how many of theirs there are
}

// kept are the members of events whose text may stay in an erased case: ids of ours,
// words of the policy and of this code. Text of all other members, those of events yet
// to come included, is taken for somebody's.
var kept = []string{"kind", "case", "cause", "seq", "by", "brand", "community", "department", "departments", "channel", "inbox", "visibility", "role", "via",
	"follows_up", "linked_from", "from_case", "into", "new_case", "follow_up", "clock", "colleague", "owner", "for", "do", "who", "approvers", "approval",
	"promise", "reply", "thread", "after", "action", "action_id", "amount", "currency", "day", "charged", "asked_by", "state", "class", "direction", "outcome", "was",
	"rule", "topic", "tone", "language", "urgency", "segment", "item", "erasure"}

// dropped are members that go whole: maps with people's handles for keys, and
// explanations, which quote.
var dropped = []string{"message", "handles", "splits", "extra", "why", "author", "also", "attachments", "points", "refs", "mentions"}

var memberName = pattern.Late{Expr: `^[a-z0-9_]+$`}

// Blank is the commit without anything that somebody said and without anybody's
// name, handle or id on a platform: when what kind of thing happened, by which
// colleague, is left.
func (cm Commit) Blank() (Commit, error) {
	tree, err := treeOf(cm)
	if err != nil {
		return cm, err
	}
	if cause, ok := tree["cause"].(map[string]any); ok && cause["kind"] == "delivery" {
		tree["cause"] = map[string]any{"kind": "delivery", "id": cause["id"], "outcome": cause["outcome"], "items": cause["items"]}
	} else if ok {
		tree["cause"] = map[string]any{"kind": cause["kind"]}
	}
	if events, ok := tree["events"].([]any); ok {
		for i := range events {
			events[i] = blank("", events[i])
		}
	}
	return commitOf(tree)
}

func blank(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			if slices.Contains(dropped, k) || !memberName.MatchString(k) {
				delete(v, k)
				continue
			}
			if inner = blank(k, inner); inner == nil {
				delete(v, k)
			} else {
				v[k] = inner
			}
		}
		return v
	case []any:
		out := v[:0]
		for _, inner := range v {
			if inner = blank(name, inner); inner != nil {
				out = append(out, inner)
			}
		}
		return out
	case string:
		if _, err := time.Parse(time.RFC3339Nano, v); err == nil || slices.Contains(kept, name) {
			return v
		}
		return nil
	}
	return v
}

// Without is the commit without what somebody left in it, and whether anything had to
// go. The ids of his messages stay, so that a second delivery of one is recognised.
func (cm Commit) Without(t Traces) (Commit, bool, error) {
	changed := false
	for i, e := range cm.Events {
		r, ok := e.(MessageReceived)
		if !ok || !slices.Contains(t.Handles, r.Message.Author.Handle) {
			continue
		}
		if i == 0 || !changed {
			cm.Events = slices.Clone(cm.Events)
		}
		r.Message = Redacted(r.Message)
		r.Message.Author, r.Message.Also, r.Message.Token = message.Author{}, nil, ""
		cm.Events[i], changed = r, true
	}
	tree, err := treeOf(cm)
	if err != nil {
		return cm, false, err
	}
	s := striker{words: t.needles(), handles: t.Handles}
	s.strike(tree["events"])
	if !changed && s.struck == 0 {
		return cm, false, nil
	}
	cm, err = commitOf(tree)
	return cm, true, err
}

// Strike takes the names and handles out of any JSON, and says whether there were
// any.
func (t Traces) Strike(raw []byte) ([]byte, bool, error) {
	var tree any
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	if err := dec.Decode(&tree); err != nil {
		return raw, false, err
	}
	s := striker{words: t.needles()}
	tree = s.strike(tree)
	if s.struck == 0 {
		return raw, false, nil
	}
	out, err := json.Marshal(tree)
	return out, true, err
}

// telling is how long a word must be to be struck out wherever it stands.
const telling = 4

func (t Traces) needles() (words []string) {
	add := func(w string) {
		if w = strings.TrimSpace(w); len(w) >= telling && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	for _, h := range t.Handles {
		add(h.ID)
	}
	for _, w := range t.Words {
		add(w)
	}
	return words
}

// striker takes words out of whatever text they stand in.
type striker struct {
	words   []string
	handles []message.Handle
	struck  int
}

// person takes handle and names out of somebody who is one of those to be forgotten:
// names may be too short to be struck out wherever they stand.
func (s *striker) person(v map[string]any) {
	h, ok := v["handle"].(map[string]any)
	if !ok {
		return
	}
	text := func(name string) string { t, _ := h[name].(string); return t }
	if slices.Contains(s.handles, message.Handle{Channel: text("channel"), Scope: text("scope"), ID: text("id")}) {
		delete(v, "handle")
		delete(v, "name")
		delete(v, "username")
		s.struck++
	}
}

func (s *striker) strike(v any) any {
	switch v := v.(type) {
	case map[string]any:
		s.person(v)
		for k, inner := range v {
			if s.clean(k) != k {
				delete(v, k)
				continue
			}
			v[k] = s.strike(inner)
		}
	case []any:
		for i := range v {
			v[i] = s.strike(v[i])
		}
	case string:
		return s.clean(v)
	}
	return v
}

// Struck stands where the name of somebody stood who was forgotten.
const Struck = "…"

func (s *striker) clean(text string) string {
	for _, w := range s.words {
		if strings.Contains(text, w) {
			text = strings.ReplaceAll(text, w, Struck)
			s.struck++
		}
	}
	return text
}

func treeOf(cm Commit) (tree map[string]any, err error) {
	raw, err := json.Marshal(cm)
	if err != nil {
		return nil, fmt.Errorf("commit %d of case %s: %w", cm.Seq, cm.Case, err)
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	return tree, dec.Decode(&tree)
}

func commitOf(tree map[string]any) (cm Commit, err error) {
	raw, err := json.Marshal(tree)
	if err == nil {
		err = json.Unmarshal(raw, &cm)
	}
	if err != nil {
		return cm, fmt.Errorf("a commit without what was erased: %w", err)
	}
	return cm, nil
}
