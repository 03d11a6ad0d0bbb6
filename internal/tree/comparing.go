package tree

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/esgen/esgen/internal/artifact"
)

// Comparing is a directory while it is held against files, which come from
// several workers at once, in any order.
type Comparing struct {
	known bool // there is a manifest

	mu sync.Mutex // of what follows
	c  *Comparison
}

// Begin begins to hold a directory against files. It writes nothing, and keeps
// what is new and what was there of files that change.
func Begin(dir string) (*Comparing, error) {
	old, known, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	next := manifest{manifestVersion, make(map[string]entry, len(old.files))}
	return &Comparing{known: known, c: &Comparison{dir: dir, old: old, next: next}}, nil
}

// Stage is Begin for who will apply the changes, and has locked the directory:
// what is new is written beside its place at once, so that nobody has to keep
// all files in memory. Whatever becomes of it, Close tidies up.
func Stage(dir string) (*Comparing, error) {
	b, err := Begin(dir)
	if err != nil {
		return nil, err
	}
	b.c.stage, err = begin(dir)
	return b, err
}

// Close removes what was staged and not applied.
func (b *Comparing) Close() {
	if b.c.stage != nil {
		b.c.stage.close()
	}
}

// Take holds one file against the disk.
func (b *Comparing) Take(f artifact.File) error {
	known := b.c.old.files[f.Path]
	change, err := compare(b.c.dir, f, known)
	if err != nil {
		return err
	}
	if b.c.stage != nil && change.Kind != 0 {
		if err := b.c.stage.put(f.Path, f.Data); err != nil {
			return err
		}
		change.Old, change.New = nil, nil
	}
	next := entry{f.Owner, digestOf(f.Data)}
	if f.Owner == artifact.Seeded && known.owner == artifact.Seeded {
		next = known // the seed it was written from
	}
	b.add(f.Path, next, change)
	return nil
}

// Keep is Take for a file that would be as it was generated last, by who need
// not make it to know that. It is false where that is not on the disk any more.
func (b *Comparing) Keep(path string, owner artifact.Owner) bool {
	known, ok := b.c.old.files[path]
	if !ok || known.owner != owner || !known.isAt(b.c.dir, path) {
		return false
	}
	b.add(path, known, Change{})
	return true
}

// Stays is Keep for a file of which nothing else is known.
func (b *Comparing) Stays(path string) bool {
	known, ok := b.c.old.files[path]
	return ok && b.Keep(path, known.owner)
}

// isAt reports whether a file is on the disk as it was generated; of the user's
// own, whether it is there at all.
func (e entry) isAt(dir, path string) bool {
	file := filepath.Join(dir, filepath.FromSlash(path))
	if e.owner == artifact.Seeded {
		info, err := os.Stat(file)
		return err == nil && info.Mode().IsRegular()
	}
	data, err := os.ReadFile(file)
	return err == nil && digestOf(data) == e.wrote
}

func (b *Comparing) add(path string, next entry, change Change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.c.next.files[path] = next
	if change.Kind != 0 {
		b.c.Changes = append(b.c.Changes, change)
	}
}

// End says what came of it, once all files have been taken. For sources, see
// Compare.
func (b *Comparing) End(sources ...string) (*Comparison, error) {
	c := b.c
	c.paths = slices.Sorted(maps.Keys(c.next.files))
	if err := c.gone(); err != nil {
		return nil, err
	}
	slices.SortFunc(c.Changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	c.stale = !b.known || !c.old.equal(c.next)
	var err error
	if !b.known {
		c.foreign, err = c.others(sources)
	}
	return c, err
}

// compare holds one file against the disk.
func compare(dir string, f artifact.File, known entry) (Change, error) {
	if f.Data == nil {
		f.Data = []byte{} // what is empty is to be written, too
	}
	old, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Change{Kind: Create, Path: f.Path, New: f.Data}, nil
	case err != nil:
		return Change{}, fmt.Errorf("compare with the disk: %w", err)
	case f.Owner == artifact.Seeded, bytes.Equal(old, f.Data):
		return Change{}, nil
	case known.wrote == digestOf(old):
		return Change{Kind: Update, Path: f.Path, Old: old, New: f.Data}, nil
	}
	return Change{Kind: Edited, Path: f.Path, Old: old, New: f.Data}, nil
}

// gone finds the files of earlier runs that are generated no more.
func (c *Comparison) gone() error {
	for path, e := range c.old.files {
		if _, still := c.next.files[path]; still {
			continue
		}
		data, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(path)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("compare with the disk: %w", err)
		}
		change := Change{Kind: Remove, Path: path, Gone: true, Old: data}
		switch {
		case e.owner == artifact.Seeded:
			change.Kind = Orphan
			c.next.files[path] = e // still told about next time
		case e.wrote != digestOf(data):
			change.Kind = Edited
		}
		c.Changes = append(c.Changes, change)
	}
	return nil
}
