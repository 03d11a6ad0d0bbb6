package proof

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// network connects the machines of a history. What is sent takes a moment, and
// nothing of it reaches or leaves a machine that is dead.
type network struct {
	chance *chance

	mu        sync.Mutex
	listeners map[string][]*listener      // by address; of several one is chosen
	cut       map[[2]string]bool          // between whom nothing goes, by the names of services, both ways
	late      map[[2]string]time.Duration // between whom it takes up to so long
	down      map[string]bool             // who is away
	conns     []*conn                     // in the order in which they were made: that of a map is up to where things lie in memory
}

func newNetwork(c *chance) *network {
	return &network{chance: c, listeners: map[string][]*listener{}, cut: map[[2]string]bool{}, late: map[[2]string]time.Duration{}, down: map[string]bool{}}
}

// listener is a way in to a machine.
type listener struct {
	net     *network
	of      *machine // nil: of the world's
	address string
	come    chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func (n *network) listen(of *machine, address string) (net.Listener, error) {
	l := &listener{net: n, of: of, address: address, come: make(chan net.Conn), closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[address] = append(n.listeners[address], l)
	return l, nil
}

// Accept waits for who dials.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.come:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close takes the way in away.
func (l *listener) Close() error {
	l.once.Do(func() {
		l.net.mu.Lock()
		defer l.net.mu.Unlock()
		var left []*listener
		for _, other := range l.net.listeners[l.address] {
			if other != l {
				left = append(left, other)
			}
		}
		l.net.listeners[l.address] = left
		close(l.closed)
	})
	return nil
}

// Addr is where it listens.
func (l *listener) Addr() net.Addr { return address(l.address) }

type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

// dial connects a machine with whoever listens; from is nil for the world's own.
func (n *network) dial(ctx context.Context, from *machine, to string) (net.Conn, error) {
	if from != nil {
		if err := from.alive(ctx); err != nil {
			_ = wait(ctx, dialTime) // or it would try again at once, and no time would pass for anybody
			return nil, err
		}
	}
	n.mu.Lock()
	there := n.listeners[to]
	host, _, _ := net.SplitHostPort(to)
	separate := from != nil && n.cut[link(from.service, host)]
	gone := from != nil && n.down[host]
	n.mu.Unlock()
	if len(there) == 0 || gone {
		return nil, fmt.Errorf("dial %s: %w", to, syscall.ECONNREFUSED)
	}
	if separate { // nobody says no
		if err := wait(ctx, dialTime); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("dial %s: %w", to, syscall.ETIMEDOUT)
	}
	l := there[n.chance.pick(len(there))]
	a, b := newPipe(), newPipe()
	mine := &conn{net: n, of: from, peer: l.of, to: host, in: a, out: b, local: addressOf(from), remote: address(to)}
	theirs := &conn{net: n, of: l.of, peer: from, to: nameOf(from), in: b, out: a, local: address(to), remote: addressOf(from)}
	select {
	case l.come <- theirs:
	case <-l.closed:
		return nil, fmt.Errorf("dial %s: %w", to, syscall.ECONNREFUSED)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	n.mu.Lock()
	n.conns = append(n.conns, mine, theirs)
	n.mu.Unlock()
	return mine, nil
}

// wait lets time pass, or ends with the context.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// dialTime is how long somebody waits to be connected who set no time.
const dialTime = 10 * time.Second

func nameOf(m *machine) string {
	if m == nil {
		return nobody
	}
	return m.service
}

// addressOf is where somebody dials from: each machine has an address of its own.
func addressOf(m *machine) address {
	if m == nil {
		return nobody + ":0"
	}
	return address(m.String() + ":0")
}

// link is between two, whoever of them dials.
func link(a, b string) [2]string {
	if a > b {
		a, b = b, a
	}
	return [2]string{a, b}
}

// separate cuts or mends what is between two: connections hang, and break when
// it is mended.
func (n *network) separate(a, b string, cut bool) {
	n.mu.Lock()
	if cut {
		n.cut[link(a, b)] = true
	} else {
		delete(n.cut, link(a, b))
	}
	var broken []*conn
	for _, c := range n.conns {
		if link(nameOf(c.of), c.to) == link(a, b) {
			c.in.hang(cut)
			if !cut {
				broken = append(broken, c)
			}
		}
	}
	n.mu.Unlock()
	for _, c := range broken {
		_ = c.Close()
	}
}

// delay has what is sent between two take up to so long, or no longer than usual: 0.
// What is on its way comes late all the same, also when nobody waits for it any more.
func (n *network) delay(a, b string, most time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if most == 0 {
		delete(n.late, link(a, b))
		return
	}
	n.late[link(a, b)] = most
}

// way is how long something of a connection is on its way.
func (n *network) way(c *conn) time.Duration {
	n.mu.Lock()
	most := n.late[link(nameOf(c.of), c.to)]
	n.mu.Unlock()
	if most == 0 {
		return n.chance.latency()
	}
	return n.chance.upTo(most)
}

// away has somebody be away, or there again: connections break, and none is made.
func (n *network) away(who string, gone bool) {
	n.mu.Lock()
	if gone {
		n.down[who] = true
	} else {
		delete(n.down, who)
	}
	var broken []*conn
	for _, c := range n.conns {
		if gone && c.of != nil && c.to == who {
			broken = append(broken, c)
		}
	}
	n.mu.Unlock()
	for _, c := range broken {
		_ = c.Close()
	}
}

// kill breaks all that leads to or from a machine.
func (n *network) kill(m *machine) {
	n.mu.Lock()
	var conns []*conn
	var ways []*listener
	for _, c := range n.conns {
		if c.of == m || c.peer == m {
			conns = append(conns, c)
		}
	}
	for _, address := range slices.Sorted(maps.Keys(n.listeners)) {
		for _, l := range n.listeners[address] {
			if l.of == m {
				ways = append(ways, l)
			}
		}
	}
	n.mu.Unlock()
	for _, c := range conns {
		c.in.end(syscall.ECONNRESET)
		c.out.end(syscall.ECONNRESET)
		_ = c.Close()
	}
	for _, l := range ways {
		_ = l.Close()
	}
}

// conn is one end of a connection.
type conn struct {
	net           *network
	of, peer      *machine
	to            string // service at the other end
	in, out       *pipe
	local, remote address
	asked         asked
}

// Read takes what has come.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.in.read(b)
	if c.of == nil || err != nil {
		return n, err
	}
	if err := c.of.alive(context.Background()); err != nil {
		return 0, err
	}
	if err := c.of.at(c.asked.answered()); err != nil {
		return 0, err
	}
	return n, nil
}

// Write sends.
func (c *conn) Write(b []byte) (int, error) {
	if c.of != nil {
		if err := c.of.alive(context.Background()); err != nil {
			return 0, err
		}
		if c.peer == nil && c.to == broker {
			if err := c.of.at(c.asked.ofBroker(b)); err != nil {
				return 0, err
			}
		}
	}
	return c.out.write(b, c.net.way(c))
}

// Close ends it for both: for the other one when it has come to know.
func (c *conn) Close() error {
	c.in.end(net.ErrClosed)
	c.out.finish(c.net.way(c))
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if i := slices.Index(c.net.conns, c); i >= 0 {
		c.net.conns = slices.Delete(c.net.conns, i, i+1)
	}
	return nil
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline bounds reading; writing never waits.
func (c *conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

func (c *conn) SetReadDeadline(t time.Time) error {
	c.in.until(t)
	return nil
}

func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// pipe carries bytes one way.
type pipe struct {
	wake chan struct{}

	mu       sync.Mutex
	sent     []parcel
	last     time.Time // when the last of them arrives
	finished bool      // nothing more is sent
	err      error     // at its end
	deadline time.Time
	hangs    bool
}

// parcel is what was written at once; nil: that no more comes.
type parcel struct {
	data    []byte
	arrives time.Time
}

func newPipe() *pipe { return &pipe{wake: make(chan struct{}, 1)} }

func (p *pipe) stir() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *pipe) write(b []byte, way time.Duration) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil || p.finished {
		return 0, io.ErrClosedPipe
	}
	p.send(append([]byte{}, b...), way)
	return len(b), nil
}

// finish has the end come behind all that was sent.
func (p *pipe) finish(way time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil && !p.finished {
		p.finished = true
		p.send(nil, way)
	}
}

// send has something arrive, behind what was sent before.
func (p *pipe) send(data []byte, way time.Duration) {
	arrives := time.Now().Add(way)
	if arrives.Before(p.last) {
		arrives = p.last
	}
	p.last = arrives
	p.sent = append(p.sent, parcel{data, arrives})
	p.stir()
}

func (p *pipe) read(b []byte) (int, error) {
	for {
		n, wait, err := p.take(b)
		if n > 0 || err != nil || len(b) == 0 {
			return n, err
		}
		if wait < 0 {
			<-p.wake
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-p.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// take is what has arrived; if nothing has, how long it will be; negative:
// nobody knows.
func (p *pipe) take(b []byte) (n int, wait time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if !p.deadline.IsZero() && !now.Before(p.deadline) {
		return 0, 0, os.ErrDeadlineExceeded
	}
	if p.err != nil {
		return 0, 0, p.err
	}
	for !p.hangs && len(p.sent) > 0 && n < len(b) && !now.Before(p.sent[0].arrives) {
		if p.sent[0].data == nil {
			if n == 0 {
				p.err = io.EOF
			}
			break
		}
		k := copy(b[n:], p.sent[0].data)
		n += k
		if p.sent[0].data = p.sent[0].data[k:]; len(p.sent[0].data) == 0 {
			p.sent = p.sent[1:]
		}
	}
	if n > 0 || p.err != nil {
		return n, 0, p.err
	}
	wait = -1
	if !p.hangs && len(p.sent) > 0 {
		wait = p.sent[0].arrives.Sub(now)
	}
	if !p.deadline.IsZero() && (wait < 0 || p.deadline.Sub(now) < wait) {
		wait = p.deadline.Sub(now)
	}
	return 0, wait, nil
}

func (p *pipe) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil || errors.Is(p.err, io.EOF) {
		p.err = err
	}
	p.stir()
}

func (p *pipe) until(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deadline = t
	p.stir()
}

func (p *pipe) hang(hangs bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hangs = hangs
	p.stir()
}
