package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/esgen/esgen/internal/diag"
)

// usageError is a command line that cannot be followed.
type usageError struct{ message, help string }

func (e *usageError) Error() string { return e.message }

// usage is an error with a help, which may be "".
func usage(message, help string) error { return &usageError{message, help} }

// knownCommand refuses the name of a command that does not exist: only then
// has the root command arguments.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	help := diag.DidYouMean(args[0], names)
	if help == "" {
		help = "esgen --help lists the commands"
	}
	return usage(fmt.Sprintf("there is no command %q", args[0]), help)
}

// noArgs allows no argument.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage(fmt.Sprintf("%s takes no argument, and got %q", cmd.CommandPath(), args[0]), "")
}

// atMostOne allows a single argument, of what it is.
func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= 1 {
			return nil
		}
		return usage(fmt.Sprintf("%s takes one %s, not %d", cmd.CommandPath(), what, len(args)), "")
	}
}

// oneAndMaybe requires an argument and allows a second, of what they are.
func oneAndMaybe(first, second string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return usage(fmt.Sprintf("%s needs a %s", cmd.CommandPath(), first), "")
		case len(args) > 2:
			return usage(fmt.Sprintf("%s takes a %s and a %s, not %d", cmd.CommandPath(), first, second, len(args)), "")
		}
		return nil
	}
}

// flagError says what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		name := "--" + unknown.GetSpecifiedName()
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			name = "-" + letters
		}
		help := diag.DidYouMean(name, names)
		if help == "" {
			help = cmd.CommandPath() + " --help lists the flags"
		}
		return usage(fmt.Sprintf("%s has no flag %s", cmd.CommandPath(), name), help)
	case errors.As(err, &missing):
		return usage(fmt.Sprintf("--%s needs a value", missing.GetFlag().Name), missing.GetFlag().Usage)
	case errors.As(err, &invalid):
		return usage(fmt.Sprintf("--%s cannot be %q", invalid.GetFlag().Name, invalid.GetValue()), invalid.GetFlag().Usage)
	}
	return usage(err.Error(), "")
}

// parseFormat reads the value of --format.
func parseFormat(name string) (diag.Format, error) {
	f, err := diag.ParseFormat(name)
	if err != nil {
		var names []string
		for _, f := range diag.Formats() {
			names = append(names, string(f))
		}
		return "", usage(err.Error(), diag.DidYouMean(strings.ToLower(name), names))
	}
	return f, nil
}
