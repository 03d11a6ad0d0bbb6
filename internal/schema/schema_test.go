package schema_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/schema"
	"github.com/esgen/esgen/internal/schematest"
	"github.com/esgen/esgen/model"
)

// validator holds the schemas as an editor would.
type validator struct{ document, included *jsonschema.Schema }

func newValidator(t *testing.T) validator {
	t.Helper()
	compile := func(write func() ([]byte, error)) *jsonschema.Schema {
		data, err := write()
		if err != nil {
			t.Fatal(err)
		}
		return schematest.Compile(t, data)
	}
	return validator{compile(schema.Document), compile(schema.Included)}
}

// judge validates the files of a model, each by its own schema.
func (v validator) judge(sys *model.System) error {
	for i, f := range sys.Files {
		s := v.included
		if i == 0 {
			s = v.document
		}
		if err := schematest.Validate(s, f.Data); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	return nil
}

// Every good model of the repository is valid, and so is every bad one whose
// faults are found after reading.
func TestAccepts(t *testing.T) {
	v, seen := newValidator(t), 0
	for _, root := range []string{"../../testdata", "../../examples"} {
		err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
			if err != nil || e.Name() != model.DocumentName {
				return err
			}
			sys, diags := model.Load(file)
			if diags.HasErrors() {
				return nil
			}
			seen++
			if err := v.judge(sys); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 50 {
		t.Errorf("only %d models were found", seen)
	}
}

// Every model whose shape is wrong is not valid.
func TestRefuses(t *testing.T) {
	v := newValidator(t)
	dirs, err := filepath.Glob("../../model/testdata/bad/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal(dirs, err)
	}
	refused := 0
	for _, dir := range dirs {
		sys, diags := model.LoadFS(os.DirFS(dir), model.DocumentName)
		if !hasStructural(diags) {
			continue
		}
		refused++
		if v.judge(sys) == nil {
			t.Errorf("%s is valid by the schema", path.Base(filepath.ToSlash(dir)))
		}
	}
	if refused < 30 {
		t.Errorf("only %d models have a wrong shape", refused)
	}
}

// notStructural are the rules about what names, types and expressions mean,
// about which no schema can say anything, and those of YAML itself: an editor
// reports these before it asks the schema. Of a rule that is not here, every
// diagnostic is one about shape.
var notStructural = []rule.ID{
	rule.AmbiguousName, rule.BadName, rule.BadType, rule.DuplicateKey, rule.DuplicateName, rule.ForeignCommand,
	rule.ForeignEvent, rule.ForeignView, rule.ImpliedID, rule.Include, rule.NotGenerated, rule.NotLookedUp,
	rule.RecursiveType, rule.ReservedName, rule.UnknownName, rule.Unreadable,
}

// shapely tells, of rules that are about shape and about meaning, the
// diagnostics about shape: of missing-key, a key that is always required; of
// missing-value, nothing where something must be whatever the types say; of
// bad-value, a word that is none of a choice.
var shapely = map[rule.ID]*regexp.Regexp{
	rule.MissingValue: regexp.MustCompile(`, not nothing$`),
	rule.MissingKey:   regexp.MustCompile(`needs the key "`),
	rule.BadValue:     regexp.MustCompile(`must be [\w, -]+ or [\w-]+, not "`),
}

func hasStructural(diags *diag.List) bool {
	return slices.ContainsFunc(diags.Sorted(), func(d diag.Diagnostic) bool {
		if r := shapely[d.Rule]; r != nil {
			return r.MatchString(d.Message)
		}
		return !strings.HasPrefix(string(d.Rule), "yaml-") && !slices.Contains(notStructural, d.Rule)
	})
}

// An editor has something to show about every key and everything that has keys.
func TestExplains(t *testing.T) {
	data, err := schema.Document()
	if err != nil {
		t.Fatal(err)
	}
	type described struct {
		Title, Description string
		Properties         map[string]described
		Defs               map[string]described `json:"$defs"`
	}
	var root described
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	seen := 0
	var judge func(where string, d described)
	judge = func(where string, d described) {
		if seen++; d.Title == "" || d.Description == "" {
			t.Errorf("%s has the title %q and the description %q", where, d.Title, d.Description)
		}
		for name, p := range d.Properties {
			judge(where+"."+name, p)
		}
	}
	judge("the document", root)
	for name, d := range root.Defs {
		judge(name, d)
	}
	if seen < 200 {
		t.Errorf("only %d keys were found", seen)
	}
}
