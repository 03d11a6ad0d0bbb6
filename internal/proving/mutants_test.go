package proving_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/proving"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/templates"
)

// What mistakes change is there once, also beside those that are in the same file.
func TestMistakesAreMade(t *testing.T) {
	files := map[string]string{}
	for _, m := range mistakes {
		for _, e := range m.edits {
			key := m.model + " " + e.file
			if _, known := files[key]; !known {
				data, err := fs.ReadFile(templates.Chassis(), e.file)
				if err != nil {
					t.Fatal(err)
				}
				files[key] = string(data)
			}
			changed, err := e.in(files[key], m.name)
			if err != nil {
				t.Errorf("%s: %v", m.name, err)
				continue
			}
			files[key] = changed
		}
	}
}

// The page of guarantees tells all mistakes, in their order.
func TestMistakesAreTold(t *testing.T) {
	page, err := os.ReadFile("../../docs/guarantees.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "<!-- mistakes -->")
	table, _, _ = strings.Cut(table, "<!-- /mistakes -->")
	var told, made []string
	for _, row := range regexp.MustCompile(`(?m)^\| (.*) \| (\w+) \| (\d+|–) \|$`).FindAllStringSubmatch(table, -1) {
		told = append(told, row[2]+": "+row[1])
	}
	for _, m := range mistakes {
		made = append(made, filepath.Base(m.model)+": "+m.name)
	}
	if diff := cmp.Diff(made, told); diff != "" {
		t.Errorf("docs/guarantees.md tells others than there are (-there +told):\n%s", diff)
	}
}

// in is a file with the mistake beside what is right.
func (e edit) in(text, name string) (string, error) {
	if n := strings.Count(text, e.there); n != 1 {
		return "", fmt.Errorf("%s has what it replaces %d times", e.file, n)
	}
	wrong := strings.NewReplacer("@MADE", fmt.Sprintf("mistake.Made(%q)", name), "@HERE", e.there).Replace(e.wrong)
	return strings.Replace(text, e.there, wrong, 1), nil
}

// made names the mistake that a program makes.
const made = "PROVE_MISTAKE"

// asking is what a system with mistakes has beside its own code.
const asking = `// Package mistake says which mistake is made.
package mistake

import "os"

var made = os.Getenv("` + made + `")

// Made reports whether the mistake of a name is.
func Made(name string) bool { return made == name }
`

// found is where a program tells how many histories it took.
var found = regexp.MustCompile(`history (\d+) of seed \d+ goes wrong:\n  (.*)`)

// Histories find each mistake, and find nothing where none is made. The suite tries
// one; ESGEN_TEST_SIZE=long has all of them tried, and tells how many it took.
func TestMistakes(t *testing.T) {
	if testing.Short() || !testsample.All() {
		t.Skipf("builds whole systems, and Go's runtime; %s=all asks for it", testsample.SystemsEnv)
	}
	models := []string{journey, library, fooddelivery, launderette, haulage, savings}
	if !testsample.Long() {
		models = testsample.Systems(t, 1, models...)
	}
	for _, model := range models {
		t.Run(filepath.Base(model), func(t *testing.T) {
			var own []mistake
			for _, m := range mistakes {
				if m.model == model {
					own = append(own, m)
				}
			}
			program := buildWith(t, model, own)
			t.Run("none", func(t *testing.T) {
				n := fewHistories
				if testsample.Long() {
					n = manyHistories // as many as mistakes are looked for in: what is found there is theirs
				}
				if said, err := program.made(t, "", n); err != nil {
					t.Fatalf("%v\n%s", err, said)
				}
			})
			if !testsample.Long() {
				own = own[:1]
			}
			for _, m := range own {
				t.Run(m.name, func(t *testing.T) {
					said, err := program.made(t, m.name, mostHistories)
					if !errors.Is(err, proving.ErrWrong) {
						t.Fatalf("nobody finds it: %v\n%s", err, said)
					}
					what := found.FindStringSubmatch(said)
					if what == nil {
						t.Fatalf("it breaks what proves it:\n%s", said)
					}
					t.Logf("found in history %s: %s", what[1], what[2])
				})
			}
		})
	}
}

// erring is a system with mistakes.
type erring struct{ *proving.Program }

// made has histories happen with a mistake; "": with none.
func (e erring) made(t *testing.T, name string, histories int) (said string, err error) {
	t.Helper()
	t.Setenv(made, name)
	var out bytes.Buffer
	err = e.Run(t.Context(), proving.Options{Histories: histories, Seed: 1, Workers: 1, Out: &out, Quick: true})
	return out.String(), err
}

// buildWith is a system with mistakes that wait for being made.
func buildWith(t *testing.T, model string, own []mistake) erring {
	t.Helper()
	dir := t.TempDir()
	if kept := os.Getenv("ESGEN_TEST_KEEP"); kept != "" {
		dir = filepath.Join(kept, filepath.Base(model))
	}
	write(t, model, dir)
	platform := filepath.Join(dir, "platform")
	module := moduleOf(t, platform)
	var changed []string
	for _, m := range own {
		for _, e := range m.edits {
			path := filepath.Join(platform, filepath.FromSlash(e.file))
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text, err := e.in(string(data), m.name)
			if err != nil {
				t.Fatalf("%s: %v", m.name, err)
			}
			if !slices.Contains(changed, path) {
				changed = append(changed, path)
				text = strings.Replace(text, "\nimport (\n", "\nimport \""+module+"/mistake\"\n\nimport (\n", 1)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.MkdirAll(filepath.Join(platform, "mistake"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(platform, "mistake", "mistake.go"), []byte(asking), 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := proving.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return erring{program}
}

// moduleOf is the path of the module in a directory.
func moduleOf(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(data), "\n")
	return strings.TrimPrefix(first, "module ")
}
