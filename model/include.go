package model

import (
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// tree is a file that has been read.
type tree struct {
	name     string // relative to the document
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
	round := []*tree{{name: base}}
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
	var wait sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, t := range trees {
		t.file = &source.File{Path: l.shown + t.name}
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			if t.file.Data, t.err = fs.ReadFile(l.fsys, t.name); t.err == nil {
				t.root, t.faults = source.Parse(t.file, source.DefaultLimits())
			}
		})
	}
	wait.Wait()
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
	names = slices.DeleteFunc(names, func(name string) bool {
		info, err := fs.Stat(l.fsys, name)
		return err == nil && info.IsDir() || path.Base(name) == SettingsName // which is no part of the document
	})
	if len(names) == 0 {
		l.diags.Errorf(rule.Include, glob.Pos, "no file matches %s", glob.Value)
	}
	slices.Sort(names)
	return names
}
