package model

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// FuzzLoad makes sure that no document, however odd, makes Load panic, that
// the system is there, and that loading is the same every time.
func FuzzLoad(f *testing.F) {
	seeds, err := filepath.Glob("testdata/bad/*/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range append(seeds, "../testdata/models/mini/esgen.yaml", "../testdata/models/korean/esgen.yaml") {
		data, err := os.ReadFile(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		files := fstest.MapFS{DocumentName: {Data: data}, "a.yaml": {Data: data}}
		sys, diags := LoadFS(files, DocumentName)
		if sys == nil {
			t.Fatal("no system")
		}
		if _, again := LoadFS(files, DocumentName); print(again) != print(diags) {
			t.Fatalf("two loads say two things:\n%s\n%s", print(diags), print(again))
		}
	})
}
