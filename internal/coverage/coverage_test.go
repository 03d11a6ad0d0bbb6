package coverage_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/coverage"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What is said about testdata/shop, in each form, is in the file beside it.
func TestGolden(t *testing.T) {
	const dir = "testdata/shop"
	sys, diags := model.Load(dir)
	for _, d := range diags.Sorted() {
		t.Errorf("%s: %s", d.Pos, d.Message)
	}
	report := coverage.Of(sys)
	for name, print := range map[string]func(io.Writer) error{
		"text.txt": report.Text, "markdown.md": report.Markdown,
		"json.json": func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(report)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := print(&got); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join(dir, name)
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("(-want +got); if it is meant: go test ./internal/coverage -update\n%s", diff)
			}
		})
	}
}

// A machine finds lists in the report about a model that has nothing yet.
func TestNothing(t *testing.T) {
	data, err := json.Marshal(coverage.Of(&model.System{}))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("null")) {
		t.Errorf("got %s", data)
	}
}

func TestPercent(t *testing.T) {
	for share, want := range map[coverage.Share]int{
		{}: 100, {Of: 3}: 0, {Covered: 2, Of: 3}: 66, {Covered: 3, Of: 3}: 100,
	} {
		if got := share.Percent(); got != want {
			t.Errorf("%v is %d %%, want %d", share, got, want)
		}
	}
}
