package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/pflag"

	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/model"
)

// packs are directories of packs that lie upon the built-in one, and upon those
// that a model names.
type packs []string

func (p *packs) flags(flags *pflag.FlagSet) {
	flags.StringArrayVar((*[]string)(p), "pack", nil, "directory `DIR` of a pack of templates of your own, upon those that the model names; may be given several times")
}

// of are the packs by which a model is rendered, whose document lies in a directory.
func (p packs) of(sys *model.System, document string) (*render.Pack, error) {
	layers, err := render.Layers(sys, document, p)
	var path *fs.PathError
	if errors.As(err, &path) {
		return nil, usage(fmt.Sprintf("there is no directory %s", path.Path), "a pack is a directory that has a "+render.PackFile)
	}
	if err != nil {
		return nil, err
	}
	return render.LoadPack(layers...)
}
