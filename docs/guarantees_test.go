package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGuarantees looks for each test that a promise names: where the package is
// that stands before it.
func TestGuarantees(t *testing.T) {
	_, table, _ := strings.Cut(read(t, "guarantees.md"), "<!-- guarantees -->")
	table, _, is := strings.Cut(table, "<!-- /guarantees -->")
	if !is {
		t.Fatal("there is no table")
	}
	named := regexp.MustCompile("`(\\w+)`|(Test\\w+)")
	declared := map[string]map[string]bool{}
	for _, row := range strings.Split(strings.TrimSpace(table), "\n")[2:] {
		cells := strings.Split(strings.Trim(row, "|"), "|")
		if len(cells) != 3 {
			t.Errorf("%d cells: %s", len(cells), row)
			continue
		}
		var where string
		tests := 0
		for _, m := range named.FindAllStringSubmatch(cells[2], -1) {
			if m[1] != "" {
				where = m[1]
				continue
			}
			if declared[where] == nil {
				declared[where] = testsOf(t, where)
			}
			if !declared[where][m[2]] {
				t.Errorf("%s has no %s: %s", where, m[2], cells[0])
			}
			tests++
		}
		if tests == 0 {
			t.Errorf("nothing breaks when this does: %s", cells[0])
		}
	}
}

// testsOf are the tests of a package, as the page calls it.
func testsOf(t *testing.T, pkg string) map[string]bool {
	t.Helper()
	dir := filepath.Join("..", "templates", "chassis", pkg)
	if pkg == "e2e" {
		dir = filepath.Join("..", "internal", "e2e")
	}
	tests := map[string]bool{}
	set := token.NewFileSet()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(set, filepath.Join(dir, path), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Recv == nil {
				tests[f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}

// TestLinks looks for the pages that pages lead to, and for their headings.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]*\.md)?(#[^)]*)?\)`)
	for _, page := range append(pages(t), everyPattern(t)...) {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			to := page
			if m[1] != "" {
				to = filepath.Join(filepath.Dir(page), m[1])
			}
			text, err := os.ReadFile(to)
			if err != nil {
				t.Errorf("%s leads to %s, which is not there", page, m[1])
				continue
			}
			if m[2] != "" && !anchors(string(text))[m[2]] {
				t.Errorf("%s leads to %s%s, which has no such heading", page, m[1], m[2])
			}
		}
	}
}

func everyPattern(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("patterns", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// anchors are those of a page's headings, as GitHub makes them.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		name := strings.ToLower(m[1])
		name = regexp.MustCompile(`[^\p{L}\p{N}\- ]`).ReplaceAllString(name, "")
		out["#"+strings.ReplaceAll(name, " ", "-")] = true
	}
	return out
}
