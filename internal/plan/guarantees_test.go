package plan_test

import (
	"bytes"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/testsystem"
)

// A system promises what its model has a use for, leads to what that is about, and
// names what there is in its own output.
func TestGuarantees(t *testing.T) {
	always := []string{"Commands and events", "At the doors"}
	for dir, more := range map[string][]string{
		"mini":        {"Messages", "Views"},
		"launderette": {"Messages", "Views", "Time"},
		"journey":     {"Messages", "Views", "Sagas", "Who is asked"},
		"parcels":     {"Messages", "Views", "Time", "History"},
		"depot":       {"Messages", "Views", "Sagas", "What others tell"},
		"practice":    {"Messages", "Views", "Persons", "History"},
		"savings":     {"Messages", "Views", "History"},
	} {
		t.Run(dir, func(t *testing.T) {
			const at = "docs/guarantees.md"
			var text string
			var rest bytes.Buffer // all other files, and what they are called
			pages := map[string]*page{}
			for _, f := range testsystem.Render(t, testsystem.Plan(t, testsystem.Load(t, filepath.Join("../../testdata/models", dir)))) {
				if f.Path == at {
					text = string(f.Data)
					continue
				}
				rest.WriteString(f.Path + "\n")
				rest.Write(f.Data)
				if path.Dir(f.Path) == "docs/catalogue" {
					pages["catalogue/"+path.Base(f.Path)] = parse(t, f.Data)
				}
			}
			headings := regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(text, -1)
			var got []string
			for _, h := range headings {
				got = append(got, h[1])
			}
			want := append(slices.Clone(always), more...)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("it is about %q, want %q", got, want)
			}
			p := parse(t, []byte(text))
			if p.tables != len(headings) {
				t.Errorf("%d tables, a parser sees %d", len(headings), p.tables)
			}
			for _, link := range p.links {
				file, anchor, _ := strings.Cut(link, "#")
				if pages[file] == nil || !pages[file].anchors[anchor] {
					t.Errorf("%s leads nowhere", link)
				}
			}
			if len(p.links) == 0 && len(more) > 0 {
				t.Error("it leads to nothing")
			}
			for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
				for _, name := range regexp.MustCompile(`[A-Za-z][\w./-]{3,}`).FindAllString(code[1], -1) {
					if !bytes.Contains(rest.Bytes(), []byte(name)) {
						t.Errorf("it speaks of %s, which is nowhere", name)
					}
				}
			}
		})
	}
}
