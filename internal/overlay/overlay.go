// Package overlay lays files in memory over those of a file system: what is being
// edited over what is stored.
package overlay

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// FS is a file system with some files of which the contents are others, or which
// are new.
type FS struct {
	fs.FS
	Files map[string][]byte // by path
}

// Open opens a file as it would be.
func (o FS) Open(name string) (fs.File, error) {
	if data, ok := o.Files[name]; ok {
		return opened{bytes.NewReader(data), info{path.Base(name), int64(len(data))}}, nil
	}
	return o.FS.Open(name)
}

// ReadDir lists a directory with what is new in it.
func (o FS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	has := map[string]bool{}
	for _, e := range entries {
		has[e.Name()] = true
	}
	for file, data := range o.Files {
		if path.Dir(file) == name && !has[path.Base(file)] {
			entries, err = append(entries, fs.FileInfoToDirEntry(info{path.Base(file), int64(len(data))})), nil
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// opened is an open file of which the contents are in memory.
type opened struct {
	*bytes.Reader
	info
}

func (o opened) Stat() (fs.FileInfo, error) { return o.info, nil }
func (o opened) Close() error               { return nil }
func (o opened) Size() int64                { return o.info.Size() }

// info is that of a regular file.
type info struct {
	name string
	size int64
}

func (i info) Name() string     { return i.name }
func (i info) Size() int64      { return i.size }
func (info) Mode() fs.FileMode  { return 0o644 }
func (info) ModTime() time.Time { return time.Time{} }
func (info) IsDir() bool        { return false }
func (info) Sys() any           { return nil }
