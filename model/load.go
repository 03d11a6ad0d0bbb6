package model

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// DocumentName is what a document is called in a directory that is given in
// its place.
const DocumentName = "esgen.yaml"

// Load reads a model: the document at the path (or esgen.yaml in the directory
// at the path) and the files it includes. The system is as whole as the files
// allow and never nil; it is fit for use only when the list holds no errors.
func Load(file string) (*System, *diag.List) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		file = filepath.Join(file, DocumentName)
	}
	dir, base := filepath.Split(filepath.Clean(file))
	shown := filepath.ToSlash(dir)
	if dir == "" {
		dir = "."
	}
	root, err := os.OpenRoot(dir) // what is included stays inside, by whatever links
	if err != nil {
		l := newLoader(nil, shown)
		l.unreadable(source.Pos{}, &source.File{Path: shown + base}, err)
		return l.sys, l.diags
	}
	defer root.Close() //nolint:errcheck // it was read from
	l := newLoader(root.FS(), shown)
	// The document is what somebody named: a link, or a pipe, is as good as a file.
	l.open = func() (fs.File, error) { return os.Open(file) }
	return l.load(base)
}

// LoadFS is Load from a file system.
func LoadFS(fsys fs.FS, file string) (*System, *diag.List) {
	return loadFS(fsys, file, func(*loader) {})
}

// loadFS is LoadFS by a loader that is set up first.
func loadFS(fsys fs.FS, file string, setUp func(*loader)) (*System, *diag.List) {
	dir, base := path.Split(path.Clean(file))
	if dir != "" {
		sub, err := fs.Sub(fsys, path.Clean(dir))
		if err != nil {
			l := newLoader(fsys, "")
			l.unreadable(source.Pos{}, &source.File{Path: file}, err)
			return l.sys, l.diags
		}
		fsys = sub
	}
	l := newLoader(fsys, dir) // dir is what comes before paths in messages
	l.open = func() (fs.File, error) { return fsys.Open(base) }
	setUp(l)
	return l.load(base)
}

func (l *loader) load(base string) (*System, *diag.List) {
	for _, t := range l.readAll(base) {
		l.decode(t)
	}
	l.settings()
	l.finish(l.sys)
	l.memory.measure(l)
	return l.sys, l.diags
}

// loader holds what is known while a model is read.
type loader struct {
	fsys  fs.FS
	open  func() (fs.File, error) // the document
	shown string
	files int   // how many are included
	bytes int64 // and how large they are
	sys   *System
	diags *diag.List

	declared  map[declared]source.Pos // every name in its section
	top       map[string]source.Pos   // keys of the document, where they were first
	timelines map[*Context]*[]*Event  // of contexts, and (nil) of the document
	required  map[string]*Requirement // by their ids
	notes     int                     // how many have been met

	memory *Memory // of files read before; nil: none
	asked  *Asked  // what is asked of a word that is being typed; nil: nothing

	symbols   *symbols // once everything is read
	unknowns  int      // how many names were not found
	resolving []func() // then names are resolved
	settling  []func() // and, when fields have their types, what is said about fields
}

func newLoader(fsys fs.FS, shown string) *loader {
	return &loader{
		fsys: fsys, shown: shown, sys: &System{Zone: time.UTC}, diags: &diag.List{},
		declared: map[declared]source.Pos{}, top: map[string]source.Pos{}, timelines: map[*Context]*[]*Event{},
	}
}

// resolve leaves something until every name is known.
func (l *loader) resolve(f func()) { l.resolving = append(l.resolving, f) }

// settle leaves something until every field has its type.
func (l *loader) settle(f func()) { l.settling = append(l.settling, f) }

// timelineOf is the timeline of a context, of the document where it is nil.
func (l *loader) timelineOf(c *Context) *[]*Event {
	if l.timelines[c] == nil {
		l.timelines[c] = new([]*Event)
	}
	return l.timelines[c]
}

// decode reads one file's part of the document.
func (l *loader) decode(t *tree) {
	l.sys.Files = append(l.sys.Files, t.file)
	if t.root == nil {
		return
	}
	f := documentForm
	if t.included {
		f = includedForm
	} else {
		l.sys.Pos = t.root.Pos
	}
	d := decoder{loader: l, about: f.what}
	if t.root.Kind != source.Mapping {
		d.wrongKind(t.root, "a map")
		return
	}
	f.readInto(d, l.sys, d.onceOnly(t.root))
}

// onceOnly leaves out keys that another file has set already: all that hold no
// list of nodes.
func (d decoder) onceOnly(root *source.Node) *source.Node {
	kept := *root
	kept.Pairs = nil
	for _, p := range root.Pairs {
		k := p.Key.Value
		first, again := d.top[k]
		if again && !joins[k] {
			d.diags.Errorf(rule.DuplicateKey, p.Key.Pos, "%s is set in another file already", k).
				With(diag.At(first, "the first %s", k), diag.Fix("keep one of the two"))
			continue
		}
		d.top[k] = p.Key.Pos
		kept.Pairs = append(kept.Pairs, p)
	}
	return &kept
}

// joins are the keys whose values in several files are joined.
var joins = func() map[string]bool {
	names := map[string]bool{"relations": true, "include": true,
		"esgen": true, "system": true, "module": true} // reported as being in the wrong file
	for _, k := range sharedKeys {
		if k.shape.Kind == NamesShape {
			names[k.name] = true
		}
	}
	return names
}()

// finish resolves what the files say to one another. told is what has been read for
// it; all else of the system has been finished before, and stays as it is.
func (l *loader) finish(told *System) {
	l.bigPicture(told)
	if l.sys.Module == "" && isSystemName(l.sys.Name) {
		l.sys.Module = "example.com/" + l.sys.Name
	}
	l.symbols = indexInto(l.sys, l.room())
	l.sys.names = l.symbols
	for _, f := range l.resolving {
		f()
	}
	if told == l.sys { // what these say depends on everybody
		l.receive()
		l.sys.postponeUndecided()
	}
	Infer(l.sys, told.Contexts)
	for _, f := range l.settling {
		f()
	}
	checkRecursion(l.sys, l.diags)
	setAsideUntyped(told)
}

// room is how much there may be to read.
func (l *loader) room() room {
	if l.memory == nil {
		return room{}
	}
	return l.memory.room
}

// bigPicture adds the timelines to the events no one holds, and takes out
// those that an aggregate or a context holds by now.
func (l *loader) bigPicture(told *System) {
	held := map[string]*Event{}
	for _, c := range l.sys.Contexts {
		here := map[string]*Event{}
		for _, a := range c.Aggregates {
			for _, e := range a.Events {
				here[e.Name], held[e.Name] = e, e
			}
		}
		if slices.Contains(told.Contexts, c) {
			c.Events = l.withTimeline(c.Events, *l.timelineOf(c), here)
		}
		for _, e := range c.Events {
			held[e.Name] = e
		}
	}
	l.sys.Events = l.withTimeline(l.sys.Events, *l.timelineOf(nil), held)
}

// withTimeline joins events that are held by nobody else; of the others the place
// on the timeline is a use.
func (l *loader) withTimeline(events, timeline []*Event, held map[string]*Event) []*Event {
	var kept []*Event
	for _, e := range slices.Concat(events, timeline) {
		if known := held[e.Name]; known != nil {
			l.use(e.Pos, e.Name, known)
			continue
		}
		held[e.Name] = e
		kept = append(kept, e)
	}
	return kept
}

// unreadable reports a file that cannot be read.
func (l *loader) unreadable(pos source.Pos, f *source.File, err error) {
	if !pos.IsValid() {
		pos.File = f
	}
	why := err.Error()
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		why = pathErr.Err.Error()
	}
	if errors.Is(err, fs.ErrNotExist) {
		why = "there is no such file"
	}
	l.diags.Errorf(rule.Unreadable, pos, "%s cannot be read: %s", f.Path, strings.TrimSpace(why))
}
