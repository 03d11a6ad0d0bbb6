// Command pins works out the pinned dependencies of generated modules: for each
// package of another module that chassis or testkit import, it lays out a
// scratch module that imports it, with the versions of this repository's own
// go.mod, tidies it, and keeps what it requires and their checksums in
// templates/pins; generation puts together what a module needs of these. Run it
// whenever imports of the chassis or its dependencies change:
//
//	go run ./internal/pins
package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/platform"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "pins:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "pins")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	own, err := os.ReadFile("go.mod")
	if err != nil {
		return fmt.Errorf("run me in the root of the repository: %w", err)
	}
	all, err := platform.Everything()
	if err != nil {
		return err
	}
	imports := platform.Foreign(all.Imports(slices.Concat(all.Packages(platform.Platform), all.Packages(platform.Testkit))))
	// All at once first, which is slow; what each needs of that is found quickly.
	whole, err := tidied(ctx, filepath.Join(dir, "all"), own, imports)
	if err != nil {
		return err
	}
	each := make([]tidy, len(imports))
	err = parallel.Each(ctx, len(imports), func(i int) (err error) {
		each[i], err = tidied(ctx, filepath.Join(dir, fmt.Sprint(i)), whole.mod, imports[i:i+1])
		return err
	})
	if err != nil {
		return err
	}
	var needs strings.Builder
	sums := map[string]bool{}
	for i, imported := range imports {
		fmt.Fprintln(&needs, imported)
		for _, need := range each[i].needs {
			fmt.Fprintf(&needs, "\t%s\n", need)
		}
		for _, line := range each[i].sums {
			sums[line] = true
		}
	}
	if err := os.WriteFile("templates/pins/needs", []byte(needs.String()), 0o644); err != nil {
		return err
	}
	lines := slices.SortedFunc(maps.Keys(sums), bySum)
	return os.WriteFile("templates/pins/go.sum", []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// bySum orders lines of a go.sum as go does: by path, and by version.
func bySum(a, b string) int {
	x, y := strings.Fields(a), strings.Fields(b)
	return cmp.Or(cmp.Compare(x[0], y[0]), semver.Compare(version(x[1]), version(y[1])), cmp.Compare(x[1], y[1]))
}

// version is that of a line of go.sum.
func version(text string) string {
	version, _, _ := strings.Cut(text, "/")
	return version
}

// tidy is a tidy module: its go.mod, and what it needs, as templates/pins/needs
// has it.
type tidy struct {
	mod   []byte
	needs []string
	sums  []string
}

// tidied tidies a scratch module that imports packages, of a go.mod that knows
// their versions.
func tidied(ctx context.Context, dir string, mod []byte, imports []string) (t tidy, err error) {
	f, err := modfile.Parse("go.mod", mod, nil)
	if err != nil {
		return t, err
	}
	if err := f.AddModuleStmt("pins.invalid/scratch"); err != nil {
		return t, err
	}
	given, err := f.Format()
	if err != nil {
		return t, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return t, err
	}
	source := "package scratch\n\nimport (\n\t_ \"" + strings.Join(imports, "\"\n\t_ \"") + "\"\n)\n"
	for name, data := range map[string][]byte{"go.mod": given, "scratch.go": []byte(source)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return t, err
		}
	}
	if _, err := goMod(ctx, dir, "tidy"); err != nil {
		return t, fmt.Errorf("for %s: %w", strings.Join(imports, ", "), err)
	}
	err = t.read(ctx, dir, f)
	return t, err
}

// goMod runs go mod in a directory.
func goMod(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"mod"}, args...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off")
	said, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go mod %s: %w\n%s", strings.Join(args, " "), err, said)
	}
	return string(said), nil
}

// read reads what a module needs that was tidied. Of modules that only tests of
// others import, tidy wants those of which a whole would have another version.
func (t *tidy) read(ctx context.Context, dir string, whole *modfile.File) (err error) {
	if t.mod, err = os.ReadFile(filepath.Join(dir, "go.mod")); err != nil {
		return err
	}
	f, err := modfile.Parse("go.mod", t.mod, nil)
	if err != nil {
		return err
	}
	args := []string{"why", "-m", "-vendor"} // as vendoring: no tests of others
	for _, r := range f.Require {
		args = append(args, r.Mod.Path)
	}
	why, err := goMod(ctx, dir, args...)
	if err != nil {
		return err
	}
	required := map[string]bool{}
	for _, r := range f.Require {
		need := r.Mod.Path + " " + r.Mod.Version
		required[need] = true
		if strings.Contains(why, "to vendor module "+r.Mod.Path+")") {
			if !slices.ContainsFunc(whole.Require, func(w *modfile.Require) bool { return w.Mod == r.Mod }) {
				required[need] = false
				continue
			}
			need += platform.ForTests
		}
		t.needs = append(t.needs, need)
	}
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(sums)) {
		line = strings.TrimSuffix(line, "\n")
		t.sums = append(t.sums, line)
		of := line[:strings.LastIndexByte(line, ' ')]
		switch module, ofMod := strings.CutSuffix(of, platform.OnlyMod); {
		case required[module]:
		case ofMod:
			t.needs = append(t.needs, of)
		default:
			t.needs = append(t.needs, of+platform.OnlyZip)
		}
	}
	slices.Sort(t.needs)
	return nil
}
