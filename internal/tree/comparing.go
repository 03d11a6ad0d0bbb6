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
	kept, err := readSeeds(dir)
	if err != nil {
		return nil, err
	}
	next := manifest{manifestVersion, make(map[string]entry, len(old.files)), old.edition}
	return &Comparing{spelledOtherwise: sync.OnceValue(old.otherwise), c: &Comparison{dir: dir, known: known, old: old, next: next, seeds: seeds{}, lastSeeds: kept, moved: map[string]bool{}}}, nil
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

// Edition notes of which edition the files are. Known is false where nothing was
// written before; else it tells of which edition that is.
func (b *Comparing) Edition(now int) (before int, known bool) {
	b.c.next.edition = now
	return b.c.old.edition, b.c.known
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
	from := f.Path
	known, ok := b.c.old.files[f.Path]
	if !ok {
		known = b.spelledOtherwise()[strings.ToLower(f.Path)]
		if was := b.moves(f); was != "" {
			from, known = was, b.c.old.files[was]
		}
	}
	if f.Data == nil {
		f.Data = []byte{} // what is empty is to be written, too
	}
	change, next, err := b.compare(f, from, known)
	if err != nil {
		return err
	}
	if change.Kind == Open && from != f.Path { // it moves when that is decided
		b.add(from, next, change, nil)
		return nil
	}
	if change.writes() {
		if err := noLink(b.c.dir, f.Path); err != nil {
			return err
		}
		if b.c.stage != nil {
			if err := b.c.stage.put(f.Path, change.New); err != nil {
				return err
			}
			change.Old, change.New = nil, nil
		}
	}
	b.add(f.Path, next, change, seedOf(f, next))
	return nil
}

// seedOf is what a file of the user's is generated as; nil: it is none, or what is
// remembered of it is something else.
func seedOf(f artifact.File, as entry) []byte {
	seed := f.Data
	if as.ejected {
		seed = artifact.Unmarked(seed)
	}
	if as.owner != artifact.Seeded || digestOf(seed) != as.wrote {
		return nil
	}
	return seed
}

// moves is the path of before at which a file is the user's; "": it does not move.
func (b *Comparing) moves(f artifact.File) string {
	for _, was := range slices.Backward(f.Was) {
		e, known := b.c.old.files[was]
		if !known || e.owner != artifact.Seeded || b.stays(was) != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(b.c.dir, filepath.FromSlash(f.Path))); !errors.Is(err, fs.ErrNotExist) {
			return "" // somebody has put one there
		}
		if e.isAt(b.c.dir, was) {
			return was
		}
	}
	return ""
}

// compare holds one file against the disk, where it is, as whosever it is.
func (b *Comparing) compare(f artifact.File, from string, known entry) (Change, entry, error) {
	if f.Owner == artifact.Seeded || known.ejected {
		return b.yours(f, from, known)
	}
	next := entry{owner: artifact.Generated, wrote: digestOf(f.Data)}
	change := Change{Path: f.Path, New: f.Data, wrote: next.wrote}
	var err error
	change.Old, err = os.ReadFile(filepath.Join(b.c.dir, filepath.FromSlash(f.Path)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		change.Kind = Create
	case err != nil:
		return Change{}, next, fmt.Errorf("compare with the disk: %w", err)
	case bytes.Equal(change.Old, f.Data):
		return Change{}, next, nil
	case known.wrote == digestOf(change.Old):
		change.Kind = Update
	default:
		change.Kind = Edited
	}
	return change, next, nil
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
	if !ok || known.owner != owner && !known.ejected {
		return false
	}
	if known.owner != artifact.Seeded {
		if !known.isAt(b.c.dir, path) {
			return false
		}
		b.add(path, known, Change{}, nil)
		return true
	}
	now, err := os.ReadFile(filepath.Join(b.c.dir, filepath.FromSlash(path)))
	if _, merges := b.c.lastSeeds.of(path, known); err != nil || !merges || openConflict(now) > 0 {
		return false
	}
	b.add(path, known, Change{}, nil)
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

// add adds what came of a file. The seed is what it was generated as, where that
// is new.
func (b *Comparing) add(path string, next entry, change Change, seed []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.c.next.files[path] = next
	if seed != nil {
		b.c.seeds[path] = string(seed)
	}
	if change.From != "" {
		b.c.moved[change.From] = true
	}
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
	c.keepSeeds()
	slices.SortFunc(c.Changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	c.stale = !c.known || !c.old.equal(c.next)
	var err error
	if !c.known {
		c.foreign, err = c.others(sources)
	}
	return c, err
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
		case c.moved[path]:
		case e.owner == artifact.Seeded && e.wrote != digestOf(data):
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
