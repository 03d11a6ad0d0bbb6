package bench_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// handler is how large the function is that runs a command.
type handler struct{ lines, branches int }

// Handlers of wild-workouts (ThreeDotsLabs/wild-workouts-go-ddd-example at f797e11), the
// Handle methods of internal/trainings/app/command. ESGEN_TEST_WILD_WORKOUTS names a
// checkout to count them anew.
var wildWorkouts = map[string]handler{
	"ApproveTrainingReschedule": {21, 2}, "CancelTraining": {25, 4}, "RejectTrainingReschedule": {16, 1},
	"RequestTrainingReschedule": {17, 1}, "RescheduleTraining": {24, 3}, "ScheduleTraining": {21, 4},
}

// The handlers of the examples are no larger than those of people that do the same. Those
// that ask others make something new, as ScheduleTraining does; the others change what
// is there, as RejectTrainingReschedule and RequestTrainingReschedule do. Those leave it to
// their repository who may: a handler here asks that too, where the model says so, which
// is the one branch that the largest has more.
func TestHandlersAreAsSmallAsThoseOfPeople(t *testing.T) {
	if dir := os.Getenv("ESGEN_TEST_WILD_WORKOUTS"); dir != "" {
		counted := map[string]handler{}
		files, err := filepath.Glob(filepath.Join(dir, "internal/trainings/app/command/*_training*.go"))
		ok(t, err)
		for _, name := range files {
			text, err := os.ReadFile(name)
			ok(t, err)
			maps.Copy(counted, handlers(t, name, text, func(f *ast.FuncDecl) string {
				if f.Name.Name != "Handle" {
					return ""
				}
				receiver, _ := f.Recv.List[0].Type.(*ast.Ident)
				return strings.ToUpper(receiver.Name[:1]) + strings.TrimSuffix(receiver.Name[1:], "Handler")
			}))
		}
		if !maps.Equal(counted, wildWorkouts) {
			t.Errorf("wild-workouts has %v, not %v", counted, wildWorkouts)
		}
	}
	asking, alone := map[string]handler{}, map[string]handler{}
	for _, example := range []string{"fooddelivery", "library"} {
		for _, f := range generated(t, filepath.Join("../../examples", example)) {
			if !strings.HasSuffix(f.Path, "_handler.go") {
				continue
			}
			into := alone
			if strings.Contains(string(f.Data), "command.Ask(") {
				into = asking
			}
			maps.Copy(into, handlers(t, f.Path, f.Data, func(f *ast.FuncDecl) string {
				if !f.Name.IsExported() {
					return "" // what a handler asks or reads, by a name of its own
				}
				return example + "." + f.Name.Name
			}))
		}
	}
	noLarger(t, "asking others", asking, handler{}, "ScheduleTraining")
	noLarger(t, "asking nobody", alone, handler{branches: 1}, "RejectTrainingReschedule", "RequestTrainingReschedule")
}

func noLarger(t *testing.T, what string, ours map[string]handler, more handler, than ...string) {
	t.Helper()
	theirs := map[string]handler{}
	for _, name := range than {
		theirs[name] = wildWorkouts[name]
	}
	if len(ours) == 0 {
		t.Fatalf("no handlers %s", what)
	}
	for _, of := range []struct {
		name string
		get  func(handler) int
	}{{"lines", func(h handler) int { return h.lines }}, {"branches", func(h handler) int { return h.branches }}} {
		mean, largest := sizeOf(ours, of.get)
		theirMean, theirLargest := sizeOf(theirs, of.get)
		t.Logf("%s, %s: %d of ours have %.1f, at most %d; %d of wild-workouts %.1f, at most %d", what, of.name,
			len(ours), mean, largest, len(theirs), theirMean, theirLargest)
		if mean > theirMean || largest > theirLargest+of.get(more) {
			t.Errorf("%s: handlers have more %s than those of people", what, of.name)
		}
	}
}

func sizeOf(all map[string]handler, get func(handler) int) (mean float64, largest int) {
	sum := 0
	for _, h := range all {
		sum += get(h)
		largest = max(largest, get(h))
	}
	return float64(sum) / float64(len(all)), largest
}

// handlers are the functions of a file that have a name here, and their sizes: lines that
// are not blank, and places where the way parts.
func handlers(t *testing.T, path string, text []byte, name func(*ast.FuncDecl) string) map[string]handler {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, text, 0)
	ok(t, err)
	out := map[string]handler{}
	for _, d := range file.Decls {
		f, is := d.(*ast.FuncDecl)
		if !is || f.Recv == nil || name(f) == "" {
			continue
		}
		body := string(text[fset.Position(f.Pos()).Offset:fset.Position(f.End()).Offset])
		h := handler{lines: len(slices.DeleteFunc(strings.Split(body, "\n"), func(l string) bool { return strings.TrimSpace(l) == "" }))}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.CaseClause:
				h.branches++
			case *ast.BinaryExpr:
				if n.Op == token.LAND || n.Op == token.LOR {
					h.branches++
				}
			}
			return true
		})
		out[name(f)] = h
	}
	return out
}
