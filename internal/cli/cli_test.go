package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// session is what somebody types, one step after the other, in a directory
// that has the model "mini".
type session struct {
	t    *testing.T
	data string // the test data, wherever one is
	log  strings.Builder
}

// esgen runs a command and notes what it said.
func (s *session) esgen(args ...string) {
	var stdout, stderr bytes.Buffer
	code := Run(args, strings.NewReader(""), &stdout, &stderr)
	fmt.Fprintf(&s.log, "$ esgen %s\n", strings.Join(args, " "))
	for _, stream := range []struct{ mark, text string }{{"", stdout.String()}, {"! ", stderr.String()}} {
		for line := range strings.Lines(stream.text) {
			s.log.WriteString(strings.TrimRight(stream.mark+strings.TrimSuffix(line, "\n"), " ") + "\n")
		}
	}
	fmt.Fprintf(&s.log, "exit %d\n\n", code)
}

// change rewrites a file, and notes it.
func (s *session) change(path, what, with string) {
	s.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	after := strings.Replace(string(data), what, with, 1)
	if after == string(data) {
		s.t.Fatalf("there is no %q in %s", what, path)
	}
	s.write(path, after)
}

func (s *session) write(path, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
	fmt.Fprintf(&s.log, "(%s is written)\n\n", path)
}

// show notes what a file holds.
func (s *session) show(path string) {
	s.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	fmt.Fprintf(&s.log, "(%s is:)\n%s\n", path, data)
}

func (s *session) remove(path string) {
	s.t.Helper()
	if err := os.Remove(path); err != nil {
		s.t.Fatal(err)
	}
	fmt.Fprintf(&s.log, "(%s is removed)\n\n", path)
}

// move gives a file another path.
func (s *session) move(from, to string) {
	s.t.Helper()
	if err := os.Rename(from, to); err != nil {
		s.t.Fatal(err)
	}
	fmt.Fprintf(&s.log, "(%s is moved to %s)\n\n", from, to)
}

// wall puts a model of the test data into a directory.
func (s *session) wall(name string) {
	s.t.Helper()
	if err := os.CopyFS(name, os.DirFS(filepath.Join(s.data, name))); err != nil {
		s.t.Fatal(err)
	}
}

// has checks whether a file is there.
func (s *session) has(path string, want bool) {
	s.t.Helper()
	if _, err := os.Stat(path); (err == nil) != want {
		s.t.Errorf("%s is there: %v, want %v", path, err == nil, want)
	}
}

const custom = `          Decide:
            actor: User
            custom: true
`

var sessions = map[string]func(*session){
	"usage": func(s *session) {
		s.esgen()
		s.esgen("--help")
		s.esgen("genrate")
		s.esgen("frobnicate")
		s.esgen("check", "--fromat", "json")
		s.esgen("check", "--frobnicate")
		s.esgen("check", "-x")
		s.esgen("check", "--format")
		s.esgen("check", "--format", "jsn", "mini")
		s.esgen("check", "--format", "frobnicated", "mini")
		s.esgen("check", "mini", "maxi")
		s.esgen("run", "--port", "http")
		s.esgen("run", "mini", "--fresh", "--kafka", "localhost:9092")
		s.esgen("version", "now")
		s.esgen("generate", "--help")
		s.esgen("run", "--help")
	},
	"check": func(s *session) {
		s.esgen("check", "mini")
		s.esgen("check", "mini/esgen.yaml")
		s.esgen("check", "--format", "github", "mini")
		s.esgen("check")
		s.esgen("check", "empty")
		s.esgen("check", "nowhere")
		s.change("mini/esgen.yaml", "emit: [TaskFinished]", "emit: [TaskFinishd]")
		s.change("mini/esgen.yaml", "input: {text: string}", "inptu: {text: string}")
		s.esgen("check", "mini")
		s.esgen("check", "--format", "json", "mini")
		s.esgen("check", "--format", "github", "mini")
		s.esgen("generate", "mini")
		s.esgen("run", "mini")
		s.has("mini/generated", false)
	},
	"wall": func(s *session) {
		s.wall("wall")
		s.esgen("check", "wall")
		s.esgen("check", "--all", "wall")
		s.esgen("check", "--format", "github", "wall")
		s.esgen("explain", "CheckIn", "wall")
	},
	"board": func(s *session) {
		s.esgen("board", "mini", "--format", "mmd")
		s.esgen("board", "mini", "-o", "wall.svg")
		s.esgen("board", "mini", "-o", "nowhere/wall.svg")
		s.has("wall.svg", true)
		s.esgen("board", "nowhere")
		s.esgen("board", "mini", "--show", "lifecycles")
		s.esgen("board", "mini", "--show", "map", "-o", "map.svg")
		s.esgen("board", "mini", "--show", "hexagon", "--context", "todo", "-o", "todo.svg")
		s.esgen("board", "mini", "--show", "hexagon")
		s.esgen("board", "mini", "--show", "pyramid")
		s.change("mini/esgen.yaml", "emit: [TaskFinished]", "emit: [TaskFinishd]")
		s.esgen("board", "mini", "--format", "mmd")
	},
	"import": func(s *session) {
		s.write("wall.md", "# Garage\n\n🟦 Enter → 🟧 Entered\n")
		s.esgen("import", "wall.md")
		s.esgen("import", "wall.md", "-o", "wall.yaml")
		s.esgen("import", "wall.md", "-o", "wall.yaml")
		s.esgen("check", "wall.yaml")
		s.change("wall.yaml", "emit: [Entered]", "emit: [Entered] # by hand")
		s.write("wall.md", "# Garage\n\n🟦 Enter → 🟧 Came in\n🟫 Leave → 🟧 Left\n")
		s.esgen("import", "wall.md", "--map", "🟫=command", "--into", "wall.yaml")
		s.show("wall.yaml")
		s.esgen("import", "wall.md", "--map", "brown")
		s.esgen("import", "wall.md", "--map", "🟥=robot")
		s.esgen("import", "wall.md", "--into", "nowhere.yaml")
		s.esgen("import", "nowhere.md")
		s.esgen("import", "mini/esgen.yaml")
		s.esgen("import", "mini/esgen.yaml", "--format", "msaez")
	},
	"token": func(s *session) {
		s.esgen("token")
		s.esgen("token", "--role", "user", "--ttl", "0s")
		s.esgen("token", "--role", "user")
		s.esgen("token", "--role", "user", "--out", "nowhere")
		s.esgen("run", "mini", "--auth", "none")
		key := `{"url":"http://i","audience":"mini","seed":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`
		s.write(".esgen/run/mini/.esgen/data/issuer.json", key)
		s.write(".esgen/run/maxi/.esgen/data/issuer.json", key)
		s.esgen("token", "--role", "user")
	},
	"explain": func(s *session) {
		s.esgen("check", "--explain", "hotspot")
		s.esgen("check", "--explain", "hotspt")
		s.esgen("check", "--explain", "lifecycle")
		s.esgen("check", "--explain", "frobnicate")
	},
	"weigh": func(s *session) {
		s.change("mini/esgen.yaml", "      Task:\n", "      Task:\n        hotspots: [Who deletes tasks]\n")
		s.esgen("check", "mini")
		s.write("mini/.esgen.yaml", "rules: {hotspot: error}\n")
		s.esgen("check", "mini")
		s.change("mini/esgen.yaml", "      Task:\n", "      # esgen:ignore hotspot asked on Friday\n      Task:\n")
		s.esgen("check", "mini")
		s.write("mini/.esgen.yaml", "rules: {hotspot: off}\n")
		s.esgen("check", "mini")
	},
	"init": func(s *session) {
		s.esgen("init")
		s.esgen("check")
		s.esgen("init")
		s.esgen("init", "new/project")
		s.esgen("check", "new/project")
		s.esgen("init", "a", "b")
		s.write("file", "")
		s.esgen("init", "file")
	},
	"generate": func(s *session) {
		s.esgen("generate", "mini")
		s.esgen("generate", "mini")
		s.esgen("generate", "mini", "--check")
		s.remove("mini/generated/Makefile")
		s.esgen("generate", "mini/esgen.yaml", "--check")
		s.has("mini/generated/Makefile", false)
		s.esgen("generate", "mini", "--context", "todo")
		s.has("mini/generated/Makefile", false)
		s.esgen("generate", "mini")
		s.has("mini/generated/Makefile", true)
		s.esgen("generate", "mini", "--context", "tod")
	},
	"edited": func(s *session) {
		s.esgen("generate", "mini", "--out", "out")
		s.change("out/Makefile", "build:\n", "build: # quickly\n")
		s.esgen("generate", "mini", "--out", "out", "--check")
		s.esgen("generate", "mini", "--out", "out", "--dry-run")
		s.esgen("generate", "mini", "--out", "out", "--diff")
		s.esgen("generate", "mini", "--out", "out")
		s.change("out/Makefile", "# quickly", "# quick")
		s.esgen("generate", "mini", "--out", "out", "--force")
		s.esgen("generate", "mini", "--out", "out", "--check")
	},
	"grpc": func(s *session) {
		s.change("mini/esgen.yaml", "  todo:\n", "  todo:\n    grpc: true\n")
		s.change("mini/esgen.yaml", "          FinishTask:\n", "          FinishTask:\n            code: GetTask\n")
		s.esgen("generate", "mini", "--out", "out")
		s.has("out", false)
		s.change("mini/esgen.yaml", "            code: GetTask\n", "")
		s.esgen("generate", "mini", "--out", "out")
		s.change("mini/esgen.yaml", "{text: string}", "{due: date, text: string}")
		s.esgen("generate", "mini", "--out", "out")
		s.show("out/services/todo/api/todo.proto")
		s.esgen("generate", "mini", "--out", "out", "--check")
		s.write("out/services/todo/api/todo.proto", "<<<<<<< ours\n")
		s.esgen("generate", "mini", "--out", "out", "--force")
	},
	"grown": func(s *session) {
		s.esgen("generate", "mini", "--out", "out")
		s.change("mini/esgen.yaml", "          FinishTask:\n", custom+"          FinishTask:\n")
		s.esgen("generate", "mini", "--out", "out", "--context", "todo")
		s.change("out/services/todo/internal/domain/task/decide_decide.go", "package task", "// Mine.\npackage task")
		s.esgen("generate", "mini", "--out", "out")
		s.change("mini/esgen.yaml", custom, "")
		s.esgen("generate", "mini", "--out", "out")
		s.has("out/services/todo/internal/domain/task/decide_decide.go", true)
		s.has("out/services/todo/internal/domain/task/decide_command.go", false)
		s.esgen("generate", "mini", "--out", "out", "--prune")
		s.has("out/services/todo/internal/domain/task/decide_decide.go", false)
		s.esgen("generate", "mini", "--out", "out")
	},
	"yours": func(s *session) {
		const decide = "out/services/todo/internal/domain/task/decide_decide.go"
		s.change("mini/esgen.yaml", "          FinishTask:\n", custom+"          FinishTask:\n")
		s.esgen("generate", "mini", "--out", "out")
		s.change(decide, "return nil, values", "// Mine.\n\treturn nil, values")
		s.esgen("generate", "mini", "--out", "out", "--check")
		s.change("mini/esgen.yaml", "            custom: true\n", "            title: 결정하다\n            custom: true\n")
		s.esgen("generate", "mini", "--out", "out", "--check")
		s.esgen("generate", "mini", "--out", "out", "--context", "todo")
		s.show(decide)
		s.change(decide, "// is yours: what", "// is mine: what")
		s.change(decide, "결정하다", "마음을 정하다")
		s.change("mini/esgen.yaml", "title: 결정하다", "title: 마음먹다")
		s.esgen("generate", "mini", "--out", "out")
		s.show(decide)
		s.esgen("generate", "mini", "--out", "out")
		s.esgen("generate", "mini", "--out", "out", "--check")
		s.change(decide, "<<<<<<< yours\n", "")
		s.esgen("generate", "mini", "--out", "out")
	},
	"renamed": func(s *session) {
		const decide, settle = "out/services/todo/internal/domain/task/decide_decide.go", "out/services/todo/internal/domain/task/settle_decide.go"
		s.change("mini/esgen.yaml", "          FinishTask:\n", custom+"          FinishTask:\n")
		s.esgen("generate", "mini", "--out", "out")
		s.change(decide, "return nil, values", "// Mine.\n\treturn nil, values")
		s.change("mini/esgen.yaml", "          Decide:\n", "          Settle:\n            code: Decide\n")
		s.esgen("generate", "mini", "--out", "out", "--dry-run")
		s.esgen("generate", "mini", "--out", "out")
		s.change("mini/esgen.yaml", "            code: Decide\n", "")
		s.esgen("generate", "mini", "--out", "out")
		s.move(decide, settle)
		s.esgen("generate", "mini", "--out", "out")
		s.show(settle)
	},
	"was": func(s *session) {
		const decide, settle = "out/services/todo/internal/domain/task/decide_decide.go", "out/services/todo/internal/domain/task/settle_decide.go"
		s.change("mini/esgen.yaml", "          FinishTask:\n", custom+"          FinishTask:\n")
		s.esgen("generate", "mini", "--out", "out")
		s.change(decide, "return nil, values", "// Mine.\n\treturn nil, values")
		s.change("mini/esgen.yaml", "          Decide:\n", "          Settle:\n            was: Decide\n")
		s.esgen("generate", "mini", "--out", "out", "--check")
		s.esgen("generate", "mini", "--out", "out")
		s.show(settle)
		s.change("mini/esgen.yaml", "            was: Decide\n", "            was: FinishTask\n")
		s.esgen("check", "mini")
		s.change("mini/esgen.yaml", "  todo:\n", "  todo:\n    was: tasks\n")
		s.esgen("check", "mini")
	},
	"eject": func(s *session) {
		s.esgen("generate", "mini", "--out", "out")
		s.change("out/Makefile", "build:\n", "build: # quickly\n")
		s.esgen("generate", "mini", "--out", "out")
		s.esgen("eject", "out/Makefile")
		s.esgen("generate", "mini", "--out", "out")
		s.esgen("generate", "mini", "--out", "out", "--check")
		s.esgen("eject", "out/Makefile")
		s.esgen("eject", "out/Makefile", "--undo")
		s.esgen("eject", "out/Makefile", "--undo", "--force")
		s.esgen("generate", "mini", "--out", "out", "--check")
		s.esgen("generate", "mini", "--out", "out")
		s.esgen("eject", "mini/esgen.yaml")
		s.esgen("eject", "out/nowhere")
		s.esgen("eject")
		s.esgen("eject", "out/Makefile", "--force")
	},
	"fmt": func(s *session) {
		s.esgen("fmt", "mini", "--check")
		s.change("mini/esgen.yaml", "esgen: v1\n", "")
		s.change("mini/esgen.yaml", "contexts:\n", "esgen: 'v1' # the version\ncontexts:\n")
		s.esgen("fmt", "mini", "--check")
		s.esgen("fmt", "mini", "--diff")
		s.esgen("fmt", "mini", "--write")
		s.esgen("fmt", "mini", "--write")
		s.esgen("fmt", "mini/esgen.yaml")
		s.write("bad.yaml", "contexts: {a: max(b, c)}\n")
		s.write("good.yaml", "contexts:   [a]\n")
		s.esgen("fmt", "bad.yaml", "good.yaml", "--write")
		s.show("bad.yaml")
		s.show("good.yaml")
		s.esgen("fmt", "-")
		s.esgen("fmt", "nowhere")
		s.esgen("fmt", "--check", "--diff")
	},
	"chain": func(s *session) {
		s.esgen("explain", "AddTask", "mini")
		s.esgen("explain", "todo.Task.FinishTask", "mini", "--format", "json")
		s.esgen("explain", "TaskFinished", "mini")
		s.esgen("explain", "AddTaks", "mini")
		s.esgen("explain", "TaskBoard", "mini")
		s.esgen("explain")
		s.esgen("explain", "a", "b", "c")
		s.esgen("explain", "AddTask", "mini", "--format", "jsn")
		s.change("mini/esgen.yaml", "input: {text: string}", "inptu: {text: string}")
		s.esgen("explain", "FinishTask", "mini")
	},
	"coverage": func(s *session) {
		s.esgen("coverage", "mini")
		s.esgen("coverage", "mini", "--fail-under", "0")
		s.change("mini/esgen.yaml", "flows:\n", "requirements: {F1: Tasks are kept.}\nscenarios:\n"+
			"  a task is added: {covers: F1, when: {do: AddTask, with: {taskId: t1, text: x}, by: User}, then: [TaskAdded]}\nflows:\n")
		s.esgen("coverage", "mini", "--format", "markdown", "--fail-under", "33")
		s.esgen("coverage", "mini", "--format", "json", "--fail-under", "51")
		s.esgen("coverage", "mini", "--format", "xml")
		s.esgen("coverage", "mini", "--fail-under", "101")
		s.esgen("coverage", "mini", "--fail-under", "some")
	},
	"unwritable": func(s *session) {
		s.write("file", "")
		s.esgen("generate", "mini", "--out", "file")
		s.esgen("generate", "mini", "--out", "file/below/it", "--check")
		s.esgen("run", "mini", "--out", "file", "--port", "0")
	},
	"foreign": func(s *session) {
		s.write("theirs/Makefile", "mine:\n")
		s.write("theirs/src/main.go", "package main\n")
		s.write("theirs/.gitignore", "bin\n")
		for _, flags := range [][]string{nil, {"--force"}, {"--check"}, {"--diff"}, {"--context", "todo"}} {
			s.esgen(append([]string{"generate", "mini", "--out", "theirs"}, flags...)...)
		}
		s.esgen("run", "mini", "--out", "theirs", "--port", "0")
		s.show("theirs/Makefile")
		s.has("theirs/.esgen", false)
		s.remove("theirs/Makefile")
		s.remove("theirs/src/main.go")
		s.esgen("generate", "mini", "--out", "theirs")
		s.write("theirs/notes.txt", "beside what is generated\n")
		s.esgen("generate", "mini", "--out", "theirs")
		s.remove("theirs/.esgen/manifest.json")
		s.esgen("generate", "mini", "--out", "theirs", "--force")
	},
	"templates": func(s *session) {
		s.esgen("templates")
		s.esgen("templates", "lst")
		s.esgen("templates", "describe", "lifecycl")
		s.esgen("templates", "describe", "services.Lifecycle")
		s.esgen("templates", "describe", "functions")
		s.esgen("templates", "export", "mine")
		s.esgen("templates", "export", "mine", "service/READ.md.tmpl")
		s.esgen("templates", "export", "mine", "service/README.md.tmpl")
		s.esgen("templates", "export", "mine", "service/README.md.tmpl")
		s.esgen("templates", "test", "mine")
		s.change("mine/pack/service/README.md.tmpl", "# ", "# Ours: ")
		s.write("mini/packs/notes/pack.yaml", `pack: notes
version: 1
files:
  - {each: service, path: "notes/{{.Dir}}.md", template: notes.md, owner: seeded}
  - {each: command, path: "notes/{{.Aggregate.Service.Dir}}/{{.Name.Kebab}}.txt", template: notes.txt, when: not .Roles}
`)
		s.write("mini/packs/notes/pack/notes.md", "# {{md .Title}}\n")
		s.write("mini/packs/notes/pack/notes.txt", "{{line .Title}}\n")
		s.esgen("generate", "mini", "--out", "out")
		s.change("mini/esgen.yaml", "module:", "templates: packs/notes\nmodule:")
		s.esgen("generate", "mini", "--out", "out", "--pack", "mine")
		s.show("out/notes/todo.md")
		s.esgen("generate", "mini", "--out", "out", "--pack", "mine")
		s.esgen("generate", "mini", "--out", "out", "--check")
		s.change("mini/packs/notes/pack/notes.md", "# ", "# The context ")
		s.esgen("generate", "mini", "--out", "out", "--pack", "mine", "--dry-run")
		s.esgen("generate", "mini", "--out", "out", "--pack", "mine")
		s.change("mini/packs/notes/pack/notes.md", ".Title", ".Titel")
		s.esgen("generate", "mini", "--out", "out")
		s.change("mini/packs/notes/pack/notes.md", "md .Titel", "(index .Aggregates 3).Name.Go | md")
		s.esgen("generate", "mini", "--out", "out")
		s.write("mini/packs/notes/pack/notes.md", "{{md .Title}}\n")
		s.change("mini/packs/notes/pack.yaml", "notes/{{.Dir}}", "../{{.Dir}}")
		s.esgen("generate", "mini", "--out", "out")
		s.change("mini/packs/notes/pack.yaml", "each: service", "each: servise")
		s.esgen("generate", "mini", "--out", "out")
		s.esgen("check", "mini")
		s.change("mini/esgen.yaml", "packs/notes", "packs/note")
		s.esgen("check", "mini")
		s.esgen("generate", "mini", "--out", "out")
		s.change("mini/esgen.yaml", "packs/note", "../packs")
		s.esgen("check", "mini")
		s.esgen("generate", "mini", "--out", "out", "--pack", "nowhere")
		s.change("mini/esgen.yaml", "templates: ../packs\n", "")
		s.esgen("generate", "mini", "--out", "out", "--pack", "nowhere")
		s.esgen("generate", "mini", "--out", "out", "--pack", "mini")
		s.esgen("generate", "mini", "--out", "out")
	},
	"golden": func(s *session) {
		s.wall("golden")
		s.esgen("templates", "test", "golden")
		s.esgen("templates", "test", "golden", "--update")
		s.esgen("templates", "test", "golden")
		s.change("golden/pack/page.md", "#", "##")
		s.esgen("templates", "test", "golden")
		s.remove("golden/pack.yaml")
		s.esgen("templates", "test", "golden")
	},
	"serve": func(s *session) {
		s.esgen("serve", "--format", "pdf", "mini")
		s.esgen("serve", "--out", "page.html", "mini")
		s.esgen("serve", "mini", "maxi")
		s.esgen("serve", "nowhere")
		s.esgen("serve", "--port", "http", "mini")
		s.esgen("serve", "--port", "70000", "mini")
		s.esgen("serve", "--format", "html", "nowhere")
	},
	"inside": func(s *session) {
		s.change("mini/esgen.yaml", "module:", "include: ['*/*.yaml']\nmodule:")
		s.write("mini/more/more.yaml", "requirements: {F1: Tasks are kept.}\n")
		s.esgen("generate", "mini")
		s.has("mini/generated", false)
		s.esgen("generate", "mini", "--out", "elsewhere")
	},
}

// What esgen says, to whom, and with which exit code.
func TestSessions(t *testing.T) {
	model, err := os.ReadFile("../../testdata/models/mini/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	goldens, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for name, play := range sessions {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for dir, file := range map[string]string{"mini": "esgen.yaml", "empty": "other.yaml"} {
				if err := os.Mkdir(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, file), model, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			s := &session{t: t, data: goldens}
			play(s)
			compare(t, filepath.Join(goldens, name+".txt"), timeless(s.log.String()))
		})
	}
}

// manyFiles are counts that every new template changes.
var manyFiles = regexp.MustCompile(`\b([2-9]|[0-9]{2,}) (files|written|unchanged|removed|to write|as they should be)`)

// timeless is a text without what changes with every new template.
func timeless(text string) string { return manyFiles.ReplaceAllString(text, "N $2") }

func compare(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got; if it is meant: go test ./internal/cli -update\n%s", diff)
	}
}

func TestVersion(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := Run([]string{"version"}, nil, &stdout, &stderr); code != exitFine || stderr.Len() > 0 {
		t.Errorf("exit %d: %s", code, &stderr)
	}
	if !regexp.MustCompile(`^esgen \S+ \(go\S+, \w+/\w+\)\n$`).MatchString(stdout.String()) {
		t.Errorf("got %q", &stdout)
	}
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		var stdout, stderr bytes.Buffer
		if code := Run([]string{"completion", shell}, nil, &stdout, &stderr); code != exitFine || !strings.Contains(stdout.String(), "esgen") {
			t.Errorf("%s: exit %d: %s", shell, code, &stderr)
		}
	}
}
