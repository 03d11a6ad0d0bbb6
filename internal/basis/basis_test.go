package basis_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/basis"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/internal/synthetic"
	"github.com/esgen/esgen/model"
)

// digests are those of all services of a model, by context.
func digests(t *testing.T, files fstest.MapFS) map[string]string {
	t.Helper()
	sys, bad := model.LoadFS(files, synthetic.Document)
	if bad.HasErrors() {
		t.Fatal(bad.Sorted())
	}
	m, bad := check.System(sys)
	if bad.HasErrors() {
		t.Fatal(bad.Sorted())
	}
	contracts := contract.Build(m)
	of, out := basis.Of(contracts, stories.Play(m)), map[string]string{}
	for _, s := range contracts.Services {
		out[s.Context.Name] = of.Digest(s, 1)
	}
	return out
}

// A change is seen by those that have to do with what is changed: in a ring of
// contexts, of which each reacts to the one before it.
func TestDigest(t *testing.T) {
	t.Parallel()
	const scenario = "scenarios:\n  told:\n    when: {do: area2.Thing0.Open0, by: User, with: {ownerId: ann, lines: [{productId: p, quantity: 1, price: \"2\"}]}}\n    then: [area2.Opened0]\n"
	with := func(file, before, after string) fstest.MapFS {
		files := synthetic.Files(6)
		files[synthetic.Document].Data = append(files[synthetic.Document].Data, scenario...)
		text := string(files[file].Data)
		if !strings.Contains(text, before) {
			t.Fatalf("%s does not say %q", file, before)
		}
		files[file].Data = []byte(strings.Replace(text, before, after, 1))
		return files
	}
	was := digests(t, with(synthetic.Document, "", ""))
	all := []string{"area0", "area1", "area2", "area3", "area4", "area5"}
	for _, c := range []struct {
		name, file, before, after string
		differ                    []string
	}{
		{name: "a remark", file: "contexts/area0003.yaml", before: "contexts:", after: "# here\n\ncontexts:"},
		{name: "a message", file: "contexts/area0003.yaml", before: "이미", after: "벌써", differ: []string{"area2", "area3", "area4"}},
		{name: "a default", file: "contexts/area0000.yaml", before: "default: 0", after: "default: 1", differ: []string{"area0", "area1", "area5"}},
		{name: "a scenario", file: synthetic.Document, before: "quantity: 1", after: "quantity: 3", differ: []string{"area2"}},
		{name: "a type of all", file: synthetic.Document, before: "check: value > 0", after: "check: value > 1", differ: all},
		{name: "a name", file: "contexts/area0003.yaml", before: "title: 영역", after: "code: Fourth\n    title: 영역", differ: all},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			is := digests(t, with(c.file, c.before, c.after))
			var differ []string
			for _, name := range all {
				if is[name] != was[name] {
					differ = append(differ, name)
				}
			}
			if !slices.Equal(differ, c.differ) {
				t.Errorf("the digests of %q differ, want %q", differ, c.differ)
			}
		})
	}
}
