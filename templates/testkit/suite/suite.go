// Package suite plays scenarios as Go tests on a system that runs: "esgen run
// --doors" starts one, or anything else that builds its services with the tag e2e
// and tells them E2E_ADDR.
package suite

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/testkit/live"
)

// envFile is where "esgen run --doors" says where the system is.
const envFile = "../.esgen/e2e.env"

// Play plays the scenarios of a table.
func Play(t *testing.T, table []byte) {
	t.Helper()
	all, err := live.Read(table)
	if err != nil {
		t.Fatal(err)
	}
	env := environment(t)
	if env(live.Gateway) == "" {
		t.Skipf("no system runs: \"esgen run --doors\" starts one, or say where it is by %s, %s, %s and %s", live.Gateway, live.Doors, live.Standins, live.Brokers)
	}
	player, err := live.Open(t.Context(), live.From(env), all)
	if err != nil {
		t.Fatal(err)
	}
	defer player.Close()
	for i := range all.Scenarios {
		s := &all.Scenarios[i]
		t.Run(s.Name, func(t *testing.T) {
			if lacks := player.Lacks(s); lacks != "" {
				t.Skip(lacks)
			}
			failures, err := player.Play(t.Context(), s)
			if err != nil {
				t.Fatalf("%s: it cannot be played: %v", s.At, err)
			}
			for _, f := range failures {
				t.Errorf("%s: %s\nexpected:\n%s\nactual:\n%s\nchain:\n%s", f.At, f.Message, f.Expected, f.Actual, f.Chain)
			}
		})
	}
}

// environment is what is said by variables, or else by the file.
func environment(t *testing.T) func(name string) string {
	t.Helper()
	said := map[string]string{}
	if file, err := os.Open(envFile); err == nil {
		defer func() { _ = file.Close() }()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), "=")
			said[name] = value
		}
	}
	return func(name string) string {
		if value := os.Getenv(name); value != "" {
			return value
		}
		return said[name]
	}
}
