package check_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/check"
)

// every is every rule that has a page.
func every() []check.Rule { return slices.Concat(check.Rules(), check.Reading()) }

var (
	ruleID  = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	ownID   = regexp.MustCompile(`^(yaml|expr)-[a-z-]+$`) // wherever they stand, they are rules
	reports = []string{"Errorf", "Warnf", "Notef", "say", "report", "refuse"}
)

// TestReading holds the tables of rules against the code: each rule a message
// is given is in one of them, once, and each rule of reading is given to some.
func TestReading(t *testing.T) {
	t.Parallel()
	known, given := map[string]bool{}, map[string]bool{}
	for _, r := range every() {
		if known[r.ID] {
			t.Errorf("%s is in the tables twice", r.ID)
		}
		known[r.ID] = true
	}
	for _, dir := range []string{"../source", "../../model", "../expr", ".", "../format"} {
		paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(paths) == 0 {
			t.Fatal(dir, err)
		}
		for _, path := range paths {
			if name := filepath.Base(path); strings.HasSuffix(name, "_test.go") || name == "reading.go" || name == "rules.go" {
				continue
			}
			files := token.NewFileSet()
			f, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				for _, x := range rulesOf(n) {
					id, err := strconv.Unquote(x.Value)
					if err != nil || !ruleID.MatchString(id) {
						continue
					}
					given[id] = true
					if !known[id] {
						t.Errorf("%s: the rule %s is in no table", files.Position(x.Pos()), id)
					}
				}
				return true
			})
		}
	}
	for _, r := range check.Reading() {
		if !given[r.ID] {
			t.Errorf("%s is in the table of reading, and nothing is said by it", r.ID)
		}
	}
}

// rulesOf are the texts a node of Go names rules by: report("id", …),
// {Rule: "id"}, rule = "id", and "yaml-id" wherever it stands.
func rulesOf(n ast.Node) []*ast.BasicLit {
	text := func(x ast.Expr) []*ast.BasicLit {
		if lit, ok := x.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			return []*ast.BasicLit{lit}
		}
		return nil
	}
	called := func(x ast.Expr) string {
		switch x := x.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.SelectorExpr:
			if of, ok := x.X.(*ast.Ident); ok && of.Name == "fmt" {
				return ""
			}
			return x.Sel.Name
		}
		return ""
	}
	var found []*ast.BasicLit
	switch n := n.(type) {
	case *ast.CallExpr:
		if slices.Contains(reports, called(n.Fun)) {
			for _, arg := range n.Args[:min(1, len(n.Args))] {
				found = text(arg)
			}
		}
	case *ast.KeyValueExpr:
		if strings.EqualFold(called(n.Key), "rule") {
			found = text(n.Value)
		}
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			if i < len(n.Rhs) && strings.EqualFold(called(to), "rule") {
				found = append(found, text(n.Rhs[i])...)
			}
		}
	case *ast.BasicLit:
		if id, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && ownID.MatchString(id) {
			found = text(n)
		}
	}
	return found
}
