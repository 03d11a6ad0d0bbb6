package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// stays refuses a file that would not be written into the output directory, or
// into a part of it that is not for files of the output: where its path leads
// out, and where a directory on the way is a link.
func (b *Comparing) stays(file string) error {
	if err := isInside(file); err != nil {
		return err
	}
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if _, known := b.inside.LoadOrStore(dir, true); known {
			return nil
		}
		if err := noLink(b.c.dir, dir); err != nil {
			return err
		}
	}
	return nil
}

// isInside refuses a path that leads out of the output directory, or to what is
// there for esgen itself, and for git.
func isInside(file string) error {
	if !filepath.IsLocal(filepath.FromSlash(file)) {
		return fmt.Errorf("%s would not be in the output directory", file)
	}
	switch top, _, _ := strings.Cut(file, "/"); strings.ToLower(top) {
	case ".esgen", ".git":
		return fmt.Errorf("%s is no place for a file of the output", file)
	}
	return nil
}

// noLink refuses a link at a path of a directory: esgen replaces none, and
// writes nothing to where it leads.
func noLink(dir, at string) error {
	file := filepath.Join(dir, filepath.FromSlash(at))
	info, err := os.Lstat(file)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return &LinkError{file}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("compare with the disk: %w", err)
	}
	return nil
}

// LinkError says that a link is where a file is to be written, or a directory
// with files.
type LinkError struct{ Path string }

func (e *LinkError) Error() string {
	return e.Path + " is a link, and esgen writes to no other place than the output directory"
}

// stay refuses a manifest that lists files elsewhere: they would be removed.
func (m manifest) stay() error {
	for file := range m.files {
		if err := isInside(file); err != nil {
			return err
		}
	}
	return nil
}

// CaseError lists two paths that are one to a file system that does not tell
// upper case from lower.
type CaseError struct{ One, Other string }

func (e *CaseError) Error() string {
	return fmt.Sprintf("%s and %s are one and the same where case makes no difference, as on macOS and Windows", e.One, e.Other)
}

// apart refuses two paths, of files or of directories, of which only the case
// differs.
func apart(paths []string) error {
	spelled := make(map[string]string, len(paths))
	for _, file := range paths {
		for at := file; at != "."; at = path.Dir(at) {
			folded := strings.ToLower(at)
			other, known := spelled[folded]
			if known && other == at {
				break
			}
			if known {
				return &CaseError{other, at}
			}
			spelled[folded] = at
		}
	}
	return nil
}
