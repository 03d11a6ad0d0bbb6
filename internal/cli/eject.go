package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/tree"
)

// ejection is what eject is told.
type ejection struct {
	terminal
	undo, force bool
}

func newEject(t terminal) *cobra.Command {
	e := ejection{terminal: t}
	cmd := &cobra.Command{
		Use:   "eject FILE",
		Short: "Make a generated file yours, or give it back",
		Long: "Eject makes a generated file yours, with what you have changed in it: it is not written anew any more, and what\n" +
			"changes of what is generated is merged into it. With --undo it is esgen's again, and the next generate writes it.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Sprintf("%s takes one file, not %d", cmd.CommandPath(), len(args)), "")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return e.run(args[0]) },
	}
	cmd.Flags().BoolVar(&e.undo, "undo", false, "give the file back")
	cmd.Flags().BoolVar(&e.force, "force", false, "with --undo: though lines of yours are in it, which are lost")
	return cmd
}

func (e ejection) run(file string) error {
	if e.force && !e.undo {
		return usage("--force goes with --undo", "")
	}
	dir, path, err := tree.Home(file)
	if err != nil {
		return err
	}
	e.waitedFor()
	release, err := tree.Lock(dir)
	if err != nil {
		return err
	}
	said := "is yours now; what changes of it is merged into it"
	if e.undo {
		said = "is esgen's again; the next generate writes it"
		err = tree.Return(dir, path, e.force)
	} else {
		var known bool
		if known, err = tree.Eject(dir, path); !known {
			said += ".\nRun esgen generate once before the model changes, so that it is known what yours was made of"
		}
	}
	if err := errors.Join(err, release()); err != nil {
		return e.explain(file, err)
	}
	_, err = fmt.Fprintln(e.out, file, said)
	return err
}

// explain names the file as the command line does.
func (e ejection) explain(file string, err error) error {
	var own *tree.OwnError
	switch {
	case !errors.As(err, &own):
		return err
	case own.Yours:
		e.fail(usage(file+" "+own.Reason, "--force gives it back all the same"))
		return errNo
	}
	return usage(file+" "+own.Reason, "")
}
