package randmodel

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	markdown "github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	reading "github.com/yuin/goldmark/text"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protodesc"
	"mvdan.cc/sh/v3/syntax"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/protofile"
)

// structures are what files are made of, without what their texts say.
func structures(t *testing.T, files []artifact.File) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, f := range files {
		if strings.HasPrefix(f.Path, "platform/") || strings.HasPrefix(f.Path, "testkit/") || strings.Contains(f.Path, "/pacts/") || strings.Contains(f.Path, "/testdata/") ||
			path.Base(f.Path) == "scenarios_test.go" || path.Base(f.Path) == "CODEOWNERS" {
			continue // they hold what scenarios come to, which values change; and teams that a name can stand for
		}
		s, err := structure(f)
		if err != nil {
			t.Errorf("%s: %v", f.Path, err)
		}
		out[f.Path] = s
	}
	return out
}

// compare tells of the files in which something differs.
func compare(want, got map[string][]string) map[string]string {
	out := map[string]string{}
	for _, name := range sortedKeys(got) {
		if want[name] == nil && got[name] != nil {
			out[name] = "is there besides"
		} else if !slices.Equal(want[name], got[name]) {
			out[name] = cmp.Diff(want[name], got[name])
		}
	}
	for _, name := range sortedKeys(want) {
		if _, ok := got[name]; !ok {
			out[name] = "is missing"
		}
	}
	return out
}

func structure(f artifact.File) ([]string, error) {
	switch path.Ext(f.Path) {
	case ".go":
		return goStructure(f.Data)
	case ".yaml":
		docs, err := documents(f.Data)
		return keys(nil, "", docs), err
	case ".json":
		var doc any
		err := json.Unmarshal(f.Data, &doc)
		return keys(nil, "", doc), err
	case ".md":
		return markdownStructure(f.Data), nil
	case ".proto":
		d, err := protofile.Parse(f.Path, f.Data)
		if err != nil {
			return nil, err
		}
		return []string{prototext.Format(protodesc.ToFileDescriptorProto(d))}, nil
	case ".sh":
		return shellStructure(f.Data)
	}
	var out []string // a line says what it is by its first word
	for line := range strings.Lines(string(f.Data)) {
		out = append(out, strings.Join(strings.Fields(line)[:min(1, len(strings.Fields(line)))], " "))
	}
	return out, nil
}

// goStructure lists all nodes of a file, and names; of texts only that they are
// there.
func goStructure(src []byte) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil:
			return false
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				out = append(out, "a text")
			} else {
				out = append(out, n.Value)
			}
		case *ast.Ident:
			out = append(out, n.Name)
		default:
			out = append(out, fmt.Sprintf("%T", n))
		}
		return true
	})
	return out, nil
}

// keys lists the keys below a node, with the kinds of values. What is below
// examples is not its own.
func keys(out []string, at string, node any) []string {
	switch node := node.(type) {
	case map[string]any:
		for _, k := range sortedKeys(node) {
			if k != "examples" && k != "example" {
				out = keys(out, at+"/"+k, node[k])
			}
		}
	case []any:
		for i, x := range node {
			out = keys(out, fmt.Sprintf("%s/%d", at, i), x)
		}
	default:
		out = append(out, fmt.Sprintf("%s %T", at, node))
	}
	return out
}

var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM))

// markdownStructure lists the blocks of a page, and what is more than a text in
// them.
func markdownStructure(src []byte) []string {
	var out []string
	_ = markdown.Walk(gfm.Parser().Parse(reading.NewReader(src)), func(n markdown.Node, entering bool) (markdown.WalkStatus, error) {
		if kind := n.Kind(); entering && kind != markdown.KindText && kind != markdown.KindString {
			out = append(out, kind.String())
		}
		return markdown.WalkContinue, nil
	})
	return out
}

func shellStructure(src []byte) ([]string, error) {
	file, err := syntax.NewParser().Parse(bytes.NewReader(src), "")
	if err != nil {
		return nil, err
	}
	var out []string
	syntax.Walk(file, func(n syntax.Node) bool {
		if n != nil {
			out = append(out, fmt.Sprintf("%T", n))
		}
		return true
	})
	return out, nil
}
