package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/model"
)

// TestPostponed makes sure that only who generates is told what generation
// leaves out: loudly what the services would do, quietly what is beside them.
func TestPostponed(t *testing.T) {
	mini, err := os.ReadFile("../../testdata/models/mini/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text := strings.Replace(string(mini), "    views:\n", "    sagas: {Wait: {startedBy: TaskAdded, steps: [{do: FinishTask, target: event.taskId}]}}\n    views:\n", 1) +
		"scenarios: {a task is done: {given: [{event: TaskAdded, with: {taskId: t1, text: wash}}], when: {do: FinishTask, with: {taskId: t1}}, then: [TaskFinished]}}\n"
	if err := os.WriteFile(filepath.Join(dir, model.DocumentName), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		var out bytes.Buffer
		if code := Run(args, strings.NewReader(""), &out, &out); code != 0 {
			t.Fatalf("esgen %s: exit %d\n%s", strings.Join(args, " "), code, &out)
		}
		return out.String()
	}
	generated := run("generate", "--dry-run", dir)
	for _, want := range []string{
		"warning: sagas are understood but not generated yet [not-generated]",
		"note: scenarios are understood but not generated yet [not-generated]",
	} {
		if !strings.Contains(generated, want) {
			t.Errorf("generate does not say %q:\n%s", want, generated)
		}
	}
	if checked := run("check", dir); strings.Contains(checked, "not-generated") {
		t.Errorf("check speaks of generation:\n%s", checked)
	}
}
