package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/proving"
)

// proof is what prove is told.
type proof struct {
	terminal
	output    string // with code of people
	partial   bool
	histories int
	seed      uint64
	verbose   bool
	packs     packs
}

func newProve(t terminal) *cobra.Command {
	p := proof{terminal: t, histories: 300}
	cmd := &cobra.Command{
		Use:   "prove [MODEL]",
		Short: "Let everything go wrong in a system, in virtual time",
		Long: "Prove generates the services of a model and runs all of them in one process and in virtual time, again and\n" +
			"again: random commands come, machines die in the middle of transactions, between a message and its mark,\n" +
			"between an effect and its answer, stand still longer than a lease lasts, and are cut off from one another.\n" +
			"After each history databases and topics are held against what services promise. A history that goes wrong\n" +
			"is cut down to what it takes, and told with the seed that repeats it.",
		Args: atMostOne("model"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := findModel(args)
			if err != nil {
				return err
			}
			if p.histories < 1 {
				return usage("--histories must be at least 1", "")
			}
			return p.run(cmd.Context(), path)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&p.histories, "histories", p.histories, "how many histories happen")
	flags.Uint64Var(&p.seed, "seed", 0, "seed of the first history (default: another one each time)")
	flags.StringVar(&p.output, "out", "", "directory of the output, for the code of your own that is there (default: generated, beside the model)")
	flags.BoolVar(&p.verbose, "verbose", false, "print what the services log")
	partialFlag(flags, &p.partial)
	p.packs.flags(flags)
	return cmd
}

// provenDirectories is where systems are generated to that prove themselves.
var provenDirectories = filepath.Join(".esgen", "prove")

func (p proof) run(ctx context.Context, path string) error {
	if p.output == "" {
		p.output = besides(path)
	}
	planned, err := p.plan(compilation{path: path, partial: p.partial, layout: layout{layout: "workspace", platform: "copy"}, packs: p.packs})
	if err != nil {
		return err
	}
	if documented := planned.Plan.System.Documented(); len(documented) > 0 {
		return usage(documented[0].Dir+" keeps its data in MongoDB, and there is none in virtual time", "")
	}
	if others := planned.Plan.System.InPython(); len(others) > 0 {
		return usage(others[0].Context.Name+" is written in Python: only services in Go run in one program, in virtual time",
			"play its scenarios on the system: esgen test --live")
	}
	if err := os.MkdirAll(provenDirectories, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(provenDirectories, ".gitignore"), []byte("*\n"), 0o644); err != nil {
		return err
	}
	dir := filepath.Join(provenDirectories, planned.Plan.System.ID)
	if err := proving.Write(ctx, planned.Plan, planned.Pack, dir, p.output); err != nil {
		return err
	}
	fmt.Fprintln(p.err, "building; the first time takes some minutes")
	program, err := proving.Build(ctx, dir)
	if err == nil {
		err = program.Run(ctx, proving.Options{Histories: p.histories, Seed: p.seed, Out: p.out, Verbose: p.verbose})
	}
	switch {
	case errors.As(err, new(*devrun.BuildError)):
		p.fail(err)
		return errNo
	case errors.Is(err, proving.ErrWrong):
		return errNo
	}
	return err
}
