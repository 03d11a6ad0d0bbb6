// Package cli is the command line: it parses arguments, prints, and decides
// the exit code. Nothing else of esgen does.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// The exit codes.
const (
	exitFine = iota
	exitNo   // the model, the drift or the scenario says no
	exitFail // usage, or input and output
)

// no is an answer that has been printed already.
type no struct{ error }

// errNo ends a command whose answer has been printed.
var errNo = no{errors.New("no")}

// Run runs a command and returns the exit code: 0 fine, 1 the model or the
// drift says no, 2 usage or input and output.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot(terminal{stdin, stdout, stderr})
	root.SetArgs(args)
	switch err := root.ExecuteContext(ctx); {
	case err == nil:
		return exitFine
	case errors.As(err, new(no)):
		return exitNo
	default:
		fmt.Fprintln(stderr, "esgen:", err)
		return exitFail
	}
}

// terminal is where a command reads and prints.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// colour reports whether a stream shows colours: it is a terminal, and NO_COLOR
// is not set (https://no-color.org).
func colour(w io.Writer) bool { return isTerminal(w) && os.Getenv("NO_COLOR") == "" }

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func newRoot(t terminal) *cobra.Command {
	root := &cobra.Command{
		Use:           "esgen",
		Short:         "Compile an event-storming model into Go microservices that run",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	root.AddCommand(newInit(t), newCheck(t), newGenerate(t), newRun(t), newVersion(t))
	return root
}

// modelPath is the model a command is about: its argument, or the directory
// one is in.
func modelPath(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return "."
}
