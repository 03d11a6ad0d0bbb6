package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// esgen test --live says of the generated system what esgen test says of the
// model: what holds, and of what does not, where, what was expected, and what came.
func TestLive(t *testing.T) {
	if testing.Short() {
		t.Skip("generates, builds and runs a whole system")
	}
	model, err := os.ReadFile("../../testdata/models/mini/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const scenarios = `
scenarios:
  A task is added:
    when: {do: AddTask, with: {taskId: t1, text: paint}, by: {User: lee}}
    then: [{event: TaskAdded, with: {text: paint}}]
    eventually: [{state: Task, is: {taskId: t1, text: paint}, times: 1}]
  It is added by nobody:
    when: {do: AddTask, with: {taskId: t1, text: paint}, by: {User: lee}}
    then: {rejected: Forbidden}
`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "esgen.yaml"), append(model, scenarios...), 0o600); err != nil {
		t.Fatal(err)
	}
	run := begin(t, dir, "test", "--live", "--format", "json")
	if err := <-run.ended; err == nil || err.Error() != "exit status 1" {
		t.Errorf("it ended with %v:\n%s", err, run.said())
	}
	_, text, _ := strings.Cut(run.said(), "{\n")
	text, _, _ = strings.Cut(text, "\n}\n")
	var report struct {
		Scenarios []struct {
			Name     string
			OK       bool
			Failures []struct {
				File, Message, Expected, Actual string
				Line                            int
			}
		}
	}
	if err := json.Unmarshal([]byte("{"+text+"}"), &report); err != nil || len(report.Scenarios) != 2 {
		t.Fatalf("%v:\n%s", err, run.said())
	}
	good, bad := report.Scenarios[0], report.Scenarios[1]
	if !good.OK || bad.OK || len(bad.Failures) != 1 {
		t.Fatalf("%+v", report)
	}
	if f := bad.Failures[0]; f.File != "esgen.yaml" || f.Line == 0 || f.Message != "AddTask was not rejected" || f.Expected != "rejected: Forbidden" || f.Actual != "TaskAdded {taskId: t1, text: paint}" {
		t.Errorf("%+v", f)
	}
}
