package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// transaction changes many files of a directory: everything new is staged
// first, where a full disk or a missing right shows; then each file takes its
// place by rename, the old one kept aside until all have.
type transaction struct {
	dir   string
	stage string
	steps []step
}

// step is one file of a transaction.
type step struct {
	path   string // absolute
	staged string // "" removes
	backup string // where the old file was put; "" when there was none
}

func begin(dir string) (*transaction, error) {
	home := filepath.Join(dir, ".esgen")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, fmt.Errorf("prepare the output directory: %w", err)
	}
	stage, err := os.MkdirTemp(home, "stage-")
	if err != nil {
		return nil, fmt.Errorf("prepare the output directory: %w", err)
	}
	return &transaction{dir: dir, stage: stage}, nil
}

func (t *transaction) close() { _ = os.RemoveAll(t.stage) }

func (t *transaction) write(path string, data []byte) error {
	staged := filepath.Join(t.stage, fmt.Sprintf("%d.new", len(t.steps)))
	if err := os.WriteFile(staged, data, 0o644); err != nil {
		return fmt.Errorf("stage %s: %w", path, err)
	}
	t.steps = append(t.steps, step{path: filepath.Join(t.dir, filepath.FromSlash(path)), staged: staged})
	return nil
}

func (t *transaction) remove(path string) error {
	t.steps = append(t.steps, step{path: filepath.Join(t.dir, filepath.FromSlash(path))})
	return nil
}

// commit puts every file in its place; what fails undoes what was done.
func (t *transaction) commit() error {
	for i := range t.steps {
		if err := t.do(i); err != nil {
			t.undo(i)
			return fmt.Errorf("write the output: %w; nothing was changed", err)
		}
	}
	for _, s := range t.steps {
		if s.staged == "" {
			t.prune(filepath.Dir(s.path))
		}
	}
	return nil
}

func (t *transaction) do(i int) error {
	s := &t.steps[i]
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return err
	}
	backup := filepath.Join(t.stage, fmt.Sprintf("%d.old", i))
	switch err := os.Rename(s.path, backup); {
	case err == nil:
		s.backup = backup
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if s.staged == "" {
		return nil
	}
	return os.Rename(s.staged, s.path)
}

// undo puts the old files back, the failed step included.
func (t *transaction) undo(failed int) {
	for i := failed; i >= 0; i-- {
		s := t.steps[i]
		if s.backup != "" {
			_ = os.Rename(s.backup, s.path)
		} else if s.staged != "" {
			_ = os.Remove(s.path)
		}
	}
}

// prune removes directories that became empty, up to the output directory.
func (t *transaction) prune(dir string) {
	for dir != t.dir && os.Remove(dir) == nil {
		dir = filepath.Dir(dir)
	}
}
