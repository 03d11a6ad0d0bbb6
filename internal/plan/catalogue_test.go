package plan_test

import (
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/model"
)

// page is a Markdown file as a forge reads it.
type page struct {
	links   []string
	anchors map[string]bool
	tables  int
}

var anchor = regexp.MustCompile(`<a id="([^"]+)">`)

func parse(t *testing.T, source []byte) *page {
	t.Helper()
	p := &page{anchors: map[string]bool{}}
	for _, m := range anchor.FindAllStringSubmatch(string(source), -1) {
		if p.anchors[m[1]] {
			t.Errorf("the anchor %s is there twice", m[1])
		}
		p.anchors[m[1]] = true
	}
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Link:
			if entering {
				p.links = append(p.links, string(n.Destination))
			}
		case *extensionast.Table:
			if entering {
				p.tables++
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Every link of a catalogue leads to something, every table is one, and every
// command, event and view of the model is on the first page.
func TestCatalogue(t *testing.T) {
	for _, dir := range []string{
		"../../examples/fooddelivery", "../../examples/library", "../../testdata/models/every-construct", "../../testdata/models/clinic",
		"../../testdata/models/korean", "../../testdata/models/mini", "../../testdata/models/depot", "../apidoc/testdata/bikes",
	} {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			pages := map[string]*page{}
			for _, f := range testsystem.Render(t, testsystem.Plan(t, testsystem.Load(t, dir))) {
				if path.Dir(f.Path) == "docs/catalogue" {
					pages[path.Base(f.Path)] = parse(t, f.Data)
					if strings.Count(string(f.Data), "\n|---|") != pages[path.Base(f.Path)].tables {
						t.Errorf("%s: %d tables, a parser sees %d", f.Path, strings.Count(string(f.Data), "\n|---|"), pages[path.Base(f.Path)].tables)
					}
				}
			}
			for name, p := range pages {
				for _, link := range p.links {
					file, at, _ := strings.Cut(link, "#")
					if file == "" {
						file = name
					}
					switch to := pages[file]; {
					case to == nil:
						t.Errorf("%s: %s leads nowhere", name, link)
					case at != "" && !to.anchors[at]:
						t.Errorf("%s: there is no %s", name, link)
					}
				}
			}
			listed(t, dir, pages["README.md"])
		})
	}
}

// listed expects links to all that the model has.
func listed(t *testing.T, dir string, first *page) {
	t.Helper()
	sys, _ := model.Load(filepath.Join(dir, "esgen.yaml"))
	things := 0
	for _, c := range sys.Contexts {
		things += len(c.Views)
		for _, a := range c.Aggregates {
			things += len(a.Commands) + len(a.Events)
		}
	}
	for _, x := range sys.Externals {
		if x.Receiver != nil {
			things += len(x.Events)
		}
	}
	to := map[string]bool{}
	for _, link := range first.links {
		for _, kind := range []string{"#command-", "#event-", "#view-"} {
			if strings.Contains(link, kind) {
				to[link] = true
			}
		}
	}
	if len(to) != things {
		t.Errorf("the first page leads to %d commands, events and views; there are %d", len(to), things)
	}
}
