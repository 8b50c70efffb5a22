package docket

import (
	"container/list"
	"sync"
)

// lately keeps the values that were used last, each by its id, and lets go of the one
// used least recently when there are more than most. It is safe for concurrent use.
type lately[V any] struct {
	most int
	mu   sync.Mutex
	used list.List // of *kept[V], the one used last first
	by   map[string]*list.Element
}

type kept[V any] struct {
	id    string
	value V
}

func newLately[V any](most int) *lately[V] {
	return &lately[V]{most: most, by: make(map[string]*list.Element)}
}

// get uses a value.
func (l *lately[V]) get(id string) (value V, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.by[id]
	if !ok {
		return value, false
	}
	l.used.MoveToFront(e)
	return e.Value.(*kept[V]).value, true
}

// set keeps a value instead of the one of that id, if there is one.
func (l *lately[V]) set(id string, value V) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.by[id]; ok {
		e.Value.(*kept[V]).value = value
		l.used.MoveToFront(e)
		return
	}
	l.add(id, value)
}

// getOrSet uses the value that is there, else keeps this one.
func (l *lately[V]) getOrSet(id string, value V) V {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.by[id]; ok {
		l.used.MoveToFront(e)
		return e.Value.(*kept[V]).value
	}
	l.add(id, value)
	return value
}

func (l *lately[V]) add(id string, value V) {
	l.by[id] = l.used.PushFront(&kept[V]{id, value})
	if len(l.by) > l.most {
		l.drop(l.used.Back())
	}
}

func (l *lately[V]) remove(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.by[id]; ok {
		l.drop(e)
	}
}

func (l *lately[V]) drop(e *list.Element) {
	delete(l.by, e.Value.(*kept[V]).id)
	l.used.Remove(e)
}

// shed lets go of what was used least recently until what the rest weighs is at most
// so much, but never of the last one.
func (l *lately[V]) shed(most int64, weight func(V) int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var sum int64
	for e := l.used.Front(); e != nil; e = e.Next() {
		sum += weight(e.Value.(*kept[V]).value)
	}
	for sum > most && len(l.by) > 1 {
		e := l.used.Back()
		sum -= weight(e.Value.(*kept[V]).value)
		l.drop(e)
	}
}
