package cli

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

// TestLiving changes a model at random, again and again, and what is the user's of
// its output as well, and generates in between. After each run the output is a fresh
// one, with what was written by hand merged into it as git would; no line of that is
// lost; and what is in conflict is what git says is.
func TestLiving(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	sequences, builds := 8, 1
	if testsample.Long() {
		sequences, builds = 2_000, 8
	}
	seed := testsample.Seed(t)
	told := &tally{n: map[string]int{}}
	t.Run("sequences", func(t *testing.T) {
		for i := range sequences {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				l := &living{
					draw: rand.New(rand.NewPCG(seed, uint64(i))), git: git, dir: t.TempDir(), base: map[string]string{}, ejected: map[string]bool{},
					asCommand: i%10 == 1 || i%10 == 2, commentsOnly: i%10 == 2, told: told,
				}
				l.out, l.wall = filepath.Join(l.dir, "out"), newWall(l.draw)
				l.live(t)
				if l.commentsOnly && l.builds() && told.add("built") <= builds {
					l.build(t)
				}
			})
		}
	})
	t.Logf("of %d sequences: %v", sequences, told.n)
	for _, what := range []string{"merged", "clashes", "orphans", "unwritten orphans", "moved", "ejected", "edits refused", "built"} {
		if testsample.Long() && told.n[what] == 0 {
			t.Errorf("never: %s", what)
		}
	}
}

// tally counts what happened in all sequences.
type tally struct {
	mu sync.Mutex
	n  map[string]int
}

func (t *tally) add(what string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n[what]++
	return t.n[what]
}

// living is a model and its output while both change.
type living struct {
	draw         *rand.Rand
	git          string
	dir, out     string
	wall         *wall
	base         map[string]string // files of the user's, as they were generated last
	ejected      map[string]bool
	moved        map[string]string // in the last run, by path: from where
	hand         int               // lines were written by hand
	asCommand    bool              // esgen generate is run, not what it is made of
	commentsOnly bool              // nothing else is written by hand, so that it still compiles
	told         *tally
}

func (l *living) live(t *testing.T) {
	for range 2 + l.draw.IntN(5) {
		fresh := l.edit(t)
		l.byHand(t)
		before := l.disk(t)
		want, clash := l.expect(t, fresh, before)
		if l.draw.IntN(6) == 0 {
			l.editGenerated(t, fresh, before)
		}
		if refused := l.generate(t, fresh); refused != clash {
			t.Errorf("there is something to decide: %t, want %t", refused, clash)
		}
		after := l.disk(t)
		if diff := cmp.Diff(want, after); diff != "" {
			t.Fatalf("files (-want +got):\n%s\nthe model:\n%s", diff, l.wall)
		}
		to := map[string]string{}
		for path, was := range l.moved {
			to[was] = path
		}
		for path, text := range before {
			if moved, is := to[path]; is && after[path] == "" {
				path = moved
			}
			for _, line := range handWritten.FindAllString(text, -1) {
				if !strings.Contains(after[path], line) {
					t.Fatalf("%s: %s is lost", path, line)
				}
			}
		}
		if l.draw.IntN(8) == 0 {
			l.eject(t, fresh)
		}
	}
}

// edit changes the model until it is another that check lets pass, and renders it.
func (l *living) edit(t *testing.T) map[string]artifact.File {
	t.Helper()
	path := filepath.Join(l.dir, model.DocumentName)
	for range 40 {
		next := l.wall.clone()
		for range 1 + l.draw.IntN(3) {
			next.edit(l.draw)
		}
		if err := os.WriteFile(path, []byte(next.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		planned, diags, err := (compilation{path: path, earlier: l.out, layout: thin, stored: func(*model.System) string { return l.out }, allow: allowing{[]string{"lose"}}}).run(func(string) {})
		if err != nil {
			t.Fatalf("%v\n%s", err, next)
		}
		if planned == nil {
			if !diags.HasErrors() {
				t.Fatal("nothing is said")
			}
			continue
		}
		files, err := render.Render(context.Background(), planned.Plan, planned.Pack)
		if err != nil {
			t.Fatal(err)
		}
		l.wall = next
		out := map[string]artifact.File{}
		for _, f := range files {
			out[f.Path] = f
		}
		return out
	}
	t.Fatalf("no edit passes check:\n%s", l.wall)
	return nil
}

// thin is the layout with the fewest files: what services have in common is
// elsewhere.
var thin = layout{layout: "workspace", platform: "example.com/kit@v1.2.0"}

// whole is that of what is built.
var whole = layout{layout: "workspace", platform: "copy"}

// handWritten is what marks a line as written by hand, each with another number.
var handWritten = regexp.MustCompile(`by hand, \d+\.`)

// byHand writes into files of the user's, and decides what there is to decide.
func (l *living) byHand(t *testing.T) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(l.base)) {
		file := filepath.Join(l.out, filepath.FromSlash(path))
		data, err := os.ReadFile(file)
		if os.IsNotExist(err) || l.draw.IntN(3) > 0 {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		if strings.Contains(text, "<<<<<<<") {
			text = decided(text)
		}
		lines := strings.SplitAfter(text, "\n")
		for range l.draw.IntN(3) {
			l.hand++
			comment := "# "
			if strings.HasSuffix(path, ".go") {
				comment = "// "
			}
			line, at := fmt.Sprintf("%sby hand, %d.\n", comment, l.hand), l.draw.IntN(len(lines))
			switch own := handWritten.MatchString(lines[at]); {
			case l.commentsOnly || own || l.draw.IntN(2) == 0 || at == len(lines)-1:
				lines = slices.Insert(lines, at, line)
			case l.draw.IntN(2) == 0:
				lines[at] = line
			default:
				lines = slices.Delete(lines, at, at+1)
			}
		}
		if err := os.WriteFile(file, []byte(strings.Join(lines, "")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// decided is a text without marks, and with all that stood between them on the
// user's side, and what is generated now.
func decided(text string) string {
	var b strings.Builder
	before := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "|||||||"):
			before = true
		case line == "=======\n":
			before = false
		case strings.HasPrefix(line, "<<<<<<<"), strings.HasPrefix(line, ">>>>>>>"), before:
		default:
			b.WriteString(line)
		}
	}
	return b.String()
}

// disk is what is there of the output, but for what esgen keeps about it.
func (l *living) disk(t *testing.T) map[string]string {
	t.Helper()
	all := written(t, l.out)
	maps.DeleteFunc(all, func(path, _ string) bool { return strings.HasPrefix(path, ".esgen/") })
	return all
}

// expect says what is to be there after a run, and whether there is something to
// decide.
func (l *living) expect(t *testing.T, fresh map[string]artifact.File, before map[string]string) (want map[string]string, clash bool) {
	t.Helper()
	want = map[string]string{}
	before = maps.Clone(before)
	l.moved = map[string]string{}
	for path, f := range fresh {
		if l.moves(before, f) {
			want[l.moved[path]], clash = before[l.moved[path]], true
			continue
		}
		text := string(f.Data)
		if l.ejected[path] {
			text = string(artifact.Unmarked(f.Data))
		}
		now, there := before[path]
		base, known := l.base[path]
		switch {
		case f.Owner != artifact.Seeded && !l.ejected[path]:
			want[path] = text
			continue
		case !there || !known:
			want[path] = text
		case strings.Contains(now, "<<<<<<<"):
			want[path], clash = now, true
			continue
		default:
			var clashes bool
			want[path], clashes = l.merged(t, now, base, text)
			clash = clash || clashes
		}
		l.base[path] = text
	}
	for path, base := range l.base {
		if _, still := fresh[path]; still {
			continue
		}
		now, there := before[path]
		if _, stays := want[path]; stays {
			continue // it moves when what is in it is decided
		}
		if !there || now == base {
			l.told.add("unwritten orphans")
			delete(l.base, path)
			delete(l.ejected, path)
			continue
		}
		l.told.add("orphans")
		want[path] = now
	}
	return want, clash
}

// moves has a file be where its note is called as it is now, with what is in it. It
// reports whether there is something to decide before.
func (l *living) moves(before map[string]string, f artifact.File) (open bool) {
	if _, there := before[f.Path]; there {
		return false
	}
	for _, was := range slices.Backward(f.Was) {
		base, known := l.base[was]
		now, there := before[was]
		if !known || !there {
			continue
		}
		l.moved[f.Path] = was
		if strings.Contains(now, "<<<<<<<") {
			return true
		}
		l.told.add("moved")
		before[f.Path], l.base[f.Path], l.ejected[f.Path] = now, base, l.ejected[was]
		delete(l.base, was)
		delete(l.ejected, was)
		return false
	}
	return false
}

// merged is what git makes of a file.
func (l *living) merged(t *testing.T, now, base, text string) (merged string, clash bool) {
	t.Helper()
	switch {
	case now == base, now == text:
		return text, false
	case base == text:
		return now, false
	}
	l.told.add("merged")
	dir := t.TempDir()
	for name, data := range map[string]string{"now": now, "base": base, "text": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), l.git, "merge-file", "-p", "--diff3", "-L", "yours", "-L", "generated before", "-L", "generated now", "now", "base", "text")
	cmd.Dir = dir
	out, _ := cmd.Output() // its exit code is the number of conflicts
	clash = bytes.Contains(out, []byte("<<<<<<<"))
	if clash {
		l.told.add("clashes")
	}
	return string(out), clash
}

// generate runs esgen, or what it is made of, and tells whether there is
// something to decide.
func (l *living) generate(t *testing.T, fresh map[string]artifact.File) (refused bool) {
	t.Helper()
	if l.asCommand {
		var said bytes.Buffer
		switch code := Run([]string{"generate", l.dir, "--out", l.out, "--platform", thin.platform, "--allow", "lose"}, nil, &said, &said); code {
		case exitFine:
			return false
		case exitNo:
			return true
		default:
			t.Fatalf("exit %d: %s", code, &said)
		}
	}
	c, err := tree.Compare(l.out, slices.Collect(maps.Values(fresh)))
	if err == nil {
		err = c.Apply(false)
	}
	if err != nil {
		t.Fatal(err)
	}
	return len(c.Of(tree.Clash))+len(c.Of(tree.Open)) > 0
}

// editGenerated edits a file that is esgen's, which stops a run, and takes it
// back.
func (l *living) editGenerated(t *testing.T, fresh map[string]artifact.File, before map[string]string) {
	t.Helper()
	path := l.generated(fresh, before)
	if path == "" {
		return
	}
	l.told.add("edits refused")
	file := filepath.Join(l.out, filepath.FromSlash(path))
	edited := before[path] + "by hand, 0.\n"
	if err := os.WriteFile(file, []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := tree.Compare(l.out, slices.Collect(maps.Values(fresh)))
	if err == nil {
		err = c.Apply(false)
	}
	if err == nil {
		t.Errorf("%s was edited, and nobody is told", path)
	}
	now := l.disk(t)
	if now[path] != edited {
		t.Errorf("%s: an edit is lost", path)
	}
	now[path] = before[path]
	if diff := cmp.Diff(before, now); diff != "" {
		t.Errorf("a run that was stopped has changed something:\n%s", diff)
	}
	if err := os.WriteFile(file, []byte(before[path]), 0o644); err != nil {
		t.Fatal(err)
	}
}

// generated is a file that is there, and esgen's; "": there is none.
func (l *living) generated(fresh map[string]artifact.File, now map[string]string) string {
	var paths []string
	for path, f := range fresh {
		if _, there := now[path]; there && f.Owner == artifact.Generated && !l.ejected[path] && !strings.HasSuffix(path, ".proto") {
			paths = append(paths, path)
		}
	}
	if paths == nil {
		return ""
	}
	slices.Sort(paths)
	return paths[l.draw.IntN(len(paths))]
}

// eject makes a file the user's, or gives one back.
func (l *living) eject(t *testing.T, fresh map[string]artifact.File) {
	t.Helper()
	now := l.disk(t)
	if l.commentsOnly {
		return
	}
	path := l.generated(fresh, now)
	if path == "" {
		return
	}
	l.told.add("ejected")
	if l.draw.IntN(2) == 0 { // it was edited before
		reworded := strings.Replace(now[path], "\n", "\n# by hand, 1000000.\n", 1)
		if err := os.WriteFile(filepath.Join(l.out, filepath.FromSlash(path)), []byte(reworded), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	runs(t, exitFine, "eject", filepath.Join(l.out, filepath.FromSlash(path)))
	l.generate(t, fresh) // finds out what it was made of
	l.ejected[path] = true
	l.base[path] = string(artifact.Unmarked(fresh[path].Data))
}

// builds reports whether what is there should compile: all that was written are
// comments, and all of it belongs to something.
func (l *living) builds() bool {
	for path := range l.base {
		data, err := os.ReadFile(filepath.Join(l.out, filepath.FromSlash(path)))
		if err != nil || bytes.Contains(data, []byte("<<<<<<<")) {
			return false
		}
		if _, err := os.Stat(filepath.Dir(filepath.Join(l.out, filepath.FromSlash(path)))); err != nil {
			return false
		}
	}
	return true
}

// build builds the output.
func (l *living) build(t *testing.T) {
	t.Helper()
	var said bytes.Buffer
	switch code := Run([]string{"generate", l.dir, "--out", l.out, "--platform", whole.platform, "--prune", "--allow", "lose"}, nil, &said, &said); code {
	case exitFine:
	case exitNo:
		return // imports change with the platform, and comments may stand right beside them
	default:
		t.Fatalf("exit %d: %s", code, &said)
	}
	all, err := filepath.Glob(filepath.Join(l.out, "services", "*"))
	if err != nil || all == nil {
		t.Fatal(all, err)
	}
	one := all[l.draw.IntN(len(all))]
	cmd := exec.CommandContext(t.Context(), "go", "vet", "./services/"+filepath.Base(one)+"/...") // tests, too
	cmd.Dir = l.out
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s\nthe model:\n%s", err, said, l.wall)
	}
}
