package cli

import (
	"errors"
	"os"

	"github.com/spf13/pflag"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan/protobuf"
	"github.com/esgen/esgen/internal/plan/stored"
	"github.com/esgen/esgen/model"
)

// allowing is what the flags of a command say may be lost.
type allowing struct{ allowed []string }

func (a *allowing) flags(flags *pflag.FlagSet) {
	flags.StringSliceVar(&a.allowed, "allow", nil, "lose what is stored and not in the model any more: lose:CONTEXT.AGGREGATE.FIELD, or less of that path; lose alone: all of it")
}

// parse reads the flags.
func (a allowing) parse() (stored.Allowed, error) {
	allowed, err := stored.ParseAllowed(a.allowed)
	if err != nil {
		return nil, usage("--allow "+err.Error(), "lose:order.Order.note, as it is told where something would be lost")
	}
	return allowed, nil
}

// upon is the output that the new one follows upon, with what may be lost of what is
// stored; dir: the directory of a system, nil: there is none.
func (a allowing) upon(sys *model.System, dir func(*model.System) string) (stored.Upon, error) {
	allowed, err := a.parse()
	if err != nil || dir == nil {
		return stored.Upon{}, err
	}
	return stored.Upon{Output: os.DirFS(dir(sys)), Allow: allowed}, nil
}

// refused are the faults of a model that would be right by itself: names of the
// output are in each other's way, or what is stored already would be lost.
func refused(err error) (*diag.List, bool) {
	var names *protobuf.Refused
	var losses *stored.Refused
	switch {
	case errors.As(err, &names):
		return &names.Diags, true
	case errors.As(err, &losses):
		return &losses.Diags, true
	}
	return nil, false
}
