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

// TestHalfDone makes sure that a system without part of what its model says is
// written only on request, and that it is told what is left out.
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
			":13:22: warning: event-sourced aggregates are understood but not generated yet [not-generated]\n", "help: until then: the state is stored\n",
			"events of external systems are", "older versions of an event are", "timers and windows of policies are", "change streams of a view are",
			":17:51: warning: events that no aggregate holds are", ":25:31: warning: events that no aggregate holds are", ":31:31: warning: events that no aggregate holds are",
		}},
		{[]string{"generate", "--out", out}, exitNo, []string{
			"error: nothing was written, because the services would do less than the model says: without timers and windows of policies (1), " +
				"event-sourced aggregates (1), older versions of an event (1), events of external systems (1), events that no aggregate holds (3), change streams of a view (1)\n",
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

// TestScenariosAreBeside makes sure that what changes nothing about the
// services refuses nothing.
func TestScenariosAreBeside(t *testing.T) {
	mini, err := os.ReadFile("../../testdata/models/mini/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text := string(mini) + "\nscenarios: {a task is done: {given: [{event: TaskAdded, with: {taskId: t1, text: wash}}], when: {do: FinishTask, with: {taskId: t1}}, then: [TaskFinished]}}\n"
	if err := os.WriteFile(filepath.Join(dir, model.DocumentName), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]bool{"check": false, "generate": true} {
		var said bytes.Buffer
		if code := Run([]string{command, dir}, strings.NewReader(""), &said, &said); code != exitFine {
			t.Errorf("%s: exit %d\n%s", command, code, &said)
		}
		if got := strings.Contains(said.String(), "note: scenarios are understood but not generated yet [not-generated]"); got != want {
			t.Errorf("%s says it: %v\n%s", command, got, &said)
		}
	}
}
