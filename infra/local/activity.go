package local

import "sync"

// activity counts what is under way, so that somebody can tell when the engine has
// come to rest.
type activity struct {
	mu      sync.Mutex
	running int
	begun   uint64
	ended   chan struct{} // closed at the next end; nil while nobody waits
}

func (a *activity) begin() {
	a.mu.Lock()
	a.running++
	a.begun++
	a.mu.Unlock()
}

func (a *activity) end() {
	a.mu.Lock()
	a.running--
	if a.ended != nil {
		close(a.ended)
		a.ended = nil
	}
	a.mu.Unlock()
}

// state says how much is running, how much was ever begun, and when to look again.
func (a *activity) state() (running int, begun uint64, ended <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended == nil {
		a.ended = make(chan struct{})
	}
	return a.running, a.begun, a.ended
}
