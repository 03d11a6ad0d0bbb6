package render

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// What is wrong with packs is no rule of check: no model has a say in it.
const (
	packRule     rule.ID = "pack"
	templateRule rule.ID = "template"
)

// Refused says what is wrong with packs, or with what comes of their templates.
type Refused struct{ Diags diag.List }

func (r *Refused) Error() string {
	all := r.Diags.Sorted()
	return fmt.Sprintf("%s: %s", all[0].Pos, all[0].Message)
}

// reader reads packs, one upon the other.
type reader struct {
	kinds  []plan.Kind
	pack   *Pack
	texts  []*source.File // all that was read of packs that are not built in
	shared *template.Template
	from   map[string]int // layers of shared definitions
	diags  diag.List
}

// readTemplates takes the templates of a layer; one of the same name is put in the
// place of that below.
func (r *reader) readTemplates(layer int, of Layer) error {
	err := fs.WalkDir(of.Files, TemplatesDir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(of.Files, file)
		if err != nil {
			return err
		}
		t := &textFile{r.keep(layer, of.place(file), data), layer}
		r.pack.templates[strings.TrimPrefix(file, TemplatesDir+"/")] = t
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it has lines only, for templates of those below
	}
	return err
}

// keep remembers a file that was read.
func (r *reader) keep(layer int, name string, data []byte) *source.File {
	f := &source.File{Path: name, Data: data}
	if layer > 0 {
		r.texts = append(r.texts, f)
	}
	return f
}

// digest tells files apart.
func digest(files []*source.File) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%q %x\n", f.Path, sha256.Sum256(f.Data))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// readLines reads the pack.yaml of a layer.
func (r *reader) readLines(layer int, of Layer) error {
	data, err := fs.ReadFile(of.Files, PackFile)
	if errors.Is(err, fs.ErrNotExist) {
		r.diags.Errorf(packRule, source.Pos{File: &source.File{Path: of.Name}}, "there is no %s in %s", PackFile, of.Name).
			With(diag.Fix(`a pack is a directory with a %s, and its templates in %s/`, PackFile, TemplatesDir))
		return nil
	}
	if err != nil {
		return err
	}
	root, faults := source.Parse(r.keep(layer, of.place(PackFile), data), source.DefaultLimits())
	diag.FromSource(&r.diags, faults)
	if root == nil {
		return nil
	}
	var name, version, description, files, without *source.Node
	r.entries(root, "a pack", map[string]**source.Node{"pack": &name, "version": &version, "description": &description, "files": &files, "without": &without})
	if !r.scalar(root, "pack", name) || !r.scalar(root, "version", version) {
		return nil
	}
	if version.Value != "1" {
		r.diags.Errorf(packRule, version.Pos, "this esgen reads packs of version 1, not of version %s", version.Value)
	}
	if without != nil {
		r.leaveOut(without)
	}
	if files != nil {
		r.addLines(layer, name.Value, files)
	}
	return nil
}

// entries finds the values of a map by their keys, and refuses other keys.
func (r *reader) entries(n *source.Node, what string, into map[string]**source.Node) {
	if n.Kind != source.Mapping {
		r.diags.Errorf(packRule, n.Pos, "%s is a map, not %s", what, n.Kind)
		return
	}
	for _, p := range n.Pairs {
		if place := into[p.Key.Value]; place != nil {
			*place = p.Value
			continue
		}
		d := r.diags.Errorf(packRule, p.Key.Pos, "%s has no %q", what, p.Key.Value)
		var known []string
		for key := range into {
			known = append(known, key)
		}
		slices.Sort(known)
		d.With(likely(p.Key.Value, known))
	}
}

// likely is the name that was meant, or else those that there are.
func likely(word string, known []string) diag.Option {
	if near := diag.Nearest(word, known); near != "" {
		return diag.Meant(near)
	}
	return diag.Fix("there are %s", strings.Join(known, ", "))
}

// scalar reports whether a map has a text for a key.
func (r *reader) scalar(of *source.Node, key string, n *source.Node) bool {
	switch {
	case n == nil:
		r.diags.Errorf(packRule, of.Pos, "%q is missing", key)
	case n.Kind != source.Scalar || n.Value == "":
		r.diags.Errorf(packRule, n.Pos, "%q is a text, not %s", key, n.Kind)
	default:
		return true
	}
	return false
}

// leaveOut takes away lines of the packs below.
func (r *reader) leaveOut(list *source.Node) {
	if list.Kind != source.Sequence {
		r.diags.Errorf(packRule, list.Pos, "what a pack leaves out is a list, not %s", list.Kind)
		return
	}
	for _, n := range list.Items {
		if !r.scalar(list, "without", n) {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(r.pack.lines), func(l *line) bool { return l.at.Value == n.Value })
		if len(left) == len(r.pack.lines) {
			var paths []string
			for _, l := range r.pack.lines {
				paths = append(paths, l.at.Value)
			}
			d := r.diags.Errorf(packRule, n.Pos, "no pack below writes %s", n.Value)
			if near := nearestPath(n.Value, paths); near != "" {
				d.With(diag.Meant(near))
			} else {
				d.With(diag.Fix(`write the path as its line has it: "esgen templates list" has all lines`))
			}
		}
		r.pack.lines = left
	}
}

// addLines adds the lines of a layer; one for the same kind and path is put in the
// place of that below.
func (r *reader) addLines(layer int, pack string, list *source.Node) {
	if list.Kind != source.Sequence {
		r.diags.Errorf(packRule, list.Pos, "the files of a pack are a list, not %s", list.Kind)
		return
	}
	for _, n := range list.Items {
		l := r.line(layer, pack, n)
		if l == nil {
			continue
		}
		at := slices.IndexFunc(r.pack.lines, l.alike)
		switch {
		case at < 0:
			r.pack.lines = append(r.pack.lines, l)
		case r.pack.lines[at].layer == layer:
			r.diags.Errorf(packRule, l.at.Pos, "%s is written twice for each %s", l.at.Value, l.each.Value).
				With(diag.At(r.pack.lines[at].at.Pos, "the first time"))
		default:
			below := slices.DeleteFunc(slices.Clone(r.pack.lines), l.alike) // there may be one for each language
			r.pack.lines = slices.Insert(below, at, l)
		}
	}
}

// alike reports whether another line writes the same files, for contexts that it
// writes them for.
func (l *line) alike(o *line) bool {
	apart := o.writtenIn != l.writtenIn && o.writtenIn != "" && l.writtenIn != ""
	return o.each.Value == l.each.Value && o.at.Value == l.at.Value && !apart
}

// line reads a line; nil: there is something wrong with it.
func (r *reader) line(layer int, pack string, n *source.Node) *line {
	l := &line{pack: pack, layer: layer}
	var owner, language *source.Node
	r.entries(n, "a line", map[string]**source.Node{"each": &l.each, "path": &l.at, "template": &l.file, "owner": &owner, "language": &language, "when": &l.when})
	if n.Kind != source.Mapping || !r.scalar(n, "each", l.each) || !r.scalar(n, "path", l.at) || !r.scalar(n, "template", l.file) {
		return nil
	}
	if l.when != nil && !r.scalar(n, "when", l.when) {
		return nil
	}
	l.name = path.Clean(l.file.Value)
	if !r.known(l) {
		return nil
	}
	switch l.writtenIn = model.WrittenIn(valueOf(language)); l.writtenIn {
	case "", model.InGo, model.InPython:
	default:
		r.diags.Errorf(packRule, language.Pos, "no context is written in %q", language.Value).
			With(diag.Fix("go or python: the line is for contexts that are written in it; without it, for those of any language"))
		return nil
	}
	switch valueOf(owner) {
	case "", "generated":
	case "seeded":
		l.owner = artifact.Seeded
	default:
		r.diags.Errorf(packRule, owner.Pos, "%s has an owner %q", l.at.Value, owner.Value).
			With(diag.Fix("generated: it is written anew each time; seeded: it is written once, and then people's"))
		return nil
	}
	return l
}

// known reports whether there are units of the kind of a line, and its template.
func (r *reader) known(l *line) bool {
	var kinds []string
	for _, k := range r.kinds {
		kinds = append(kinds, k.Name)
	}
	ok := slices.Contains(kinds, l.each.Value)
	if !ok {
		d := r.diags.Errorf(packRule, l.each.Pos, "there is nothing that is called %q to write files for", l.each.Value)
		if near := diag.Nearest(l.each.Value, kinds); near != "" {
			d.With(diag.Meant(near))
		} else {
			d.With(diag.Fix(`"esgen templates describe" lists what there is`))
		}
	}
	if r.pack.templates[l.name] == nil {
		d := r.diags.Errorf(packRule, l.file.Pos, "there is no template %s in %s/", l.file.Value, TemplatesDir)
		if near := r.pack.Nearest(l.name); near != "" {
			d.With(diag.Meant(near))
		}
		ok = false
	}
	return ok
}

// isShared reports whether a template is one that others share: it is printed by
// none alone.
func isShared(name string) bool { return strings.HasPrefix(path.Base(name), "_") }

// parse parses all templates, and the paths and conditions of lines.
func (r *reader) parse() {
	r.parseShared()
	used := map[string]bool{}
	for _, l := range r.pack.lines {
		used[l.name] = true
		t := r.pack.templates[l.name]
		l.layer = max(l.layer, t.layer)
		l.path = r.parseValue(l.at, "", "")
		if l.when != nil {
			l.condition = r.parseValue(l.when, ifBegins, ifEnds)
		}
		body, err := r.shared.Clone()
		if err == nil {
			l.body, err = body.New(l.name).Parse(string(t.Data))
		}
		if err != nil {
			r.misspelled(l.name, t.File, err)
			continue
		}
		for _, name := range called(l.body) {
			l.layer = max(l.layer, r.from[name])
		}
	}
	if !r.diags.HasErrors() { // else a line may be missing because of that
		r.leftOver(used)
	}
}

// called are the names of the definitions that a template prints, and those
// that these print.
func called(t *template.Template) []string {
	var names []string
	next := []*template.Template{t}
	for len(next) > 0 {
		of := next[0]
		next = next[1:]
		walkNodes(of.Root, func(n parse.Node) {
			call, is := n.(*parse.TemplateNode)
			if !is || slices.Contains(names, call.Name) {
				return
			}
			names = append(names, call.Name)
			if of := t.Lookup(call.Name); of != nil && of.Tree != nil {
				next = append(next, of)
			}
		})
	}
	return names
}

// walkNodes visits the nodes of a list, and those in them.
func walkNodes(list *parse.ListNode, do func(parse.Node)) {
	if list == nil {
		return
	}
	for _, n := range list.Nodes {
		do(n)
		switch n := n.(type) {
		case *parse.IfNode:
			walkNodes(n.List, do)
			walkNodes(n.ElseList, do)
		case *parse.WithNode:
			walkNodes(n.List, do)
			walkNodes(n.ElseList, do)
		case *parse.RangeNode:
			walkNodes(n.List, do)
			walkNodes(n.ElseList, do)
		}
	}
}

// leftOver reports templates that nothing prints.
func (r *reader) leftOver(used map[string]bool) {
	for _, name := range r.pack.Templates() {
		t := r.pack.templates[name]
		if t.layer == 0 || used[name] || isShared(name) {
			continue
		}
		d := r.diags.Errorf(packRule, source.Pos{File: t.File, Line: 1, Column: 1}, "no line prints this template")
		if near := nearestPath(name, slices.Sorted(maps.Keys(used))); near != "" {
			d.With(diag.Fix("is it to be %s? Else write a line for it into %s", near, PackFile))
		} else {
			d.With(diag.Fix("write a line for it into %s", PackFile))
		}
	}
}

// nearestPath is diag.Nearest for paths, whose dots qualify nothing.
func nearestPath(path string, known []string) string {
	dotless := strings.NewReplacer(".", " ")
	by := make(map[string]string, len(known))
	var candidates []string
	for _, k := range known {
		by[dotless.Replace(k)] = k
		candidates = append(candidates, dotless.Replace(k))
	}
	return by[diag.Nearest(dotless.Replace(path), candidates)]
}

// What stands around a condition, to be executed.
const ifBegins, ifEnds = "{{if ", "}}true{{end}}"

// parseValue parses a template that stands in pack.yaml, between something.
func (r *reader) parseValue(n *source.Node, before, behind string) *template.Template {
	t, err := template.New(n.Value).Option("missingkey=error").Funcs(functions()).Parse(before + n.Value + behind)
	if err != nil {
		r.diags.Errorf(templateRule, n.Pos, "%s", reasonOf(n.Value, err))
	}
	return t
}

// parseShared reads the definitions that every template can use: those of the
// files whose names begin with "_".
func (r *reader) parseShared() {
	r.shared = template.New("").Option("missingkey=error").Funcs(functions())
	r.from = map[string]int{}
	defined := map[string]string{}
	for _, name := range r.pack.Templates() {
		if !isShared(name) {
			continue
		}
		t := r.pack.templates[name]
		parsed, err := template.New(name).Funcs(functions()).Parse(string(t.Data))
		if err != nil {
			r.misspelled(name, t.File, err)
			continue
		}
		for _, d := range parsed.Templates() {
			if other, twice := defined[d.Name()]; twice {
				r.diags.Errorf(packRule, source.Pos{File: t.File, Line: 1, Column: 1}, "%q is defined in %s, too", d.Name(), other).
					With(diag.Fix("call one of them something else"))
				continue
			}
			defined[d.Name()], r.from[d.Name()] = t.Path, t.layer
			if _, err := r.shared.AddParseTree(d.Name(), d.Tree); err != nil {
				r.misspelled(name, t.File, err)
			}
		}
	}
}

// misspelled reports a template that is none.
func (r *reader) misspelled(name string, f *source.File, err error) {
	pos := source.Pos{File: f, Line: lineOf(name, err), Column: 1}
	r.diags.Errorf(templateRule, pos, "%s", reasonOf(name, err))
}

// functions are what templates print texts with, one for each place in a
// language where a text can stand, and nothing else: what is decided, or put
// together, is the plan's business.
func functions() template.FuncMap {
	out := template.FuncMap{"join": join, "indent": indent, "cell": quote.Cell}
	for name, f := range quoting {
		out[name] = func(text any) (string, error) { return f.quote(text) }
	}
	return out
}

// join puts names together.
func join(between string, names []string) string { return strings.Join(names, between) }

// indent moves lines to the right, all but the first.
func indent(with string, lines string) string { return strings.ReplaceAll(lines, "\n", "\n"+with) }
