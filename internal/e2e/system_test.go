package e2e

import (
	"bytes"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/esgen/esgen/internal/cli"
	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/tree"
)

// patience bounds what a healthy system does soon, even on a busy machine.
const patience = time.Minute

// system is a generated system that runs.
type system struct {
	*devrun.System
	opts     devrun.Options
	log      *journal
	services map[string]*process // by their directories
	witness  *witness
}

// process is a service, as the tests see it.
type process struct {
	system *system
	name   string
}

// build generates and builds the system of a model.
func build(t *testing.T, modelFile string, files map[string]string) devrun.Options {
	t.Helper()
	opts := generate(t, modelFile, files)
	if err := devrun.Build(t.Context(), opts, nil); err != nil {
		t.Fatal(err)
	}
	return opts
}

// generate generates the system of a model. Files replace generated ones, by
// their paths: the code that is the user's.
func generate(t *testing.T, modelFile string, files map[string]string) devrun.Options {
	t.Helper()
	if testing.Short() {
		t.Skip("generates, builds and runs a whole system")
	}
	compiled, diags, err := cli.Compile(t.Context(), modelFile, func(string) {})
	if err != nil || diags.HasErrors() {
		t.Fatalf("%s: %v %v", modelFile, err, diags.Sorted())
	}
	opts := devrun.Options{Dir: t.TempDir(), System: compiled.Plan.System, Gateway: compiled.Plan.Gateway, Auth: devrun.AuthDev}
	changes, err := tree.Compare(opts.Dir, compiled.Files)
	if err != nil {
		t.Fatal(err)
	}
	if err := changes.Apply(true); err != nil {
		t.Fatal(err)
	}
	for path, text := range files {
		path = filepath.Join(opts.Dir, path)
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("a file is to be replaced that is not generated: %v", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return opts
}

// start starts a system that is built, without data of earlier runs, and holds
// what it says against its documents.
func start(t *testing.T, opts devrun.Options) *system {
	t.Helper()
	s := started(t, opts)
	s.witness = holdToDocuments(t, opts.Dir, s.brokers)
	return s
}

// started is start without a witness, who may not read every broker.
func started(t *testing.T, opts devrun.Options) *system {
	t.Helper()
	s := &system{opts: opts, log: &journal{}, services: map[string]*process{}}
	s.opts.Log, s.opts.Fresh = s.log, true
	var err error
	if s.System, err = devrun.Start(t.Context(), s.opts); err != nil {
		t.Fatalf("%v\n%s", err, s.log)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("what the services say:\n%s", s.log.tail())
		}
	})
	for _, service := range opts.System.Services {
		s.services[service.Dir] = &process{s, service.Dir}
	}
	return s
}

// brokers are where the topics are.
func (s *system) brokers() []string {
	if s.opts.Kafka != "" {
		return []string{s.opts.Kafka}
	}
	return []string{s.Broker().Addr()}
}

// database is that of a service.
func (s *system) database(t *testing.T, service string) *sql.DB {
	t.Helper()
	driver, source := "sqlite", "file:"+filepath.Join(s.opts.Dir, ".esgen", "data", service+".db")+"?_pragma=busy_timeout(5000)"
	if s.opts.DB != "" {
		server, err := url.Parse(s.opts.DB)
		if err != nil {
			t.Fatal(err)
		}
		query := server.Query()
		query.Set("search_path", s.opts.System.ID+"_"+service)
		server.RawQuery = query.Encode()
		driver, source = "pgx", server.String()
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// stop ends a service, which finishes what it is doing.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.system.Stop(p.name, false); err != nil {
		t.Fatal(err)
	}
}

// start starts it again, and waits until it is ready.
func (p *process) start(t *testing.T) {
	t.Helper()
	if err := p.system.Restart(t.Context(), p.name); err != nil {
		t.Fatal(err)
	}
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

// journal collects what the services print.
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
	const most = 16 << 10
	var told strings.Builder
	for line := range strings.Lines(j.String()) {
		if !strings.Contains(line, "route=") || strings.Contains(line, "status=5") {
			told.WriteString(line)
		}
	}
	text := told.String()
	return text[max(0, len(text)-most):]
}
