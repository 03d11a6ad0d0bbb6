package render

import (
	"fmt"
	"io/fs"
	"strings"
	"text/template"

	"gopkg.in/yaml.v3"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/quote"
)

// Pack says what is rendered for which unit of a plan, where, and whose it is.
type Pack struct {
	Name    string
	Version int
	rules   map[string][]rule // by kind of unit
}

// rule is one line of pack.yaml.
type rule struct {
	path  *template.Template
	body  *template.Template
	name  string // of the template file
	owner artifact.Owner
}

// packFile is pack.yaml.
type packFile struct {
	Pack    string `yaml:"pack"`
	Version int    `yaml:"version"`
	Files   []struct {
		Each     string `yaml:"each"`
		Path     string `yaml:"path"`
		Template string `yaml:"template"`
		Owner    string `yaml:"owner"`
	} `yaml:"files"`
}

// LoadPack reads pack.yaml and the templates it names, which stand in the
// directory pack/ beside it.
func LoadPack(fsys fs.FS) (*Pack, error) {
	data, err := fs.ReadFile(fsys, "pack.yaml")
	if err != nil {
		return nil, fmt.Errorf("read pack: %w", err)
	}
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	dec.KnownFields(true)
	var file packFile
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("read pack.yaml: %w", err)
	}
	p := &Pack{Name: file.Pack, Version: file.Version, rules: map[string][]rule{}}
	shared, err := sharedTemplates(fsys)
	if err != nil {
		return nil, err
	}
	for _, f := range file.Files {
		r := rule{name: f.Template}
		if r.path, err = template.New(f.Path).Option("missingkey=error").Parse(f.Path); err != nil {
			return nil, fmt.Errorf("pack.yaml: path of %s: %w", f.Template, err)
		}
		text, err := fs.ReadFile(fsys, "pack/"+f.Template)
		if err != nil {
			return nil, fmt.Errorf("pack.yaml: %w", err)
		}
		body, err := shared.Clone()
		if err != nil {
			return nil, err
		}
		if r.body, err = body.New(f.Template).Parse(string(text)); err != nil {
			return nil, fmt.Errorf("pack/%w", err)
		}
		switch f.Owner {
		case "", "generated":
		case "seeded":
			r.owner = artifact.Seeded
		default:
			return nil, fmt.Errorf("pack.yaml: owner of %s is %q; it is generated or seeded", f.Template, f.Owner)
		}
		p.rules[f.Each] = append(p.rules[f.Each], r)
	}
	return p, nil
}

// sharedTemplates holds what every template of the pack can use: the allowed
// functions, and the definitions of the files whose name begins with "_".
func sharedTemplates(fsys fs.FS) (*template.Template, error) {
	root := template.New("").Option("missingkey=error").Funcs(functions())
	matches, err := fs.Glob(fsys, "pack/*/_*.tmpl")
	if err != nil || len(matches) == 0 {
		return root, err
	}
	return root.ParseFS(fsys, matches...)
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
