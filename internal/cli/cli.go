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

	"github.com/esgen/esgen/internal/render"
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
// drift says no; 2 usage, or input and output; 128 and the number of the signal
// that ended it.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	t := terminal{in: stdin, out: stdout, err: stderr, begun: &beginning{}}
	done := make(chan int, 1)
	go func() { done <- t.execute(ctx, args) }()
	select {
	case code := <-done:
		return code
	case s := <-signals:
		// A command may be waiting for what never comes, such as the other end of a
		// pipe: only one that says so is waited for.
		err := &signalError{s}
		cancel(err)
		idle := make(chan struct{})
		go func() {
			t.begun.Lock()
			close(idle)
		}()
		select {
		case code := <-done:
			return code
		case <-idle:
		}
		t.progress("")
		t.fail(err)
		return err.code()
	}
}

// signalError says that a signal ended the command.
type signalError struct{ signal os.Signal }

func (e *signalError) Error() string { return "ended by a signal: " + e.signal.String() }

// code is the exit code that shells give to who is ended by the signal.
func (e *signalError) code() int {
	if s, ok := e.signal.(syscall.Signal); ok {
		return 128 + int(s)
	}
	return exitFail
}

// execute runs a command, prints what it fails with, and returns the exit code.
func (t terminal) execute(ctx context.Context, args []string) int {
	root := newRoot(t)
	root.SetArgs(append([]string{}, args...)) // of nil, cobra would take the process' own
	err := root.ExecuteContext(ctx)
	var ended *signalError
	var wrong *render.Refused
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errNo):
		return exitNo
	case errors.As(err, &wrong):
		t.progress("")
		if err := t.told(&wrong.Diags); err != nil {
			t.fail(err)
			return exitFail
		}
		return exitNo
	case errors.Is(err, context.Canceled) && errors.As(context.Cause(ctx), &ended):
		t.fail(ended)
		return ended.code()
	}
	t.fail(err)
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
	root.AddCommand(newInit(t), newCheck(t), newGenerate(t), newEject(t), newTemplates(t), newPlatform(t), newRun(t), newToken(t), newTest(t), newProve(t), newExplore(t), newSimulate(t),
		newCoverage(t), newBoard(t), newServe(t), newImport(t), newBreaking(t), newExplain(t), newFmt(t), newSchema(t), newMCP(t), newLSP(t), newUpgradeNotes(t), newVersion(t))
	return root
}
