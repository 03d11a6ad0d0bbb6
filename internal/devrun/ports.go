package devrun

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"sync"
)

// ports gives each process a port of its own, the one it had in earlier runs
// where that is free.
type ports struct {
	mu    sync.Mutex
	file  string
	known map[string]int
	taken map[string]bool
}

func loadPorts(file string) (*ports, error) {
	p := &ports{file: file, known: map[string]int{}, taken: map[string]bool{}}
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

// take returns the port of a name; the same at every call of this run.
func (p *ports) take(name string) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken[name] {
		return p.known[name], nil
	}
	port := p.known[name]
	if port == 0 || !free(port) {
		var err error
		if port, err = p.unused(); err != nil {
			return 0, err
		}
	}
	p.known[name], p.taken[name] = port, true
	data, err := json.MarshalIndent(p.known, "", "  ")
	if err != nil {
		return 0, err
	}
	return port, os.WriteFile(p.file, append(data, '\n'), 0o644)
}

// unused asks the system for a port that no other name has.
func (p *ports) unused() (int, error) {
	for {
		l, err := net.Listen("tcp", address(0))
		if err != nil {
			return 0, err
		}
		port := l.Addr().(*net.TCPAddr).Port
		if err := l.Close(); err != nil {
			return 0, err
		}
		used := false
		for _, other := range p.known {
			used = used || other == port
		}
		if !used {
			return port, nil
		}
	}
}

func free(port int) bool {
	l, err := net.Listen("tcp", address(port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
