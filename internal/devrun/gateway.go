package devrun

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// Gateway is the process name of the gateway; no context has it.
const Gateway = "_gateway"

// gatewayAddress is where the gateway will be; that somebody is there already
// is known before anything is started.
func (s *System) gatewayAddress() (string, error) {
	if s.opts.Port == 0 {
		return s.ports.take(Gateway)
	}
	return address(s.opts.Port), PortFree(s.opts.Port)
}

// PortFree says whether the gateway can have a port; 0 is any.
func PortFree(port int) error {
	l, err := net.Listen("tcp", address(port)) //nolint:noctx // binds, and does not wait for anybody
	if err != nil {
		return fmt.Errorf("the port of the gateway is not free: %w", err)
	}
	return l.Close()
}

// Free says whether another run uses a directory.
func Free(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, ".esgen")); errors.Is(err, fs.ErrNotExist) {
		return nil // nobody has run there
	}
	locked, err := lockDir(dir)
	if err != nil {
		return err
	}
	return locked.Release()
}

// URL is the gateway's: /<service>/… goes to each service, to its replicas in
// turn.
func (s *System) URL() string { return strings.Replace(s.Addr(Gateway), "127.0.0.1", "localhost", 1) }

// upstreamsFile tells the gateway where services are.
func (s *System) upstreamsFile() string { return filepath.Join(s.home, "upstreams") }

// upstreams are the variables with the addresses of all services, whether they
// run or not.
func (s *System) upstreams() ([]string, error) {
	out := []string{"UPSTREAMS_FILE=" + s.upstreamsFile()}
	for _, u := range s.opts.Gateway.Upstreams {
		addr, err := s.ports.take(u.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, u.Env+"=http://"+addr)
	}
	return out, nil
}

// Withdraw keeps the gateway from a process: it is sent no more requests,
// though it may still be at those it has.
func (s *System) Withdraw(name string) error {
	p, err := s.named(name)
	if err != nil {
		return err
	}
	p.offer(false)
	return s.publish()
}

// offer has the gateway send requests to processes.
func (s *System) offer(names ...string) error {
	for _, name := range names {
		s.process(name).offer(true)
	}
	return s.publish()
}

// publish tells the gateway which processes are to be sent requests. The file
// is replaced whole: nobody reads half of it.
func (s *System) publish() error {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	lines := map[string]string{}
	var order []string
	for _, u := range s.opts.Gateway.Upstreams {
		lines[u.Name], order = u.Name, append(order, u.Name)
	}
	for _, p := range s.all() {
		if line, ok := lines[p.service]; ok && p.offered() {
			lines[p.service] = line + " http://" + p.public
		}
	}
	var text strings.Builder
	for _, name := range order {
		text.WriteString(lines[name] + "\n")
	}
	file := s.upstreamsFile()
	if err := os.WriteFile(file+".new", []byte(text.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
