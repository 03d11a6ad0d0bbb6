// Package devrun builds and runs a generated system on this machine: the
// services as processes, a broker that speaks Kafka's protocol inside this
// one, SQLite files, stand-ins for external systems, and one port for all.
//
// Build compiles, Start starts. A running System can be made to suffer, which
// is how tests find out what it withstands: services are stopped, killed,
// started again and multiplied, the broker is taken down, and SetEnv puts a
// proxy between two services:
//
//	proxy := listen(system.Internal("pay"))
//	system.SetEnv("front", "PAY_URL", proxy.URL)
//	err := system.Stop("front", false)
//	err = system.Restart(ctx, "front")
package devrun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/issuer"
	"github.com/esgen/esgen/internal/lock"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/gateway"
	"github.com/esgen/esgen/internal/plan/services"
)

// Options say what is run, and on what.
type Options struct {
	Dir     string // where the system was generated to; data and binaries go to .esgen below it
	System  *services.System
	Gateway *gateway.Gateway // of the system
	Log     io.Writer        // what the processes print, line by line, behind their names; nil: nowhere
	Color   bool
	Port    int      // of the gateway; 0: a free one
	Auth    string   // how actors are recognised: AuthJWT (the default) or AuthDev
	Kafka   string   // host:port of a real broker; "": the embedded one
	DB      string   // postgres://… of a real server, where each service gets a schema; "": SQLite files
	Only    []string // services to start; none: all of them
	Fresh   bool     // forget the data of earlier runs
	// Requests are shown on the page; none: they are made up.
	Requests []Request
	// Env adds variables to a service, by its name: "PAY_URL=http://…".
	Env map[string][]string
	// Traces is the page of who collects traces, to which the desk links; {id} in it is the
	// id of a trace. "": there is none.
	Traces string
	// Lean builds without what is not needed on this machine: the driver of
	// PostgreSQL where SQLite will do, and the export of traces where nobody
	// collects them.
	Lean bool
	// Doors builds services with the ways in that tests have, and opens these.
	Doors bool
	// Built makes Start compile the system itself, once it has its addresses: it
	// is told of each step. nil: Build has been called.
	Built func(name string, took time.Duration)
	// Located is told the page of the system before it is built.
	Located func(page string)
	// Restart says whether a process that ends by itself is started again.
	Restart bool
}

// How actors are recognised: by tokens of an issuer that runs beside the
// services, or by headers that are believed.
const (
	AuthJWT = "jwt"
	AuthDev = "dev"
)

// standins is the process name of the stand-in server; no context has it.
const standins = "_standins"

// names lists the processes to start.
func (o Options) names() ([]string, error) {
	var all []string
	for _, v := range o.System.Services {
		all = append(all, v.Dir)
	}
	for _, name := range o.Only {
		if !slices.Contains(all, name) {
			err := fmt.Errorf("there is no service %q", name)
			if hint := diag.DidYouMean(name, all); hint != "" {
				err = fmt.Errorf("%w; %s", err, hint)
			}
			return nil, err
		}
	}
	names := slices.DeleteFunc(all, func(name string) bool { return len(o.Only) > 0 && !slices.Contains(o.Only, name) })
	if o.System.Standins() {
		names = append(names, standins)
	}
	return append(names, Gateway), nil
}

// System is a running system. Its methods are safe for concurrent use. Names
// are those of services, as their directories are called, and of replicas.
type System struct {
	opts    Options
	home    string     // .esgen
	locked  *lock.Lock // nil: not, or no more
	ports   *ports
	printer *printer
	broker  *Broker // nil when the broker is somebody else's
	kafka   string
	desk    *desk
	issuer  *issuer.Issuer // nil when headers are believed
	derived func() []Request
	built   atomic.Bool

	publishing sync.Mutex
	mu         sync.Mutex
	processes  map[string]*process
	order      []string // of processes, as they were started
	env        map[string]map[string]string
}

// Start starts a built system and waits until every service is ready. What was
// started is ended again when something fails.
func Start(ctx context.Context, opts Options) (*System, error) {
	if opts.Log == nil {
		opts.Log = io.Discard
	}
	if opts.Auth == "" {
		opts.Auth = AuthJWT
	}
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, err
	}
	opts.Dir = dir
	s := &System{
		opts: opts, home: filepath.Join(dir, ".esgen"), printer: &printer{out: opts.Log, color: opts.Color},
		processes: map[string]*process{}, env: map[string]map[string]string{},
	}
	s.derived = sync.OnceValue(func() []Request { return derived(opts.System.Model, s.running(), time.Now()) })
	if err := s.start(ctx); err != nil {
		s.Kill() // nobody has been served yet
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *System) start(ctx context.Context) error {
	names, err := s.opts.names()
	if err != nil {
		return err
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	for _, name := range names {
		if _, err := s.add(name, name); err != nil {
			return err
		}
	}
	if err := s.ports.save(); err != nil {
		return err
	}
	if s.opts.Built != nil {
		if s.opts.Located != nil {
			s.opts.Located(s.Page())
		}
		if err := compile(ctx, s.opts.Dir, s.opts, s.opts.Built); err != nil {
			return err
		}
	}
	s.built.Store(true)
	for _, name := range names {
		if err := s.process(name).start(); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := s.WaitReady(ctx, name); err != nil {
			return err
		}
	}
	if s.opts.Doors {
		if err := s.tellTests(); err != nil {
			return err
		}
	}
	return s.offer(names...)
}

// tellTests writes down where everything is, as the tests of the tree read it.
func (s *System) tellTests() error {
	var doors []string
	for _, v := range s.opts.System.Services {
		doors = append(doors, v.Dir+"="+s.Door(v.Dir))
	}
	lines := []string{"E2E_GATEWAY=" + s.URL(), "E2E_DOORS=" + strings.Join(doors, ","), "E2E_STANDINS=" + s.Standins(), "KAFKA_BROKERS=" + s.kafka}
	if s.issuer != nil {
		lines = append(lines, "E2E_TOKENS="+s.issuer.URL+issuer.TokenPath)
	}
	return os.WriteFile(s.told(), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// told is the file of tellTests. While it is there, tests expect the system to run.
func (s *System) told() string { return filepath.Join(s.home, "e2e.env") }

// prepare makes the directory ours alone, with or without its data, and starts
// what runs in this process.
func (s *System) prepare(ctx context.Context) error {
	data := filepath.Join(s.home, "data")
	var err error
	if s.locked, err = lockDir(s.opts.Dir); err != nil {
		return err
	}
	_ = os.Remove(s.told()) // of one that was killed
	if s.opts.Fresh {
		if err := os.RemoveAll(data); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(data, 0o755); err != nil {
		return err
	}
	for name, list := range s.opts.Env {
		for _, pair := range list {
			key, value, _ := strings.Cut(pair, "=")
			s.SetEnv(name, key, value)
		}
	}
	if s.ports, err = loadPorts(filepath.Join(s.home, "ports.json")); err != nil {
		return err
	}
	if err := s.startBroker(ctx); err != nil {
		return err
	}
	if s.opts.Doors {
		if err := s.makeTopics(); err != nil {
			return err
		}
	}
	return s.openDesk()
}

// lockDir keeps others from a directory until the file is unlocked.
func lockDir(dir string) (*lock.Lock, error) {
	home := filepath.Join(dir, ".esgen")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, err
	}
	if err := ignore(filepath.Join(home, ".gitignore")); err != nil {
		return nil, err
	}
	l, err := lock.Take(filepath.Join(home, "run.lock"))
	var held *lock.HeldError
	if errors.As(err, &held) {
		return nil, fmt.Errorf("%s: another esgen run is using this directory, process %d", dir, held.Process)
	}
	return l, err
}

// ignore keeps all but the manifest out of the repository that the output may
// be part of. A file that is there is left alone.
func ignore(file string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString("*\n!.gitignore\n!manifest.json\n")
	return errors.Join(err, f.Close())
}

func (s *System) startBroker(ctx context.Context) error {
	if s.kafka = s.opts.Kafka; s.kafka != "" {
		return nil
	}
	addr, err := s.ports.take("_kafka")
	if err != nil {
		return err
	}
	s.broker, s.kafka = &Broker{address: addr, dir: filepath.Join(s.home, "data", "kafka")}, addr
	if err := s.broker.Start(); err != nil {
		return err
	}
	var topics []string
	for _, v := range s.opts.System.Services {
		for _, x := range v.ForeignTopics() {
			topics = append(topics, x.Foreign.Name)
		}
	}
	return s.broker.have(ctx, topics)
}

// add prepares a process of a service: the service itself, or a replica.
func (s *System) add(name, service string) (*process, error) {
	p := &process{name: name, service: service, binary: binary(s.opts.Dir, service), restart: s.opts.Restart}
	if s.opts.inPython(service) {
		p.binary, p.arguments, p.dir = interpreter(s.opts.Dir, service), []string{"-m", "app"}, serviceDir(s.opts.Dir, service)
	}
	if err := s.place(p); err != nil {
		return nil, err
	}
	base, err := s.environment(p)
	if err != nil {
		return nil, err
	}
	p.environ = func() []string { return slices.Concat(os.Environ(), base, s.extra(service)) } // the later of two wins
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.processes[name] != nil {
		return nil, fmt.Errorf("there is a %s already", name)
	}
	p.log = s.printer.of(name, len(s.processes))
	s.processes[name] = p
	s.order = append(s.order, name)
	return p, nil
}

// place gives a process its addresses.
func (s *System) place(p *process) error {
	var err error
	if p.service == Gateway {
		p.public, err = s.gatewayAddress()
	} else {
		p.public, err = s.ports.take(p.name)
	}
	if err == nil && p.service != standins {
		p.internal, err = s.ports.take(internalOf(p.name))
	}
	if err == nil && s.offersGRPC(p.service) {
		p.grpc, err = s.ports.take(p.name + ".grpc")
	}
	if err == nil && s.opts.Doors && p.service != Gateway && p.service != standins {
		p.door, err = s.ports.take(p.name + ".e2e")
	}
	return err
}

// environment is what a process is told.
func (s *System) environment(p *process) ([]string, error) {
	base := []string{"HTTP_ADDR=" + p.public}
	if p.service == standins {
		hooks, err := s.webhooks()
		return append(base, hooks...), err
	}
	base = slices.Concat(base, []string{"INTERNAL_ADDR=" + p.internal}, s.identity())
	if p.service == Gateway {
		upstreams, err := s.upstreams()
		return append(base, upstreams...), err
	}
	database, err := s.database(p.service)
	if err != nil {
		return nil, err
	}
	dependencies, err := s.dependencies(p.service)
	if err != nil {
		return nil, err
	}
	if s.opts.inPython(p.service) {
		base = append(base, "PYTHONPYCACHEPREFIX="+filepath.Join(s.home, "pycache"), "PYTHONUNBUFFERED=1")
	}
	base = append(base, "DATABASE_URL="+database, "KAFKA_BROKERS="+s.kafka)
	if p.grpc != "" {
		base = append(base, "GRPC_ADDR="+p.grpc)
	}
	if p.door != "" {
		base = append(base, "E2E_ADDR="+p.door)
	}
	for _, v := range s.opts.System.Services {
		if v.Dir == p.service && v.Keys() {
			base = append(base, naming.PersonalDataKey+"="+v.DevelopmentKey())
		}
	}
	for _, x := range s.opts.System.Webhooks() {
		if x.Service.Dir == p.service {
			base = append(base, x.Webhook.Env+"="+x.DevelopmentSecret())
		}
	}
	return append(base, dependencies...), nil
}

// offersGRPC reports whether a service answers over gRPC, too.
func (s *System) offersGRPC(service string) bool {
	return slices.ContainsFunc(s.opts.System.Services, func(v *services.Service) bool { return v.Dir == service && v.GRPC })
}

// internalOf is the name under which the internal port of a process is kept.
func internalOf(name string) string { return name + ".internal" }

// dependencies tells a service where those are that it calls, whether they
// run or not.
func (s *System) dependencies(service string) ([]string, error) {
	var out []string
	for _, v := range s.opts.System.Services {
		if v.Dir != service {
			continue
		}
		for _, d := range v.Dependencies {
			name := standins
			if !d.External {
				name = internalOf(d.Dir)
			}
			addr, err := s.ports.take(name)
			if err != nil {
				return nil, err
			}
			out = append(out, d.Env+"=http://"+addr)
		}
	}
	return out, nil
}

// webhooks tells the stand-ins where those are that take in what external systems
// tell, and what it is signed with.
func (s *System) webhooks() ([]string, error) {
	var out []string
	for _, x := range s.opts.System.Webhooks() {
		addr, err := s.ports.take(x.Service.Dir)
		if err != nil {
			return nil, err
		}
		out = append(out, x.Service.Env+"=http://"+addr, x.Webhook.Env+"="+x.DevelopmentSecret())
	}
	return out, nil
}

// database is a file of the service's own, or a schema of the server.
func (s *System) database(service string) (string, error) {
	if s.opts.DB == "" {
		if s.opts.Doors {
			service += ".e2e" // tests forget all that is there
		}
		return "sqlite:" + filepath.Join(s.home, "data", service+".db"), nil
	}
	u, err := url.Parse(s.opts.DB)
	if err != nil || u.Host == "" || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", errors.New("the database is not a URL such as postgres://user@host/name") // nothing of it is shown: it may hold a password
	}
	query := u.Query()
	schema := strings.ReplaceAll(s.opts.System.ID+"_"+service, "-", "_")
	if s.opts.Doors {
		schema += "_e2e" // likewise
	}
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// SetEnv gives all processes of a service a variable, from their next start
// on. It wins over what the system itself tells them.
func (s *System) SetEnv(service, name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.env[service] == nil {
		s.env[service] = map[string]string{}
	}
	s.env[service][name] = value
}

func (s *System) extra(service string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, name := range slices.Sorted(maps.Keys(s.env[service])) {
		out = append(out, name+"="+s.env[service][name])
	}
	return out
}

// Addr is where a service, or one replica of it, serves the public; "" when
// there is none of that name.
func (s *System) Addr(name string) string {
	if p := s.process(name); p != nil {
		return "http://" + p.public
	}
	return ""
}

// Internal is where a service serves the other services, health and metrics.
func (s *System) Internal(name string) string {
	if p := s.process(name); p != nil && p.internal != "" {
		return "http://" + p.internal
	}
	return ""
}

// GRPC is where a service, or one replica of it, answers over gRPC: host:port;
// "" where it does not.
func (s *System) GRPC(name string) string {
	if p := s.process(name); p != nil {
		return p.grpc
	}
	return ""
}

// Door is the way into a service that tests have; "" where there is none.
func (s *System) Door(name string) string {
	if p := s.process(name); p != nil && p.door != "" {
		return "http://" + p.door
	}
	return ""
}

// Standins is where the external systems are stood in for; "" when there are none.
func (s *System) Standins() string { return s.Addr(standins) }

// Broker is the embedded broker; nil when the broker is somebody else's.
func (s *System) Broker() *Broker { return s.broker }

func (s *System) process(name string) *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.processes[name]
}

// all lists the processes, in the order they were started.
func (s *System) all() []*process {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*process
	for _, name := range s.order {
		out = append(out, s.processes[name])
	}
	return out
}

// named is process, with an error when there is none.
func (s *System) named(name string) (*process, error) {
	if p := s.process(name); p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("there is no service %q", name)
}

// Stop ends a process and does not start it again: it is asked to, and may
// finish what it is doing, or it is killed.
func (s *System) Stop(name string, kill bool) error {
	p, err := s.named(name)
	if err != nil {
		return err
	}
	if !kill { // who is killed did not say so before
		if err := s.Withdraw(name); err != nil {
			return err
		}
	}
	return errors.Join(p.stop(kill), s.Withdraw(name))
}

// Restart starts a stopped process again, on the same data and the same
// addresses, and waits until it is ready.
func (s *System) Restart(ctx context.Context, name string) error {
	p, err := s.named(name)
	if err != nil {
		return err
	}
	if err := p.start(); err != nil {
		return err
	}
	if err := s.WaitReady(ctx, name); err != nil {
		return err
	}
	return s.offer(name)
}

// AddReplica starts one more process of a service on the same data, waits
// until it is ready, and returns its name.
func (s *System) AddReplica(ctx context.Context, service string) (string, error) {
	if _, err := s.named(service); err != nil {
		return "", err
	}
	n := 2
	for s.process(fmt.Sprintf("%s#%d", service, n)) != nil {
		n++
	}
	name := fmt.Sprintf("%s#%d", service, n)
	p, err := s.add(name, service)
	if err != nil {
		return "", err
	}
	if err := p.start(); err != nil {
		return "", err
	}
	if err := s.WaitReady(ctx, name); err != nil {
		return "", err
	}
	return name, s.offer(name)
}

// Bounds of waiting for a service: how long, and how often it may crash.
const (
	readyWithin = 2 * time.Minute
	readyTries  = 3
)

// WaitReady waits until a process is ready.
func (s *System) WaitReady(ctx context.Context, name string) error {
	p, err := s.named(name)
	if err != nil {
		return err
	}
	health := "http://" + p.internal + "/readyz"
	if p.internal == "" {
		health = "http://" + p.public + "/livez"
	}
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, fmt.Errorf("not within %s", readyWithin))
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		l, running := p.current()
		switch {
		case !running:
			return &StartError{name, "it is not running"}
		case l.crashes() >= readyTries:
			return &StartError{name, fmt.Sprintf("it ended %d times", l.crashes())}
		case answers(ctx, health):
			return nil
		}
		select {
		case <-ctx.Done():
			return &StartError{name, context.Cause(ctx).Error()}
		case <-l.over:
		case <-tick.C:
		}
	}
}

// StartError says that a service did not get ready; its log says why.
type StartError struct{ Name, Reason string }

func (e *StartError) Error() string { return e.Name + " is not ready: " + e.Reason }

// answers reports whether a process says that it is well.
func answers(ctx context.Context, health string) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
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
// A System that is closed stays so.
func (s *System) Close() error {
	var work sync.WaitGroup
	all := s.all()
	errs := make([]error, len(all)+1)
	if gateway := s.process(Gateway); gateway != nil {
		errs[len(all)] = gateway.stop(false)
	}
	for i, p := range all {
		work.Go(func() { errs[i] = p.stop(false) })
	}
	work.Wait()
	if s.desk != nil {
		s.desk.close()
	}
	if s.broker != nil {
		s.broker.Stop()
	}
	if s.ports != nil {
		s.ports.close()
	}
	if s.locked != nil {
		_ = os.Remove(s.told()) // it is there if there were doors
		errs = append(errs, s.locked.Release())
		s.locked = nil
	}
	return errors.Join(errs...)
}

// Kill ends all processes at once, also those that a Close is waiting for. The
// rest is left to Close.
func (s *System) Kill() {
	for _, p := range s.all() {
		if l, running := p.current(); running {
			l.kill()
		}
	}
}
