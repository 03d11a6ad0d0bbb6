package render_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/testsystem"
)

// TestNames finds every name of the output in the registry: declarations and
// members of Go, tables, variables of the environment, objects of the cluster
// and of compose. No two files are one on any disk.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, file := range []string{
		"../../testdata/models/every-construct/esgen.yaml", "../../examples/fooddelivery/esgen.yaml", "../../examples/library/esgen.yaml",
		"testdata/nasty/esgen.yaml", "../../testdata/models/bindery/esgen.yaml",
	} {
		t.Run(path.Base(path.Dir(file)), func(t *testing.T) {
			t.Parallel()
			p := testsystem.Plan(t, testsystem.Load(t, file))
			files := testsystem.Render(t, p)
			o := &output{T: t, names: p.System.Names}
			seen := map[string]string{}
			for _, f := range files {
				if other := seen[strings.ToLower(f.Path)]; other != "" {
					t.Errorf("%s and %s are one file", other, f.Path)
				}
				seen[strings.ToLower(f.Path)] = f.Path
				o.file(f)
			}
			for kind, least := range map[naming.Kind]int{naming.Go: 50, naming.Table: 2, naming.Variable: 1, naming.Object: 10} {
				if o.found[kind] < least {
					t.Errorf("only %d names of the kind %s were found", o.found[kind], kind)
				}
			}
		})
	}
}

// output is what was generated, while its names are looked up.
type output struct {
	*testing.T
	names *naming.Registry
	found map[naming.Kind]int
}

func (o *output) known(f artifact.File, kind naming.Kind, of, name string) {
	o.Helper()
	if o.found == nil {
		o.found = map[naming.Kind]int{}
	}
	o.found[kind]++
	if !o.names.In(kind, of).Has(name) {
		o.Errorf("%s: the %s %s of %s is not in the registry", f.Path, kind, name, of)
	}
}

func (o *output) file(f artifact.File) {
	switch {
	case strings.HasPrefix(f.Path, "platform/"), strings.HasSuffix(f.Path, "_test.go"), strings.Contains(f.Path, "/servicetest/"):
	case strings.HasPrefix(f.Path, "services/") && path.Ext(f.Path) == ".go" && !strings.Contains(f.Path, "/api/"):
		o.goFile(f)
	case f.Path == "compose.yaml":
		o.compose(f)
	case strings.HasPrefix(f.Path, "deploy/kustomize/") && path.Ext(f.Path) == ".yaml":
		o.objects(f)
	}
}

// goFile looks up the declarations of a file, the tables it names and the
// variables it is told.
func (o *output) goFile(f artifact.File) {
	file, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Data, parser.SkipObjectResolution)
	if err != nil {
		o.Fatal(err)
	}
	of := strings.TrimPrefix(path.Dir(f.Path), "services/")
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			o.function(f, of, d)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					o.known(f, naming.Go, of, s.Name.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						if n.Name != "_" { // which is no name
							o.known(f, naming.Go, of, n.Name)
						}
					}
				}
			}
		}
	}
	service, _, _ := strings.Cut(of, "/")
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Table" {
				o.known(f, naming.Table, service, text(n.Value))
			}
		case *ast.Field:
			if n.Tag != nil {
				if variable, _, _ := strings.Cut(reflect.StructTag(text(n.Tag)).Get("env"), ","); variable != "" {
					o.known(f, naming.Variable, naming.Services, variable)
				}
			}
		}
		return true
	})
}

// function looks up a function, and the methods of App.
func (o *output) function(f artifact.File, of string, d *ast.FuncDecl) {
	if d.Recv == nil {
		o.known(f, naming.Go, of, d.Name.Name)
		return
	}
	of = strings.Replace(of, "/internal/app", "/internal/app.App", 1)
	if strings.HasSuffix(of, ".App") {
		o.known(f, naming.Member, of, d.Name.Name)
	}
}

func text(x ast.Expr) string {
	if lit, ok := x.(*ast.BasicLit); ok {
		if s, err := strconv.Unquote(lit.Value); err == nil {
			return s
		}
	}
	return ""
}

func (o *output) compose(f artifact.File) {
	var doc struct {
		Name     string
		Services map[string]yaml.Node
		Volumes  map[string]yaml.Node
	}
	if err := yaml.Unmarshal(f.Data, &doc); err != nil {
		o.Fatal(err)
	}
	for name := range doc.Services {
		o.known(f, naming.Object, "", name)
		o.label(f, name)
	}
	for name := range doc.Volumes {
		o.known(f, naming.Object, "", name)
	}
}

// objects looks up the objects of a file of Kubernetes, and says of each that
// no other of its kind has its name.
func (o *output) objects(f artifact.File) {
	decoder := yaml.NewDecoder(strings.NewReader(string(f.Data)))
	for {
		var doc struct {
			Kind     string
			Metadata struct {
				Name   string
				Labels map[string]string
			}
		}
		if decoder.Decode(&doc) != nil {
			return
		}
		of := ""
		switch doc.Kind {
		case "KafkaTopic":
			o.known(f, naming.Topic, "", doc.Metadata.Name)
			continue
		case "KafkaUser":
			of = "broker"
		case "", "Kustomization", "Component", "Namespace", "PodMonitor", "PrometheusRule":
			continue
		}
		o.known(f, naming.Object, of, doc.Metadata.Name)
		o.label(f, doc.Metadata.Labels["app.kubernetes.io/name"])
	}
}

var labelled = regexp.MustCompile(`^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$`)

func (o *output) label(f artifact.File, name string) {
	if !labelled.MatchString(name) {
		o.Errorf("%s: %q is no label of Kubernetes", f.Path, name)
	}
}
