package manifests

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/api/cloudbuild/v1"
	"sigs.k8s.io/yaml"
)

// TestGitHub lints the workflows: their keys, expressions and, where shellcheck
// is, scripts.
func TestGitHub(t *testing.T) {
	actionlint := tool(t, "github.com/rhysd/actionlint/cmd/actionlint@v1.7.11")
	eachSystem(t, func(t *testing.T, s system) {
		paths := s.files(t, ".github/workflows", "*.yaml")
		if err := command(s.dir, actionlint, append([]string{"-no-color"}, paths...)...); err != nil {
			t.Error(err)
		}
	})
}

// TestTagIsSet does what a workflow does to the overlay: another tag of the one
// image, and nothing else.
func TestTagIsSet(t *testing.T) {
	eachSystem(t, func(t *testing.T, s system) {
		overlay := string(s.file(t, "deploy/kustomize/overlays/prod/kustomization.yaml"))
		found := regexp.MustCompile(`(?m)^ *(sed -i .*) kustomization.yaml$`).FindSubmatch(s.file(t, pipeline))
		if found == nil {
			t.Fatalf("%s sets no tag", pipeline)
		}
		script := strings.Replace(string(found[1]), "sed -i", "sed", 1)
		for path, w := range callers(t, s) {
			cmd := exec.Command("sh", "-ec", script)
			cmd.Env, cmd.Stdin = []string{"TAG=0123abc", "IMAGE=" + w.With["image"], "PATH=/usr/bin:/bin"}, strings.NewReader(overlay)
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			before, after := strings.Split(overlay, "\n"), strings.Split(string(out), "\n")
			changed := 0
			for i := range before {
				if len(after) != len(before) || before[i] != after[i] {
					changed++
				}
			}
			if changed != 1 || !strings.Contains(string(out), "newTag: 0123abc}") {
				t.Errorf("%s changes %d lines:\n%s", path, changed, out)
			}
		}
	})
}

// pipeline is what the workflows of all parts call.
const pipeline = ".github/workflows/_pipeline.yaml"

// call is the job of a workflow that calls it.
type call struct {
	Uses        string            `json:"uses"`
	With        map[string]string `json:"with"`
	Secrets     string            `json:"secrets"`
	Permissions map[string]string `json:"permissions"`
}

// callers are the workflows of the parts, by path.
func callers(t *testing.T, s system) map[string]call {
	t.Helper()
	out := map[string]call{}
	for _, path := range s.files(t, ".github/workflows", "*.yaml") {
		if strings.HasSuffix(path, pipeline) {
			continue
		}
		var w struct {
			Jobs map[string]call `json:"jobs"`
		}
		if err := yaml.Unmarshal(s.file(t, path), &w); err != nil || len(w.Jobs) != 1 {
			t.Fatalf("%s has %d jobs: %v", path, len(w.Jobs), err)
		}
		for _, job := range w.Jobs {
			out[path] = job
		}
	}
	return out
}

// TestCallers looks at how the workflows of the parts call the one pipeline: with
// what there is, and the rights that its jobs ask for.
func TestCallers(t *testing.T) {
	eachSystem(t, func(t *testing.T, s system) {
		for path, w := range callers(t, s) {
			if w.Uses != "./"+pipeline || w.Secrets != "inherit" || w.Permissions["contents"] != "write" {
				t.Errorf("%s calls %+v", path, w)
			}
			built := "go.mod"
			if w.With["language"] == "python" {
				built = "requirements-test.txt"
			}
			if !exists(s, w.With["dir"]+"/"+built) || !exists(s, w.With["dir"]+"/Dockerfile") {
				t.Errorf("%s: there is nothing to build in %s", path, w.With["dir"])
			}
			if !exists(s, "deploy/kustomize/base/"+w.With["name"]+".yaml") {
				t.Errorf("%s: nothing is deployed as %s", path, w.With["name"])
			}
		}
	})
}

// buildspec is AWS CodeBuild's, version 0.2, as far as ours go; it has no Go
// type. Source: docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
type buildspec struct {
	Version float64 `json:"version"`
	Env     struct {
		Shell string `json:"shell"`
	} `json:"env"`
	Phases map[string]struct {
		RuntimeVersions map[string]float64 `json:"runtime-versions"`
		Commands        []string           `json:"commands"`
	} `json:"phases"`
}

// TestOtherPipelines reads those of the clouds, for the system that has them.
func TestOtherPipelines(t *testing.T) {
	s := generate(t, "shop", "testdata/shop")
	for _, path := range s.files(t, "deploy/cloudbuild", "*.yaml") {
		var b cloudbuild.Build
		if err := yaml.UnmarshalStrict(s.file(t, path), &b); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		ids := map[string]bool{"-": true}
		for _, step := range b.Steps {
			for _, before := range step.WaitFor {
				if !ids[before] {
					t.Errorf("%s: %s waits for %s, which does not come before it", path, step.Id, before)
				}
			}
			ids[step.Id] = true
		}
		parts := told(s.file(t, path))
		if len(parts) == 0 {
			t.Errorf("%s says of no part what its trigger has", path)
		}
		for used := range uses(s.file(t, path)) {
			for _, part := range parts {
				if _, set := b.Substitutions[used]; !set && !strings.Contains(part, used+"=") {
					t.Errorf("%s: nobody says what %s is; %s", path, used, part)
				}
			}
		}
		for set := range b.Substitutions {
			if !uses(s.file(t, path))[set] {
				t.Errorf("%s: nobody asks for %s", path, set)
			}
		}
	}
	for _, path := range s.files(t, "deploy/codebuild", "*.yaml") {
		var b buildspec
		if err := yaml.UnmarshalStrict(s.file(t, path), &b); err != nil || b.Version != 0.2 {
			t.Errorf("%s: version %v: %v", path, b.Version, err)
		}
		for _, part := range told(s.file(t, path)) {
			for _, name := range []string{"NAME", "PART", "DIR", "IMAGE"} {
				if !strings.Contains(part, name+"=") || !strings.Contains(string(s.file(t, path)), "$"+name) {
					t.Errorf("%s: nobody says, or asks, what %s is; %s", path, name, part)
				}
			}
		}
		for name, phase := range b.Phases {
			if name == "install" {
				continue
			}
			for _, line := range phase.Commands {
				if out, err := exec.Command("bash", "-n", "-c", line).CombinedOutput(); err != nil {
					t.Errorf("%s: %s: %s", path, line, out)
				}
			}
		}
	}
	for line := range strings.Lines(string(s.file(t, ".github/CODEOWNERS"))) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if fields := strings.Fields(line); len(fields) != 2 || !exists(s, fields[0]) || fields[1][0] != '@' {
			t.Errorf("CODEOWNERS: %s", line)
		}
	}
}

// told are the lines that say what a part has that is not the same for all.
func told(data []byte) []string {
	return regexp.MustCompile(`(?m)^#   \S*NAME=.*$`).FindAllString(string(data), -1)
}

// uses are the substitutions of one's own that a build asks for.
func uses(data []byte) map[string]bool {
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$\{(_[A-Z_]+)\}`).FindAllSubmatch(data, -1) {
		found[string(m[1])] = true
	}
	return found
}
