// Package devrun builds and runs a generated system on this machine: the
// services as processes, a broker that speaks Kafka's protocol inside this
// one, SQLite files, stand-ins for external systems, and one port for all.
package devrun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/esgen/esgen/internal/plan"
)

// Options say what is run, and on what.
type Options struct {
	Dir    string // where the system was generated to; data and binaries go to .esgen below it
	System *plan.System
	Log    io.Writer // what the processes print, line by line, behind their names; nil: nowhere
	Color  bool
	Port   int      // of the gateway; 0: a free one
	Kafka  string   // host:port of a real broker; "": the embedded one
	DB     string   // postgres://… of a real server, where each service gets a schema; "": SQLite files
	Only   []string // services to start; none: all of them
	Fresh  bool     // forget the data of earlier runs
	// Requests are shown on the gateway's page.
	Requests []Request
	// Env adds variables to a service, by its name: "PAY_URL=http://…".
	Env map[string][]string
	// Restart says whether a process that ends by itself is started again.
	Restart bool
}

// System is a running system.
type System struct {
	opts    Options
	home    string
	broker  *kfake.Cluster
	kafka   string
	gateway *http.Server
	url     string
	ports   *ports

	mu        sync.Mutex
	processes map[string]*process // by name; replicas are "store#2"
}

// standins is the process name of the stand-in server.
const standins = "standins"

// Start starts a built system and waits until every service is ready. What was
// started is stopped again when something fails.
func Start(ctx context.Context, opts Options) (*System, error) {
	if opts.Log == nil {
		opts.Log = io.Discard
	}
	home, err := filepath.Abs(filepath.Join(opts.Dir, ".esgen"))
	if err != nil {
		return nil, err
	}
	s := &System{opts: opts, home: home, processes: map[string]*process{}}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *System) start(ctx context.Context) error {
	if err := s.prepare(); err != nil {
		return err
	}
	if err := s.startBroker(); err != nil {
		return err
	}
	names := s.names()
	for i, name := range names {
		if err := s.launch(name, i); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := s.WaitReady(ctx, name); err != nil {
			return err
		}
	}
	return s.startGateway()
}

// names lists the processes to start.
func (s *System) names() []string {
	var out []string
	if s.opts.System.Standins() {
		out = append(out, standins)
	}
	for _, v := range s.opts.System.Services {
		if len(s.opts.Only) == 0 || slices.Contains(s.opts.Only, v.Dir) {
			out = append(out, v.Dir)
		}
	}
	return out
}

func (s *System) prepare() error {
	data := filepath.Join(s.home, "data")
	if s.opts.Fresh {
		if err := os.RemoveAll(data); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(data, 0o755); err != nil {
		return err
	}
	for _, name := range s.opts.Only {
		if !slices.ContainsFunc(s.opts.System.Services, func(v *plan.Service) bool { return v.Dir == name }) {
			return fmt.Errorf("there is no service %q", name)
		}
	}
	var err error
	s.ports, err = loadPorts(filepath.Join(s.home, "ports.json"))
	return err
}

func (s *System) startBroker() error {
	if s.kafka = s.opts.Kafka; s.kafka != "" {
		return nil
	}
	port, err := s.ports.take("kafka")
	if err != nil {
		return err
	}
	s.broker, err = kfake.NewCluster(
		kfake.NumBrokers(1), kfake.Ports(port),
		kfake.DataDir(filepath.Join(s.home, "data", "kafka")), kfake.SyncWrites(),
	)
	if err != nil {
		return fmt.Errorf("start the broker: %w", err)
	}
	s.kafka = s.broker.ListenAddrs()[0]
	return nil
}

// launch starts a process for the first time.
func (s *System) launch(name string, at int) error {
	p, err := s.newProcess(name, at)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.processes[name] = p
	s.mu.Unlock()
	return p.start()
}

func (s *System) newProcess(name string, at int) (*process, error) {
	public, err := s.ports.take(name)
	if err != nil {
		return nil, err
	}
	service, _, _ := strings.Cut(name, "#")
	p := &process{
		name: name, binary: filepath.Join(s.home, "bin", service), restart: s.opts.Restart,
		log: newPrefixer(s.opts.Log, name, at, s.opts.Color), public: address(public),
	}
	p.env = append(os.Environ(), "HTTP_ADDR="+p.public)
	if service == standins {
		return p, nil
	}
	internal, err := s.ports.take(name + ".internal")
	if err != nil {
		return nil, err
	}
	p.internal = address(internal)
	database, err := s.database(service)
	if err != nil {
		return nil, err
	}
	p.env = append(p.env, "INTERNAL_ADDR="+p.internal, "DATABASE_URL="+database, "KAFKA_BROKERS="+s.kafka, "AUTH=dev")
	dependencies, err := s.dependencies(service)
	if err != nil {
		return nil, err
	}
	p.env = append(append(p.env, dependencies...), s.opts.Env[service]...)
	return p, nil
}

// dependencies tells a service where those are that it calls.
func (s *System) dependencies(service string) ([]string, error) {
	var out []string
	for _, v := range s.opts.System.Services {
		if v.Dir != service {
			continue
		}
		for _, d := range v.Dependencies {
			name := standins
			if !d.External {
				name = d.Name.Kebab + ".internal"
			}
			port, err := s.ports.take(name)
			if err != nil {
				return nil, err
			}
			out = append(out, d.Env+"=http://"+address(port))
		}
	}
	return out, nil
}

func (s *System) database(service string) (string, error) {
	if s.opts.DB == "" {
		return "sqlite:" + filepath.Join(s.home, "data", service+".db"), nil
	}
	u, err := url.Parse(s.opts.DB)
	if err != nil {
		return "", errors.New("the database is not a URL such as postgres://user@host/name")
	}
	query := u.Query()
	query.Set("search_path", strings.ReplaceAll(s.opts.System.ID+"_"+service, "-", "_"))
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// Addr is where a process serves the public.
func (s *System) Addr(name string) string { return "http://" + s.process(name).public }

// Internal is where a service serves the other services, health and metrics.
func (s *System) Internal(name string) string { return "http://" + s.process(name).internal }

// URL is the gateway's: /<service>/… goes to each service, /_standins/… to the
// stand-ins.
func (s *System) URL() string { return s.url }

// Standins is where the external systems are stood in for; "" when there are none.
func (s *System) Standins() string {
	if p := s.process(standins); p != nil {
		return "http://" + p.public
	}
	return ""
}

func (s *System) process(name string) *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.processes[name]
}

// Stop ends a process and does not start it again: by SIGTERM, and it may
// finish what it is doing, or at once.
func (s *System) Stop(name string, kill bool) error { return s.process(name).stop(kill) }

// Restart starts a stopped process again, and waits until it is ready.
func (s *System) Restart(ctx context.Context, name string) error {
	if err := s.process(name).start(); err != nil {
		return err
	}
	return s.WaitReady(ctx, name)
}

// AddReplica starts one more process of a service on the same data, waits
// until it is ready, and returns its name.
func (s *System) AddReplica(ctx context.Context, service string) (string, error) {
	for n := 2; ; n++ {
		name := fmt.Sprintf("%s#%d", service, n)
		if s.process(name) != nil {
			continue
		}
		if err := s.launch(name, len(s.processes)); err != nil {
			return "", err
		}
		return name, s.WaitReady(ctx, name)
	}
}

// readyWithin is how long a service may take until it is ready.
const readyWithin = 60 * time.Second

// WaitReady waits until a process is ready.
func (s *System) WaitReady(ctx context.Context, name string) error {
	p := s.process(name)
	health := "http://" + p.internal + "/readyz"
	if p.internal == "" {
		health = "http://" + p.public + "/livez"
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok(ctx, health) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w", name, ctx.Err())
		case <-p.gone():
			return fmt.Errorf("%s ended before it was ready", name)
		case <-tick.C:
		}
	}
}

func ok(ctx context.Context, health string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, health, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// Close stops everything: the gateway first, so that nothing new comes in,
// then the services, which finish what they are doing, and the broker last.
func (s *System) Close() error {
	if s.gateway != nil {
		_ = s.gateway.Close()
	}
	s.mu.Lock()
	all := make([]*process, 0, len(s.processes))
	for _, p := range s.processes {
		all = append(all, p)
	}
	s.mu.Unlock()
	errs := make([]error, len(all))
	var wait sync.WaitGroup
	for i, p := range all {
		wait.Go(func() { errs[i] = p.stop(false) })
	}
	wait.Wait()
	if s.broker != nil {
		s.broker.Close()
	}
	return errors.Join(errs...)
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", fmt.Sprint(port)) }
