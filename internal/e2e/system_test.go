package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates"
)

// patience bounds what a healthy system does soon, even on a busy machine.
const patience = 30 * time.Second

// system is a generated system that runs.
type system struct {
	plan     *plan.System
	dir      string // of the generated code
	data     string // of databases
	brokers  []string
	standins *process
	services map[string]*process // by their directories
}

// process is a service, or the stand-ins.
type process struct {
	name     string
	url      string // where actors are served; of the stand-ins, everybody
	internal string // where other services are served
	binary   string
	env      []string
	log      *journal

	cmd *exec.Cmd
}

// start generates, builds and starts the system of a model. Files replace
// generated ones, by their paths: the code that is the user's.
func start(t *testing.T, modelFile string, files map[string]string) *system {
	t.Helper()
	if testing.Short() {
		t.Skip("generates, builds and runs a whole system")
	}
	s := &system{dir: t.TempDir(), data: t.TempDir(), services: map[string]*process{}}
	s.generate(t, modelFile, files)
	s.build(t)
	s.brokers = testservers.FakeKafka(t).ListenAddrs()
	s.standins = s.process(t, "standins")
	for _, service := range s.plan.Services {
		s.services[service.Dir] = s.process(t, service.Dir)
	}
	for _, service := range s.plan.Services {
		p := s.services[service.Dir]
		p.env = append(p.env, "DATABASE_URL=sqlite:"+s.database(service.Dir), "KAFKA_BROKERS="+strings.Join(s.brokers, ","), "AUTH=dev")
		for _, d := range service.Dependencies {
			p.env = append(p.env, d.Env+"="+s.address(d))
		}
	}
	if s.plan.Standins() {
		s.standins.start(t)
	}
	for _, p := range s.services {
		p.start(t)
	}
	for _, p := range s.services {
		p.awaitReady(t)
	}
	return s
}

// address is where a dependency is reached.
func (s *system) address(d *plan.Dependency) string {
	if d.External {
		return s.standins.url
	}
	return s.services[d.Name.Kebab].internal
}

func (s *system) database(service string) string { return filepath.Join(s.data, service+".db") }

func (s *system) generate(t *testing.T, modelFile string, files map[string]string) {
	t.Helper()
	sys, list := model.Load(modelFile)
	if list.HasErrors() {
		t.Fatalf("%s: %v", modelFile, list.Sorted())
	}
	checked, list := check.System(sys)
	if list.HasErrors() {
		t.Fatalf("%s: %v", modelFile, list.Sorted())
	}
	p, err := plan.Build(checked)
	if err != nil {
		t.Fatal(err)
	}
	s.plan = p.System
	pack, err := render.LoadPack(templates.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	out, err := render.Render(t.Context(), p, pack)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := tree.Compare(s.dir, out)
	if err != nil {
		t.Fatal(err)
	}
	if err := changes.Apply(true); err != nil {
		t.Fatal(err)
	}
	for path, text := range files {
		path = filepath.Join(s.dir, path)
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("a file is to be replaced that is not generated: %v", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *system) build(t *testing.T) {
	t.Helper()
	targets := []string{}
	for _, service := range s.plan.Services {
		targets = append(targets, "./services/"+service.Dir+"/cmd/"+service.Dir)
	}
	if s.plan.Standins() {
		targets = append(targets, "./standins")
	}
	// Trimmed of its path, the code is found in the build cache next time.
	build := exec.CommandContext(t.Context(), "go", append([]string{"build", "-trimpath", "-buildvcs=false", "-o", s.dir + "/bin/"}, targets...)...)
	build.Dir = s.dir
	build.Env = append(os.Environ(), "GOWORK=", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}

// process is one that is not started yet.
func (s *system) process(t *testing.T, name string) *process {
	t.Helper()
	public, internal := freeAddress(t), freeAddress(t)
	p := &process{
		name: name, url: "http://" + public, internal: "http://" + internal,
		binary: filepath.Join(s.dir, "bin", name), log: &journal{},
		env: []string{"HTTP_ADDR=" + public, "INTERNAL_ADDR=" + internal, "SHUTDOWN_GRACE=5s"},
	}
	t.Cleanup(func() {
		p.stop(t)
		if t.Failed() {
			t.Logf("log of %s:\n%s", name, p.log.tail())
		}
	})
	return p
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func (p *process) start(t *testing.T) {
	t.Helper()
	p.cmd = exec.Command(p.binary)
	p.cmd.Env = append(os.Environ(), p.env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", p.name, err)
	}
}

// stop ends a process as its platform would, and expects it to comply.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if p.cmd == nil {
		return
	}
	cmd := p.cmd
	p.cmd = nil
	_ = cmd.Process.Signal(syscall.SIGCONT)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	slow := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer slow.Stop()
	if err := cmd.Wait(); err != nil && p.name != "standins" {
		t.Errorf("%s did not stop in order: %v", p.name, err)
	}
}

// signal sends a signal to a process that runs.
func (p *process) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

func (p *process) awaitReady(t *testing.T) {
	t.Helper()
	eventually(t, p.name+" is ready", func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.internal+"/readyz", nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = res.Body.Close() }()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", res.StatusCode)
		}
		return nil
	})
}

// eventually tries until there is no error, or patience is over.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	pause := time.NewTicker(10 * time.Millisecond)
	defer pause.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v: %v", what, patience, err)
		}
		<-pause.C
	}
}

// journal collects what a process writes.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(data []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(data)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// tail is what a journal has to tell of a failure: not that requests were
// answered, and only its end.
func (j *journal) tail() string {
	const most = 8 << 10
	var told strings.Builder
	for line := range strings.Lines(j.String()) {
		if !strings.Contains(line, `"level":"INFO","msg":"request"`) {
			told.WriteString(line)
		}
	}
	text := told.String()
	return text[max(0, len(text)-most):]
}
