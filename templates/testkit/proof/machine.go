package proof

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/esgen/esgen/templates/chassis/assembly"
	"github.com/esgen/esgen/templates/chassis/store"
)

// machine runs one replica of a service, until it dies: from then on nothing of
// what it does reaches the network or a disk.
type machine struct {
	world   *world
	service string
	number  int // of how many of the service there were
	stop    context.CancelFunc
	ended   chan struct{}

	mu       sync.Mutex
	died     chan struct{}
	isDead   bool
	thaw     chan struct{} // it is frozen until this is closed; nil: it is not
	sessions []*session
	err      error // with which its program ended
}

// start runs a service on a machine of its own.
func (w *world) start(service string) {
	w.mu.Lock()
	w.started++
	m := &machine{world: w, service: service, number: w.started, ended: make(chan struct{}), died: make(chan struct{})}
	w.machines = append(w.machines, m)
	w.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	m.stop = cancel
	go func() {
		defer close(m.ended)
		err := w.programs[service](ctx, Machine{
			Environment: w.environment(service),
			Listen: func(_ context.Context, _, address string) (net.Listener, error) {
				return w.net.listen(m, service+address)
			},
			Dial:     func(ctx context.Context, _, address string) (net.Conn, error) { return w.net.dial(ctx, m, address) },
			Run:      assembly.Run,
			database: func() *store.DB { return (&drive{w.disks[service]}).open(m) },
			log:      w.writerOf(m),
		})
		m.mu.Lock()
		defer m.mu.Unlock()
		if !m.isDead {
			m.err = err
		}
	}()
}

// alive waits while the machine is frozen, and says whether it lives.
func (m *machine) alive(ctx context.Context) error {
	for {
		m.mu.Lock()
		dead, thaw := m.isDead, m.thaw
		m.mu.Unlock()
		switch {
		case dead:
			return errDead
		case thaw == nil:
			return nil
		}
		select {
		case <-thaw:
		case <-m.died:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// at is told a point that the machine has come to; it may be its last one.
func (m *machine) at(point string) error {
	if point == "" || !m.world.strikes(m, point) {
		return nil
	}
	m.die()
	return errDead
}

// keep remembers a connection to the database; no: the machine is dead.
func (m *machine) keep(s *session) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.isDead {
		m.sessions = append(m.sessions, s)
	}
	return !m.isDead
}

// die ends the machine as a power cut does.
func (m *machine) die() {
	m.mu.Lock()
	if m.isDead {
		m.mu.Unlock()
		return
	}
	m.isDead = true
	close(m.died)
	sessions := m.sessions
	m.sessions = nil
	m.mu.Unlock()
	for _, s := range sessions {
		s.die()
	}
	m.world.net.kill(m)
	m.stop() // what is left of it finds nothing any more, and ends
}

// dead tells whether it is.
func (m *machine) dead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.isDead
}

// freeze keeps it from doing anything for a while.
func (m *machine) freeze(d time.Duration) {
	thaw := make(chan struct{})
	m.mu.Lock()
	if m.isDead || m.thaw != nil {
		m.mu.Unlock()
		return
	}
	m.thaw = thaw
	m.mu.Unlock()
	time.AfterFunc(d, func() {
		m.mu.Lock()
		m.thaw = nil
		m.mu.Unlock()
		close(thaw)
	})
}

// finish waits for the end of a machine that was told to stop.
func (m *machine) finish() error {
	select {
	case <-m.ended:
	case <-time.After(finishTime):
		return fmt.Errorf("%s does not end", m)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil && !errors.Is(m.err, context.Canceled) {
		return fmt.Errorf("%s ended with %w", m, m.err)
	}
	return nil
}

// finishTime is more than a service may take to stop.
const finishTime = 2 * time.Minute

func (m *machine) String() string { return fmt.Sprintf("%s#%d", m.service, m.number) }
