package randmodel

import (
	"path/filepath"
	"testing"

	"os"
)

// TestFound: models that went wrong once, made small; each says what it is about.
func TestFound(t *testing.T) {
	models, err := filepath.Glob("testdata/found/*.yaml")
	if err != nil || len(models) == 0 {
		t.Fatal(models, err)
	}
	for _, file := range models {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			v := judge(string(text))
			for _, d := range v.refusals {
				t.Errorf("%s: %s", d.Pos, d.Message)
			}
			for _, f := range v.fails {
				t.Error(f)
			}
		})
	}
}
