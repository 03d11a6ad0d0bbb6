package render

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"text/template"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates"
)

// PackFile is the file that makes a directory a pack.
const PackFile = "pack.yaml"

// TemplatesDir is the directory of a pack that has its templates.
const TemplatesDir = "pack"

// Layer is a directory that has a pack, which lies upon those before it.
type Layer struct {
	Name  string // as people call it: its path
	Files fs.FS
}

// Builtin is the layer upon which all others lie.
func Builtin() Layer { return Layer{"esgen:", templates.Builtin()} }

// builtin are the packs that come with esgen, as one layer: that of services in
// Python is one as any other.
func builtin() []Layer { return []Layer{Builtin(), {"esgen:python", templates.Python()}} }

// Layers are the packs that a model names, by directories from that of its document,
// and others upon them. The error can be a *Refused, or one of opening a directory.
func Layers(sys *model.System, dirs []string) ([]Layer, error) {
	var out []Layer
	var refused Refused
	for _, t := range sys.Templates {
		l, err := open(path.Join(path.Dir(t.Pos.Path()), t.Value))
		if err != nil {
			refused.Diags.Errorf(packRule, t.Pos, "there is no directory %s", l.Name)
		}
		out = append(out, l)
	}
	if refused.Diags.HasErrors() {
		return nil, &refused
	}
	for _, dir := range dirs {
		l, err := open(filepath.ToSlash(dir))
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// open opens a directory. What is read of it lies in it, by whatever links.
func open(dir string) (Layer, error) {
	root, err := os.OpenRoot(filepath.FromSlash(dir))
	if err != nil {
		return Layer{Name: dir}, err
	}
	return Layer{dir, root.FS()}, nil
}

// Pack says what is rendered for which unit of a plan, where, and whose it is: the
// built-in pack, with what others add to it and put in its place.
type Pack struct {
	lines     []*line
	rules     map[string][]*line // by kind of unit
	templates map[string]*textFile
	digest    string
}

// line is one of a pack.yaml.
type line struct {
	pack  string // its name
	layer int    // upmost of those that have a part in it
	owner artifact.Owner
	// As they are written; when is nil where there is no condition.
	each, at, when, file *source.Node
	writtenIn            model.WrittenIn // of the contexts that it is for; "": of any
	name                 string          // of the template

	path, condition, body *template.Template
}

// textFile is a template as it was read.
type textFile struct {
	*source.File
	layer int
}

// Line is what a pack writes, for people.
type Line struct {
	Pack, Each, Path, When, Template string
	Language                         model.WrittenIn // of the contexts that it is for; "": of any
	Owner                            artifact.Owner
	From                             string // file of the template, which may be another pack's
}

// Lines are what the packs write, in their order.
func (p *Pack) Lines() []Line {
	out := make([]Line, len(p.lines))
	for i, l := range p.lines {
		out[i] = Line{l.pack, l.each.Value, l.at.Value, valueOf(l.when), l.name, l.writtenIn, l.owner, p.templates[l.name].Path}
	}
	return out
}

// Templates are the names of all templates, with those that others share.
func (p *Pack) Templates() []string { return slices.Sorted(maps.Keys(p.templates)) }

// Text is the text of a template; nil: there is none of that name.
func (p *Pack) Text(name string) []byte {
	if t := p.templates[name]; t != nil {
		return t.Data
	}
	return nil
}

// Nearest is the template that was likely meant by a name that none has; "": nobody
// knows.
func (p *Pack) Nearest(name string) string { return nearestPath(name, p.Templates()) }

// Digest tells apart what lies upon the built-in pack; "": nothing does.
func (p *Pack) Digest() string { return p.digest }

// LoadPack reads the built-in pack and those upon it. The error can be a *Refused.
func LoadPack(own ...Layer) (*Pack, error) {
	return loadPacks(plan.Kinds(), builtin(), own)
}

// loadPacks reads packs for units of some kinds: those at the bottom, and others
// upon one another.
func loadPacks(kinds []plan.Kind, bottom, own []Layer) (*Pack, error) {
	r := reader{kinds: kinds, pack: &Pack{rules: map[string][]*line{}, templates: map[string]*textFile{}}}
	for i, l := range slices.Concat(bottom, own) {
		layer := max(0, i-len(bottom)+1)
		if err := r.readTemplates(layer, l); err != nil {
			return nil, err
		}
		if err := r.readLines(layer, l); err != nil {
			return nil, err
		}
	}
	r.parse()
	if len(own) > 0 && !r.diags.HasErrors() {
		r.judge()
		r.pack.digest = digest(r.texts)
	}
	if r.diags.HasErrors() {
		return nil, &Refused{r.diags}
	}
	for _, l := range r.pack.lines {
		r.pack.rules[l.each.Value] = append(r.pack.rules[l.each.Value], l)
	}
	return r.pack, nil
}

// place is where a file of a layer is, for people.
func (l Layer) place(file string) string { return path.Join(l.Name, file) }

func valueOf(n *source.Node) string {
	if n == nil {
		return ""
	}
	return n.Value
}
