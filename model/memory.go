package model

import (
	"bytes"
	"io/fs"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

// Memory keeps the trees of files between readings of a model, so that only those
// are read again that have changed. It is not safe for concurrent use.
type Memory struct{ files map[string]*tree }

// NewMemory makes an empty Memory.
func NewMemory() *Memory { return &Memory{files: map[string]*tree{}} }

// Root is the tree of a file as it was read last; nil: there is none.
func (m *Memory) Root(file *source.File) *source.Node {
	if t := m.files[file.Path]; t != nil && t.file == file {
		return t.root
	}
	return nil
}

// LoadRemembered is LoadFS that reads only those files again that have changed.
func LoadRemembered(fsys fs.FS, file string, m *Memory) (*System, *diag.List) {
	return loadFS(fsys, file, func(l *loader) { l.memory = m })
}

// recall gives a file whose text is that of before the tree of before.
func (m *Memory) recall(t *tree) bool {
	if m == nil {
		return false
	}
	before := m.files[t.file.Path]
	if before == nil || !bytes.Equal(before.file.Data, t.file.Data) {
		return false
	}
	t.file, t.root, t.faults = before.file, before.root, before.faults
	return true
}

// remember keeps the trees of files.
func (m *Memory) remember(trees []*tree) {
	if m == nil {
		return
	}
	for _, t := range trees {
		if t.err == nil {
			m.files[t.file.Path] = t
		}
	}
}
