// Package tree brings a directory into line with generated files: it compares,
// tells what would change, and applies it whole or not at all. It knows no
// model.
package tree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
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
	Orphan // a file of the user's whose sticky is gone: it stays, and is told
	Merge  // a file of the user's takes what has changed of what is generated
	Clash  // so does one where the user has changed the same lines: both are in it, between marks
	Open   // a file of the user's that still has such marks: it stays
	Behind // a file of the user's is generated as something else, and nobody knows from what it was made: it stays, and is told
	Move   // a file of the user's comes from where it was before its sticky note was called otherwise
)

func (k Kind) String() string {
	return [...]string{"", "create", "update", "remove", "edited", "orphan", "merge", "conflict", "conflict", "behind", "move"}[k]
}

// stays reports whether the file is left as it is.
func (k Kind) stays() bool { return k == Orphan || k == Open || k == Behind }

// Change is what a run would do to one file.
type Change struct {
	Kind Kind
	Path string
	From string // where it was, of a file of the user's that moves with its sticky note; else ""
	Gone bool   // it is generated no more
	Old  []byte // on disk
	New  []byte // as it would be; neither is kept of files that are staged

	// Conflicts are the places of a Clash, in New; of an Open one, the first.
	Conflicts []Conflict

	wrote digest // of what it would be
}

// writes reports whether there is something to write.
func (ch Change) writes() bool { return ch.Kind != 0 && !ch.Kind.stays() && !ch.Gone }

// Comparison is a directory held against generated files.
type Comparison struct {
	Changes []Change // by path
	dir     string
	paths   []string // of all files
	old     manifest
	next    manifest
	seeds   seeds // what files of the user's are generated as
	// lastSeeds are those of the last run.
	lastSeeds seeds
	stage     *transaction    // has the new files already; nil: the changes have them
	known     bool            // there is a manifest
	stale     bool            // the manifest on disk is another
	moved     map[string]bool // paths from which files of the user's move
	foreign   []string        // files of somebody else's, where nothing says that esgen has ever written here
}

// Compare holds a directory against files. It writes nothing. Sources are the
// paths of what the files are made of: a directory that holds some of them is
// the author's own, and other files in it are in nobody's way.
func Compare(dir string, files []artifact.File, sources ...string) (*Comparison, error) {
	c, err := Begin(dir)
	if err != nil {
		return nil, err
	}
	err = parallel.Each(context.Background(), len(files), func(i int) error { return c.Take(files[i]) })
	if err != nil {
		return nil, err
	}
	return c.End(sources...)
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
		if _, ours := c.next.files[path]; !ours && !own || differ[path] {
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

// Paths are those of all files that the directory was held against, sorted.
func (c *Comparison) Paths() []string { return c.paths }

// Clean reports whether the directory is as generation would leave it.
func (c *Comparison) Clean() bool {
	return !slices.ContainsFunc(c.Changes, func(ch Change) bool { return ch.Kind != Orphan && ch.Kind != Behind })
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

// Seed is what a file of the user's is generated as, and was the last time.
type Seed struct {
	Path, From  string // where it is, and was
	Before, Now []byte
}

// Seeds are those of the files that are the user's from the beginning, as far as both
// are known.
func (c *Comparison) Seeds() []Seed {
	from := map[string]string{}
	for _, ch := range c.Changes {
		if ch.From != "" {
			from[ch.Path] = ch.From
		}
	}
	var out []Seed
	for _, path := range slices.Sorted(maps.Keys(c.seeds)) {
		s := Seed{Path: path, From: cmp.Or(from[path], path), Now: []byte(c.seeds[path])}
		was, known := c.lastSeeds[s.From]
		if e := c.next.files[path]; known && e.owner == artifact.Seeded && !e.ejected {
			s.Before = []byte(was)
			out = append(out, s)
		}
	}
	return out
}

// Rename is a file of the user's that nothing belongs to any more, and the one that
// seems to have come in its place.
type Rename struct{ From, To string }

// Renamed are the orphans for each of which one file has come that is the user's,
// too, and in which nothing is written yet: one that is called the same elsewhere, as
// of a note that went to another context, or one beside it.
func (c *Comparison) Renamed() []Rename {
	var gone, come []string
	for _, ch := range c.Changes {
		switch {
		case ch.Kind == Orphan:
			gone = append(gone, ch.Path)
		case ch.Kind == Create && c.next.files[ch.Path].owner == artifact.Seeded:
			come = append(come, ch.Path)
		}
	}
	var out []Rename
	for _, common := range []func(string) string{path.Base, path.Dir} {
		for _, r := range pairs(gone, come, common) {
			out = append(out, r)
			gone, come = without(gone, r.From), without(come, r.To)
		}
	}
	slices.SortFunc(out, func(a, b Rename) int { return cmp.Compare(a.From, b.From) })
	return out
}

// pairs are the paths that have something in common with one other path, and with no
// further one.
func pairs(gone, come []string, common func(string) string) []Rename {
	by := func(list []string) map[string][]string {
		out := map[string][]string{}
		for _, p := range list {
			out[common(p)] = append(out[common(p)], p)
		}
		return out
	}
	from, to := by(gone), by(come)
	var out []Rename
	for _, key := range slices.Sorted(maps.Keys(from)) {
		if len(from[key]) == 1 && len(to[key]) == 1 {
			out = append(out, Rename{from[key][0], to[key][0]})
		}
	}
	return out
}

func without(list []string, p string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(x string) bool { return x == p })
}

// Narrow leaves only the changes to the paths that are wanted; the rest of the
// directory, and what is remembered of it, stays as it is. It reports whether
// any file at all is wanted.
func (c *Comparison) Narrow(wanted func(path string) bool) bool {
	c.next.edition = c.old.edition // of the rest
	any := false
	for path := range c.next.files {
		any = any || wanted(path)
	}
	c.Changes = slices.DeleteFunc(c.Changes, func(ch Change) bool { return !wanted(ch.Path) })
	for path := range c.next.files {
		if wanted(path) {
			continue
		}
		if e, known := c.old.files[path]; known {
			c.next.files[path] = e
		} else {
			delete(c.next.files, path)
		}
	}
	for path, e := range c.old.files {
		if !wanted(path) {
			c.next.files[path] = e
		}
	}
	maps.DeleteFunc(c.seeds, func(path, _ string) bool { return !wanted(path) })
	c.keepSeeds()
	c.stale = !c.old.equal(c.next)
	return any
}

// Prune has the files go that are the user's and belong to nothing any more.
func (c *Comparison) Prune() {
	for i, ch := range c.Changes {
		if ch.Kind == Orphan {
			c.Changes[i].Kind = Remove
			delete(c.next.files, ch.Path)
			delete(c.seeds, ch.Path)
		}
	}
	c.stale = !c.known || !c.old.equal(c.next)
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
	changes := slices.DeleteFunc(slices.Clone(c.Changes), func(ch Change) bool { return ch.Kind.stays() })
	kept, err := c.Kept()
	if err != nil {
		return err
	}
	if changes = append(changes, kept...); len(changes) == 0 {
		return nil
	}
	tx := c.stage
	if tx == nil {
		var err error
		if tx, err = begin(c.dir); err != nil {
			return err
		}
		defer tx.close()
	}
	if err := tx.write(changes); err != nil {
		return err
	}
	return tx.commit(changes)
}

// Kept are the changes of what esgen keeps about the directory in it.
func (c *Comparison) Kept() ([]Change, error) {
	var changes []Change
	for _, f := range []struct {
		path   string
		stale  bool
		encode func() ([]byte, error)
	}{{seedsPath, !maps.Equal(c.seeds, c.lastSeeds), c.seeds.encode}, {manifestPath, c.stale, c.next.encode}} {
		if !f.stale {
			continue
		}
		data, err := f.encode()
		if err != nil {
			return nil, err
		}
		change := Change{Kind: Update, Path: f.path, New: data, wrote: digestOf(data)}
		change.Old, err = os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(f.path)))
		if errors.Is(err, fs.ErrNotExist) {
			change.Kind, err = Create, nil
		}
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// keepSeeds completes what files of the user's are generated as with that of the
// last run, where it is the same.
func (c *Comparison) keepSeeds() {
	for path, e := range c.next.files {
		if _, known := c.seeds[path]; known || e.owner != artifact.Seeded {
			continue
		}
		if text, known := c.lastSeeds.of(path, e); known {
			c.seeds[path] = string(text)
		}
	}
}
