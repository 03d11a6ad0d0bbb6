package tree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/esgen/esgen/internal/parallel"
)

// transaction changes many files of a directory: everything new is staged
// first, where a full disk or a missing right shows; then each file takes its
// place by rename, the old one kept aside until all have. A directory that is
// not there yet takes its place whole.
type transaction struct {
	dir    string
	stage  string // holds the new files by path in new, the old ones by number in old
	places map[string]place
	done   []move
}

// place says how a directory came to be where it is, once that is known.
type place uint8

const (
	missing place = iota
	there
	arrived // with the transaction, and all that belongs into it
)

// stageName begins the names of directories of transactions.
const stageName = "stage-"

// move is one rename of a transaction, to be undone by the opposite.
type move struct{ from, to string }

// begin begins a transaction. Nobody else has one on the directory: see Lock.
func begin(dir string) (*transaction, error) {
	home := filepath.Join(dir, ".esgen")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, fmt.Errorf("prepare the output directory: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(home, stageName+"*")) // by a run that was killed
	if err != nil {
		return nil, fmt.Errorf("prepare the output directory: %w", err)
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return nil, fmt.Errorf("prepare the output directory: %w", err)
		}
	}
	stage, err := os.MkdirTemp(home, stageName)
	if err != nil {
		return nil, fmt.Errorf("prepare the output directory: %w", err)
	}
	t := &transaction{dir: dir, stage: stage, places: map[string]place{".": there}}
	for _, sub := range []string{"new", "old"} {
		if err := os.Mkdir(filepath.Join(stage, sub), 0o755); err != nil {
			t.close()
			return nil, fmt.Errorf("prepare the output directory: %w", err)
		}
	}
	return t, nil
}

func (t *transaction) close() { _ = os.RemoveAll(t.stage) }

// write stages the new files that are not staged yet, on all processors.
func (t *transaction) write(changes []Change) error {
	return parallel.Each(context.Background(), len(changes), func(i int) error {
		if changes[i].New == nil {
			return nil
		}
		return t.put(changes[i].Path, changes[i].New)
	})
}

// put stages a file, in a directory that is made when the first one comes.
func (t *transaction) put(path string, data []byte) error {
	file := t.staged(path)
	err := os.WriteFile(file, data, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(file), 0o755); err == nil {
			err = os.WriteFile(file, data, 0o644)
		}
	}
	if err != nil {
		return fmt.Errorf("stage %s: %w", path, err)
	}
	return nil
}

func (t *transaction) staged(path string) string {
	return filepath.Join(t.stage, "new", filepath.FromSlash(path))
}

// commit puts every file in its place; what fails undoes what was done.
func (t *transaction) commit(changes []Change) error {
	for _, ch := range changes {
		var err error
		if ch.Gone {
			err = t.aside(filepath.FromSlash(ch.Path))
		} else {
			err = t.settle(filepath.FromSlash(ch.Path))
		}
		if err != nil {
			t.undo()
			return fmt.Errorf("write the output: %w; nothing was changed", err)
		}
	}
	for _, ch := range changes {
		if ch.Gone {
			t.prune(filepath.Dir(filepath.FromSlash(ch.Path)))
		}
	}
	return nil
}

// settle moves a staged file to its place, with as much around it as is not
// there.
func (t *transaction) settle(path string) error {
	dir := filepath.Dir(path)
	in, err := t.place(dir)
	switch {
	case err != nil, in == arrived:
		return err
	case in == there:
		if err := t.aside(path); err != nil {
			return err
		}
		return t.move(filepath.Join(t.stage, "new", path), filepath.Join(t.dir, path))
	}
	for {
		above, err := t.place(filepath.Dir(dir))
		if err != nil {
			return err
		}
		if above == there {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.places[dir] = arrived
	return t.move(filepath.Join(t.stage, "new", dir), filepath.Join(t.dir, dir))
}

// place finds out about a directory.
func (t *transaction) place(dir string) (place, error) {
	if p, known := t.places[dir]; known {
		return p, nil
	}
	p, err := t.place(filepath.Dir(dir))
	if err != nil || p == missing {
		return p, err
	}
	if p == there {
		info, err := os.Stat(filepath.Join(t.dir, dir))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return missing, nil // not for long: not to be remembered
		case err != nil:
			return missing, err
		case !info.IsDir():
			return missing, fmt.Errorf("%s is not a directory", filepath.Join(t.dir, dir))
		}
	}
	t.places[dir] = p
	return p, nil
}

// aside moves the file at a path out of the way, if there is one.
func (t *transaction) aside(path string) error {
	err := t.move(filepath.Join(t.dir, path), filepath.Join(t.stage, "old", fmt.Sprint(len(t.done))))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (t *transaction) move(from, to string) error {
	err := os.Rename(from, to)
	if err == nil {
		t.done = append(t.done, move{from, to})
	}
	return err
}

// undo takes back what was done.
func (t *transaction) undo() {
	for _, m := range slices.Backward(t.done) {
		_ = os.Rename(m.to, m.from)
	}
}

// prune removes directories that became empty, up to the output directory.
func (t *transaction) prune(dir string) {
	for dir != "." && os.Remove(filepath.Join(t.dir, dir)) == nil {
		dir = filepath.Dir(dir)
	}
}
