package tree

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/artifact"
)

const seedPath = "a/own.go"

// TestYours tells what becomes of a file of the user's, run after run: what is
// generated, what the user makes of it between the runs, and what is there then.
func TestYours(t *testing.T) {
	t.Parallel()
	type step struct {
		generated string // a letter for each line; "-": nothing
		kind      Kind   // 0: nothing changes
		is        string
		edit      string // what the user writes then; "": nothing
	}
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"nobody edits it", []step{{"abc", Create, "abc", ""}, {"axc", Update, "axc", ""}, {"axc", 0, "axc", ""}}},
		{"both change it, in two places", []step{
			{"abcde", Create, "abcde", "abcdM"}, {"abcde", 0, "abcdM", ""}, {"xbcde", Merge, "xbcdM", ""}, {"xbcde", 0, "xbcdM", "xNbcdM"},
			{"xbce", Clash, "xNbc<dM|de=e>", "xNbcM"}, {"xbce", 0, "xNbcM", ""},
		}},
		{"both change it, in one place", []step{
			{"abc", Create, "abc", "aMc"}, {"axc", Clash, "a<M|b=x>c", ""}, {"axc", Open, "a<M|b=x>c", ""},
			{"azc", Open, "a<M|b=x>c", "aMc"}, {"azc", Clash, "a<M|x=z>c", "aMzc"}, {"azc", 0, "aMzc", ""},
		}},
		{"both change it alike", []step{{"abc", Create, "abc", "axc"}, {"axc", 0, "axc", "axy"}, {"azc", Clash, "a<xy|xc=zc>", "axy"}}},
		{"it is generated no more, and again", []step{
			{"abc", Create, "abc", "abM"}, {"-", Orphan, "abM", ""}, {"-", Orphan, "abM", "abMN"}, {"xbc", Merge, "xbMN", ""},
		}},
		{"nobody has written into it, and it is generated no more", []step{{"abc", Create, "abc", ""}, {"-", Remove, "", ""}, {"abc", Create, "abc", ""}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for i, s := range c.steps {
				files := []artifact.File{generated("go.work", "go 1.26\n")}
				if s.generated != "-" {
					files = append(files, seeded(seedPath, string(letters(s.generated))))
				}
				cmpn := stagedWith(t, dir, files...)
				kind := Kind(0)
				for _, ch := range cmpn.Changes {
					if ch.Path == seedPath {
						kind = ch.Kind
					}
				}
				if kind != s.kind {
					t.Errorf("run %d: %v, want %v", i, kind, s.kind)
				}
				if err := cmpn.Apply(false); err != nil {
					t.Fatal(err)
				}
				cleared(t, dir)
				is := contents(t, dir)[seedPath]
				if got := unmarked.Replace(is); got != s.is {
					t.Errorf("run %d: it is %s, want %s", i, got, s.is)
				}
				if s.edit != "" {
					put(t, dir, seedPath, string(letters(s.edit)))
				}
			}
		})
	}
}

// TestMoves tells what becomes of a file of the user's whose sticky note is called
// otherwise: it is where the new name has it, with what is written in it.
func TestMoves(t *testing.T) {
	t.Parallel()
	const newPath = "b/new.go"
	for _, c := range []struct {
		name           string
		ejected        bool   // it is one that was made the user's
		edit           string // what is written at the old path; "": nothing
		put            string // what is at the new path already; "": nothing
		forgotten      bool   // what it was generated as
		kind           Kind
		old, now       string // what is at the old and the new path then
		then, thenMore string // the kind and what is there after another run, generated as xbce
	}{
		{name: "nobody edits it", kind: Move, now: "xbc", then: "update", thenMore: "xbce"},
		{name: "it is edited", edit: "abcM", kind: Move, now: "xbcM", then: "conflict", thenMore: "xbc<M|=e>"},
		{name: "it is edited where it changes", edit: "aMc", kind: Clash, now: "<aM|ab=xb>c", then: "conflict", thenMore: "<aM|ab=xb>c"},
		{name: "nobody knows what it was", edit: "abcM", forgotten: true, kind: Move, now: "abcM", then: "conflict", thenMore: "abc<M|=e>"},
		{name: "it is moved by hand", edit: "abcM", put: "abM", kind: Orphan, old: "abcM", now: "abM", then: "conflict", thenMore: "ab<M|c=ce>"},
		{name: "it has marks", edit: "abc<", kind: Open, old: "abc<", then: "conflict"},
		{name: "it is ejected", ejected: true, edit: "abcM", kind: Move, now: "xbcM", then: "conflict", thenMore: "xbc<M|=e>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := func(path, text string, was ...string) artifact.File {
				f := seeded(path, string(letters(text)))
				if c.ejected {
					f.Owner = artifact.Generated
				}
				f.Was = was
				return f
			}
			run := func(f artifact.File) *Comparison {
				t.Helper()
				cmpn := stagedWith(t, dir, generated("go.work", "go 1.26\n"), f)
				if err := cmpn.Apply(false); err != nil {
					t.Fatal(err)
				}
				cleared(t, dir)
				return cmpn
			}
			run(file(seedPath, "abc"))
			if c.ejected {
				if _, err := Eject(dir, seedPath); err != nil {
					t.Fatal(err)
				}
			}
			if c.edit != "" {
				put(t, dir, seedPath, strings.ReplaceAll(string(letters(c.edit)), "<", markYours))
			}
			if c.put != "" {
				put(t, dir, newPath, string(letters(c.put)))
			}
			if c.forgotten {
				if err := os.Remove(filepath.Join(dir, filepath.FromSlash(seedsPath))); err != nil {
					t.Fatal(err)
				}
			}
			changes := run(file(newPath, "xbc", seedPath)).Changes
			if len(changes) == 0 || !slices.ContainsFunc(changes, func(ch Change) bool { return ch.Kind == c.kind }) {
				t.Errorf("%+v, want %v", changes, c.kind)
			}
			is := contents(t, dir)
			if got := unmarked.Replace(is[seedPath]); got != c.old {
				t.Errorf("at the old path is %q, want %q", got, c.old)
			}
			if got := unmarked.Replace(is[newPath]); got != c.now {
				t.Errorf("at the new path is %q, want %q", got, c.now)
			}
			again := run(file(newPath, "xbce", seedPath))
			if got := unmarked.Replace(contents(t, dir)[newPath]); got != c.thenMore || !slices.ContainsFunc(again.Changes, func(ch Change) bool { return ch.Kind.String() == c.then }) {
				t.Errorf("then it is %q (%+v), want %q by %s", got, again.Changes, c.thenMore, c.then)
			}
		})
	}
}

var unmarked = strings.NewReplacer(markYours+"\n", "<", markBase+"\n", "|", markSeparator+"\n", "=", markGenerated+"\n", ">", "\n", "")

// Without what a file was generated as, nothing is merged into it, and that is
// told once; a manifest from before there was that knows what did not change.
func TestSeedUnknown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, generated, then string
		kinds                 [2]Kind
		is                    string
	}{
		{"it changes", "axc", "ayc", [2]Kind{Behind, Clash}, "<M|axc=ayc>"},
		{"it changes later", "abc", "abcd", [2]Kind{0, Clash}, "<M|abc=abcd>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			applied(t, dir, seeded(seedPath, string(letters("abc"))))
			put(t, dir, seedPath, string(letters("M")))
			if err := os.Remove(filepath.Join(dir, filepath.FromSlash(seedsPath))); err != nil {
				t.Fatal(err)
			}
			for i, text := range []string{c.generated, c.then} {
				cmpn := compareWith(t, dir, seeded(seedPath, string(letters(text))))
				kind := Kind(0)
				if len(cmpn.Changes) > 0 {
					kind = cmpn.Changes[0].Kind
				}
				if kind != c.kinds[i] {
					t.Errorf("run %d: %v, want %v", i, kind, c.kinds[i])
				}
				if err := cmpn.Apply(false); err != nil {
					t.Fatal(err)
				}
			}
			if is := unmarked.Replace(contents(t, dir)[seedPath]); is != c.is {
				t.Errorf("it is %s, want %s", is, c.is)
			}
		})
	}
}

// Pruned, what belongs to nothing goes.
func TestPrune(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	applied(t, dir, before()...)
	put(t, dir, seedPath, "mine")
	c := compareWith(t, dir, before()[:1]...)
	c.Prune()
	if err := c.Apply(false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"go.work": "go 1.26\n"}, contents(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if again := compareWith(t, dir, before()[:1]...); len(again.Changes) > 0 {
		t.Errorf("there is more to do: %v", again.Changes)
	}
}

const mark = "// " + artifact.Header + "\n\n"

// A file that is made the user's is merged like any other that is, whether it was
// edited before or after; given back, it is esgen's again.
func TestEject(t *testing.T) {
	t.Parallel()
	const path = "a/one.go"
	text := func(s string) artifact.File { return generated(path, mark+string(letters(s))) }
	for name, edited := range map[string]bool{"as it was": false, "edited before": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			is := func(want string) {
				t.Helper()
				if got := contents(t, dir)[path]; got != want {
					t.Errorf("it is %q, want %q", got, want)
				}
			}
			applied(t, dir, text("abcde"))
			if edited {
				put(t, dir, path, mark+string(letters("abcdM")))
			}
			if known, err := Eject(dir, path); err != nil || known == edited {
				t.Fatalf("known: %t, %v", known, err)
			}
			if !edited {
				is(string(letters("abcde")))
				put(t, dir, path, string(letters("abcdM")))
			}
			is(string(letters("abcdM")))
			applied(t, dir, text("abcde"))
			is(string(letters("abcdM")))
			applied(t, dir, text("xbcde"))
			is(string(letters("xbcdM")))
			if yours, err := Yours(dir); err != nil || !yours[path] {
				t.Errorf("%v, %v: it is not the user's", yours, err)
			}

			var own *OwnError
			if _, err := Eject(dir, path); !errors.As(err, &own) || own.Yours {
				t.Errorf("it is the user's already: %v", err)
			}
			if err := Return(dir, path, false); !errors.As(err, &own) || !own.Yours {
				t.Errorf("there is something of the user's in it: %v", err)
			}
			put(t, dir, path, string(letters("xbcde")))
			if err := Return(dir, path, false); err != nil {
				t.Fatal(err)
			}
			applied(t, dir, text("xbcde"))
			is(mark + string(letters("xbcde")))
			if err := Return(dir, path, false); !errors.As(err, &own) {
				t.Errorf("it is esgen's already: %v", err)
			}
		})
	}
}

// What cannot be ejected is told, and nothing is changed.
func TestNotEjected(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	applied(t, dir, before()...)
	put(t, dir, "a/mine.go", "mine")
	was := everything(t, dir)
	for path, want := range map[string]string{
		seedPath: "is yours already", "a/mine.go": "was not written by esgen", "a/none.go": "was not written by esgen", "../x": "would not be",
	} {
		if _, err := Eject(dir, path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if err := Return(dir, seedPath, true); err == nil || !strings.Contains(err.Error(), "from the beginning") {
		t.Error(err)
	}
	if diff := cmp.Diff(was, everything(t, dir)); diff != "" {
		t.Errorf("-before +after:\n%s", diff)
	}
	if home, path, err := Home(filepath.Join(dir, "a", "deep", "two.go")); err != nil || home != dir || path != "a/deep/two.go" {
		t.Errorf("%s, %s, %v", home, path, err)
	}
	if _, _, err := Home(filepath.Join(filepath.Dir(dir), "x")); !errors.As(err, new(*OwnError)) {
		t.Error(err)
	}
}
