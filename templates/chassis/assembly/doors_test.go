package assembly_test

import (
	"os/exec"
	"strings"
	"testing"
)

// The doors of tests are in builds with the tag e2e, and in no others.
func TestDoorsAreForTests(t *testing.T) {
	const given = "github.com/esgen/esgen/templates/chassis/given"
	for tags, want := range map[string]bool{"": false, "e2e": true} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags="+tags, ".").Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(out), given+"\n"); got != want {
			t.Errorf("with the tags %q, the doors are in a service: %v", tags, got)
		}
	}
}
