package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// Planned is a model, and all that is decided about its output: what is left is
// to print it.
type Planned struct {
	Model *check.Model
	Plan  *plan.Plan
	Pack  *render.Pack
	Said  *diag.List // about the model

	earlier string // output it was planned upon
}

// compilation is what there is to compile, and how.
type compilation struct {
	path    string
	earlier string               // output, a directory, which need not be there: the numbers of the fields of gRPC are kept from it
	made    map[string]plan.Made // what its services were made of; nil: nobody wants to know
	partial bool                 // make what can be made of a model that says more
	layout  layout
	packs   packs
	// stored is the directory of the output whose services have stored something by
	// now; nil: none has.
	stored func(*model.System) string
	allow  allowing
}

// run reads, checks and plans. The result is nil when the list has errors.
func (c compilation) run(doing func(string)) (*Planned, *diag.List, error) {
	checked, diags := load(c.path, doing)
	if diags.HasErrors() {
		return nil, diags, nil
	}
	if err := halfDone(checked.System); err != nil && !c.partial {
		return nil, diags, err
	}
	doing("planning")
	var output fs.FS
	if c.earlier != "" {
		output = os.DirFS(c.earlier)
	}
	where, err := c.layout.of(checked.System)
	if err != nil {
		return nil, diags, err
	}
	pack, err := c.packs.of(checked.System)
	var wrong *render.Refused
	if errors.As(err, &wrong) {
		diags.Merge(&wrong.Diags)
		return nil, diags, nil
	}
	if err != nil {
		return nil, diags, err
	}
	upon, err := c.allow.upon(checked.System, c.stored)
	if err != nil {
		return nil, diags, err
	}
	p, err := plan.Begin(checked, plan.Earlier{Output: output, Made: c.made, Packs: pack.Digest(), Stored: upon}, where)
	if why, is := refused(err); is {
		diags.Merge(why)
		return nil, diags, nil
	}
	if err != nil {
		return nil, diags, err
	}
	tellUncovered(p, diags)
	return &Planned{checked, p, pack, diags, c.earlier}, diags, nil
}

// halfDoneError says that services would not do all that the model says.
type halfDoneError struct{ without []string }

func (e *halfDoneError) Error() string {
	return "nothing was written, because the services would do less than the model says: without " + strings.Join(e.without, ", ")
}

// halfDone is the error of a model that says what is not generated yet.
func halfDone(sys *model.System) error {
	var without []string
	for _, p := range model.Later() {
		n := 0
		for _, f := range sys.Deferred {
			if f.Construct == p.Construct {
				n++
			}
		}
		if n > 0 {
			without = append(without, fmt.Sprintf("%s (%d)", p.What, n))
		}
	}
	if without == nil {
		return nil
	}
	return &halfDoneError{without}
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

// plan plans for a command: what there is to say about the model is printed,
// and with an error in it the answer is no.
func (t terminal) plan(c compilation) (*Planned, error) {
	planned, diags, err := c.run(t.progress)
	t.progress("")
	if err := t.told(diags); err != nil {
		return nil, err
	}
	var half *halfDoneError
	switch {
	case errors.As(err, &half):
		t.fail(usage(half.Error(), "--partial leaves that out; what it is about: esgen check --explain not-generated"))
		return nil, errNo
	case err == nil && planned == nil:
		return nil, errNo
	}
	return planned, err
}

// partialFlag is the flag of commands that write services.
func partialFlag(flags *pflag.FlagSet, partial *bool) {
	flags.BoolVar(partial, "partial", false, "leave out what is not generated yet, such as sagas and timers, instead of refusing the model")
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
