package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/plan/protobuf"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates"
)

// Compiled is a model, and what becomes of it, in memory.
type Compiled struct {
	Model *check.Model
	Plan  *plan.Plan
	Files []artifact.File // sorted by path
}

// Compile makes files of the model at a path: it is read, checked, planned and
// rendered. The result is nil when the list has errors. Doing is told of each
// step before it begins.
func Compile(ctx context.Context, path string, doing func(string)) (*Compiled, *diag.List, error) {
	return compileOn(ctx, path, "", doing)
}

// compileOn is Compile upon an earlier output, a directory, which need not be
// there: the numbers of the fields of gRPC are kept from it.
func compileOn(ctx context.Context, path, earlier string, doing func(string)) (*Compiled, *diag.List, error) {
	checked, diags := load(path, doing)
	if diags.HasErrors() {
		return nil, diags, nil
	}
	tellPostponed(checked.System, diags)
	doing("planning")
	var output fs.FS
	if earlier != "" {
		output = os.DirFS(earlier)
	}
	p, err := plan.BuildOn(checked, output)
	var refused *protobuf.Refused
	if errors.As(err, &refused) {
		diags.Merge(&refused.Diags)
		return nil, diags, nil
	}
	if err != nil {
		return nil, diags, err
	}
	tellUncovered(p, diags)
	pack, err := render.LoadPack(templates.Builtin())
	if err != nil {
		return nil, diags, err
	}
	doing("rendering")
	files, err := render.Render(ctx, p, pack)
	if err != nil {
		return nil, diags, err
	}
	return &Compiled{checked, p, files}, diags, nil
}

// tellPostponed says what the model has and generation leaves out: with a
// warning where the services behave otherwise than the model says, else with
// one note, in however many files it stands.
func tellPostponed(sys *model.System, diags *diag.List) {
	noted := map[string]bool{}
	for _, f := range sys.Deferred {
		report := diags.Warnf
		if f.Beside() {
			if noted[f.Construct] {
				continue
			}
			noted[f.Construct] = true
			report = diags.Notef
		}
		report(rule.NotGenerated, f.Pos, "%s understood but not generated yet", f.Says())
	}
}

// contractUncovered is no rule of check: it is about what is generated, and no
// model has a say in it.
const contractUncovered rule.ID = "contract-uncovered"

// tellUncovered says what services rely on in one another without a contract
// test: nothing that was played shows it.
func tellUncovered(p *plan.Plan, diags *diag.List) {
	for _, n := range p.Uncovered {
		diags.Notef(contractUncovered, n.Pos(), "no scenario shows how %s relies on %s: no contract test holds %s to it", n.By, n.What(), n.Provider.Context.Name).
			With(diag.Fix("write a scenario in which it happens"))
	}
}

// load reads and checks a model. What cannot be read is not checked, so that
// nothing is said about what is only missing because of that.
func load(path string, doing func(string)) (*check.Model, *diag.List) {
	doing("reading the model")
	sys, diags := model.Load(path)
	doing("checking")
	checked, more := check.System(sys)
	diags.Merge(more)
	return checked, diags
}

// besides is where the output of a model lies when nobody says where.
func besides(path string) string { return filepath.Join(filepath.Dir(path), "generated") }

// compile is compileOn for a command: what there is to say about the model is
// printed, and with an error in it the answer is no.
func (t terminal) compile(ctx context.Context, path, earlier string) (*Compiled, error) {
	compiled, diags, err := compileOn(ctx, path, earlier, t.progress)
	t.progress("")
	if err := t.told(diags); err != nil {
		return nil, err
	}
	if err == nil && compiled == nil {
		err = errNo
	}
	return compiled, err
}

// findModel is the path of the model a command is about: its argument, or else
// the directory one is in.
func findModel(args []string) (string, error) {
	path := "."
	if len(args) > 0 {
		path = args[0]
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		file := filepath.Join(path, model.DocumentName)
		if _, err = os.Stat(file); err == nil {
			return file, nil
		}
	}
	switch {
	case err == nil:
		return path, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	case info != nil:
		command := "esgen init"
		if path != "." {
			command += " " + path
		}
		return "", usage(fmt.Sprintf("there is no %s in %s", model.DocumentName, where(path)), fmt.Sprintf("%q writes one to begin with", command))
	}
	return "", usage(fmt.Sprintf("there is no model at %s", path), "MODEL is a file, or a directory that holds "+model.DocumentName)
}

// where names a directory for a person.
func where(dir string) string {
	if dir == "." {
		return "this directory"
	}
	return dir
}
