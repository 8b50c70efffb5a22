package sqlite

import (
	"container/heap"
	"math"
	"slices"

	"ines/shared/queue"
)

// line is one queue: which letters are in it, and whose turn it is next. All of it but
// the name is guarded by Queues.mu.
type line struct {
	Queue
	id      int64
	dead    *line // nil for a dead-letter queue
	wake    chan struct{}
	letters map[int64]*letter // by number
	groups  map[string]*group // of a FIFO queue
	turns   turns             // of letters, on a FIFO queue of groups
	served  int64             // counts turns of groups
}

// letter is a message without its text, which stays in the file. Times are epoch
// milliseconds.
type letter struct {
	n           int64
	receives    int64
	visible     int64 // it may be delivered from then on
	sent, first int64 // first holds the time of sending until it is delivered
	group       string
	turn        *turn // on a standard queue
}

// receipt is that of the letter's last delivery.
func (m *letter) receipt() receipt { return receipt{m.n, m.receives} }

// group has the letters of a FIFO queue's group, in order. As long as one of them is
// in flight it gives none.
type group struct {
	name    string
	letters []*letter
	taken   int // what is in flight is among so many first ones
	turn    *turn
}

func newLine(spec Queue, dead *line) *line {
	return &line{Queue: spec, dead: dead, wake: make(chan struct{}, 1), letters: map[int64]*letter{}, groups: map[string]*group{}}
}

// add puts a letter where its number belongs. A group that is known keeps its turn.
func (l *line) add(m *letter, now int64) {
	l.letters[m.n] = m
	if !l.FIFO {
		m.turn = &turn{letter: m}
		l.wait(m)
		return
	}
	g := l.groups[m.group]
	if g == nil {
		g = &group{name: m.group, turn: &turn{}}
		g.turn.group = g
		l.groups[m.group] = g
		l.ready(g, now)
	}
	at := len(g.letters)
	for at > 0 && g.letters[at-1].n > m.n {
		at--
	}
	g.letters = slices.Insert(g.letters, at, m)
}

// drop takes a letter out. Its group's turn is what it was: see regroup.
func (l *line) drop(m *letter) {
	delete(l.letters, m.n)
	if !l.FIFO {
		l.turns.remove(m.turn)
		return
	}
	g := l.groups[m.group]
	if i := slices.Index(g.letters, m); i >= 0 {
		copy(g.letters[1:i+1], g.letters[:i]) // it is among the first ones
		g.letters[0] = nil
		g.letters = g.letters[1:]
	}
}

// wait gives a standard queue's letter its turn: by the time, then those before that
// were delivered less often.
func (l *line) wait(m *letter) { l.turns.set(m.turn, m.visible, m.receives<<48+m.n) }

// ready gives a group its turn, behind those that are ready at the same time.
func (l *line) ready(g *group, at int64) {
	l.served++
	l.turns.set(g.turn, at, l.served)
}

// regroup works out when a group is ready after some of what was in flight is gone or
// was postponed, and reports whether it is ready now.
func (l *line) regroup(name string, now int64) bool {
	g := l.groups[name]
	switch {
	case g == nil:
		return false
	case len(g.letters) == 0:
		l.turns.remove(g.turn)
		delete(l.groups, name)
		return false
	}
	first := g.letters[:min(g.taken, len(g.letters))]
	if l.dead == nil { // what was buried later may stand before what is in flight
		first = g.letters
	}
	at := now
	for _, m := range first {
		at = max(at, m.visible)
	}
	l.ready(g, at)
	return at == now
}

// held is the letter that a receipt is for, nil if the receipt is not valid any more.
func (l *line) held(r receipt, now int64) *letter {
	if m := l.letters[r.n]; m != nil && m.receives == r.receives && m.visible > now {
		return m
	}
	return nil
}

// exhausted reports whether a letter was delivered too often.
func (l *line) exhausted(m *letter) bool {
	return l.dead != nil && l.MaxReceives > 0 && m.receives >= int64(l.MaxReceives)
}

// depth counts the letters.
func (l *line) depth(now int64) (d queue.Depth) {
	for _, m := range l.letters {
		switch {
		case m.visible <= now:
			d.Visible++
		case m.receives > 0:
			d.InFlight++
		default:
			d.Delayed++
		}
	}
	return d
}

// next is when a letter may be delivered if nothing else happens.
func (l *line) next() (at int64, found bool) {
	if len(l.turns) == 0 {
		return math.MaxInt64, false
	}
	return l.turns[0].at, true
}

func (l *line) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// turn is when a letter or a group may be served: by the time, then by order.
type turn struct {
	at, order int64
	place     int // among the turns
	letter    *letter
	group     *group
}

// turns is a heap, the next one first.
type turns []*turn

func (t turns) Len() int { return len(t) }

func (t turns) Less(i, j int) bool {
	return t[i].at < t[j].at || t[i].at == t[j].at && t[i].order < t[j].order
}

func (t turns) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].place, t[j].place = i, j
}

// Push implements heap.Interface.
func (t *turns) Push(x any) {
	one := x.(*turn)
	one.place = len(*t)
	*t = append(*t, one)
}

// Pop implements heap.Interface.
func (t *turns) Pop() any {
	last := len(*t) - 1
	one := (*t)[last]
	(*t)[last] = nil
	*t = (*t)[:last]
	return one
}

// has reports whether a turn is among them.
func (t turns) has(one *turn) bool {
	return one.place < len(t) && t[one.place] == one
}

func (t *turns) set(one *turn, at, order int64) {
	one.at, one.order = at, order
	if t.has(one) {
		heap.Fix(t, one.place)
		return
	}
	heap.Push(t, one)
}

func (t *turns) remove(one *turn) {
	if t.has(one) {
		heap.Remove(t, one.place)
	}
}
