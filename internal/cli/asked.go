package cli

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	gopath "path"

	"github.com/esgen/esgen/internal/overlay"
	"github.com/esgen/esgen/internal/signatures"
	"github.com/esgen/esgen/internal/tree"
)

// asked is a file of the user's with functions that generated code calls, and what
// these were asked to be.
type asked struct {
	tree.Seed
	before []signatures.Func
}

// askedBefore are the files into which somebody has written, as the directory has it
// before anything is written.
func (g generation) askedBefore(c *tree.Comparison) []asked {
	var out []asked
	output := os.DirFS(g.dir)
	for _, s := range c.Seeds() {
		if gopath.Ext(s.Path) != ".go" {
			continue
		}
		yours, err := fs.ReadFile(output, s.From)
		if err != nil || bytes.Equal(yours, s.Before) {
			continue
		}
		if before, err := signatures.Of(output, s.From, s.Before); err == nil {
			out = append(out, asked{s, before})
		}
	}
	return out
}

// asIfWritten is the directory as it would be.
func asIfWritten(dir string, c *tree.Comparison) fs.FS {
	files := map[string][]byte{}
	for _, ch := range c.Changes {
		if ch.Kind == tree.Remove || ch.New != nil {
			files[ch.Path] = ch.New
		}
	}
	return overlay.FS{FS: os.DirFS(dir), Files: files}
}

// tellAsked says what functions that people have written are to be now, before a
// compiler does.
func (g generation) tellAsked(files []asked, output fs.FS) {
	told := false
	for _, f := range files {
		now, err := signatures.Of(output, f.Path, f.Now)
		if err != nil {
			continue
		}
		for _, ch := range signatures.Compare(f.before, now) {
			if !told {
				fmt.Fprintln(g.err, "yours, and asked for otherwise now:")
				told = true
			}
			fmt.Fprintf(g.err, "  %s%s: %s\n", g.path(f.Path), lineOf(output, f.Path, ch.Func), ch.Func)
			if ch.Was != "" {
				fmt.Fprintf(g.err, "    was %s\n    is  %s\n", ch.Was, ch.Is)
			}
			for _, what := range ch.Contents {
				fmt.Fprintln(g.err, "    "+what)
			}
		}
	}
	if told {
		fmt.Fprintln(g.err, paint(g.err, green, "help:")+" what of it does not fit any more, the compiler names in these files")
	}
}

// lineOf is where a function stands in a file, as ":12"; "": nobody can tell.
func lineOf(output fs.FS, file, name string) string {
	text, err := fs.ReadFile(output, file)
	if err != nil {
		return ""
	}
	places := token.NewFileSet()
	parsed, _ := parser.ParseFile(places, file, text, parser.SkipObjectResolution) // as much of it as is Go
	if parsed == nil {
		return ""
	}
	for _, d := range parsed.Decls {
		if f, is := d.(*ast.FuncDecl); is && f.Recv == nil && f.Name.Name == name {
			return fmt.Sprintf(":%d", places.Position(f.Pos()).Line)
		}
	}
	return ""
}
