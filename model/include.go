package model

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// tree is a file that has been read.
type tree struct {
	name     string // relative to the document
	document bool
	included bool
	asked    source.Pos // by which include
	file     *source.File
	root     *source.Node
	faults   []*source.Error
	err      error
}

// readAll reads the document and what it includes, directly and by included
// files: the document first, then each round of includes sorted by path.
func (l *loader) readAll(base string) []*tree {
	asked := map[string]source.Pos{}
	round := []*tree{{name: base, document: true}}
	var all []*tree
	for len(round) > 0 {
		l.parse(round)
		var next []*tree
		for _, t := range round {
			if t.err != nil {
				l.unreadable(t.asked, t.file, t.err)
				continue
			}
			diag.FromSource(l.diags, t.faults)
			if !t.included {
				asked[t.name] = source.Pos{File: t.file, Line: 1, Column: 1}
			}
			all = append(all, t)
			next = append(next, l.includedBy(t, asked)...)
		}
		slices.SortStableFunc(next, func(a, b *tree) int { return strings.Compare(a.name, b.name) })
		round = next
	}
	return all
}

// parse reads files side by side.
func (l *loader) parse(trees []*tree) {
	parallel.All(len(trees), func(i int) {
		t := trees[i]
		t.file = &source.File{Path: l.shown + t.name}
		if t.file.Data, t.err = l.read(t); t.err == nil && !l.memory.recall(t) {
			t.root, t.faults = source.Parse(t.file, source.DefaultLimits())
		}
	})
	if l.asked == nil { // else a file has a word in it that nobody wrote
		l.memory.remember(trees)
	}
}

// read reads a file, and no more of it than one that is too long has: a pipe,
// or a device, may never end.
func (l *loader) read(t *tree) ([]byte, error) {
	open := l.open
	if !t.document {
		if info, err := fs.Stat(l.fsys, t.name); err == nil && !info.Mode().IsRegular() {
			return nil, errors.New("it is no file")
		}
		open = func() (fs.File, error) { return l.fsys.Open(t.name) }
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was read from
	var all bytes.Buffer
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		all.Grow(int(min(info.Size(), int64(source.DefaultLimits().Bytes))) + bytes.MinRead)
	}
	_, err = all.ReadFrom(io.LimitReader(f, int64(source.DefaultLimits().Bytes)+1))
	return all.Bytes(), err
}

// includedBy finds the files that the include globs of a file match.
func (l *loader) includedBy(t *tree, asked map[string]source.Pos) []*tree {
	var found []*tree
	globs := t.root.Get("include")
	if globs == nil {
		return nil
	}
	items := globs.Items
	if globs.Kind == source.Scalar {
		items = []*source.Node{globs}
	}
	for _, glob := range items {
		if glob.Kind != source.Scalar || glob.IsEmpty() {
			continue // reported when the key is read
		}
		for _, name := range l.matches(path.Dir(t.name), glob) {
			if first, twice := asked[name]; twice {
				l.twice(name, glob.Pos, first)
				continue
			}
			asked[name] = glob.Pos
			found = append(found, &tree{name: name, included: true, asked: glob.Pos})
		}
	}
	return found
}

func (l *loader) twice(name string, pos, first source.Pos) {
	l.diags.Errorf(rule.Include, pos, "%s is included twice", l.shown+name).
		With(diag.At(first, "the first time"), diag.Fix("narrow one of the two; a directory of its own keeps included files apart from the document"))
}

// Includes is the pattern by which the model includes a path, seen from the
// directory of the document; "": it does not.
func (s *System) Includes(file string) string {
	for _, pattern := range s.included {
		if ok, _ := path.Match(pattern, file); ok && path.Base(file) != SettingsName { // a bad pattern has been told
			return pattern
		}
	}
	return ""
}

// matches are the files a glob names, sorted.
func (l *loader) matches(dir string, glob *source.Node) []string {
	pattern := path.Join(dir, glob.Value)
	if path.IsAbs(glob.Value) || !fs.ValidPath(pattern) || strings.Contains(glob.Value, `\`) {
		l.diags.Errorf(rule.Include, glob.Pos, "%s leaves the directory of the document", glob.Value).
			With(diag.Fix("include files below it, with slashes between names: contexts/*.yaml"))
		return nil
	}
	l.sys.included = append(l.sys.included, pattern)
	names, err := fs.Glob(l.fsys, pattern)
	if err != nil {
		l.diags.Errorf(rule.Include, glob.Pos, "%s is no pattern of file names", glob.Value).
			With(diag.Fix("* stands for any characters but a slash, ? for one, [a-z] for one of a range"))
		return nil
	}
	slices.Sort(names)
	told := false
	names = slices.DeleteFunc(names, func(name string) bool {
		readable, refused := l.readable(name, glob)
		told = told || refused
		return !readable
	})
	if len(names) == 0 && !told {
		l.diags.Errorf(rule.Include, glob.Pos, "no file matches %s", glob.Value)
	}
	return names
}

// Limits of what a document includes, far above any wall.
const (
	maxFiles = 1000
	maxBytes = 64 << 20
)

// readable reports whether what a glob matches is a file that can be a part of
// the document, and whether it has been told why not.
func (l *loader) readable(name string, glob *source.Node) (ok, told bool) {
	if path.Base(name) == SettingsName { // which is no part of the document
		return false, false
	}
	info, err := fs.Stat(l.fsys, name)
	switch {
	case err != nil:
		l.diags.Errorf(rule.Include, glob.Pos, "%s cannot be included: it leads out of the directory of the document, or nowhere", l.shown+name).
			With(diag.Fix("put the file itself there, in place of a link"))
		return false, true
	case info.IsDir():
		return false, false
	case !info.Mode().IsRegular():
		l.diags.Errorf(rule.Include, glob.Pos, "%s cannot be included: it is no file", l.shown+name).With(diag.Fix("narrow the pattern"))
		return false, true
	}
	l.files++
	l.bytes += info.Size()
	if l.files == maxFiles+1 || l.bytes > maxBytes && l.bytes-info.Size() <= maxBytes {
		l.diags.Errorf(rule.YAMLLimit, glob.Pos, "with %s, the document includes more than the %d files, or the %d MiB, that it may", l.shown+name, maxFiles, maxBytes>>20).
			With(diag.Fix("narrow the pattern"))
	}
	fits := l.files <= maxFiles && l.bytes <= maxBytes
	return fits, !fits
}
