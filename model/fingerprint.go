package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/source"
)

// Fingerprint tells whether the files of a model are what they were, without
// reading what they say.
type Fingerprint struct {
	Digest   string   `json:"digest"`             // of all files, by path
	Included []string `json:"included,omitempty"` // patterns by which they are found, from the directory of the document
}

// Fingerprint is that of the files the system was read from.
func (s *System) Fingerprint() Fingerprint {
	return Fingerprint{digestOf(s.Files), s.included}
}

// Fits reports whether Load would read the very files again that the fingerprint
// was taken of. What is no file, as a pipe, can be read only once, and never
// fits.
func (f Fingerprint) Fits(file string) bool {
	dir, base := filepath.Split(filepath.Clean(file))
	shown := filepath.ToSlash(dir)
	if dir == "" {
		dir = "."
	}
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return false
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false
	}
	defer root.Close() //nolint:errcheck // it was read from
	names, err := f.names(root.FS())
	if err != nil {
		return false
	}
	files := make([]*source.File, len(names)+1)
	errs := make([]error, len(files))
	parallel.All(len(files), func(i int) {
		if i == len(names) {
			files[i] = &source.File{Path: shown + base}
			files[i].Data, errs[i] = os.ReadFile(file)
			return
		}
		files[i] = &source.File{Path: shown + names[i]}
		files[i].Data, errs[i] = fs.ReadFile(root.FS(), names[i])
	})
	return !slices.ContainsFunc(errs, func(err error) bool { return err != nil }) && digestOf(files) == f.Digest
}

// names are those of the files beside the document.
func (f Fingerprint) names(fsys fs.FS) ([]string, error) {
	var names []string
	for _, pattern := range f.Included {
		found, err := fs.Glob(fsys, pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range found {
			info, err := fs.Stat(fsys, name)
			switch {
			case err != nil:
				return nil, err
			case path.Base(name) != SettingsName && !info.IsDir():
				names = append(names, name)
			}
		}
	}
	if _, err := fs.Stat(fsys, SettingsName); err == nil {
		names = append(names, SettingsName)
	}
	return names, nil
}

func digestOf(files []*source.File) string {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b *source.File) int { return strings.Compare(a.Path, b.Path) })
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%q %x\n", f.Path, sha256.Sum256(f.Data))
	}
	return hex.EncodeToString(h.Sum(nil))
}
