package cli

import (
	"context"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates"
)

// checkModel reads and checks a model; the result is nil when it cannot be
// read.
func checkModel(path string) (*check.Model, *diag.List) {
	sys, diags := model.Load(path)
	if sys == nil {
		return nil, diags
	}
	checked, more := check.System(sys)
	diags.Merge(more)
	return checked, diags
}

// compile turns a model into files in memory. What is wrong with the model is
// printed, and the error is then errNo.
func compile(ctx context.Context, t terminal, path string) (*plan.Plan, []artifact.File, error) {
	checked, diags := checkModel(path)
	if err := diag.Print(t.err, diag.Text, diags, diag.Options{Color: colour(t.err)}); err != nil {
		return nil, nil, err
	}
	if diags.HasErrors() {
		return nil, nil, errNo
	}
	p, err := plan.Build(checked)
	if err != nil {
		return nil, nil, err
	}
	pack, err := render.LoadPack(templates.Builtin())
	if err != nil {
		return nil, nil, err
	}
	files, err := render.Render(ctx, p, pack)
	return p, files, err
}
