package docket

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/sorting"
	"ines/shared/table"
)

// Filter says which cases a list shows. Empty fields let everything pass.
type Filter struct {
	Department string
	Status     casework.Status
	Owner      string
	Community  string
	Channel    string // of any of the case's threads
	Approver   string // a colleague whose yes is waited for in it
	Asked      string // a colleague who has a question to answer in it
	Text       string // words, each found in the customer's name or handle, last words, topic or a subject, or a whole id
	Limit      int    // cases a page; 0 means DefaultLimit
}

// DefaultLimit and MaxLimit are the sizes of a page of a list.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// ErrCursor is wrapped by List for a cursor that is not one of the list's.
var ErrCursor = errors.New("not a cursor of this list")

// maxScan bounds how many views one call reads in search of those that match: a
// page may then hold fewer cases than asked for and still have a successor.
const maxScan = 5000

// phase is one half of a list: what is open, then what is closed.
type phase int

const (
	phaseOpen phase = iota
	phaseClosed
)

// place is where a page of a list ended. Sort keys end with the case's id, so
// that a place lies between two cases whatever comes and goes around it.
type place struct {
	Of    uint32 `json:"f"` // hash of the filter it belongs to
	Phase phase  `json:"p"`
	After string `json:"a"`
}

func (p place) String() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic("a place is plain data: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func (f Filter) place(cursor string) (place, error) {
	p := place{Of: f.hash(), Phase: f.first()}
	if cursor == "" {
		return p, nil
	}
	var given place
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, &given)
	}
	switch {
	case err != nil, given.Phase != phaseOpen && given.Phase != phaseClosed:
		return p, fmt.Errorf("%w: it is damaged", ErrCursor)
	case given.Of != p.Of:
		return p, fmt.Errorf("%w: it belongs to other filters", ErrCursor)
	}
	return given, nil
}

func (f Filter) hash() uint32 {
	h := fnv.New32a()
	h.Write([]byte(strings.Join([]string{f.Department, string(f.Status), f.Owner, f.Community, f.Channel, f.Text, f.Asked, f.Approver}, "\x00")))
	return h.Sum32()
}

func (f Filter) first() phase {
	if f.Status == casework.StatusResolved {
		return phaseClosed
	}
	return phaseOpen
}

// last: a closed case has no owner, so that a colleague's list ends with what is
// open.
func (f Filter) last() phase {
	if f.Status == "" && f.Owner == "" {
		return phaseClosed
	}
	return f.first()
}

func (f Filter) matches(v casework.View) bool {
	switch {
	case f.Department != "" && v.Department != f.Department,
		f.Status != "" && v.Status != f.Status,
		f.Owner != "" && v.Owner != f.Owner,
		f.Asked != "" && v.AskedOf(f.Asked).ID == "",
		f.Approver != "" && !casework.AwaitsYesOf(v.Approvals, f.Approver),
		f.Community != "" && v.Community != f.Community,
		f.Channel != "" && !slices.ContainsFunc(v.Threads, func(t casework.Thread) bool { return t.Channel == f.Channel }):
		return false
	}
	words := strings.Fields(strings.ToLower(f.Text))
	return len(words) == 0 || !slices.ContainsFunc(words, func(w string) bool { return !says(v, w) })
}

// says reports whether a view has a word that is looked for. Ids are strings of
// chance: ours must be given whole, and those of platforms (numbers, mail
// addresses) by a part that is not found everywhere.
func says(v casework.View, word string) bool {
	const telling = 4
	hay := []string{v.Customer.Name, v.Customer.Username, v.LastText, v.About.Topic}
	ids := []string{v.Customer.Handle.ID}
	for _, t := range v.Threads {
		hay, ids = append(hay, t.Subject), append(ids, t.With.ID)
	}
	if len(word) >= telling {
		hay = append(hay, ids...)
	}
	return word == v.ID || word == v.Customer.ID || strings.Contains(strings.ToLower(strings.Join(hay, "\n")), word)
}

// List shows cases: the open ones by deadline, then the resolved, newest first.
// next continues the list and is "" on its last page. Views follow the logs
// within moments; a case that moves while the pages are read may be seen where it
// was or where it is. Errors: ErrCursor (wrapped) and the table's.
func (d *Docket) List(ctx context.Context, f Filter, cursor string) (views []casework.View, next string, err error) {
	if f.Limit <= 0 {
		f.Limit = DefaultLimit
	}
	f.Limit = min(f.Limit, MaxLimit)
	at, err := f.place(cursor)
	if err != nil {
		return nil, "", err
	}
	if f.Asked != "" {
		views, err = d.Asked(ctx, f.Asked)
		return slices.DeleteFunc(views, func(v casework.View) bool { return !f.matches(v) }), "", err
	}
	if f.Owner != "" && f.Status == casework.StatusResolved {
		return nil, "", nil // whoever solved it holds it no more
	}
	seen := map[string]bool{}
	end := at // behind the last view of the page
	for scanned := 0; at.Phase <= f.last(); at = (place{Of: at.Of, Phase: at.Phase + 1}) {
		m := d.lanes(f, at)
		for {
			item, sort, ok, err := m.next(ctx)
			if err != nil {
				return nil, "", fmt.Errorf("list cases: %w", err)
			}
			if !ok {
				break
			}
			if scanned++; scanned > maxScan {
				return views, at.String(), nil
			}
			v, err := decodeView(item)
			if err != nil {
				return nil, "", err
			}
			at.After = sort
			if seen[v.ID] || !f.matches(v) {
				continue
			}
			if len(views) == f.Limit {
				return views, end.String(), nil
			}
			seen[v.ID] = true
			views, end = append(views, v), at
		}
	}
	return views, "", nil
}

// lanes are the index partitions that a phase of a list is merged from.
func (d *Docket) lanes(f Filter, at place) *merge {
	m := &merge{d: d, down: at.Phase == phaseClosed}
	q := table.Query{Index: IndexQueue, Descending: m.down}
	if m.down {
		q.To = at.After
	} else {
		q.From = at.After
	}
	m.after = at.After
	if f.Owner != "" && at.Phase == phaseOpen {
		q.Index, q.Partition, q.Limit = IndexOwner, f.Owner, f.Limit+2
		m.lanes = []lane{{query: q}}
		return m
	}
	prefix := "open#"
	if m.down {
		prefix = "closed#"
	}
	for _, dept := range d.policy.Departments {
		if f.Department != "" && dept.ID != f.Department {
			continue
		}
		for shard := range d.settings.QueueShards {
			q.Partition = prefix + dept.ID + "#" + strconv.Itoa(shard)
			m.lanes = append(m.lanes, lane{query: q})
		}
	}
	for i := range m.lanes {
		// Shards share the work about evenly; who has more is asked again.
		m.lanes[i].query.Limit = min(f.Limit+2, 2*f.Limit/len(m.lanes)+8)
	}
	return m
}

// lane is one partition being read page by page.
type lane struct {
	query table.Query
	items []table.Item
	begun bool
}

func (l *lane) fill(ctx context.Context, t table.Table) error {
	for len(l.items) == 0 && (!l.begun || l.query.Cursor != "") {
		page, err := t.Query(ctx, l.query)
		if err != nil {
			return err
		}
		l.items, l.query.Cursor, l.begun = page.Items, page.Cursor, true
	}
	return nil
}

func (l *lane) sort() string { return l.items[0].Indexes[l.query.Index].Sort }

// merge reads lanes in the order of their sort keys.
type merge struct {
	d     *Docket
	lanes []lane
	down  bool
	after string // the place to begin behind
}

func (m *merge) next(ctx context.Context) (table.Item, string, bool, error) {
	for {
		var best *lane
		for i := range m.lanes {
			l := &m.lanes[i]
			if err := l.fill(ctx, m.d.table); err != nil {
				return table.Item{}, "", false, err
			}
			if len(l.items) > 0 && (best == nil || (l.sort() > best.sort()) == m.down) {
				best = l
			}
		}
		if best == nil {
			return table.Item{}, "", false, nil
		}
		item, sort := best.items[0], best.sort()
		best.items = best.items[1:]
		if sort != m.after { // the bounds of a query are inclusive
			return item, sort, true, nil
		}
	}
}

// maxCustomerCases bounds how many of a customer's cases are read.
const maxCustomerCases = 200

// Customer lists a customer's cases, newest first, at most 200. None means that
// nobody knows the customer. They are in the index but for the newest of each brand,
// which his pointer leads to until something is done about it.
func (d *Docket) Customer(ctx context.Context, id string) ([]casework.View, error) {
	views, err := d.newest(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("cases of customer %s: %w", id, err)
	}
	newest := len(views)
	q := table.Query{Index: IndexCustomer, Partition: id, Descending: true, Limit: maxCustomerCases}
	for len(views) < maxCustomerCases {
		page, err := d.table.Query(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("cases of customer %s: %w", id, err)
		}
		for _, item := range page.Items {
			v, err := decodeView(item)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(views[:newest], func(have casework.View) bool { return have.ID == v.ID }) {
				views = append(views, v)
			}
		}
		if page.Cursor == "" {
			break
		}
		q.Cursor = page.Cursor
	}
	sorting.By(views, func(a, b casework.View) int {
		return cmp.Or(strings.Compare(instant(b.OpenedAt), instant(a.OpenedAt)), strings.Compare(b.ID, a.ID))
	})
	return views[:min(len(views), maxCustomerCases)], nil
}

// newest are the views of the cases that a customer's pointers lead to, if they are his.
func (d *Docket) newest(ctx context.Context, customer string) ([]casework.View, error) {
	pointed, err := d.pointedCases(ctx, customer)
	if err != nil {
		return nil, err
	}
	items, err := d.views(ctx, pointed)
	if err != nil {
		return nil, err
	}
	var views []casework.View
	for _, id := range pointed {
		item, ok := items[viewKey(id)]
		if !ok {
			continue // claimed, or not shown yet
		}
		v, err := decodeView(item)
		if err != nil {
			return nil, err
		}
		// One that was merged by a colleague is in the index; another that was is in no list.
		if v.Customer.ID == customer && v.MergedInto == "" {
			views = append(views, v)
		}
	}
	return views, nil
}

// pointedCases are the cases that a customer's pointers lead to, one for each brand.
func (d *Docket) pointedCases(ctx context.Context, customer string) (ids []string, err error) {
	err = d.eachItem(ctx, table.Query{Partition: "customer#" + customer, Prefix: openPrefix}, func(item table.Item) error {
		p, err := decodePointer(item)
		if err != nil {
			return err
		}
		add(&ids, nonEmpty(p.Case)...)
		return nil
	})
	return ids, err
}

// Waiting counts a department's open cases whose customer waits for us, and says
// since when the first of them has waited (zero if nobody does). It reads at most
// 5,000 cases; more is true if there were more.
func (d *Docket) Waiting(ctx context.Context, department string) (count int, oldest time.Time, more bool, err error) {
	scanned := 0
	for shard := range d.settings.QueueShards {
		q := table.Query{Index: IndexQueue, Partition: "open#" + department + "#" + strconv.Itoa(shard)}
		for {
			page, err := d.table.Query(ctx, q)
			if err != nil {
				return 0, oldest, false, fmt.Errorf("who waits for %s: %w", department, err)
			}
			for _, item := range page.Items {
				v, err := decodeView(item)
				if err != nil {
					return 0, oldest, false, err
				}
				if scanned++; scanned > maxScan {
					return count, oldest, true, nil
				}
				if v.Status != casework.StatusOpen || v.WaitingFor != "us" {
					continue
				}
				count++
				if oldest.IsZero() || v.WaitingSince.Before(oldest) {
					oldest = v.WaitingSince
				}
			}
			if page.Cursor == "" {
				break
			}
			q.Cursor = page.Cursor
		}
	}
	return count, oldest, false, nil
}
