// Package tree brings a directory into line with generated files: it compares,
// tells what would change, and applies it whole or not at all. It knows no
// model.
package tree

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/parallel"
)

// Kind says what a change does to a file.
type Kind uint8

// The kinds of Change.
const (
	Create Kind = iota + 1
	Update
	Remove // a generated file whose sticky is gone
	Edited // a generated file that somebody changed: stops the run unless forced
	Orphan // a seeded file whose sticky is gone: it stays, and is told
)

func (k Kind) String() string {
	return [...]string{"", "create", "update", "remove", "edited", "orphan"}[k]
}

// Change is what a run would do to one file.
type Change struct {
	Kind Kind
	Path string
	Old  []byte // on disk; nil when there is none
	New  []byte // nil of Remove and Orphan
}

// Comparison is a directory held against generated files.
type Comparison struct {
	Changes []Change // by path
	dir     string
	old     manifest
	next    manifest
	stale   bool     // the manifest on disk is another
	foreign []string // files of somebody else's, where nothing says that esgen has ever written here
}

// Compare holds a directory against files. It writes nothing. Sources are the
// paths of what the files are made of: a directory that holds some of them is
// the author's own, and other files in it are in nobody's way.
func Compare(dir string, files []artifact.File, sources ...string) (*Comparison, error) {
	old, known, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	c := &Comparison{dir: dir, old: old, next: manifest{Version: manifestVersion, Files: make(map[string]entry, len(files))}}
	changes, sums := make([]Change, len(files)), make([]string, len(files))
	err = parallel.Each(context.Background(), len(files), func(i int) error {
		var err error
		sums[i] = hash(files[i].Data)
		changes[i], err = compare(dir, files[i], old.Files[files[i].Path])
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, f := range files {
		sum := sums[i]
		if f.Owner == artifact.Seeded {
			if e, seeded := old.Files[f.Path]; seeded && e.Owner == f.Owner.String() {
				sum = e.Hash // the seed it was written from
			}
		}
		c.next.Files[f.Path] = entry{Owner: f.Owner.String(), Hash: sum}
	}
	c.Changes = slices.DeleteFunc(changes, func(ch Change) bool { return ch.Kind == 0 })
	if err := c.gone(old); err != nil {
		return nil, err
	}
	slices.SortFunc(c.Changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	c.stale = !known || !old.equal(c.next)
	if !known {
		c.foreign, err = c.others(sources)
	}
	return c, err
}

// maxForeign bounds how many foreign files are looked for, in a directory that
// may be somebody's home.
const maxForeign = 3

// others finds the files of a directory that are not as generation would leave
// them; in the author's own, those that generation would overwrite. What is
// hidden at its top, as the files of git, is nobody's output.
func (c *Comparison) others(sources []string) ([]string, error) {
	home, err := filepath.Abs(c.dir)
	if err != nil {
		return nil, err
	}
	own := slices.ContainsFunc(sources, func(file string) bool {
		below, err := filepath.Rel(home, file)
		return err == nil && filepath.IsLocal(below)
	})
	differ := map[string]bool{}
	for _, path := range c.Of(Edited) {
		differ[path] = true
	}
	var found []string
	err = filepath.WalkDir(c.dir, func(file string, d fs.DirEntry, err error) error {
		path, more := filepath.Rel(c.dir, file)
		switch path = filepath.ToSlash(path); {
		case path == ".":
			if errors.Is(err, fs.ErrNotExist) {
				return fs.SkipAll
			}
		case err == nil && !strings.Contains(path, "/") && strings.HasPrefix(path, "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if err != nil || more != nil || d.IsDir() {
			return errors.Join(err, more)
		}
		if _, ours := c.next.Files[path]; !ours && !own || differ[path] {
			found = append(found, path)
		}
		if len(found) == maxForeign {
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look at the output directory: %w", err)
	}
	return found, nil
}

// compare holds one file against the disk.
func compare(dir string, f artifact.File, known entry) (Change, error) {
	if f.Data == nil {
		f.Data = []byte{} // a change to nil would remove the file
	}
	old, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Change{Create, f.Path, nil, f.Data}, nil
	case err != nil:
		return Change{}, fmt.Errorf("compare with the disk: %w", err)
	case f.Owner == artifact.Seeded, bytes.Equal(old, f.Data):
		return Change{}, nil
	case known.Hash == hash(old):
		return Change{Update, f.Path, old, f.Data}, nil
	}
	return Change{Edited, f.Path, old, f.Data}, nil
}

// gone finds the files of earlier runs that are generated no more.
func (c *Comparison) gone(old manifest) error {
	for path, e := range old.Files {
		if _, still := c.next.Files[path]; still {
			continue
		}
		data, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(path)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("compare with the disk: %w", err)
		}
		switch {
		case e.Owner == artifact.Seeded.String():
			c.Changes = append(c.Changes, Change{Orphan, path, data, nil})
			c.next.Files[path] = e // still told about next time
		case e.Hash != hash(data):
			c.Changes = append(c.Changes, Change{Edited, path, data, nil})
		default:
			c.Changes = append(c.Changes, Change{Remove, path, data, nil})
		}
	}
	return nil
}

// Clean reports whether the directory is as generation would leave it.
func (c *Comparison) Clean() bool {
	return !slices.ContainsFunc(c.Changes, func(ch Change) bool { return ch.Kind != Orphan })
}

// Of lists the paths of a kind of change.
func (c *Comparison) Of(k Kind) []string {
	var out []string
	for _, ch := range c.Changes {
		if ch.Kind == k {
			out = append(out, ch.Path)
		}
	}
	return out
}

// Narrow leaves only the changes to the paths that are wanted; the rest of the
// directory, and what is remembered of it, stays as it is. It reports whether
// any file at all is wanted.
func (c *Comparison) Narrow(wanted func(path string) bool) bool {
	any := false
	for path := range c.next.Files {
		any = any || wanted(path)
	}
	c.Changes = slices.DeleteFunc(c.Changes, func(ch Change) bool { return !wanted(ch.Path) })
	for path := range c.next.Files {
		if wanted(path) {
			continue
		}
		if e, known := c.old.Files[path]; known {
			c.next.Files[path] = e
		} else {
			delete(c.next.Files, path)
		}
	}
	for path, e := range c.old.Files {
		if !wanted(path) {
			c.next.Files[path] = e
		}
	}
	c.stale = !c.old.equal(c.next)
	return any
}

// EditedError lists the generated files that somebody changed.
type EditedError struct{ Paths []string }

func (e *EditedError) Error() string {
	return "generated files were edited: " + strings.Join(e.Paths, ", ")
}

// ForeignError lists files, not all of them, of a directory that esgen has never
// written to.
type ForeignError struct {
	Dir   string
	Paths []string
}

func (e *ForeignError) Error() string {
	return e.Dir + " holds files that esgen has not written: " + strings.Join(e.Paths, ", ")
}

// Foreign is the error of a directory that is somebody else's; nil: it is not.
func (c *Comparison) Foreign() error {
	if len(c.foreign) == 0 {
		return nil
	}
	return &ForeignError{c.dir, c.foreign}
}

// Apply carries the changes out: all of them, or none when something fails.
// Unless forced, an edited generated file refuses the whole run; files of
// somebody else's do always. Files that are right already are not touched.
func (c *Comparison) Apply(force bool) error {
	if err := c.Foreign(); err != nil {
		return err
	}
	if edited := c.Of(Edited); len(edited) > 0 && !force {
		return &EditedError{edited}
	}
	if c.Clean() && !c.stale {
		return nil
	}
	changes := slices.DeleteFunc(slices.Clone(c.Changes), func(ch Change) bool { return ch.Kind == Orphan })
	if c.stale {
		data, err := c.next.encode()
		if err != nil {
			return err
		}
		changes = append(changes, Change{Update, manifestPath, nil, data})
	}
	tx, err := begin(c.dir)
	if err != nil {
		return err
	}
	defer tx.close()
	if err := tx.write(changes); err != nil {
		return err
	}
	return tx.commit(changes)
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
