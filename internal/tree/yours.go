package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/esgen/esgen/internal/artifact"
)

// yours holds a file that is the user's against the disk. What has changed of
// what is generated is merged into it, from what it was generated as last.
func (b *Comparing) yours(f artifact.File, known entry) (Change, entry, error) {
	was := known.wrote == digestOf(f.Data) // and so is what it is generated as
	if known.ejected {
		f.Data = artifact.Unmarked(f.Data)
	}
	next := entry{artifact.Seeded, digestOf(f.Data), known.ejected}
	now, err := os.ReadFile(filepath.Join(b.c.dir, filepath.FromSlash(f.Path)))
	if errors.Is(err, fs.ErrNotExist) {
		return Change{Kind: Create, Path: f.Path, New: f.Data, wrote: next.wrote}, next, nil
	}
	if err != nil {
		return Change{}, next, fmt.Errorf("compare with the disk: %w", err)
	}
	base, merges := b.c.lastSeeds.of(f.Path, known)
	change := Change{Path: f.Path, Old: now, New: f.Data}
	switch untouched := digestOf(now) == known.wrote; {
	case openConflict(now) > 0:
		return Change{Kind: Open, Path: f.Path, Old: now, Conflicts: []Conflict{{Line: openConflict(now)}}}, known, nil
	case was, known.wrote == next.wrote, known.wrote == "", bytes.Equal(now, f.Data):
		return Change{}, next, nil
	case untouched:
		change.Kind = Update
	case known.owner != artifact.Seeded, !merges:
		return Change{Kind: Behind, Path: f.Path, Old: now, New: f.Data}, next, nil
	default:
		change.Kind = Merge
		if change.New, change.Conflicts = merge(base, now, f.Data); change.Conflicts != nil {
			change.Kind = Clash
		}
		if bytes.Equal(change.New, now) {
			return Change{}, next, nil // it has been changed by hand in the same way
		}
	}
	change.wrote = digestOf(change.New)
	return change, next, nil
}
