package wait

import "sync"

// Signals wakes those in this process who wait for something to be stored, so that
// they need not poll often. It is a hint only: another replica's commit is not
// heard, and who waits polls as well.
type Signals struct {
	mu      sync.Mutex
	waiting map[string]chan struct{}
}

// Signal returns a channel that is closed at the next Wake of that name. Ask
// for it before looking for what is stored: what comes in between is not missed.
func (s *Signals) Signal(name string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		s.waiting = map[string]chan struct{}{}
	}
	c, ok := s.waiting[name]
	if !ok {
		c = make(chan struct{})
		s.waiting[name] = c
	}
	return c
}

// Wake wakes those who wait for the signal, once what they wait for is committed.
func (s *Signals) Wake(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.waiting[name]; ok {
		close(c)
		delete(s.waiting, name)
	}
}
