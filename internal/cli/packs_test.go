package cli

import (
	"bytes"
	"os/exec"
	"testing"
)

// TestPacks holds the packs of this repository against what they should write: they
// are written from the guide.
func TestPacks(t *testing.T) {
	for _, pack := range []string{"../../testdata/packs/classes", "../../testdata/models/kiosk/packs/client"} {
		var stdout, stderr bytes.Buffer
		if code := Run([]string{"templates", "test", pack}, nil, &stdout, &stderr); code != exitFine {
			t.Errorf("exit %d\n%s%s", code, &stdout, &stderr)
		}
	}
}

// TestScriptsOfPacks has what is written in JavaScript read by who runs it, whatever
// the notes of the wall say.
func TestScriptsOfPacks(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node")
	}
	const file = "../../testdata/models/kiosk/packs/client/tests/todo/want/clients/tasks.mjs"
	if out, err := exec.CommandContext(t.Context(), node, "--check", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
