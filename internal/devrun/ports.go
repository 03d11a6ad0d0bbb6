package devrun

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
)

// Ports are taken from below those that operating systems give to outgoing
// connections (from 32768 on at Linux): the port of a service that is down
// must be free when it comes up again. Where they begin depends on the
// directory, so that two systems seldom meet.
const (
	firstPort = 20000
	portCount = 10000
)

// ports gives each process ports of its own, those it had in earlier runs
// where they are free.
type ports struct {
	mu    sync.Mutex
	file  string
	known map[string]int
	held  map[string]net.Listener // kept from others until the process is about to start
	taken []int                   // in this run
}

func loadPorts(file string) (*ports, error) {
	p := &ports{file: file, known: map[string]int{}, held: map[string]net.Listener{}}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	if json.Unmarshal(data, &p.known) != nil {
		p.known = map[string]int{} // a convenience only: new ones will do
	}
	return p, nil
}

// take returns the address of a name; the same at every call of this run.
func (p *ports) take(name string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if port := p.known[name]; slices.Contains(p.taken, port) {
		return address(port), nil
	}
	port, err := p.find(name)
	if err != nil {
		return "", err
	}
	p.known[name] = port
	p.taken = append(p.taken, port)
	return address(port), nil
}

// find holds the port a name had, or another one.
func (p *ports) find(name string) (int, error) {
	if port := p.known[name]; port != 0 && p.hold(name, port) {
		return port, nil
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(p.file)) // never fails
	for i := range portCount {
		port := firstPort + int((h.Sum32()+uint32(i))%portCount)
		if !p.remembered(port) && p.hold(name, port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no port is free from %d to %d", firstPort, firstPort+portCount-1)
}

// remembered reports whether a port is, or was, somebody's.
func (p *ports) remembered(port int) bool {
	for _, known := range p.known {
		if known == port {
			return true
		}
	}
	return false
}

func (p *ports) hold(name string, port int) bool {
	l, err := net.Listen("tcp", address(port)) //nolint:noctx // binds, and does not wait for anybody
	if err != nil {
		return false
	}
	p.held[name] = l
	return true
}

// release frees the ports of names for the process that is about to take them.
func (p *ports) release(names ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range names {
		if l := p.held[name]; l != nil {
			_ = l.Close() // nobody has connected
			delete(p.held, name)
		}
	}
}

// close frees all ports that are still held.
func (p *ports) close() {
	p.mu.Lock()
	names := make([]string, 0, len(p.held))
	for name := range p.held {
		names = append(names, name)
	}
	p.mu.Unlock()
	p.release(names...)
}

// save remembers the ports for the next run.
func (p *ports) save() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	data, err := json.MarshalIndent(p.known, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(p.file, append(data, '\n'), 0o644)
}

// address is a port of this machine, for this machine only: actors are
// believed by what their headers say.
func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
