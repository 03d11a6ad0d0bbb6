package bench_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/testsample"
)

// weight is how much a part of an output is.
type weight struct{ files, lines, bytes int }

func (w *weight) add(f artifact.File) {
	w.files++
	w.lines += bytes.Count(f.Data, []byte("\n"))
	w.bytes += len(f.Data)
}

// most is what an output may weigh: what it did when somebody looked last, and a
// little more. A cut lowers it.
type most struct {
	model             string
	files, outside    int // all; those outside of the platform and the testkit
	outsideLines      int
	platform, testkit int // lines: of what production links, of what tests import besides
	lines, bytes      int
}

// What a team receives does not grow by itself. The weights are logged by folder.
func TestLean(t *testing.T) {
	limits := map[string]most{
		"init":         {"../cli/starter.yaml", 236, 86, 4000, 16200, 4000, 25000, 820_000},
		"fooddelivery": {"../../examples/fooddelivery", 580, 370, 25000, 21000, 9200, 55000, 2_200_000},
	}
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		t.Run(name, func(t *testing.T) {
			limit := limits[name]
			files := generated(t, limit.model)
			folders := byFolder(files)
			for _, folder := range slices.SortedFunc(maps.Keys(folders), func(a, b string) int { return folders[b].bytes - folders[a].bytes }) {
				w := folders[folder]
				t.Logf("%-44s %5d files %7d lines %9d bytes", folder, w.files, w.lines, w.bytes)
			}
			all, outside, platform, testkit := parts(t, files)
			t.Logf("all: %d files, %d lines, %d bytes; outside of platform/ and testkit/: %d files, %d lines; platform: %d lines; testkit: %d",
				all.files, all.lines, all.bytes, outside.files, outside.lines, platform, testkit)
			for what, n := range map[string][2]int{
				"files": {all.files, limit.files}, "files outside": {outside.files, limit.outside}, "lines outside": {outside.lines, limit.outsideLines},
				"lines of the platform": {platform, limit.platform}, "lines of the testkit": {testkit, limit.testkit},
				"lines": {all.lines, limit.lines}, "bytes": {all.bytes, limit.bytes},
			} {
				if n[0] > n[1] {
					t.Errorf("%d %s, at most %d", n[0], what, n[1])
				}
			}
		})
	}
	t.Run("synthetic", func(t *testing.T) {
		n := 10
		if testsample.Long() {
			n = 100
		}
		all, _, _, _ := parts(t, generated(t, modelDir(t, n)))
		t.Logf("%d contexts: %d files, %d lines, %.1f MB", n, all.files, all.lines, float64(all.bytes)/1e6)
	})
}

// byFolder weighs the folders of an output: packages of Go, and what lies below
// others two levels deep.
func byFolder(files []artifact.File) map[string]weight {
	out := map[string]weight{}
	for _, f := range files {
		parts := strings.Split(path.Dir(f.Path), "/")
		deep := 2
		if parts[0] == "services" {
			deep = 3
		}
		folder := strings.Join(parts[:min(deep, len(parts))], "/")
		w := out[folder]
		w.add(f)
		out[folder] = w
	}
	return out
}

// parts weighs what lies outside of the shared modules, and tells of those what
// production links from what only tests import.
func parts(t *testing.T, files []artifact.File) (all, outside weight, platform, testkit int) {
	t.Helper()
	imports := map[string][]string{} // of what production links, by directory
	lines := map[string]int{}
	for _, f := range files {
		all.add(f)
		shared := strings.HasPrefix(f.Path, "platform/") || strings.HasPrefix(f.Path, "testkit/")
		if !shared {
			outside.add(f)
		}
		if path.Ext(f.Path) != ".go" || strings.HasSuffix(f.Path, "_test.go") || bytes.Contains(f.Data, []byte("\n//go:build e2e\n")) {
			continue
		}
		dir := path.Dir(f.Path)
		if shared {
			lines[dir] += bytes.Count(f.Data, []byte("\n"))
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Data, parser.ImportsOnly)
		ok(t, err)
		for _, i := range tree.Imports {
			imports[dir] = append(imports[dir], strings.Trim(i.Path.Value, `"`))
		}
	}
	linked := map[string]bool{}
	var follow func(dir string)
	follow = func(dir string) {
		for _, i := range imports[dir] {
			for other := range lines {
				if !linked[other] && strings.HasSuffix(i, "/"+other) {
					linked[other] = true
					follow(other)
				}
			}
		}
	}
	for dir := range imports {
		if strings.Contains(dir, "/internal/") && !strings.HasSuffix(dir, "/servicetest") || strings.Contains(dir, "/cmd/") || dir == "gateway" || dir == "standins" {
			follow(dir)
		}
	}
	for dir, n := range lines {
		if linked[dir] {
			platform += n
		} else {
			testkit += n
		}
	}
	return all, outside, platform, testkit
}
