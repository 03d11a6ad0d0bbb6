package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/esgen/esgen/internal/artifact"
)

// OwnError says why a file cannot be made another's.
type OwnError struct {
	Path   string
	Reason string
	// Yours says that there is something in the file that would be lost.
	Yours bool
}

func (e *OwnError) Error() string { return e.Path + " " + e.Reason }

// Home is the output directory that a file is in, and its path there. The error
// can be an OwnError.
func Home(file string) (dir, path string, err error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", "", err
	}
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(manifestPath))); err == nil {
			path, err := filepath.Rel(dir, abs)
			return dir, filepath.ToSlash(path), err
		}
		if dir == filepath.Dir(dir) {
			return "", "", &OwnError{Path: file, Reason: "is in no directory that esgen has written"}
		}
	}
}

// Eject makes a generated file the user's, as it is on the disk: it loses the mark
// of generated files, and from now on what changes of what is generated is merged
// into it. Where it was edited before, what it was made of is not known until the
// next run generates it in the same way: known is false. The directory is locked.
func Eject(dir, path string) (known bool, err error) {
	err = change(dir, path, func(b *Comparing, e entry, now []byte) (Change, error) {
		if e.owner == artifact.Seeded {
			return Change{}, &OwnError{Path: path, Reason: "is yours already"}
		}
		text := artifact.Unmarked(now)
		next := entry{artifact.Seeded, e.wrote, true} // who generates next, and has not changed it, knows what it was made of
		if digestOf(now) == e.wrote {
			next.wrote = digestOf(text)
			b.c.seeds[path] = string(text)
			known = true
		}
		b.c.next.files[path] = next
		return Change{Kind: Update, Path: path, New: text, wrote: digestOf(text)}, nil
	})
	return known, err
}

// Return gives a file back that was made the user's: the next run writes it as it
// is generated. Unless forced, there is nothing of the user's in it. The directory
// is locked.
func Return(dir, path string, force bool) error {
	return change(dir, path, func(b *Comparing, e entry, now []byte) (Change, error) {
		if !e.ejected {
			reason := "is esgen's already"
			if e.owner == artifact.Seeded {
				reason = "has been yours from the beginning"
			}
			return Change{}, &OwnError{Path: path, Reason: reason}
		}
		if !force && digestOf(now) != e.wrote {
			return Change{}, &OwnError{Path: path, Reason: "has lines of yours, which would be lost", Yours: true}
		}
		b.c.next.files[path] = entry{owner: artifact.Generated, wrote: digestOf(now)}
		delete(b.c.seeds, path)
		return Change{}, nil
	})
}

// change changes what is remembered of one file, and perhaps the file.
func change(dir, path string, how func(b *Comparing, e entry, now []byte) (Change, error)) error {
	b, err := Stage(dir)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.stays(path); err != nil {
		return err
	}
	known, ok := b.c.old.files[path]
	if !ok {
		return &OwnError{Path: path, Reason: "was not written by esgen"}
	}
	now, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
	if errors.Is(err, fs.ErrNotExist) {
		return &OwnError{Path: path, Reason: "is not there; esgen generate writes it"}
	}
	if err != nil {
		return fmt.Errorf("compare with the disk: %w", err)
	}
	for path, e := range b.c.old.files {
		b.c.next.files[path] = e
	}
	b.c.keepSeeds()
	change, err := how(b, known, now)
	if err != nil {
		return err
	}
	if change.Kind != 0 && string(change.New) != string(now) {
		if err := noLink(dir, path); err != nil {
			return err
		}
		b.c.Changes = []Change{change}
	}
	b.c.stale = !b.c.old.equal(b.c.next)
	return b.c.Apply(false)
}

// Yours are the files of a directory that are the user's, by path: nil, where
// esgen has written none.
func Yours(dir string) (map[string]bool, error) {
	m, known, err := readManifest(dir)
	if err != nil || !known {
		return nil, err
	}
	out := map[string]bool{}
	for path, e := range m.files {
		if e.owner == artifact.Seeded {
			out[path] = true
		}
	}
	return out, nil
}
