package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testsample"
)

// What runs in production links nothing that is for tests, and what go itself
// would write into the go.mod of a module stands there already. Of a build for
// tests, a service has its doors.
func TestLinked(t *testing.T) {
	for _, model := range testsample.Systems(t, 1, "../../examples/fooddelivery/esgen.yaml", "../../examples/library/esgen.yaml", "../cli/starter.yaml") {
		t.Run(filepath.Base(filepath.Dir(model)), func(t *testing.T) {
			opts := generate(t, model)
			programs := []string{filepath.Join(opts.Dir, "gateway")}
			if linked := linkedBy(t, programs[0]); strings.Contains(linked, "/platform/store\n") || strings.Contains(linked, "/platform/kafka\n") {
				t.Error("the gateway links what services have for themselves, a database and a broker")
			}
			for _, s := range opts.System.Services {
				program := filepath.Join(opts.Dir, "services", s.Dir, "cmd", s.Dir)
				programs = append(programs, program)
				if linked := linkedBy(t, program, "-tags=e2e"); !strings.Contains(linked, opts.System.Module+"/testkit/given\n") {
					t.Errorf("the doors are not in a build of %s for tests", s.Dir)
				}
			}
			for _, program := range programs {
				for linked := range strings.Lines(linkedBy(t, program)) {
					if strings.HasPrefix(linked, opts.System.Module+"/testkit/") || linked == "testing\n" || strings.HasPrefix(linked, "testing/") {
						t.Errorf("%s links %s", program, linked)
					}
				}
			}
			tidy(t, opts)
		})
	}
}

// linkedBy lists the packages that a program is linked of.
func linkedBy(t *testing.T, program string, flags ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-deps"}, append(flags, ".")...)...)
	cmd.Dir = program
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	return string(out)
}

// tidy asks go whether the go.mod and go.sum of all modules are as it would
// write them. It looks only at what is on this machine; where something of
// which it wants a checksum is not, it can say nothing.
func tidy(t *testing.T, opts devrun.Options) {
	t.Helper()
	mods, err := filepath.Glob(filepath.Join(opts.Dir, "*", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	services, err := filepath.Glob(filepath.Join(opts.Dir, "services", "*", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for _, mod := range append(mods, services...) {
		cmd := exec.CommandContext(t.Context(), "go", "mod", "tidy", "-diff")
		cmd.Dir = filepath.Dir(mod)
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=-mod=mod")
		out, err := cmd.CombinedOutput()
		switch {
		case strings.Contains(string(out), "module lookup disabled by GOPROXY=off"):
			t.Logf("%s: go cannot tell without a network", mod)
		case err != nil:
			t.Errorf("%s is not tidy:\n%s", mod, out)
		}
	}
}
