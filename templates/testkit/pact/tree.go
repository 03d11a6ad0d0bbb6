package pact

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/testkit/given"
)

// Where a service's contract tests find things: they run in its directory
// contracts, and each consumer's contracts lie in its own.
const (
	treeVariable = "CONTRACTS" // another generated tree, whose consumers count
	ownTree      = "../../.."
	consumers    = "consumers" // what others rely on, where a service is a repository of its own
)

// VerifyService holds a service to what its consumers rely on, a fresh one for
// each interaction. The consumers are those of the tree that the test is in, or
// of the one that the variable CONTRACTS names: a checkout of what is deployed.
func VerifyService(t *testing.T, name string, fresh func(t testing.TB) *given.Service) {
	t.Helper()
	ours := loadAll(t, filepath.Join(consumers, "*.json"))
	if len(ours) == 0 {
		ours = contractsWith(t, ownTree, name)
	}
	theirs := ours
	if tree := os.Getenv(treeVariable); tree != "" {
		theirs = contractsWith(t, tree, name)
	}
	Verify(t, func(t testing.TB) Provider {
		s := fresh(t)
		s.Known = statesOf(ours)
		return Of(s)
	}, theirs...)
}

// contractsWith finds the contracts of all consumers with a provider.
func contractsWith(t testing.TB, tree, provider string) []*File {
	t.Helper()
	var files []*File
	for _, f := range loadAll(t, filepath.Join(tree, "services", "*", "contracts", "pacts", "*-"+provider+".json")) {
		if f.Provider == provider {
			files = append(files, f)
		}
	}
	return files
}

// statesOf finds states by their names: what the model has today under the name
// of a state that was written down long ago, in the contract of the consumer of
// then, which may be called otherwise now, or else in that of another one.
func statesOf(files []*File) func(name string) (given.State, bool) {
	return func(name string) (given.State, bool) {
		for _, same := range []func(string) bool{
			func(other string) bool { return other == name },
			func(other string) bool { return storyOf(other) == storyOf(name) },
		} {
			for _, f := range files {
				for _, i := range f.Interactions {
					for _, s := range i.States {
						if same(s.Name) {
							state, err := given.Read(s.Name, s.Params)
							return state, err == nil
						}
					}
				}
			}
		}
		return given.State{}, false
	}
}

// storyOf is the name of a state without whose contract it is of, which it ends
// with.
func storyOf(name string) string {
	if at := strings.LastIndex(name, " for "); at >= 0 {
		return name[:at]
	}
	return name
}

func loadAll(t testing.TB, pattern string) []*File {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	var files []*File
	for _, path := range paths {
		f, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}
