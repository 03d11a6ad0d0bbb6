package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/devrun"
)

// verifierVariable names the program that verifies contracts: `pact` of the
// Pact foundation. .ci/pact installs it and runs these tests.
const verifierVariable = "ESGEN_TEST_PACT"

// A verifier that is not ours finds that every provider of the examples, and of a saga, keeps
// every contract: asked over HTTP, as it runs.
func TestThirdPartyPact(t *testing.T) {
	for _, model := range []string{"examples/library", "examples/fooddelivery", "testdata/models/haulage", "testdata/models/polyglot"} {
		t.Run(filepath.Base(model), func(t *testing.T) {
			s := startWithDoors(t, model, nil)
			for _, c := range s.contracts(t) {
				t.Run(c.name(), func(t *testing.T) {
					verified, out := s.verify(t, c)
					if len(verified) != len(c.Interactions) {
						t.Errorf("%d interactions were verified, the contract has %d:\n%s", len(verified), len(c.Interactions), out)
					}
					for description, err := range verified {
						if err != "" {
							t.Errorf("%s: %s\n%s", description, err, out)
						}
					}
				})
			}
		})
	}
}

// It also finds what providers no longer keep: a renamed field of an event.
func TestThirdPartyPactFindsBrokenProviders(t *testing.T) {
	renamed := map[string]string{"loan": "bookId"} // of events, by service
	s := startWithDoors(t, "examples/library", func(dir string) {
		for service, field := range renamed {
			path := filepath.Join(dir, "services", service, "internal", "domain", service, "events.go")
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			after := bytes.ReplaceAll(before, []byte(`json:"`+field+`"`), []byte(`json:"renamed"`))
			if bytes.Equal(before, after) {
				t.Fatalf("%s has no %s to rename", path, field)
			}
			if err := os.WriteFile(path, after, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	})
	found := map[string]bool{}
	for _, c := range s.contracts(t) {
		verified, _ := s.verify(t, c)
		for description, err := range verified {
			if field := renamed[c.Provider.Name]; field != "" && strings.Contains(err, field) {
				t.Logf("found: %s: %s: %s", c.name(), description, err)
				found[c.name()] = true
			}
		}
	}
	for _, name := range []string{"book of loan", "dashboard of loan"} {
		if !found[name] {
			t.Errorf("%s: the renamed field was not found", name)
		}
	}
}

// doored is a system whose services have the doors of builds for tests.
type doored struct {
	*devrun.System
	dir   string
	doors map[string]string // host:port, by the services' directories
	pact  string            // the verifier
}

// startWithDoors generates, builds and starts the system of a model. Change may
// change what was generated, or be nil.
func startWithDoors(t *testing.T, model string, change func(dir string)) *doored {
	t.Helper()
	verifier := os.Getenv(verifierVariable)
	if verifier == "" {
		t.Skipf("set %s to the path of the program pact, or run .ci/pact", verifierVariable)
	}
	opts := generate(t, filepath.Join("../..", model, "esgen.yaml"))
	if change != nil {
		change(opts.Dir)
	}
	t.Setenv("GOFLAGS", os.Getenv("GOFLAGS")+" -tags=e2e")
	if err := devrun.Build(t.Context(), opts, nil); err != nil {
		t.Fatal(err)
	}
	d := &doored{dir: opts.Dir, doors: map[string]string{}, pact: verifier}
	opts.Env = map[string][]string{}
	for _, service := range opts.System.Services {
		door := freePort(t)
		d.doors[service.Dir] = door
		env := []string{"E2E_ADDR=" + door}
		for _, dependency := range service.Dependencies {
			env = append(env, dependency.Env+"=http://"+door+"/_replies/"+dependency.Name.Kebab)
		}
		opts.Env[service.Dir] = env
	}
	var journal journal
	opts.Log, opts.Fresh = &journal, true
	var err error
	d.System, err = devrun.Start(t.Context(), opts)
	if err != nil {
		t.Fatalf("%v\n%s", err, &journal)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("what the services say:\n%s", journal.tail())
		}
	})
	return d
}

// freePort is an address that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	socket, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	return socket.Addr().String()
}

// contracted is a Pact file, as far as it is looked at here.
type contracted struct {
	path     string
	Consumer struct {
		Name string `json:"name"`
	} `json:"consumer"`
	Provider struct {
		Name string `json:"name"`
	} `json:"provider"`
	Interactions []struct {
		Description string `json:"description"`
		Request     *struct {
			Path string `json:"path"`
		} `json:"request"`
	} `json:"interactions"`
}

func (c *contracted) name() string { return c.Consumer.Name + " of " + c.Provider.Name }

// internal tells whether the requests go to the listener of other services.
func (c *contracted) internal() bool {
	for _, i := range c.Interactions {
		if i.Request != nil {
			return strings.HasPrefix(i.Request.Path, "/internal/")
		}
	}
	return false
}

// contracts are all Pact files of the system.
func (s *doored) contracts(t *testing.T) []*contracted {
	t.Helper()
	var out []*contracted
	paths, err := filepath.Glob(filepath.Join(s.dir, "services/*/contracts/pacts/*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no contracts: %v", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c := &contracted{path: path}
		if err := json.Unmarshal(data, c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// verify has the verifier ask a contract's provider. It returns what is wrong
// with each interaction, "" where nothing is, by description.
func (s *doored) verify(t *testing.T, c *contracted) (wrong map[string]string, out []byte) {
	t.Helper()
	provider := c.Provider.Name
	door := s.doors[provider]
	if door == "" {
		t.Fatalf("%s: there is no service %s", c.path, provider)
	}
	listener := s.Addr(provider)
	if c.internal() {
		listener = s.Internal(provider)
	}
	asked, err := url.Parse(listener)
	if err != nil {
		t.Fatal(err)
	}
	_, doorPort, err := net.SplitHostPort(door)
	if err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(t.TempDir(), "report.json")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.pact, "verifier", "-f", c.path, "-h", "127.0.0.1", "-p", asked.Port(), "-n", provider,
		"--transports", "message:"+doorPort, "-s", "http://"+door+"/_states", "-j", report, "--no-colour")
	cmd.Env = slices.Concat(os.Environ(), []string{"PACT_DO_NOT_TRACK=true"})
	out, err = cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(report)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wrong, err = readReport(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return wrong, out
}

// readReport reads the verifier's report: what is wrong with each interaction.
func readReport(data []byte) (map[string]string, error) {
	var report struct {
		Results []struct {
			Description string `json:"description"`
			Result      string `json:"result"`
		} `json:"interactionResults"`
		Errors []struct {
			Interaction string          `json:"interaction"`
			Mismatch    json.RawMessage `json:"mismatch"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(data, &report); err != nil {
		return nil, err
	}
	wrong := map[string]string{}
	for _, r := range report.Results {
		if wrong[r.Description] = ""; r.Result != "OK" {
			wrong[r.Description] = r.Result
		}
	}
	for _, e := range report.Errors {
		wrong[e.Interaction] += " " + string(e.Mismatch)
	}
	return wrong, nil
}
