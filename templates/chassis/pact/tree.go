package pact

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/esgen/esgen/templates/chassis/given"
)

// Where a service's contract tests find things: they run in its directory
// contracts, and each consumer's contracts lie in its own.
const (
	treeVariable = "CONTRACTS" // another generated tree, whose consumers count
	ownTree      = "../../.."
)

// VerifyService holds a service to what its consumers rely on, a fresh one for
// each interaction. The consumers are those of the tree that the test is in, or
// of the one that the variable CONTRACTS names: a checkout of what is deployed.
func VerifyService(t *testing.T, name string, fresh func(t testing.TB) *given.Service) {
	t.Helper()
	ours := contractsWith(t, ownTree, name)
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
	for _, consumers := range []string{"services/*", "gateway"} {
		for _, f := range loadAll(t, filepath.Join(tree, consumers, "contracts", "pacts", "*-"+provider+".json")) {
			if f.Provider == provider {
				files = append(files, f)
			}
		}
	}
	return files
}

// statesOf finds states by their names: what the model has today under the name
// of a state that was written down long ago.
func statesOf(files []*File) func(name string) (given.State, bool) {
	return func(name string) (given.State, bool) {
		for _, f := range files {
			for _, i := range f.Interactions {
				for _, s := range i.States {
					if s.Name == name {
						state, err := given.Read(name, s.Params)
						return state, err == nil
					}
				}
			}
		}
		return given.State{}, false
	}
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
