package randmodel

import (
	"database/sql"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the database the tables are made in
)

// tables makes the tables of each service in a database, beside those of the
// platform.
func (v *verdict) tables(files map[string][]byte) {
	of := map[string][]string{} // files by service
	for _, at := range sortedKeys(files) {
		if strings.HasPrefix(at, "services/") && strings.Contains(at, "/adapters/sql/") {
			service := strings.Split(at, "/")[1]
			of[service] = append(of[service], at)
		}
	}
	for _, service := range sortedKeys(of) {
		db, err := sql.Open("sqlite", ":memory:")
		if err != nil {
			v.fail("sqlite", "%v", err)
			return
		}
		db.SetMaxOpenConns(1)
		for _, name := range []string{"platform_outbox", "platform_inbox", "platform_commands", "platform_intents", "platform_leases", "platform_dead", "goose_db_version"} {
			_, _ = db.Exec("CREATE TABLE " + name + " (x)")
		}
		for _, at := range of[service] {
			for _, t := range tablesOf(files[at]) {
				if _, err := db.Exec(t.create()); err != nil {
					v.fail("sql: "+wordsOf(err.Error()), "%s: %v\n%s", path.Base(at), err, t.create())
				}
				for _, name := range append(t.columns, t.name) {
					if len(name) > 63 {
						v.fail("sql: a name longer than PostgreSQL keeps", "%s: %s", at, name)
					}
				}
				if sorted := slices.Sorted(slices.Values(t.columns)); len(slices.Compact(slices.Clone(sorted))) < len(sorted) {
					v.fail("sql: a column twice", "%s: %v", at, sorted)
				}
			}
		}
		_ = db.Close()
	}
}

type sqlTable struct {
	name    string
	columns []string
}

func (t sqlTable) create() string {
	quoted := mapped(t.columns, func(s string) string { return strconv.Quote(s) })
	return fmt.Sprintf("CREATE TABLE %q (%s)", t.name, strings.Join(append(quoted, `"_id"`), ", "))
}

// tablesOf reads the specs of tables out of a Go file.
func tablesOf(src []byte) []sqlTable {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	var out []sqlTable
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		t := sqlTable{name: textOf(spec, "Table")}
		if t.name == "" {
			return true
		}
		for _, key := range []string{"Columns", "IndexColumns"} {
			if all, ok := valueAt(spec, key).(*ast.CompositeLit); ok {
				for _, c := range all.Elts {
					t.columns = append(t.columns, textOf(c.(*ast.CompositeLit), "Name"))
				}
			}
		}
		out = append(out, t)
		return false
	})
	return out
}

func valueAt(spec *ast.CompositeLit, key string) ast.Expr {
	for _, e := range spec.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == key {
				return kv.Value
			}
		}
	}
	return nil
}

func textOf(spec *ast.CompositeLit, key string) string {
	if lit, ok := valueAt(spec, key).(*ast.BasicLit); ok {
		s, _ := strconv.Unquote(lit.Value)
		return s
	}
	return ""
}
