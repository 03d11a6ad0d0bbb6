package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/pflag"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/model"
)

// packs are directories of packs that lie upon the built-in one, and upon those
// that a model names.
type packs []string

func (p *packs) flags(flags *pflag.FlagSet) {
	flags.StringArrayVar((*[]string)(p), "pack", nil, "directory `DIR` of a pack of templates of your own, upon those that the model names; may be given several times")
}

// tellPacks tells what is wrong with the packs that a model names.
func tellPacks(sys *model.System, diags *diag.List) error {
	if len(sys.Templates) == 0 || diags.HasErrors() {
		return nil
	}
	_, err := packs{}.of(sys)
	var wrong *render.Refused
	if errors.As(err, &wrong) {
		diags.Merge(&wrong.Diags)
		return nil
	}
	return err
}

// of are the packs by which a model is rendered.
func (p packs) of(sys *model.System) (*render.Pack, error) {
	layers, err := render.Layers(sys, p)
	var path *fs.PathError
	if errors.As(err, &path) {
		return nil, usage(fmt.Sprintf("there is no directory %s", path.Path), "a pack is a directory that has a "+render.PackFile)
	}
	if err != nil {
		return nil, err
	}
	return render.LoadPack(layers...)
}
