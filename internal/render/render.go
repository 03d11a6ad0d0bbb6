// Package render turns a plan into files in memory: templates are executed, Go
// is formatted and given its imports. What does not parse is fatal and shows the
// source; that YAML and JSON are what they are for, tests see to.
package render

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/internal/protofile"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/source"
)

// Render renders everything, and keeps it: files come back sorted by path.
func Render(ctx context.Context, p *plan.Plan, pack *Pack) ([]artifact.File, error) {
	var files []artifact.File
	var mu sync.Mutex
	err := Drafts(ctx, p, pack, nil, func(d *Draft) error {
		f, err := d.Finish()
		mu.Lock()
		defer mu.Unlock()
		files = append(files, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b artifact.File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}

// Drafts executes a pack over a plan, side by side, and hands on one draft after
// the other, from several workers at once. A draft is good until take returns:
// nothing of all that is kept. There is none of the files of services that the
// plan keeps: before are those, by service, as they were made once.
func Drafts(ctx context.Context, p *plan.Plan, pack *Pack, before map[string][]Before, take func(*Draft) error) error {
	var from, paths []string
	var uses [][]string
	room := sync.Pool{New: func() any { return new(buffers) }}
	err := p.Each(func(units []plan.Unit) error {
		jobs := pack.jobs(units)
		at := len(from)
		for _, j := range jobs {
			from = append(from, j.line.name)
		}
		paths, uses = append(paths, make([]string, len(jobs))...), append(uses, make([][]string, len(jobs))...)
		return parallel.Each(ctx, len(jobs), func(i int) error {
			into := room.Get().(*buffers)
			defer room.Put(into)
			d := &Draft{into: into, plan: p, Of: jobs[i].unit.Of, With: jobs[i].unit.With}
			wanted, err := pack.draft(jobs[i], d)
			if err != nil || !wanted {
				return err
			}
			err = take(d)
			paths[at+i], uses[at+i] = d.Path, d.Uses
			return err
		})
	})
	if err != nil {
		return err
	}
	for dir := range p.Kept {
		for _, f := range before[dir] {
			paths, uses = append(paths, f.Path), append(uses, f.Uses)
		}
	}
	common, err := shared(p, paths, uses)
	if err != nil {
		return err
	}
	files := slices.Clone(p.Files)
	for _, f := range common {
		files = append(files, plan.File{File: f})
	}
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	if err := onlyOnce(paths, from); err != nil {
		return err
	}
	return parallel.Each(ctx, len(files), func(i int) error {
		f := files[i]
		return take(&Draft{Path: f.Path, Owner: f.Owner, Of: f.Of, text: f.Data, copied: true})
	})
}

// Before is a file of a service as an earlier run has made it.
type Before struct {
	Path string
	Uses []string // as that of a draft
}

// shared is what the modules of a plan have in common, and their go.mod: both
// follow from what their Go files use.
func shared(p *plan.Plan, paths []string, uses [][]string) ([]artifact.File, error) {
	if len(p.Modules) == 0 {
		return nil, nil
	}
	parts := make([]platform.Part, len(p.Modules))
	for i, m := range p.Modules {
		parts[i] = platform.Part{Dir: m.Dir, Path: m.Path, Uses: platform.Mentions{}, ByHand: m.ByHand}
	}
	for k, path := range paths {
		if at := p.ModuleOf(path); at >= 0 {
			parts[at].Uses.Add(uses[k]...)
		}
	}
	return p.System.Layout.Share(p.System.Module, parts)
}

// onlyOnce refuses two files of one path.
func onlyOnce(paths, rules []string) error {
	origin := make(map[string]string, len(paths))
	for i, path := range paths {
		if path == "" {
			continue // the condition of its line does not hold
		}
		from := "the platform module"
		if i < len(rules) {
			from = rules[i]
		}
		if other, taken := origin[path]; taken {
			return fmt.Errorf("%s would be written by both %s and %s", path, other, from)
		}
		origin[path] = from
	}
	return nil
}

// job is one file to be rendered.
type job struct {
	unit    plan.Unit
	line    *line
	imports []byte // a digest of the unit's
}

// jobs are the files of units.
func (p *Pack) jobs(units []plan.Unit) []job {
	var jobs []job
	imports := importTables{}
	for _, u := range units {
		for _, r := range p.rules[u.Kind] {
			if r.writtenIn != "" && r.writtenIn != u.Language {
				continue
			}
			jobs = append(jobs, job{u, r, imports.digest(u.Imports)})
		}
	}
	return jobs
}

// buffers are what a worker writes into, job after job.
type buffers struct{ name, body, formatted bytes.Buffer }

// Draft is a file before it is formatted and has its imports, which takes most
// of the time: what the template printed, and where.
type Draft struct {
	Path  string
	Was   []string // paths of before
	Owner artifact.Owner
	Of    string // directory of the service that it is made for; "": none alone
	With  string // directory of the service that it is about, though others have a part in it; "": none alone
	// Uses is what a Go file uses of what is not of its own module. Finish finds
	// it; whoever does without that says what it was.
	Uses []string

	// Layer is the upmost of the packs that have a part in it; 0: the built-in one.
	Layer int

	plan    *plan.Plan
	line    *line // nil: it is copied
	unit    plan.Unit
	text    []byte
	copied  bool // it is finished as it is
	imports map[string]string
	digest  []byte // of imports
	into    *buffers
}

// draft has a template print a file; false: the condition of its line does not hold.
func (p *Pack) draft(j job, d *Draft) (bool, error) {
	l, into := j.line, d.into
	into.name.Reset()
	if l.condition != nil {
		if err := l.condition.Execute(&into.name, j.unit.Data); err != nil {
			return false, p.blame(l, j.unit, l.condition, err)
		}
		if into.name.Len() == 0 {
			return false, nil
		}
		into.name.Reset()
	}
	if err := l.path.Execute(&into.name, j.unit.Data); err != nil {
		return false, p.blame(l, j.unit, l.path, err)
	}
	d.line, d.unit, d.Path, d.Owner, d.Layer = l, j.unit, path.Clean(into.name.String()), l.owner, l.layer
	if !fit(into.name.String()) {
		return false, d.refuse(l.at.Pos, "%q is no path of a file below the output directory", into.name.String())
	}
	if err := p.before(j, d); err != nil {
		return false, err
	}
	into.body.Reset()
	into.body.WriteString(d.header())
	if err := l.body.Execute(&into.body, j.unit.Data); err != nil {
		return false, p.blame(l, j.unit, l.body, err)
	}
	d.text, d.imports, d.digest = into.body.Bytes(), j.unit.Imports, j.imports
	return true, nil
}

// fit reports whether a path is one that every system has, and leads to no other
// place than the output directory.
func fit(file string) bool {
	return filepath.IsLocal(filepath.FromSlash(file)) && path.Clean(file) != "." && !strings.HasSuffix(file, "/") &&
		!strings.ContainsAny(file, `\:*?"<>|`) && quote.IsLine(file)
}

// refuse says what is wrong with a file.
func (d *Draft) refuse(pos source.Pos, format string, args ...any) error {
	refused := &Refused{}
	told(refused.Diags.Errorf(templateRule, pos, format, args...), d.line, d.unit)
	return refused
}

// formerly is the data of a unit that knows how it was called before.
type formerly interface{ Formerly() []any }

// before finds the paths that a draft had before.
func (p *Pack) before(j job, d *Draft) error {
	of, renamed := j.unit.Data.(formerly)
	if !renamed {
		return nil
	}
	for _, data := range of.Formerly() {
		d.into.name.Reset()
		if err := j.line.path.Execute(&d.into.name, data); err != nil {
			return p.blame(j.line, j.unit, j.line.path, err)
		}
		if was := path.Clean(d.into.name.String()); was != d.Path && !slices.Contains(d.Was, was) {
			d.Was = append(d.Was, was)
		}
	}
	return nil
}

// Digest tells drafts apart: of the same, the same file becomes.
func (d *Draft) Digest() string {
	h := sha256.New()
	h.Write(d.digest)
	h.Write(d.text)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:draftBytes])
}

// draftBytes are enough of a digest for nobody to meet another one.
const draftBytes = 15

// header marks what is esgen's to rewrite, where the kind of file has comments.
func (d *Draft) header() string {
	if d.Owner != artifact.Generated {
		return ""
	}
	switch path.Ext(d.Path) {
	case ".go", ".proto":
		return "// " + artifact.Header + "\n\n"
	case ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs":
		return "// " + artifact.Header + "\n"
	case ".yaml", ".yml", ".py":
		return "# " + artifact.Header + "\n"
	}
	return ""
}

// Finish formats by kind of file.
func (d *Draft) Finish() (artifact.File, error) {
	f := artifact.File{Path: d.Path, Owner: d.Owner, Data: d.text, Was: d.Was}
	switch {
	case d.copied:
		return f, nil
	case path.Ext(d.Path) == ".go":
		var err error
		if f.Data, d.Uses, err = formatGo(&d.into.formatted, d.Path, d.text, d.imports, d.plan.Base(d.Path)); err != nil {
			err = fmt.Errorf("%s makes no Go: %w", d.line.name, err)
		}
		return f, err
	case path.Ext(d.Path) == ".proto":
		if _, err := protofile.Parse(d.Path, d.text); err != nil {
			return f, fmt.Errorf("%w\n%s", err, numbered(d.text))
		}
	}
	f.Data = bytes.Clone(bytes.TrimLeft(d.text, "\n"))
	return f, nil
}

// importTables are digests of tables of imports, of which many units share one.
type importTables map[uintptr][]byte

func (t importTables) digest(imports map[string]string) []byte {
	at := reflect.ValueOf(imports).Pointer()
	if known, ok := t[at]; ok || imports == nil {
		return known
	}
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		fmt.Fprintf(h, "%q %q\n", name, imports[name])
	}
	t[at] = h.Sum(nil)
	return t[at]
}

// numbered is the source with line numbers, for a person to find the fault.
func numbered(src []byte) string {
	var b strings.Builder
	for i, line := range strings.Split(string(src), "\n") {
		fmt.Fprintf(&b, "%4d  %s\n", i+1, line)
	}
	return b.String()
}
