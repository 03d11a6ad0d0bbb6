package platform

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/templates"
)

// GoVersion is the language version of generated modules.
const GoVersion = "1.26.0"

// Module is what a go.mod says.
type Module struct {
	Dir, Path string
	trees     []needed // that it requires
	own       []own    // these, as it requires them
	// direct are the packages of other modules that its packages import,
	// indirect those that are imported for them.
	direct, indirect []string
}

// needed is one of the trees that a module needs: for what it imports itself, or
// only for what that imports.
type needed struct {
	tree     Tree
	indirect bool
}

// requires says as which modules a module has the trees that it needs.
func (m *Module) requires(as func(Tree) own) {
	for _, n := range m.trees {
		o := as(n.tree)
		o.indirect = n.indirect
		m.own = append(m.own, o)
	}
}

// own is one of the trees as a module that others require.
type own struct {
	path, version string
	dir           string // where it lies, seen from who requires it; "": go fetches it
	sum, modSum   string // of one that is fetched
	indirect      bool   // only what is imported imports it
}

// Files are its go.mod and go.sum: what its packages need and no more, in the
// versions that were pinned (command internal/pins). No network is asked.
func (m Module) Files() ([]artifact.File, error) {
	pinned, err := pins()
	if err != nil {
		return nil, err
	}
	direct, indirect, sums := map[string]string{}, map[string]string{}, map[string]bool{}
	for i, imported := range slices.Concat(m.direct, m.indirect) {
		needs, ok := pinned.needs[imported]
		if !ok {
			return nil, fmt.Errorf("%s imports %s, which is not pinned: go run ./internal/pins", m.Path, imported)
		}
		for _, n := range needs {
			sums[n] = true
			module, version, _ := strings.Cut(n, " ")
			version, forTests := strings.CutSuffix(version, ForTests)
			if !strings.Contains(version, "/") && (i < len(m.direct) || !forTests) {
				indirect[module] = version
			}
		}
	}
	for _, imported := range m.direct {
		module := pinned.moduleOf(imported)
		if version, ok := indirect[module]; ok {
			direct[module] = version
			delete(indirect, module)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "module %s\n\ngo %s\n", m.Path, GoVersion)
	var replaced, fetched []string
	for _, o := range m.own {
		if o.indirect {
			indirect[o.path] = o.version
		} else {
			direct[o.path] = o.version
		}
		if o.dir != "" {
			replaced = append(replaced, o.path+" => "+o.dir)
			continue
		}
		fetched = append(fetched, fmt.Sprintf("%s %s %s\n%s %s/go.mod %s\n", o.path, o.version, o.sum, o.path, o.version, o.modSum))
	}
	require(&b, direct, "")
	require(&b, indirect, " // indirect")
	block(&b, "replace", replaced)
	b.WriteString(pinned.exclude)
	dir := m.Dir + "/"
	return []artifact.File{{Path: dir + "go.mod", Data: []byte(b.String())}, {Path: dir + "go.sum", Data: pinned.checksums(sums, fetched)}}, nil
}

// require writes a block of requirements.
func require(b *strings.Builder, modules map[string]string, why string) {
	lines := make([]string, 0, len(modules))
	for _, m := range slices.Sorted(maps.Keys(modules)) {
		lines = append(lines, m+" "+modules[m]+why)
	}
	block(b, "require", lines)
}

// block writes a block of a go.mod as go does.
func block(b *strings.Builder, verb string, lines []string) {
	switch len(lines) {
	case 0:
	case 1:
		fmt.Fprintf(b, "\n%s %s\n", verb, lines[0])
	default:
		fmt.Fprintf(b, "\n%s (\n\t%s\n)\n", verb, strings.Join(lines, "\n\t"))
	}
}

// What is written behind the version of a module that a package needs for less
// than its packages.
const (
	ForTests = "/test"   // tests of the package do, as those of whom a module imports itself
	OnlyMod  = "/go.mod" // the checksum of that
	OnlyZip  = "/zip"    // the checksum of all of it
)

// pinned are the modules that packages need, and their checksums.
type pinned struct {
	// needs are "module version" for each module whose packages are needed by
	// one who imports a package, with what it is needed for when that is less.
	needs   map[string][]string
	sums    []string // lines of go.sum
	exclude string
}

var pins = sync.OnceValues(func() (*pinned, error) {
	files := templates.Builtin()
	needs, err := fs.ReadFile(files, "pins/needs")
	if err != nil {
		return nil, err
	}
	sums, err := fs.ReadFile(files, "pins/go.sum")
	if err != nil {
		return nil, err
	}
	exclude, err := fs.ReadFile(files, "pins/exclude")
	if err != nil {
		return nil, err
	}
	p := &pinned{needs: map[string][]string{}, exclude: string(exclude)}
	for line := range strings.Lines(string(sums)) {
		p.sums = append(p.sums, line)
	}
	imported := ""
	for line := range strings.Lines(string(needs)) {
		line = strings.TrimSuffix(line, "\n")
		if need, ok := strings.CutPrefix(line, "\t"); ok {
			p.needs[imported] = append(p.needs[imported], need)
		} else {
			imported = line
			p.needs[imported] = nil
		}
	}
	return p, nil
})

// moduleOf is the module that has a package: the longest of those it needs
// whose path the package's begins with.
func (p *pinned) moduleOf(imported string) (module string) {
	for _, n := range p.needs[imported] {
		m, version, _ := strings.Cut(n, " ")
		if !strings.Contains(version, "/") && len(m) > len(module) && (imported == m || strings.HasPrefix(imported, m+"/")) {
			module = m
		}
	}
	return module
}

// checksums are the lines of go.sum for what is needed, among those that are
// known besides, by path.
func (p *pinned) checksums(needed map[string]bool, besides []string) []byte {
	var b strings.Builder
	for _, line := range p.sums {
		for len(besides) > 0 && besides[0] < line {
			b.WriteString(besides[0])
			besides = besides[1:]
		}
		of := line[:strings.LastIndexByte(line, ' ')]
		module := strings.TrimSuffix(of, OnlyMod)
		if needed[of] || needed[of+OnlyZip] || needed[module] || needed[module+ForTests] {
			b.WriteString(line)
		}
	}
	b.WriteString(strings.Join(besides, ""))
	return []byte(b.String())
}

// Pinned are the packages of other modules that are pinned.
func Pinned() ([]string, error) {
	p, err := pins()
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(p.needs)), nil
}
