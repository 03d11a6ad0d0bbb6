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

// yours holds a file that is the user's against the disk, where it is: at its path,
// or at one that it had. What has changed of what is generated is merged into it, from
// what it was generated as last.
func (b *Comparing) yours(f artifact.File, from string, known entry) (Change, entry, error) {
	was := known.wrote == digestOf(f.Data) // and so is what it is generated as
	if known.ejected {
		f.Data = artifact.Unmarked(f.Data)
	}
	next := entry{artifact.Seeded, digestOf(f.Data), known.ejected}
	now, err := os.ReadFile(filepath.Join(b.c.dir, filepath.FromSlash(from)))
	if errors.Is(err, fs.ErrNotExist) {
		return Change{Kind: Create, Path: f.Path, New: f.Data, wrote: next.wrote}, next, nil
	}
	if err != nil {
		return Change{}, next, fmt.Errorf("compare with the disk: %w", err)
	}
	if line := openConflict(now); line > 0 {
		return Change{Kind: Open, Path: from, Old: now, Conflicts: []Conflict{{Line: line}}}, known, nil
	}
	if from != f.Path {
		return b.moved(f, from, known, now), next, nil
	}
	base, merges := b.c.lastSeeds.of(f.Path, known)
	change := Change{Path: f.Path, Old: now, New: f.Data}
	switch untouched := digestOf(now) == known.wrote; {
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

// moved is a file of the user's that moves to where its sticky note is called as it
// is now, with what is written in it. Where it is not known what it was generated as,
// it moves as it is.
func (b *Comparing) moved(f artifact.File, from string, known entry, now []byte) Change {
	change := Change{Kind: Move, Path: f.Path, From: from, New: now}
	base, merges := b.c.lastSeeds.of(from, known)
	switch {
	case digestOf(now) == known.wrote:
		change.New = f.Data
	case merges:
		if change.New, change.Conflicts = merge(base, now, f.Data); change.Conflicts != nil {
			change.Kind = Clash
		}
	}
	change.wrote = digestOf(change.New)
	return change
}
