package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

// Of a pack that has tests: each is a directory of testsDir with a model, and the
// files that the pack writes for it in wantDir.
const (
	testsDir = "tests"
	wantDir  = "want"
)

// goldens is what templates test is told.
type goldens struct {
	terminal
	update bool
}

func newTemplatesTest(t terminal) *cobra.Command {
	g := goldens{terminal: t}
	cmd := &cobra.Command{
		Use:   "test [DIR...]",
		Short: "Hold what packs write against what they should",
		Long: "Test tries packs: for the model in each directory below tests/ of a pack, what the pack writes is held against the\n" +
			"files in want/ beside the model. It exits with 1 when something differs. --update writes these files anew.",
		RunE: func(cmd *cobra.Command, dirs []string) error {
			if len(dirs) == 0 {
				dirs = []string{"."}
			}
			failed := false
			for _, dir := range dirs {
				ok, err := g.pack(cmd.Context(), dir)
				if err != nil {
					return err
				}
				failed = failed || !ok
			}
			if failed {
				g.fail(usage("packs do not write what they should", "where it is right as it is, --update writes it down"))
				return errNo
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&g.update, "update", false, "write what the packs write into want/ of each test")
	return cmd
}

// pack runs the tests of a pack.
func (g goldens) pack(ctx context.Context, dir string) (ok bool, err error) {
	models, err := filepath.Glob(filepath.Join(dir, testsDir, "*", model.DocumentName))
	if err != nil {
		return false, err
	}
	if len(models) == 0 {
		return false, usage(fmt.Sprintf("there are no tests in %s", filepath.Join(dir, testsDir)),
			"a test is a directory with a model: "+filepath.Join(testsDir, "shop", model.DocumentName)+"; --update writes what comes of it beside it")
	}
	ok = true
	for _, m := range models {
		same, err := g.try(ctx, dir, m)
		if err != nil {
			return false, err
		}
		ok = ok && same
	}
	return ok, nil
}

// try runs one test.
func (g goldens) try(ctx context.Context, pack, path string) (same bool, err error) {
	planned, diags, err := (compilation{path: path, partial: true, packs: packs{pack}}).run(g.progress)
	g.progress("")
	if err != nil {
		return false, err
	}
	if planned == nil {
		return false, errors.Join(g.told(diags), errNo)
	}
	got, err := ofUpmost(ctx, planned)
	if err != nil {
		return false, err
	}
	home := filepath.Join(filepath.Dir(path), wantDir)
	want, err := readAll(home)
	if err != nil {
		return false, err
	}
	changes := 0
	for _, file := range slices.Sorted(maps.Keys(union(want, got))) {
		old, was := want[file]
		text, is := got[file]
		if was == is && bytes.Equal(old, text) {
			continue
		}
		changes++
		if g.update {
			err = put(filepath.Join(home, filepath.FromSlash(file)), text, is)
		} else {
			ch := tree.Change{Old: old, New: text, Gone: !is}
			if !was {
				ch.Kind = tree.Create
			}
			showDiff(g.out, filepath.ToSlash(filepath.Join(home, filepath.FromSlash(file))), ch)
		}
		if err != nil {
			return false, err
		}
	}
	said := "as they should be"
	switch {
	case changes > 0 && g.update:
		said = fmt.Sprintf("%d written", changes)
	case changes > 0:
		said = count(changes, "difference")
	}
	_, err = fmt.Fprintf(g.err, "%s: %s, %s\n", filepath.Dir(path), count(len(got), "file"), said)
	return changes == 0 || g.update, err
}

// ofUpmost are the files in which the upmost pack has a part.
func ofUpmost(ctx context.Context, planned *Planned) (map[string][]byte, error) {
	out := map[string][]byte{}
	top := len(planned.Model.Templates) + 1
	var mu sync.Mutex
	err := render.Drafts(ctx, planned.Plan, planned.Pack, nil, func(d *render.Draft) error {
		f, err := d.Finish()
		if err != nil || d.Layer != top {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		out[f.Path] = bytes.Clone(f.Data)
		return nil
	})
	return out, err
}

// readAll reads the files of a directory, which need not be there.
func readAll(dir string) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out[file], err = fs.ReadFile(os.DirFS(dir), file)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	return out, err
}

// put writes a file, or removes it.
func put(file string, text []byte, is bool) error {
	if !is {
		return os.Remove(file)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// union has the keys of both.
func union(a, b map[string][]byte) map[string]bool {
	out := map[string]bool{}
	for _, m := range []map[string][]byte{a, b} {
		for key := range m {
			out[key] = true
		}
	}
	return out
}
