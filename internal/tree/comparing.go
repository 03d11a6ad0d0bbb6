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
	"strings"
	"sync"

	"github.com/esgen/esgen/internal/artifact"
)

// Comparing is a directory while it is held against files, which come from
// several workers at once, in any order.
type Comparing struct {
	inside           sync.Map // directories that are known to be no links, by path
	spelledOtherwise func() map[string]entry

	mu sync.Mutex // of what follows
	c  *Comparison
}

// Begin begins to hold a directory against files. It writes nothing, and keeps
// what is new and what was there of files that change.
func Begin(dir string) (*Comparing, error) {
	if err := settled(dir); err != nil {
		return nil, err
	}
	old, known, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	next := manifest{manifestVersion, make(map[string]entry, len(old.files))}
	return &Comparing{spelledOtherwise: sync.OnceValue(old.otherwise), c: &Comparison{dir: dir, known: known, old: old, next: next}}, nil
}

// Stage is Begin for who will apply the changes, and has locked the directory:
// what is new is written beside its place at once, so that nobody has to keep
// all files in memory. Whatever becomes of it, Close tidies up.
func Stage(dir string) (*Comparing, error) {
	stage, err := begin(dir)
	if err != nil {
		return nil, err
	}
	b, err := Begin(dir)
	if err != nil {
		stage.close()
		return nil, err
	}
	b.c.stage = stage
	return b, nil
}

// Close removes what was staged and not applied.
func (b *Comparing) Close() {
	if b.c.stage != nil {
		b.c.stage.close()
	}
}

// Take holds one file against the disk.
func (b *Comparing) Take(f artifact.File) error {
	if err := b.stays(f.Path); err != nil {
		return err
	}
	known, ok := b.c.old.files[f.Path]
	if !ok {
		known = b.spelledOtherwise()[strings.ToLower(f.Path)]
	}
	change, err := compare(b.c.dir, f, known)
	if err != nil {
		return err
	}
	if change.Kind != 0 {
		if err := noLink(b.c.dir, f.Path); err != nil {
			return err
		}
	}
	if b.c.stage != nil && change.Kind != 0 {
		if err := b.c.stage.put(f.Path, f.Data); err != nil {
			return err
		}
		change.Old, change.New = nil, nil
	}
	next := entry{f.Owner, digestOf(f.Data)}
	change.wrote = next.wrote
	if f.Owner == artifact.Seeded && known.owner == artifact.Seeded {
		next = known // the seed it was written from
	}
	b.add(f.Path, next, change)
	return nil
}

// otherwise are the files of the last run by paths in which case makes no
// difference: on some file systems it makes none.
func (m manifest) otherwise() map[string]entry {
	out := make(map[string]entry, len(m.files))
	for path, e := range m.files {
		out[strings.ToLower(path)] = e
	}
	return out
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
	if err := apart(c.paths); err != nil {
		return nil, err
	}
	if err := c.gone(b.stays); err != nil {
		return nil, err
	}
	slices.SortFunc(c.Changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	c.stale = !c.known || !c.old.equal(c.next)
	var err error
	if !c.known {
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
func (c *Comparison) gone(stays func(path string) error) error {
	folded := map[string]string{}
	for _, path := range c.paths {
		folded[strings.ToLower(path)] = path
	}
	for path, e := range c.old.files {
		if _, still := c.next.files[path]; still {
			continue
		}
		if err := stays(path); err != nil {
			return err
		}
		file := filepath.Join(c.dir, filepath.FromSlash(path))
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("compare with the disk: %w", err)
		}
		if now, is := folded[strings.ToLower(path)]; is && same(file, filepath.Join(c.dir, filepath.FromSlash(now))) {
			continue // a file system that does not tell cases apart
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

// same reports whether two paths are those of one file.
func same(a, b string) bool {
	one, err := os.Stat(a)
	other, more := os.Stat(b)
	return err == nil && more == nil && os.SameFile(one, other)
}
