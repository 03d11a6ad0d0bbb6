package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/sim"
)

// simulation is what simulate is told.
type simulation struct {
	terminal
	script string
	at     string
}

func newSimulate(t terminal) *cobra.Command {
	x := simulation{terminal: t}
	cmd := &cobra.Command{
		Use:   "simulate [MODEL]",
		Short: "Play with a model: give commands, see what follows",
		Long: "Simulate runs a model in memory and does what you say, a line at a time: be somebody, give commands, look at\n" +
			"views, let time pass, take contexts down, take steps back. After each step it shows what led to what, and the\n" +
			"states that changed. With --script, or without a terminal, the lines come from a file; the first one that\n" +
			"cannot be followed ends it.\n\n" + sim.Help(),
		Args: atMostOne("model"),
		RunE: func(_ *cobra.Command, args []string) error {
			path, err := findModel(args)
			if err != nil {
				return err
			}
			return x.run(path)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&x.script, "script", "", "file to read the lines from")
	flags.StringVar(&x.at, "at", "", "the instant to begin at: 2026-12-01T09:00:00+09:00 (default: the first of January 2026)")
	return cmd
}

func (x simulation) run(path string) error {
	var at time.Time
	if x.at != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, x.at); err != nil {
			return usage(fmt.Sprintf("--at %q is no instant", x.at), "write 2026-12-01T09:00:00+09:00")
		}
	}
	checked, diags := load(path, x.progress)
	x.progress("")
	if diags.HasErrors() {
		if err := x.told(diags); err != nil {
			return err
		}
		return errNo
	}
	session := sim.NewSession(checked, at, x.out)
	if in, ok := x.in.(*os.File); ok && x.script == "" && isTerminal(in) {
		return x.talk(session)
	}
	in, name := x.in, "stdin"
	if x.script != "" {
		file, err := os.Open(x.script)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		in, name = file, x.script
	}
	return x.follow(session, in, name)
}

// follow does the lines of a script, and prints each before what comes of it.
func (x simulation) follow(session *sim.Session, in io.Reader, name string) error {
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		fmt.Fprintf(x.out, "> %s\n", line)
		err := session.Run(line)
		if errors.Is(err, sim.ErrQuit) {
			return nil
		}
		if err != nil {
			return usage(fmt.Sprintf("%s:%d: %v", name, n, err), "")
		}
	}
	return lines.Err()
}

// talk does what somebody types, and asks for what they leave out.
func (x simulation) talk(session *sim.Session) error {
	lines := bufio.NewScanner(x.in)
	ask := func(prompt string) (string, bool) {
		fmt.Fprint(x.out, prompt)
		if !lines.Scan() {
			fmt.Fprintln(x.out)
			return "", false
		}
		return lines.Text(), true
	}
	session.Ask = ask
	fmt.Fprintln(x.out, "help lists what you can say; can lists what you can do")
	for {
		line, ok := ask(session.Who() + "> ")
		if !ok {
			return lines.Err()
		}
		switch err := session.Run(line); {
		case errors.Is(err, sim.ErrQuit):
			return nil
		case err != nil:
			fmt.Fprintln(x.out, err)
		}
	}
}
