package rule

import (
	"fmt"
	"sync"
)

// What one evaluation may use. A rule that needs more fails: it must not be able to
// hold up the messages behind it, whatever somebody writes into one.
const (
	mostParts = 1_000_000  // of lists and maps that it makes
	mostText  = 16 << 20   // bytes of text that it makes
	mostWork  = 10_000_000 // parts that it looks at, and other small steps
)

// machine is the state of one evaluation. A failure ends it by a panic with an
// *Error, which Program catches.
type machine struct {
	source Source
	vars   []Value
	loops  []loop
	stack  []Value // arguments
	at     int     // of the function that runs
	name   string  // of it

	parts, written, worked int
}

// loop is a list of whose parts something is asked.
type loop struct {
	list  Value
	index int
	acc   Value
}

var machines = sync.Pool{New: func() any { return new(machine) }}

func newMachine(p *Program, source Source) *machine {
	m := machines.Get().(*machine)
	m.source = source
	if len(m.vars) < p.vars {
		m.vars = make([]Value, p.vars)
	}
	if len(m.loops) < p.loops {
		m.loops = make([]loop, p.loops)
	}
	return m
}

// done gives the machine back and catches why it stopped early. It has to be
// deferred itself.
func (m *machine) done(err *error) {
	switch p := recover().(type) {
	case nil:
	case *Error:
		*err = p
	default: // our own mistake: it must not take the messages down with it
		*err = &Error{At: m.at, Message: fmt.Sprintf("the rule broke: %v", p)}
	}
	clear(m.vars)
	clear(m.loops)
	clear(m.stack[:cap(m.stack)])
	*m = machine{vars: m.vars, loops: m.loops, stack: m.stack[:0]}
	machines.Put(m)
}

func (m *machine) fail(at int, format string, args ...any) {
	panic(&Error{At: at, Message: fmt.Sprintf(format, args...)})
}

// grow notes that so many parts are made.
func (m *machine) grow(parts int) {
	if m.parts += parts; parts < 0 || m.parts >= mostParts {
		m.fail(m.at, "memory budget exceeded")
	}
	m.work(parts)
}

// write notes that so many bytes of text are made.
func (m *machine) write(bytes int) {
	if m.written += bytes; bytes < 0 || m.written > mostText {
		m.fail(m.at, "memory budget exceeded")
	}
	m.work(bytes >> 5)
}

// work notes so many steps.
func (m *machine) work(steps int) {
	if m.worked += steps; m.worked > mostWork {
		m.fail(m.at, "the rule takes too long")
	}
}
