package check_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/docs/rules"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/format"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

const pagesDir = "../../docs/rules"

// TestPages holds the page of every rule against check: its model breaks the
// rule, this is what is said, and with its change the model breaks it no more
// and has no errors.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, r := range rule.All() {
		t.Run(string(r.ID), func(t *testing.T) {
			t.Parallel()
			page := rules.Page(string(r.ID))
			if page == "" {
				t.Fatalf("%s has no page in %s", r.ID, pagesDir)
			}
			broken, said, change := fenced(page, "yaml"), fenced(page, "text"), fenced(page, "diff")
			list := about(t, page, broken)
			got := printed(t, list, r.ID)
			if got == "" {
				t.Fatalf("its model does not break %s:\n%s", r.ID, printed(t, list, ""))
			}
			for _, d := range list.Sorted() {
				if d.Severity == diag.Error && d.Rule != r.ID {
					t.Errorf("its model is wrong elsewhere: %s %s (%s)", d.Pos, d.Message, d.Rule)
				}
			}
			if *update {
				page = strings.Replace(page, "```text\n"+said+"```", "```text\n"+got+"```", 1)
				if err := os.WriteFile(filepath.Join(pagesDir, string(r.ID)+".md"), []byte(page), 0o644); err != nil {
					t.Fatal(err)
				}
				said = got
			}
			if diff := cmp.Diff(said, got); diff != "" {
				t.Errorf("what is said (-page +check):\n%s\nif the new text is right: go test ./internal/check -update", diff)
			}
			if change == "" && r.ID == rule.Unreadable { // what mends it is not in the model
				return
			}
			mended, err := changed(broken, change)
			if err != nil {
				t.Fatal(err)
			}
			after := about(t, page, mended)
			if rest := printed(t, after, r.ID); rest != "" || after.HasErrors() {
				t.Errorf("mended, the model is not right:\n%s", printed(t, after, ""))
			}
			if head := fmt.Sprintf("# %s\n\n%s%s.\n\n", r.ID, strings.ToUpper(r.Says[:1]), r.Says[1:]); !strings.HasPrefix(page, head) {
				t.Errorf("the page should begin:\n%s", head)
			}
		})
	}
	pages, err := filepath.Glob(filepath.Join(pagesDir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		id := strings.TrimSuffix(filepath.Base(p), ".md")
		if _, ok := rule.Find(rule.ID(id)); !ok {
			t.Errorf("%s is the page of no rule", p)
		}
	}
}

// second is the fence of another file of the model of a page.
var second = regexp.MustCompile("(?m)^```yaml ([a-z/.]+)$")

// about is all that is said about a model: its document, and the other files
// of its page.
func about(t *testing.T, page, text string) *diag.List {
	t.Helper()
	files := fstest.MapFS{model.DocumentName: {Data: []byte(text)}}
	for _, m := range second.FindAllStringSubmatch(page, -1) {
		files[m[1]] = &fstest.MapFile{Data: []byte(fenced(page, "yaml "+m[1]))}
	}
	if strings.HasPrefix(page, "# format\n") {
		return formatted(text)
	}
	var from fs.FS = files
	if strings.HasPrefix(page, "# unreadable\n") {
		from = locked{files}
	}
	sys, diags := model.LoadFS(from, model.DocumentName)
	_, more := check.System(sys)
	diags.Merge(more)
	return diags
}

// locked are files of which only the document may be read.
type locked struct{ fstest.MapFS }

func (l locked) Open(name string) (fs.File, error) {
	if f := l.MapFS[name]; f != nil && name != model.DocumentName {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.MapFS.Open(name)
}

func (l locked) ReadFile(name string) ([]byte, error) {
	f, err := l.Open(name)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(f)
}

// formatted is what formatting says about a file.
func formatted(text string) *diag.List {
	list := &diag.List{}
	_, faults := format.File(&source.File{Path: model.DocumentName, Data: []byte(text)})
	diag.FromSource(list, faults)
	return list
}

// printed is what is said by a rule, or by all ("").
func printed(t *testing.T, all *diag.List, id rule.ID) string {
	t.Helper()
	some := &diag.List{}
	for _, d := range all.Sorted() {
		if id == "" || d.Rule == id {
			some.Add(d)
		}
	}
	var out bytes.Buffer
	if err := diag.Print(&out, diag.Text, some, diag.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// fenced is the block of a kind on a page.
func fenced(page, kind string) string {
	_, rest, _ := strings.Cut(page, "```"+kind+"\n")
	text, _, _ := strings.Cut(rest, "```")
	return text
}

// changed replaces the lines of a text that begin with - by those with +.
func changed(text, change string) (string, error) {
	var before, after strings.Builder
	for line := range strings.Lines(change) {
		switch line[0] {
		case '-':
			before.WriteString(line[1:])
		case '+':
			after.WriteString(line[1:])
		default:
			return "", fmt.Errorf("no line of a change: %q", line)
		}
	}
	if n := strings.Count(text, before.String()); before.Len() == 0 || n != 1 {
		return "", fmt.Errorf("the model has %d places with\n%s", n, before.String())
	}
	return strings.Replace(text, before.String(), after.String(), 1), nil
}
