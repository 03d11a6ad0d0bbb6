package store

import "sync"

// signals wakes those in this process who wait for rows, so that they need not
// poll often. It is a hint only: another replica's commit is not heard, and
// who waits polls as well.
type signals struct {
	mu      sync.Mutex
	waiting map[string]chan struct{}
}

// Signal returns a channel that is closed at the next Wake of that name. Ask
// for it before looking for rows: rows that come in between are not missed.
func (db *DB) Signal(name string) <-chan struct{} {
	db.signals.mu.Lock()
	defer db.signals.mu.Unlock()
	if db.signals.waiting == nil {
		db.signals.waiting = map[string]chan struct{}{}
	}
	c, ok := db.signals.waiting[name]
	if !ok {
		c = make(chan struct{})
		db.signals.waiting[name] = c
	}
	return c
}

// Wake wakes those who wait for the signal; see Tx.AfterCommit.
func (db *DB) Wake(name string) {
	db.signals.mu.Lock()
	defer db.signals.mu.Unlock()
	if c, ok := db.signals.waiting[name]; ok {
		close(c)
		delete(db.signals.waiting, name)
	}
}
