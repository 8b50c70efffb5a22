package docket

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/table"
)

// What customers state in private of who they are is noted under a keyed hash of it,
// so that whoever states the same is found by one read. A message that states nothing
// costs nothing here.

// maxClaims is how many are noted for one thing. What more than one other states
// leads to nobody anyway.
const maxClaims = 8

// claim is one customer who stated it.
type claim struct {
	Customer string `json:"customer"`
	Case     string `json:"case"`
	Message  string `json:"message"`
}

func readClaims(items map[table.Key]table.Item, k table.Key, now time.Time) (all []claim, seq int64, err error) {
	item, ok := items[k]
	if !ok {
		return nil, 0, nil
	}
	if item.Expired(now) {
		return nil, item.Seq, nil
	}
	if err := json.Unmarshal(item.Value, &all); err != nil {
		return nil, 0, fmt.Errorf("evidence %s: %w", k, err)
	}
	return all, item.Seq, nil
}

func writeClaims(k table.Key, all []claim, seq int64, expires time.Time) table.Write {
	value, err := json.Marshal(all)
	if err != nil {
		panic("a claim is plain data: " + err.Error())
	}
	return replace(table.Item{Key: k, Value: value, Expires: expires}, seq)
}

// evidence names what somebody stated.
func (s stones) evidence(st casework.Statement) string {
	mac := hmac.New(sha256.New, s.key)
	_, _ = mac.Write([]byte("evidence\x00" + st.Kind + "\x00" + st.Value)) // a hash takes everything
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// testimony is what a message says of who its author is, with what follows from it.
type testimony struct {
	matches *casework.Matches
	writes  []table.Write // of what he stated for the first time
	// propose are those of a proposal that was made.
	propose func(casework.IdentityProposed) ([]table.Write, error)
}

func (s *testimony) whom() *casework.Matches {
	if s == nil {
		return nil
	}
	return s.matches
}

// follow is what is written together with the events.
func (s *testimony) follow(events []casework.Event) ([]table.Write, error) {
	if s == nil || len(events) == 0 {
		return nil, nil
	}
	for _, e := range events {
		if p, ok := e.(casework.IdentityProposed); ok && s.propose != nil {
			more, err := s.propose(p)
			return append(s.writes[:len(s.writes):len(s.writes)], more...), err
		}
	}
	return s.writes, nil
}

// pointed is somebody whom a statement points to, and the case where he stated the
// same; "" if it is what he writes from.
type pointed struct{ customer, at string }

// testimony looks up what a message that is about to be filed in c says of its author. nil
// is for those that say nothing. With look nothing will be written.
func (d *Docket) testimony(ctx context.Context, c *casework.Case, o Order, look bool) (*testimony, error) {
	r, ok := o.Command.(casework.Receive)
	if !ok {
		return nil, nil
	}
	list := casework.Statements(c, r, d.policy)
	if len(list) == 0 {
		return nil, nil
	}
	keys, err := d.stones(ctx, look)
	if err != nil || keys.key == nil {
		return nil, err
	}
	author := c.Author(r)
	have, err := d.table.Get(ctx, evidenceKeys(keys, r, list)...)
	if err != nil {
		return nil, fmt.Errorf("what message %s says of its author: %w", r.Message.Key(), err)
	}
	s := &testimony{matches: &casework.Matches{Repeated: true, Customer: c.Introduced(r, author)}}
	brand, _ := d.policy.Brand(r.Brand)
	points := make([][]pointed, len(list))
	for i, st := range list {
		if st.Kind == casework.EvidenceLink {
			points[i] = []pointed{{c.Customer.ID, c.ID}}
			s.matches.Repeated = false
			continue
		}
		at := keys.evidence(st)
		claims, seq, err := readClaims(have, evidenceKey(r.Brand, at), o.Now)
		if err != nil {
			return nil, err
		}
		for _, cl := range claims {
			points[i] = append(points[i], pointed{cl.Customer, cl.Case})
		}
		for _, h := range st.Handles {
			p, _, there, err := readPointer(have, handleKey(h))
			if err != nil {
				return nil, err
			}
			id := casework.CustomerID(h)
			if _, open := have[openKey(id, r.Brand)]; there && p.Customer != "" {
				points[i] = append(points[i], pointed{p.Customer, ""})
			} else if open {
				points[i] = append(points[i], pointed{id, ""})
			}
		}
		known := slices.ContainsFunc(claims, func(cl claim) bool { return cl.Customer == author })
		s.matches.Repeated = s.matches.Repeated && (known || st.Sender && len(points[i]) == 0)
		if !known && !st.Sender && len(claims) < maxClaims {
			expires := o.Now.Add(brand.Retention)
			s.writes = append(s.writes, writeClaims(evidenceKey(r.Brand, at), append(claims, claim{author, o.Case, r.Message.ID}), seq, expires),
				table.Write{Item: table.Item{Key: statedKey(author, r.Brand, at), Value: []byte(`{}`), Seq: 1, Expires: expires}})
		}
	}
	return s, d.whom(ctx, s, author, o, list, points)
}

// evidenceKeys are what has to be looked at for statements.
func evidenceKeys(s stones, r casework.Receive, list []casework.Statement) (keys []table.Key) {
	own := handlesOf(&r.Message)
	for _, st := range list {
		if st.Kind == casework.EvidenceLink {
			continue
		}
		add(&keys, evidenceKey(r.Brand, s.evidence(st)))
		for _, h := range st.Handles {
			if !slices.Contains(own, h) {
				add(&keys, handleKey(h), openKey(casework.CustomerID(h), r.Brand))
			}
		}
	}
	return keys
}

// whom holds those that statements point to against what is known of them.
func (d *Docket) whom(ctx context.Context, s *testimony, author string, o Order, list []casework.Statement, points [][]pointed) error {
	r, _ := o.Command.(casework.Receive)
	var ids []string
	for _, ps := range points {
		for _, p := range ps {
			if p.customer != author && p.customer != "" {
				add(&ids, p.customer)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	keys := []table.Key{openKey(author, r.Brand)}
	for _, id := range ids {
		keys = append(keys, openKey(id, r.Brand), erasedKey(id))
	}
	have := map[table.Key]table.Item{}
	for some := range slices.Chunk(keys, 100) {
		more, err := d.table.Get(ctx, some...)
		if err != nil {
			return fmt.Errorf("who is customer %s: %w", author, err)
		}
		maps.Copy(have, more)
	}
	own, _, _, err := readPointer(have, keys[0])
	if err != nil {
		return err
	}
	roots, open := map[string]string{}, map[string]string{}
	for _, id := range ids {
		p, _, there, err := readPointer(have, openKey(id, r.Brand))
		if err != nil {
			return err
		}
		// Who has no case of this brand, or was erased, is nobody.
		if _, erased := have[erasedKey(id)]; !there || erased || slices.Contains(own.Same, id) {
			continue
		}
		roots[id], open[id] = id, p.Case
		if len(p.Same) > 0 {
			roots[id] = p.Same[0]
		}
	}
	them := slices.Compact(slices.Sorted(maps.Values(roots)))
	var one casework.Candidate
	if len(them) == 1 {
		if one, err = d.candidate(ctx, s, author, o, r, roots, open); err != nil || one.Root == "" {
			return err
		}
	}
	for i, ps := range points {
		f := casework.Likeness{Statement: list[i]}
		for _, p := range ps {
			if root := roots[p.customer]; root != "" {
				w := one
				w.Root, w.Case = root, p.at
				f.Whom = append(f.Whom, w)
			}
		}
		s.matches.Found = append(s.matches.Found, f)
	}
	return nil
}

// candidate is the only one whom everything points to; zero if he may not be proposed.
func (d *Docket) candidate(ctx context.Context, s *testimony, author string, o Order, r casework.Receive, roots, open map[string]string) (one casework.Candidate, err error) {
	id := slices.Min(slices.Collect(maps.Keys(roots)))
	c, err := d.load(ctx, open[id])
	if err != nil {
		return one, err
	}
	one.Person = casework.Person{ID: id}
	for _, p := range append([]casework.Person{c.Customer}, c.Handles...) {
		if p.ID == id {
			one.Person = p
			break
		}
	}
	// Somebody who was forgotten, and is back, is not to be recognised.
	marks, err := d.stones(ctx, true)
	if err != nil {
		return one, err
	}
	stones := []table.Key{marks.handle(r.Message.Author.Handle), marks.handle(one.Person.Handle)}
	if have, err := d.table.Get(ctx, slices.Compact(stones)...); err != nil || len(have) > 0 {
		return casework.Candidate{}, err
	}
	mine, err := d.Group(ctx, author)
	if err != nil {
		return one, err
	}
	theirs, err := d.Group(ctx, id)
	if err != nil || mine.Root() == theirs.Root() {
		return casework.Candidate{}, err
	}
	one.Root, one.Declined = theirs.Root(), mine.said(theirs)
	one.Proposed = len(mine.proposed(theirs)) > 0
	s.propose = func(e casework.IdentityProposed) ([]table.Write, error) { return noteProposal(e, mine, theirs, o) }
	return one, nil
}

// noteProposal notes a proposal with both customers, unless one is being erased.
func noteProposal(e casework.IdentityProposed, mine, theirs *Group, o Order) (writes []table.Write, err error) {
	for _, side := range []struct {
		g         *Group
		who, with string
		theirs    bool
	}{{mine, e.Customer.ID, e.With.ID, false}, {theirs, e.With.ID, e.Customer.ID, true}} {
		i := side.g.each[side.who]
		i.Proposals = append(i.Proposals, Proposal{ID: e.ID, With: side.with, Case: o.Case, At: o.Now.UTC(), Why: e.Why, Evidence: e.Evidence, Theirs: side.theirs})
		add(&i.Named, o.Case)
		members := []string{side.g.Root()} // everything about a group moves its version on
		add(&members, side.who)
		more, err := side.g.write(members...)
		if err != nil {
			return nil, err
		}
		writes = append(append(writes, more...), absent(erasedKey(side.who)))
	}
	return writes, nil
}

// absent requires that there is no such item.
func absent(k table.Key) table.Write {
	return table.Write{Op: table.OpCheck, Item: table.Item{Key: k}, When: table.Absent}
}

// claimants are the customers who may have stated something in messages of a case.
func claimants(c *casework.Case, messages ...message.Message) []string {
	ids := []string{c.Customer.ID}
	for _, p := range c.Handles {
		add(&ids, p.ID)
	}
	for _, m := range messages {
		if m.Visibility == message.Private {
			add(&ids, casework.CustomerID(m.Author.Handle))
		}
	}
	return ids
}

// dropClaims takes customers out of what they stated.
func (d *Docket) dropClaims(ctx context.Context, customers []string, gone func(claim) bool) error {
	for _, id := range customers {
		err := d.eachItem(ctx, table.Query{Partition: "customer#" + id, Prefix: statedPrefix}, func(item table.Item) error {
			brand, at, _ := strings.Cut(strings.TrimPrefix(item.Key.Sort, statedPrefix), "#")
			return d.dropClaim(ctx, id, brand, at, gone)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Docket) dropClaim(ctx context.Context, customer, brand, at string, gone func(claim) bool) error {
	k := evidenceKey(brand, at)
	for range retries {
		have, err := d.table.Get(ctx, k)
		if err != nil {
			return err
		}
		all, seq, err := readClaims(have, k, time.Time{})
		if err != nil {
			return err
		}
		left := slices.DeleteFunc(slices.Clone(all), func(c claim) bool { return c.Customer == customer && (gone == nil || gone(c)) })
		if len(left) == len(all) {
			return nil
		}
		writes := []table.Write{{Op: table.OpDelete, Item: table.Item{Key: statedKey(customer, brand, at)}}}
		w := writeClaims(k, left, seq, have[k].Expires)
		if len(left) == 0 {
			w.Op = table.OpDelete
		}
		if err = d.table.Write(ctx, append(writes, w)...); !table.Conflicted(err) {
			return err
		}
	}
	return fmt.Errorf("evidence %s: %w", k, table.ErrUnavailable)
}
