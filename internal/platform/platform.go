// Package platform knows the Go that generated systems have in common, the
// platform module and the testkit that their tests import: which files of it a
// system needs, found from what the system's own code mentions, and what those
// need of other modules. Nothing that no code of a system can reach is copied
// into it.
package platform

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/templates"
)

// A Tree is one of the two modules: where its source is, and what it is called
// in the output.
type Tree struct{ Source, Name string }

// The trees that are copied.
var (
	Platform = Tree{"chassis", "platform"}
	Testkit  = Tree{"testkit", "testkit"}
)

var trees = []Tree{Platform, Testkit} // each imports none but those before it

// Path is the import path of a package of a tree, as source tells it, in a
// system whose shared code lies below base; "": it is none.
func Path(base, source string) string {
	for _, t := range trees {
		if rest, ok := strings.CutPrefix(source, t.Source+"/"); ok {
			return base + "/" + t.Name + "/" + rest
		}
	}
	return ""
}

// Source is the inverse of Path: the package as source tells it; "": it is
// none of the trees.
func Source(base, imported string) string {
	for _, t := range trees {
		if rest, ok := strings.CutPrefix(imported, base+"/"+t.Name+"/"); ok {
			return t.Source + "/" + rest
		}
	}
	return ""
}

// Selection is what a system needs of the trees.
type Selection struct {
	code  *code
	known Mentions
	decls map[*decl]bool
}

// Everything is a selection of all there is: of a module that others require.
func Everything() (*Selection, error) {
	c, err := read()
	if err != nil {
		return nil, err
	}
	s := &Selection{c, Mentions{}, map[*decl]bool{}}
	for dir := range c.packages {
		s.takeAll(dir)
	}
	return s, nil
}

// language is the package of the language's values, which people write decisions
// with as well.
const language = "chassis/values"

// Select finds the declarations without which code with these mentions would not
// build, or do as it says. Where people write some of that code, what they will
// use of the language is nothing that is known here: then all of it is there.
func Select(mentions Mentions, byHand bool) (*Selection, error) {
	c, err := read()
	if err != nil {
		return nil, err
	}
	s := &Selection{c, Mentions{}, map[*decl]bool{}}
	if byHand {
		s.takeAll(language)
	}
	s.follow(mentions)
	return s, nil
}

// takeAll selects all of a package.
func (s *Selection) takeAll(dir string) {
	for _, f := range s.code.packages[dir] {
		for _, d := range f.decls {
			s.take(d)
		}
	}
}

// whole is a package of which all is needed when anything is: what stands in for
// networks and databases is called by interfaces of the standard library.
const whole = "testkit/proof"

// take selects a declaration, and what it mentions.
func (s *Selection) take(d *decl) {
	if !s.decls[d] {
		s.decls[d] = true
		s.follow(d.mentions)
		if path.Dir(d.file.name) == whole {
			s.takeAll(whole)
		}
	}
}

// follow selects what declares these names, and those methods of types that are
// mentioned whose names are mentioned as well, or that others ask for.
func (s *Selection) follow(mentions Mentions) {
	for name := range mentions {
		if s.known.has(name) {
			continue
		}
		s.known.Add(name)
		for _, d := range s.code.named[name] {
			s.take(d)
		}
		for _, d := range s.code.of[name] {
			if s.known.has(d.method) || asked[d.method] {
				s.take(d)
			}
		}
		for _, d := range s.code.methods[name] {
			if s.known.has(d.receiver) {
				s.take(d)
			}
		}
	}
}

// selected are the files of a directory of which something is needed.
func (s *Selection) selected(dir string) []*file {
	return slices.DeleteFunc(slices.Clone(s.code.packages[dir]), func(f *file) bool {
		return !slices.ContainsFunc(f.decls, func(d *decl) bool { return s.decls[d] })
	})
}

// importsOf are the packages that what is needed of a file imports.
func (s *Selection) importsOf(f *file) (imports []string) {
	for _, i := range f.imports {
		if i.name == "_" || slices.ContainsFunc(f.decls, func(d *decl) bool { return s.decls[d] && slices.Contains(d.imports, i) }) {
			imports = append(imports, i.source)
		}
	}
	return imports
}

// Has reports whether something of a tree is needed.
func (s *Selection) Has(t Tree) bool { return len(s.Packages(t)) > 0 }

// Files are the files of a tree as they are in a system whose shared code is
// imported from below base, in a directory.
func (s *Selection) Files(t Tree, base, dir string) ([]artifact.File, error) {
	source := templates.Source()
	own := []byte(`"` + templates.Import + "/")
	var out []artifact.File
	for _, p := range s.Packages(t) {
		for _, f := range s.selected(p) {
			data := f.with(s.decls)
			for _, other := range trees {
				data = bytes.ReplaceAll(data, append(own[:len(own):len(own)], other.Source+"/"...), []byte(`"`+base+"/"+other.Name+"/"))
			}
			data = append([]byte("// "+artifact.Header+"\n\n"), data...)
			out = append(out, artifact.File{Path: path.Join(dir, t.Name, f.name[len(t.Source):]), Data: data})
			embedded, err := s.embedded(f)
			if err != nil {
				return nil, err
			}
			for _, name := range embedded {
				data, err := fs.ReadFile(source, name)
				if err != nil {
					return nil, err
				}
				out = append(out, artifact.File{Path: path.Join(dir, t.Name, name[len(t.Source):]), Data: data})
			}
		}
	}
	slices.SortFunc(out, func(a, b artifact.File) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// embedded are the files that what is needed of a file embeds.
func (s *Selection) embedded(f *file) (names []string, err error) {
	for _, d := range f.decls {
		if !s.decls[d] {
			continue
		}
		for _, pattern := range d.embeds {
			below, err := embeddedBy(templates.Source(), pattern)
			if err != nil {
				return nil, err
			}
			names = append(names, below...)
		}
	}
	return names, nil
}

// embeddedBy lists the files that a pattern of a go:embed directive names.
func embeddedBy(source fs.FS, pattern string) (names []string, err error) {
	matches, err := fs.Glob(source, pattern)
	if err != nil {
		return nil, err
	}
	for _, m := range matches {
		err := fs.WalkDir(source, m, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				names = append(names, name)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// Imports are the packages outside of the trees that are needed, in the end, by
// who imports these packages of them.
func (s *Selection) Imports(packages []string) []string {
	return slices.DeleteFunc(s.reach(packages), func(p string) bool { return s.code.packages[p] != nil })
}

// reach are the packages that packages of the trees import, in the end, and
// themselves.
func (s *Selection) reach(packages []string) []string {
	seen := map[string]bool{}
	for waiting := slices.Clone(packages); len(waiting) > 0; {
		p := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		for _, f := range s.selected(p) {
			waiting = append(waiting, s.importsOf(f)...)
		}
	}
	return sorted(seen)
}

// Packages are those of a tree of which something is needed, as source tells
// them.
func (s *Selection) Packages(t Tree) []string {
	packages := map[string]bool{}
	for d := range s.decls {
		if dir := path.Dir(d.file.name); strings.HasPrefix(dir, t.Source+"/") {
			packages[dir] = true
		}
	}
	return sorted(packages)
}
