package tree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/esgen/esgen/internal/parallel"
)

// transaction changes many files of a directory: everything new is staged
// first, where a full disk or a missing right shows; then each file takes its
// place by rename, the old one kept aside until all have. A directory that is
// not there yet takes its place whole. A journal of the changes is beside what
// is staged for as long as they are under way: see heal.
type transaction struct {
	dir    string
	stage  string // holds the new files by path in new, the old ones by number in old
	places map[string]place
	step   func() // called before each change of the disk; nil but in tests, which end the process there
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

// begin begins a transaction. Nobody else has one on the directory: see Lock.
func begin(dir string) (*transaction, error) {
	if err := heal(dir); err != nil {
		return nil, err
	}
	home := filepath.Join(dir, ".esgen")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, fmt.Errorf("prepare the output directory: %w", err)
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

// close removes what was staged, unless there is something in it that belongs
// elsewhere and could not be put back: the next run tries again.
func (t *transaction) close() {
	if _, err := os.Stat(journalOf(t.stage)); errors.Is(err, fs.ErrNotExist) {
		_ = os.RemoveAll(t.stage)
	}
}

// at lets a test know where it is.
func (t *transaction) at() {
	if t.step != nil {
		t.step()
	}
}

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
	t.at()
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

// commit puts every file in its place; what fails takes back what was done.
// What goes, goes first: a file system that does not tell cases apart may have
// it where something else is to be.
func (t *transaction) commit(changes []Change) error {
	j := journal{}
	for _, ch := range changes {
		j.Changes = append(j.Changes, underWay{Path: ch.Path, Gone: ch.Gone, Created: ch.Kind == Create, Wrote: ch.wrote})
	}
	t.at()
	if err := j.write(t.stage); err != nil {
		return fmt.Errorf("write the output: %w; nothing was changed", err)
	}
	if err := t.carryOut(changes); err != nil {
		if undone := restore(t.dir, t.stage); undone != nil {
			return fmt.Errorf("write the output: %w; what was changed already is taken back by the next run", err)
		}
		return fmt.Errorf("write the output: %w; nothing was changed", err)
	}
	t.at()
	return os.Remove(journalOf(t.stage)) // from here on, the new tree is the one that counts
}

func (t *transaction) carryOut(changes []Change) error {
	for i, ch := range changes {
		if !ch.Gone {
			continue
		}
		if err := t.aside(i, filepath.FromSlash(ch.Path)); err != nil {
			return err
		}
	}
	for i, ch := range changes {
		if ch.Gone {
			continue
		}
		if err := t.settle(i, filepath.FromSlash(ch.Path)); err != nil {
			return err
		}
	}
	for _, ch := range changes {
		if ch.Gone {
			prune(t.dir, filepath.Dir(filepath.FromSlash(ch.Path)))
		}
	}
	return nil
}

// settle moves a staged file to its place, with as much around it as is not
// there.
func (t *transaction) settle(i int, path string) error {
	dir := filepath.Dir(path)
	in, err := t.place(dir)
	switch {
	case err != nil, in == arrived:
		return err
	case in == there:
		if err := t.aside(i, path); err != nil {
			return err
		}
		t.at()
		return os.Rename(filepath.Join(t.stage, "new", path), filepath.Join(t.dir, path))
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
	t.at()
	return os.Rename(filepath.Join(t.stage, "new", dir), filepath.Join(t.dir, dir))
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

// aside moves the file of a change out of the way, if there is one.
func (t *transaction) aside(i int, path string) error {
	t.at()
	err := os.Rename(filepath.Join(t.dir, path), oldOf(t.stage, i))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// oldOf is where a stage has the file that was there before a change.
func oldOf(stage string, i int) string { return filepath.Join(stage, "old", strconv.Itoa(i)) }

// prune removes directories that became empty, up to the output directory.
func prune(dir, below string) {
	for below != "." && os.Remove(filepath.Join(dir, below)) == nil {
		below = filepath.Dir(below)
	}
}
