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
		script := regexp.MustCompile(`(?m)^ *(sed -i .*) kustomization.yaml$`)
		for _, path := range s.files(t, ".github/workflows", "*.yaml") {
			found := script.FindSubmatch(s.file(t, path))
			if found == nil {
				t.Fatalf("%s sets no tag", path)
			}
			cmd := exec.Command("sh", "-ec", strings.Replace(string(found[1]), "sed -i", "sed", 1))
			cmd.Env, cmd.Stdin = []string{"TAG=0123abc", "PATH=/usr/bin:/bin"}, strings.NewReader(overlay)
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
		for used := range uses(s.file(t, path)) {
			if _, set := b.Substitutions[used]; !set {
				t.Errorf("%s: nobody says what %s is", path, used)
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

// uses are the substitutions of one's own that a build asks for.
func uses(data []byte) map[string]bool {
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$\{(_[A-Z_]+)\}`).FindAllSubmatch(data, -1) {
		found[string(m[1])] = true
	}
	return found
}
