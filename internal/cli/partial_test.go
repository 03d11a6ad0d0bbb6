package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/model"
)

// half is a model that says more than is generated, with a member of each kind.
const half = `esgen: v1
system: depot
actors: {Clerk: {}}
events: [TruckSeen, RainStarted, GateStuck]
externals:
  Scales:
    operations: {weigh: {reply: {kilos: int}}}
    events: {Weighed: {fields: {kilos: int}}}
contexts:
  yard:
    aggregates:
      Gate:
        persistence: events
        state: {name: string, open: bool}
        commands:
          Build: {actor: Clerk, creates: true, input: {name: string, colour: string}, emit: [GateBuilt]}
          Open: {actor: Clerk, emit: [GateOpened, GateStuck]}
          Close: {actor: Clerk, emit: [GateClosed]}
          Push: {actor: Clerk, emit: {oneOf: [GateOpened, GateClosed]}}
        events:
          GateBuilt: {fields: {name: string, colour: string}, apply: {open: false}, versions: {1: {fields: {name: string}, upcast: {colour: "'grey'"}}}}
          GateOpened: {apply: {open: true}}
          GateClosed: {apply: {open: false}}
    policies:
      CloseDaily: {every: 24h, each: {of: Gate, where: state.open}, then: Gate.Close}
      OpenOnTruck: {whenever: TruckSeen, then: Gate.Open, target: "id('g1')"}
    views:
      Gates:
        key: gateId
        fields: {gateId: id, name: string, wet: {type: bool, default: false}}
        changes: stream
        from: {GateBuilt: {}, RainStarted: {where: "row.name != ''", set: {wet: "true"}}}
        actor: Clerk
`

// TestHalfDone makes sure that it is told what is left out of a system, and that
// nothing is written before somebody agrees to that.
func TestHalfDone(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, model.DocumentName), []byte(half), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	for _, test := range []struct {
		args []string
		code int
		says []string
	}{
		{[]string{"check", "--all"}, exitFine, []string{
			":17:51: warning: Open emits GateStuck, which belongs to no aggregate yet [incomplete]", ":26:31: warning: OpenOnTruck hears of TruckSeen, which",
			":32:31: warning: Gates follows RainStarted, which",
			":19:46: warning: commands that do not say when which outcome comes about are understood but not generated yet [not-generated]\n",
			"help: until then: a scenario chooses", "write conditions to generate",
		}},
		{[]string{"generate", "--out", out}, exitNo, []string{
			"error: nothing was written, because the services would do less than the model says: without " +
				"commands that do not say when which outcome comes about (1)\n",
			"help: --partial leaves that out",
		}},
		{[]string{"generate", "--out", out, "--check"}, exitNo, []string{"help: --partial"}},
		{[]string{"run", "--out", out}, exitNo, []string{"help: --partial"}},
		{[]string{"generate", "--out", out, "--partial"}, exitFine, []string{" written\n"}},
	} {
		var said bytes.Buffer
		code := Run(append(test.args, dir), strings.NewReader(""), &said, &said)
		if code != test.code {
			t.Errorf("esgen %s: exit %d\n%s", strings.Join(test.args, " "), code, &said)
		}
		for _, want := range test.says {
			if !strings.Contains(said.String(), want) {
				t.Errorf("esgen %s does not say %q:\n%s", strings.Join(test.args, " "), want, &said)
			}
		}
		if _, err := os.Stat(out); (err == nil) != (test.code == exitFine && test.args[0] == "generate") {
			t.Errorf("esgen %s: output is there: %v", strings.Join(test.args, " "), err == nil)
		}
	}
}
