package platform

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/artifact"
)

// Layout says where the modules of a system have the trees from. The zero one:
// they are copied, once, as modules beside those of the system.
type Layout struct {
	// Standalone: each module is a repository of its own, with a copy in it.
	Standalone bool
	// Release is what is required in place of a copy; the zero one: a copy it is.
	Release Release
}

// Beside reports whether the trees are modules of the system.
func (l Layout) Beside() bool { return !l.Standalone && l.Release.Path == "" }

// Base is the path that imports of the trees begin with, in a module of a system.
func (l Layout) Base(system, module string) string {
	switch {
	case l.Release.Path != "":
		return l.Release.Path
	case l.Standalone:
		return module + "/internal"
	}
	return system
}

// Part is a module of a system that imports the trees: a service, the gateway.
type Part struct {
	Dir, Path string
	Uses      Mentions // what its Go files use, see Uses
	ByHand    bool     // people write some of them
}

// Share copies what the parts of a system need of the trees to where the layout
// has it, and writes the go.mod and go.sum of all modules.
func (l Layout) Share(system string, parts []Part) ([]artifact.File, error) {
	switch {
	case l.Release.Path != "":
		return l.Release.share(parts)
	case l.Standalone:
		return enclose(parts)
	}
	return beside(system, parts)
}

// beside copies the trees as modules beside the parts.
func beside(system string, parts []Part) ([]artifact.File, error) {
	uses, byHand := Mentions{}, false
	for _, p := range parts {
		uses.add(p.Uses)
		byHand = byHand || p.ByHand
	}
	selected, err := Select(uses, byHand)
	if err != nil {
		return nil, err
	}
	var files []artifact.File
	modules := make([]Module, 0, len(parts)+len(trees))
	for _, p := range parts {
		modules = append(modules, selected.module(Module{Dir: p.Dir, Path: p.Path}, p.Uses.packages(), ""))
	}
	for _, t := range trees {
		if !selected.Has(t) {
			continue
		}
		copied, err := selected.Files(t, system, "")
		if err != nil {
			return nil, err
		}
		files = append(files, copied...)
		modules = append(modules, selected.module(Module{Dir: t.Name, Path: system + "/" + t.Name}, selected.imports(t), t.Source))
	}
	for _, m := range modules {
		up := strings.Repeat("../", 1+strings.Count(m.Dir, "/"))
		m.requires(func(t Tree) own { return own{path: system + "/" + t.Name, version: "v0.0.0", dir: up + t.Name} })
		written, err := m.Files()
		if err != nil {
			return nil, err
		}
		files = append(files, written...)
	}
	return files, nil
}

// enclose copies into each part what it needs.
func enclose(parts []Part) ([]artifact.File, error) {
	var files []artifact.File
	for _, p := range parts {
		base := Layout{Standalone: true}.Base("", p.Path)
		selected, err := Select(p.Uses, p.ByHand)
		if err != nil {
			return nil, err
		}
		imported := p.Uses.packages()
		for _, t := range trees {
			copied, err := selected.Files(t, base, p.Dir+"/internal")
			if err != nil {
				return nil, err
			}
			files = append(files, copied...)
			imported = append(imported, selected.imports(t)...)
		}
		m := Module{Dir: p.Dir, Path: p.Path, direct: selected.outside(imported)}
		written, err := m.Files()
		if err != nil {
			return nil, err
		}
		files = append(files, written...)
	}
	return files, nil
}

// imports are the packages that the selected files of a tree import.
func (s *Selection) imports(t Tree) (imported []string) {
	for _, dir := range s.Packages(t) {
		for _, f := range s.selected(dir) {
			imported = append(imported, s.importsOf(f)...)
		}
	}
	return imported
}

// outside are those of packages that are of other modules.
func (s *Selection) outside(packages []string) []string {
	set := map[string]bool{}
	for _, p := range packages {
		if s.code.packages[p] == nil {
			set[p] = true
		}
	}
	return Foreign(sorted(set))
}

// module completes a module whose files import packages; those below source are
// its own.
func (s *Selection) module(m Module, imported []string, source string) Module {
	m.direct = s.outside(imported)
	shared := slices.DeleteFunc(slices.Clone(imported), func(p string) bool {
		return s.code.packages[p] == nil || source != "" && strings.HasPrefix(p, source+"/")
	})
	m.indirect = Foreign(s.Imports(shared))
	reached := s.reach(shared)
	for _, t := range trees {
		in := func(p string) bool { return strings.HasPrefix(p, t.Source+"/") }
		if slices.ContainsFunc(reached, in) {
			m.trees = append(m.trees, needed{t, !slices.ContainsFunc(shared, in)})
		}
	}
	return m
}
