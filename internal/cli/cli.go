// Package cli is the command line: it parses arguments, prints, and decides
// the exit code. Nothing else of esgen does.
package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	exitFine = iota
	exitNo   // the model, the drift or the scenario says no
	exitFail // usage, or input and output
)

// errNo ends a command whose answer is no, and has been printed.
var errNo = errors.New("no")

// Run runs a command and returns the exit code: 0 fine; 1 the model or the
// drift says no; 2 usage, or input and output.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	t := terminal{stdin, stdout, stderr}
	root := newRoot(t)
	root.SetArgs(append([]string{}, args...)) // of nil, cobra would take the process' own
	switch err := root.ExecuteContext(ctx); {
	case err == nil:
		return exitFine
	case errors.Is(err, errNo):
		return exitNo
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		t.fail(errors.New("interrupted"))
	default:
		t.fail(err)
	}
	return exitFail
}

func newRoot(t terminal) *cobra.Command {
	root := &cobra.Command{
		Use:           "esgen",
		Short:         "Compile an event-storming model into Go microservices that run",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cmd.Help(); err != nil {
				return err
			}
			return usage("which command?", "")
		},
	}
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newInit(t), newCheck(t), newGenerate(t), newRun(t), newToken(t), newTest(t), newSimulate(t),
		newCoverage(t), newBreaking(t), newExplain(t), newFmt(t), newSchema(t), newVersion(t))
	return root
}
