package e2e

import (
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/conform"
)

// fuzzed are the systems that strangers ask.
var fuzzed = []struct {
	name, model string
	files       map[string]string // code that is the user's
}{
	{"library", "../../examples/library/esgen.yaml", nil},
	{"fooddelivery", "../../examples/fooddelivery/esgen.yaml", nil},
	{"every-construct", "../../testdata/models/every-construct/esgen.yaml", map[string]string{
		"services/garage/internal/domain/stay/correct_plate_decide.go": decidePlate,
	}},
}

// Whatever is asked of a system, it answers as its documents say: the requests
// of its scenarios, those of strangers, and those of a fuzzer of others.
func TestDocuments(t *testing.T) {
	for _, system := range fuzzed {
		t.Run(system.name, func(t *testing.T) {
			if system.name != "every-construct" && os.Getenv("ESGEN_TEST_PYPI") == "" {
				t.Skip("what the examples say is held against their documents by other tests, too; set ESGEN_TEST_PYPI to have them asked at random")
			}
			s := start(t, build(t, system.model, system.files))
			t.Run("scenarios", func(t *testing.T) { scenarios(t, s, system.model) })
			t.Run("strangers", func(t *testing.T) { strangers(t, s) })
			t.Run("schemathesis", func(t *testing.T) { fuzzByOthers(t, s) })
		})
	}
}

// strangers ask at random, as actors and as other services: there is no 5xx.
func strangers(t *testing.T, s *system) {
	each, seed := numberOf(t, "ESGEN_TEST_REQUESTS", 10), numberOf(t, "ESGEN_TEST_SEED", 1)
	g := &conform.Generator{
		Rand: rand.New(rand.NewPCG(uint64(seed), 0)), Odd: 0.03,
		IDs: []string{"id-1", "id-2", "id-3", "r1", "o1", "서울 1/2", strings.Repeat("n", 200)},
	}
	for _, name := range slices.Sorted(maps.Keys(s.services)) {
		docs := s.witness.Services[name]
		if docs == nil {
			continue
		}
		for range each {
			s.services[name].pester(t, g, docs.Public, actor{"id-1", ""})
			s.services[name].pester(t, g, docs.Internal, inside)
		}
	}
}

// pester asks every operation once.
func (p *process) pester(t *testing.T, g *conform.Generator, api *conform.API, who actor) {
	t.Helper()
	if api == nil {
		return
	}
	g.API = api
	for _, o := range api.Operations() {
		r := g.Request(o)
		if who != inside {
			who = actor{g.IDs[g.Rand.IntN(3)], strings.Join(o.Roles, ",")}
		}
		a := p.do(t, request{who: who, route: r.Method + " " + r.Target, body: string(r.Body), header: r.Header})
		if a.status >= 500 {
			t.Errorf("%s: %s %s %s: %d %s", p.name, r.Method, r.Target, r.Body, a.status, a.text)
		}
	}
}

func numberOf(t *testing.T, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// schemathesis is the fuzzer of others, from PyPI.
const schemathesis = "schemathesis==4.32.5"

// fuzzByOthers has a fuzzer that is not ours ask every public route of every
// service.
func fuzzByOthers(t *testing.T, s *system) {
	program := installSchemathesis(t)
	var roles []string
	for _, a := range s.opts.System.Actors {
		roles = append(roles, a.Role)
	}
	for _, name := range slices.Sorted(maps.Keys(s.services)) {
		if docs := s.witness.Services[name]; docs == nil || docs.Public == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), program, "run", filepath.Join(s.opts.Dir, "services", name, "api", "openapi.yaml"), "--url", s.Addr(name),
				"--header", "X-Actor-Id: id-1", "--header", "X-Actor-Roles: "+strings.Join(roles, ","),
				"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance",
				"--phases", "examples,coverage,fuzzing", "--max-examples", strconv.Itoa(numberOf(t, "ESGEN_TEST_REQUESTS", 10)),
				"--seed", strconv.Itoa(numberOf(t, "ESGEN_TEST_SEED", 1)), "--no-color", "--suppress-health-check", "all")
			cmd.Dir = t.TempDir() // it keeps what it found
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			t.Log(lines[len(lines)-1])
		})
	}
}

// installSchemathesis installs the fuzzer into the directory that
// ESGEN_TEST_PYPI names, unless it is there, and returns its program.
func installSchemathesis(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("ESGEN_TEST_PYPI")
	if dir == "" {
		t.Skip("set ESGEN_TEST_PYPI to a directory for packages of Python to have a fuzzer of others ask the services")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	if dir, err = filepath.Abs(filepath.Join(dir, strings.ReplaceAll(schemathesis, "==", "-"))); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "bin", "schemathesis")
	if _, err := os.Stat(program); err == nil {
		return program
	}
	for _, install := range [][]string{{python, "-m", "venv", dir}, {filepath.Join(dir, "bin", "python"), "-m", "pip", "install", "--quiet", schemathesis}} {
		if out, err := exec.CommandContext(t.Context(), install[0], install[1:]...).CombinedOutput(); err != nil {
			t.Skipf("the fuzzer cannot be installed here: %v\n%s", err, out)
		}
	}
	return program
}
