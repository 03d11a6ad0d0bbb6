// Package edit tries changes of a model's files before they are written: what
// check would say of the model then, and a patch. Nothing outside of the model's
// directory is read or written, by whatever links.
package edit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/overlay"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

// Change replaces a text of a file by another one.
type Change struct {
	File string // seen from the directory of the document, with slashes
	Old  string // stands in the file exactly once; "": the file is new
	New  string
}

// Trial is a model as changes would leave it.
type Trial struct {
	System *model.System
	Model  *check.Model // what check made of it
	Found  *diag.List   // all that check says of it

	dir   string
	files []*file // by path
}

// file is one that changes.
type file struct {
	path     string
	old, new []byte
	fresh    bool // it is not there yet
}

// Misfit is a change that cannot be made.
type Misfit struct {
	Pos  source.Pos
	Says string
	Fix  string
}

func (m *Misfit) Error() string { return m.Pos.String() + ": " + m.Says }

// Try makes changes, in their order, of the model whose document is at a path.
// Errors: *Misfit, and those of reading.
func Try(document string, changes []Change) (*Trial, error) {
	t := &Trial{dir: filepath.Dir(document)}
	root, err := os.OpenRoot(t.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close() //nolint:errcheck // it was read from
	changed := map[string]*file{}
	known := func() []string {
		sys, _ := model.LoadFS(root.FS(), filepath.Base(document))
		names := make([]string, len(sys.Files))
		for i, f := range sys.Files {
			names[i] = f.Path
		}
		return names
	}
	for _, c := range changes {
		if err := apply(root, changed, known, c); err != nil {
			return nil, err
		}
	}
	over := overlay.FS{FS: root.FS(), Files: map[string][]byte{}}
	for name, f := range changed {
		t.files = append(t.files, f)
		over.Files[name] = f.new
	}
	slices.SortFunc(t.files, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	sys, found := model.LoadFS(over, filepath.Base(document))
	if err := read(sys, t.files); err != nil {
		return nil, err
	}
	checked, more := check.System(sys)
	found.Merge(more)
	t.System, t.Model, t.Found = sys, checked, found
	return t, nil
}

// apply makes one change; known are the files of the model as it is.
func apply(root *os.Root, changed map[string]*file, known func() []string, c Change) error {
	at := source.Pos{File: &source.File{Path: c.File}}
	if !fs.ValidPath(c.File) || c.File == "." || strings.Contains(c.File, `\`) {
		return &Misfit{at, "it is no path of a file in the directory of the model", "write it as check does: contexts/front.yaml"}
	}
	f, err := open(root, changed, known, c)
	switch {
	case err != nil:
		return err
	case f.fresh && f.new == nil:
		f.new = []byte(c.New)
		return nil
	}
	at.File = &source.File{Path: c.File, Data: f.new}
	found := everywhere(at.File, c.Old)
	switch len(found) {
	case 1:
		f.new = bytes.Replace(f.new, []byte(c.Old), []byte(c.New), 1)
		return nil
	case 0:
		return missing(at, c.Old)
	}
	at.Line, at.Column = found[1], 1
	return &Misfit{at, fmt.Sprintf("the text to replace stands here, too, and first in line %d", found[0]), "give more of the lines around it, so that it stands there once"}
}

// open is the file of a change, as the changes before it left it.
func open(root *os.Root, changed map[string]*file, known func() []string, c Change) (*file, error) {
	if f := changed[c.File]; f != nil {
		return f, nil
	}
	at := source.Pos{File: &source.File{Path: c.File}}
	f := &file{path: c.File}
	info, err := root.Stat(c.File)
	switch {
	case c.Old == "" && errors.Is(err, fs.ErrNotExist):
		f.fresh = true
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Misfit{at, "there is no such file", "the model has " + strings.Join(known(), ", ") + "; to write a new file, leave the text to replace empty"}
	case err != nil:
		return nil, &Misfit{at, "it cannot be read: " + err.Error(), "change the files of the model only"}
	case !info.Mode().IsRegular():
		return nil, &Misfit{at, "it is no file", "change the files of the model only"}
	case c.Old == "":
		return nil, &Misfit{at, "the file is there already", "say which text of it is replaced"}
	default:
		if f.old, err = root.ReadFile(c.File); err != nil {
			return nil, err
		}
		f.new = f.old
	}
	changed[c.File] = f
	return f, nil
}

// everywhere are the lines in which a text begins.
func everywhere(f *source.File, text string) []int {
	var lines []int
	for at := 0; ; {
		next := bytes.Index(f.Data[at:], []byte(text))
		if next < 0 {
			return lines
		}
		at += next
		lines = append(lines, 1+bytes.Count(f.Data[:at], []byte{'\n'}))
		at += len(text)
	}
}

// missing says that a text is not there, and where one that is like it begins.
func missing(at source.Pos, text string) error {
	var lines []string
	for i := range at.File.Lines() {
		lines = append(lines, strings.TrimSpace(at.File.Line(i+1)))
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	like := slices.Index(lines, strings.TrimSpace(first))
	says, fix := "the text to replace is not in the file", "read the file, and give its text as it stands there, blanks and line breaks included"
	if like < 0 {
		like = slices.Index(lines, diag.Nearest(first, lines))
	}
	if like >= 0 {
		at.Line, at.Column = like+1, 1
		says += "; this line is most like its first one"
	}
	return &Misfit{at, says, fix}
}

// read reports a changed file that is none of the model's.
func read(sys *model.System, files []*file) error {
	for _, f := range files {
		ours := f.path == model.SettingsName || slices.ContainsFunc(sys.Files, func(of *source.File) bool { return of.Path == f.path })
		if !ours {
			return &Misfit{source.Pos{File: &source.File{Path: f.path}}, "the model does not read this file", "add it to include: of the document, in the same edit"}
		}
	}
	return nil
}

// Patch shows the changes as git and patch read them.
func (t *Trial) Patch() string {
	var b strings.Builder
	for _, f := range t.files {
		from := "a/" + f.path
		if f.fresh {
			from = "/dev/null"
		}
		fmt.Fprintf(&b, "--- %s\n+++ b/%s\n%s", from, f.path, tree.Change{Old: f.old, New: f.new}.Diff())
	}
	return b.String()
}

// Write writes the changes: all of them, or none where a file is another one than
// when they were tried.
func (t *Trial) Write() (err error) {
	root, err := os.OpenRoot(t.dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // what was written is closed
	var staged []string
	defer func() {
		for _, name := range staged {
			_ = root.Remove(name) // of what has taken its place nothing is left
		}
	}()
	for _, f := range t.files {
		if err := f.unchanged(root); err != nil {
			return err
		}
		name, err := f.stage(root)
		if err != nil {
			return err
		}
		staged = append(staged, name)
	}
	for i, f := range t.files {
		if err := root.Rename(staged[i], f.path); err != nil {
			return err
		}
	}
	return nil
}

// unchanged reports a file that somebody else has changed.
func (f *file) unchanged(root *os.Root) error {
	is, err := root.ReadFile(f.path)
	switch {
	case f.fresh && errors.Is(err, fs.ErrNotExist), err == nil && !f.fresh && bytes.Equal(is, f.old):
		return nil
	case err != nil && !f.fresh:
		return err
	}
	return &Misfit{source.Pos{File: &source.File{Path: f.path}}, "somebody else has changed the file", "read it again"}
}

// stage writes what a file is to hold beside it.
func (f *file) stage(root *os.Root) (string, error) {
	mode := fs.FileMode(0o644)
	if info, err := root.Stat(f.path); err == nil {
		mode = info.Mode().Perm()
	}
	dir := path.Dir(f.path)
	if err := root.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	name := path.Join(dir, "."+path.Base(f.path)+".esgen-edit")
	return name, root.WriteFile(name, f.new, mode)
}
