package model

import (
	"bytes"
	"io/fs"
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

// Memory keeps the trees of files between readings of a model, so that only those
// are read again that have changed, and what was read last. It is not safe for
// concurrent use.
type Memory struct {
	files map[string]*tree
	last  *System // nil: nothing has been read yet
	room  room
}

// room is how much a reading came to: the next one makes room for as much at once.
type room struct{ declared, symbols, words, uses int }

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
	sys, found := loadFS(fsys, file, func(l *loader) { l.remembers(m) })
	m.last = sys
	return sys, found
}

// remembers lets a loader make use of a memory.
func (l *loader) remembers(m *Memory) {
	l.memory = m
	l.declared = make(map[declared]source.Pos, m.room.declared)
	l.sys.uses = make([]Use, 0, m.room.uses)
}

// measure keeps how much a reading has come to.
func (m *Memory) measure(l *loader) {
	if m != nil {
		m.room = room{len(l.declared), len(l.symbols.all), len(l.symbols.byWord), len(l.sys.uses)}
	}
}

// included is a file that the last reading has included; nil: there was none.
func (m *Memory) included(name string) *source.File {
	t := m.files[name]
	if m.last == nil || t == nil || !t.included || !slices.Contains(m.last.Files, t.file) {
		return nil
	}
	return t.file
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
