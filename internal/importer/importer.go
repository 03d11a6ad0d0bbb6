package importer

import (
	"cmp"
	"errors"
	"strings"
	"testing/fstest"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Model is what a board becomes.
type Model struct {
	Text   string // YAML, in which check finds no error
	Report *Report
}

// most bounds how often a draft is written anew because check refuses some of it.
const most = 200

// Build makes a model of a sketch. What check refuses is left out, piece by piece,
// and reported. Runnable gives it besides what it needs so that a command can be
// given: an aggregate that has no fields gets a name.
func Build(s *Sketch, runnable bool) (*Model, error) {
	d, report := build(s)
	return d.finish(report, runnable)
}

// finish writes a draft.
func (d *draft) finish(report *Report, runnable bool) (*Model, error) {
	if runnable {
		d.runnable(report)
	}
	d.receivers()
	d.settleExamples(report)
	d.tidy()
	system := systemName(d.title)
	for range most {
		text, remedies := write(d, system)
		refused := refusals(text)
		if len(refused) == 0 {
			d.report(report)
			return &Model{text, report}, nil
		}
		done := map[int]bool{} // a remedy may be enough for all that is wrong with its line
		for _, e := range refused {
			if at := e.Pos.Line - 1; at >= 0 && at < len(remedies) && !done[at] {
				done[at] = true
				remedies[at](e.Rule)
			}
		}
	}
	return nil, errors.New("no model that check takes can be made of this board")
}

// systemName is the name of the system: as many words of the title as make a short
// one.
func systemName(title string) string {
	name := ""
	for _, w := range strings.Split(names.OfText(cmp.Or(title, "board")).Kebab, "-") {
		if len(name)+len(w) > 24 && name != "" {
			break
		}
		name = strings.TrimPrefix(name+"-"+w, "-")
	}
	return name[:min(len(name), 32)]
}

// refusals are the errors that check finds in a model.
func refusals(text string) []diag.Diagnostic {
	sys, diags := model.LoadFS(fstest.MapFS{model.DocumentName: &fstest.MapFile{Data: []byte(text)}}, model.DocumentName)
	_, more := check.System(sys)
	diags.Merge(more)
	var out []diag.Diagnostic
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error {
			out = append(out, d)
		}
	}
	return out
}
