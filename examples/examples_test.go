package examples

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/coverage"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "rewrite the generated output of the examples")

// generated are the files of a model.
func generated(t *testing.T, path string) []artifact.File {
	t.Helper()
	sys, diags := model.Load(path)
	if diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	checked, diags := check.System(sys)
	if diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	p, err := plan.Build(checked)
	if err != nil {
		t.Fatal(err)
	}
	pack, err := render.LoadPack()
	if err != nil {
		t.Fatal(err)
	}
	files, err := render.Render(t.Context(), p, pack)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A context that is added changes nothing of the others (N3 of twelvestreet): it hears
// what they tell anyhow. No byte below the directory of another service is another,
// but that in a workspace modules list what the shared one requires; nothing that runs
// or builds another one is; and the gateway is told of it only where it leads there.
func TestAddedContext(t *testing.T) {
	for _, dir := range []string{"twelvestreet", "healthstore"} {
		for _, layout := range []string{"workspace", "standalone"} {
			t.Run(dir+"/"+layout, func(t *testing.T) {
				with, without := added(t, dir, layout)
				others := 0
				for path := range with {
					if service, _, within := strings.Cut(strings.TrimPrefix(path, "services/"), "/"); within && service != "marketing" && strings.HasPrefix(path, "services/") {
						others++
					}
				}
				if others < 100 {
					t.Fatalf("the others have %d files", others)
				}
				for path, line := range differing(without, with) {
					if layout == "workspace" && isShared(path) || whole.MatchString(path) || strings.Contains(path, "marketing") {
						continue
					}
					t.Errorf("%s is another with marketing: %s", path, line)
				}
			})
		}
	}
}

// TestAddedListener adds a context that only listens: the gateway is as it was.
func TestAddedListener(t *testing.T) {
	data, err := os.ReadFile("healthstore/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "include: [scenarios.yaml]\n", "", 1)
	const listener = `contexts:
  ledger:
    aggregates:
      Entry:
        state: {orderId: ref(front.Order)}
        commands: {Note: {creates: true, input: [orderId], emit: [Noted]}}
        events: {Noted: {fields: [orderId]}}
    policies:
      NoteOrder: {whenever: front.OrderPlaced, then: Entry.Note}
`
	with := strings.Replace(text, "contexts:\n", listener, 1)
	for path, line := range differing(files(t, text), files(t, with)) {
		if strings.HasPrefix(path, "gateway/") || strings.Contains(path, "base/gateway.yaml") || strings.HasPrefix(path, "services/") && !strings.HasPrefix(path, "services/ledger/") {
			t.Errorf("%s is another: %s", path, line)
		}
	}
}

// whole are the files that are about the system as a whole, and list its parts.
var whole = regexp.MustCompile(`^(Makefile|README\.md|compose\.yaml|contracts\.sh|go\.work|\.dockerignore|\.github/CODEOWNERS|` +
	`deploy/(compose/prometheus|kustomize/(base/(gateway|kustomization)|components/(backing|strimzi|monitoring)/[a-z]+|overlays/(dev|prod)/kustomization))\.yaml|deploy/kustomize/overlays/dev/secrets\.sh|` +
	`deploy/observability/.*|docs/.*|e2e/.*|gateway/.*)$`)

// isShared reports whether a file is of the modules that services share in a
// workspace, or lists what those require.
func isShared(path string) bool {
	return strings.HasPrefix(path, "platform/") || strings.HasPrefix(path, "testkit/") || strings.HasSuffix(path, "/go.mod") || strings.HasSuffix(path, "/go.sum")
}

// added is what is generated of an example with its context marketing, and without.
func added(t *testing.T, dir, layout string) (with, without map[string]string) {
	t.Helper()
	data, err := os.ReadFile(dir + "/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "include: [scenarios.yaml]\n", "", 1)
	less := marketing.ReplaceAllString(text, "")
	if less == text {
		t.Fatal("there is no marketing")
	}
	laid := func(text string) map[string]string {
		if strings.Contains(text, "\ndeploy:\n") {
			return files(t, strings.Replace(text, "\ndeploy:\n", "\ndeploy:\n  layout: "+layout+"\n", 1))
		}
		return files(t, text+"\ndeploy: {layout: "+layout+"}\n")
	}
	return laid(text), laid(less)
}

// marketing is the context of that name: all that is indented below it.
var marketing = regexp.MustCompile(`(?m)^  marketing:\n(?:(?:   .*)?\n)*`)

// files is what is generated of a model, by path.
func files(t *testing.T, text string) map[string]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "esgen.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range generated(t, path) {
		out[f.Path] = string(f.Data)
	}
	return out
}

// differing are the files that are not the same, each with its first line that is not.
func differing(a, b map[string]string) map[string]string {
	out := map[string]string{}
	for path := range a {
		if _, still := b[path]; !still {
			out[path] = "it is gone"
		}
	}
	for path, text := range b {
		was, there := a[path]
		switch {
		case !there:
			out[path] = "it is new"
		case was != text:
			old := strings.Split(was, "\n")
			for i, line := range strings.Split(text, "\n") {
				if i >= len(old) || old[i] != line {
					out[path] = line
					break
				}
			}
		}
	}
	return out
}

// Nothing of what a reference system says is left out of what is generated, and
// scenarios tell of all of it.
func TestNothingIsLeftOut(t *testing.T) {
	for _, dir := range []string{"library", "fooddelivery", "twelvestreet", "healthstore", "ftgo", "account", "../testdata/models/classes"} {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			sys, diags := model.Load(dir)
			if diags.HasErrors() {
				t.Fatal(diags.Sorted())
			}
			if len(sys.Deferred) > 0 {
				t.Errorf("not generated: %+v", sys.Deferred)
			}
			if covered := coverage.Of(sys).Covered; covered.Percent() < 100 {
				t.Errorf("scenarios leave out: %+v", covered)
			}
		})
	}
}

// The committed output of an example is what generation gives.
func TestGenerated(t *testing.T) {
	for _, name := range []string{"fooddelivery", "library"} {
		t.Run(name, func(t *testing.T) {
			c, err := tree.Compare(filepath.Join(name, "generated"), generated(t, name))
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := c.Apply(true); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, ch := range c.Changes {
				t.Errorf("%s: %s", ch.Kind, ch.Path)
			}
			if t.Failed() {
				t.Log("run `go test ./examples -update` when the change is meant")
			}
		})
	}
}
