package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates/chassis/httpstatus"
	"github.com/esgen/esgen/templates/chassis/values"
)

// In what services are made of, a code stands beside its kind or status.
var (
	errorCode = regexp.MustCompile(`Code: "(\w+)", Kind: values\.(\w+)`)
	constCode = regexp.MustCompile(`Code\w+ += "([a-z-]+)" +// (\d+)`)
)

// TestRejections holds the table of codes against the services: each of theirs
// is in it with its status, and it has no other.
func TestRejections(t *testing.T) {
	kinds := map[string]values.Kind{"Rule": values.Rule, "Missing": values.Missing, "Conflict": values.Conflict, "Outdated": values.Outdated}
	table, found := map[string]int{}, map[string]int{}
	for _, r := range model.Rejections() {
		table[r.Code] = r.Status
	}
	for _, file := range []string{"command/errors.go", "inbound/problem.go"} {
		text := read(t, filepath.Join("../templates/chassis", file))
		for _, m := range errorCode.FindAllStringSubmatch(text, -1) {
			kind, known := kinds[m[2]]
			if !known {
				t.Fatalf("this test does not know the kind %s", m[2])
			}
			found[m[1]] = httpstatus.Of(kind)
		}
		for _, m := range constCode.FindAllStringSubmatch(text, -1) {
			status, err := strconv.Atoi(m[2])
			if err != nil {
				t.Fatal(err)
			}
			found[m[1]] = status
		}
	}
	if len(found) < 20 {
		t.Fatalf("only %d codes are found", len(found))
	}
	for code, status := range found {
		if table[code] != status {
			t.Errorf("%s is answered with %d; the table has %d", code, status, table[code])
		}
	}
	for code := range table {
		// Those that are written with names of the model, or where they belong.
		if found[code] == 0 && !mentions(t, strings.NewReplacer("<View>", "", "<Field>", "").Replace(code)) {
			t.Errorf("no service answers %s", code)
		}
	}
}

// mentions reports whether what services are made of has a text in quotes, or
// the end of one.
func mentions(t *testing.T, code string) bool {
	t.Helper()
	has := false
	for _, root := range []string{"../templates", "../internal/plan", "../internal/contract", "../internal/names"} {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && !strings.HasSuffix(path, "_test.go") {
				has = has || strings.Contains(read(t, path), code+`"`)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return has
}
