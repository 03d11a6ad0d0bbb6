package devrun

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net"
	"os"
	"strconv"
	"sync"
)

// Ports are taken from below those that operating systems give to outgoing
// connections (from 32768 on at Linux): the port of a service that is down
// must be free when it comes up again. They come in blocks, and a system takes
// its blocks from others, as long as it runs, by listening at their first
// port: no other one can take a port between its being found free and its
// service listening at it.
const (
	firstPort  = 20000
	blockSize  = 50
	blockCount = 200
)

// ports gives each process ports of its own, those it had in earlier runs
// where they are free.
type ports struct {
	mu     sync.Mutex
	file   string
	known  map[string]int
	taken  map[string]bool      // names, in this run
	blocks map[int]net.Listener // ours
}

func loadPorts(file string) (*ports, error) {
	p := &ports{file: file, known: map[string]int{}, taken: map[string]bool{}, blocks: map[int]net.Listener{}}
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
	port := p.known[name]
	if !p.taken[name] && !p.usable(port) {
		var err error
		if port, err = p.unused(); err != nil {
			return "", err
		}
	}
	p.known[name], p.taken[name] = port, true
	return address(port), nil
}

// usable reports whether a remembered port can be had again.
func (p *ports) usable(port int) bool {
	block := (port - firstPort) / blockSize
	return port >= firstPort && block < blockCount && p.own(block) && isFree(port)
}

// unused finds a port that nobody has. Where it begins to look depends on the
// directory, so that two systems seldom want the same.
func (p *ports) unused() (int, error) {
	known := map[int]bool{}
	for _, port := range p.known {
		known[port] = true
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(p.file)) // never fails
	for i := range uint32(blockCount) {
		block := int((h.Sum32() + i) % blockCount)
		if !p.own(block) {
			continue
		}
		for port := first(block) + 1; port < first(block)+blockSize; port++ {
			if !known[port] && isFree(port) {
				return port, nil
			}
		}
	}
	return 0, fmt.Errorf("no port is free from %d to %d", firstPort, firstPort+blockCount*blockSize-1)
}

func first(block int) int { return firstPort + block*blockSize }

// own takes a block, unless it is ours already; false: it is somebody else's.
func (p *ports) own(block int) bool {
	if p.blocks[block] != nil {
		return true
	}
	l, err := net.Listen("tcp", address(first(block))) //nolint:noctx // binds, and does not wait for anybody
	if err != nil {
		return false
	}
	p.blocks[block] = l
	return true
}

func isFree(port int) bool {
	l, err := net.Listen("tcp", address(port)) //nolint:noctx // binds, and does not wait for anybody
	return err == nil && l.Close() == nil
}

// close gives the blocks back.
func (p *ports) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for block, l := range p.blocks {
		_ = l.Close() // nobody has connected
		delete(p.blocks, block)
	}
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
