package e2e

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/internal/testsystem"
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

// outside is the gateway, as those who come from outside see the system.
func (s *system) outside() *process { return &process{s, devrun.Gateway} }

// models are those of the systems that are run. Each has what the others do not,
// and takes a minute to build and to try: a run of the tests draws two.
var models = []string{
	foodModel, "../../examples/library/esgen.yaml", "../../examples/twelvestreet/esgen.yaml", "../../examples/healthstore/esgen.yaml",
	"../../testdata/models/every-construct/esgen.yaml", "../../testdata/models/korean/esgen.yaml",
	"../../testdata/models/launderette/esgen.yaml", "../../testdata/models/savings/esgen.yaml", "../../testdata/models/classes/esgen.yaml", "../../testdata/models/parcels/esgen.yaml", "../../testdata/models/journey/esgen.yaml", depotModel, "../../testdata/models/haulage/esgen.yaml", "../../testdata/models/workshop/esgen.yaml", "../../testdata/models/harbour/esgen.yaml", "../../testdata/models/practice/esgen.yaml", "../sim/testdata/composition/esgen.yaml", "testdata/atelier/esgen.yaml", newsstandModel, undecidedModel, callsModel,
	accountModel, ftgoModel, choreographyModel, kioskModel, rentalModel, larderModel, binderyModel, bulletinModel,
}

// built are the systems that were built, by what they are made of: each once
// for all tests, one of which runs at a time. They lie below home.
var (
	built = map[string]devrun.Options{}
	home  string
)

// TestMain keeps the systems until the last test is over.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if home, err = os.MkdirTemp("", "esgen-e2e"); err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(home) }()
		return m.Run()
	}())
}

// build generates and builds the system of a model, or skips the test where this
// run draws others. Files replace generated ones, by their paths: the code that
// is the user's.
func build(t *testing.T, modelFile string, files map[string]string) devrun.Options {
	t.Helper()
	testsample.Drawn(t, modelFile, 2, models...)
	of := fmt.Sprint(modelFile, files)
	if opts, ok := built[of]; ok {
		return opts
	}
	opts := generateInto(t, filepath.Join(home, "built", strconv.Itoa(len(built))), modelFile)
	for path, text := range files {
		path = filepath.Join(opts.Dir, path)
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("a file is to be replaced that is not generated: %v", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := devrun.Build(t.Context(), opts, nil); err != nil {
		t.Fatal(err)
	}
	built[of] = opts
	return opts
}

// generate generates the system of a model, for a test that builds what it needs
// of it, and may change it. All such tests do so in one place: what none of them
// changed is compiled once.
func generate(t *testing.T, modelFile string) devrun.Options {
	t.Helper()
	return generateInto(t, filepath.Join(home, strings.ReplaceAll(modelFile, "/", "_")), modelFile)
}

func generateInto(t *testing.T, dir, modelFile string) devrun.Options {
	t.Helper()
	if testing.Short() {
		t.Skip("generates, builds and runs a whole system")
	}
	p := testsystem.Plan(t, testsystem.Load(t, modelFile))
	testsystem.Write(t, dir, testsystem.Render(t, p))
	return devrun.Options{Dir: dir, System: p.System, Gateway: p.Gateway, Auth: devrun.AuthDev}
}

// onBoth runs a test of a system on the embedded broker and database, and on real
// ones.
func onBoth(t *testing.T, opts devrun.Options, test func(t *testing.T, opts devrun.Options)) {
	t.Run("embedded", func(t *testing.T) { test(t, opts) })
	t.Run("PostgreSQL and Kafka", func(t *testing.T) {
		brokers := testservers.Kafka(t)
		opts.DB, opts.Kafka = testservers.Postgres(t), brokers[0]
		clearBroker(t, brokers, opts.System.ID)
		test(t, opts)
	})
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
	opts.Fresh = true
	return running(t, opts)
}

// running is a system until the end of a test.
func running(t *testing.T, opts devrun.Options) *system {
	t.Helper()
	s := &system{opts: opts, log: &journal{}, services: map[string]*process{}}
	s.opts.Log = s.log
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
