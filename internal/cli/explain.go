package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/chain"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/model"
)

func newExplain(t terminal) *cobra.Command {
	format := formatText
	cmd := &cobra.Command{
		Use:   "explain COMMAND [MODEL]",
		Short: "Tell what follows from a command",
		Long: "Explain tells what follows from a command, or an event, as a tree: calls and what undoes them, events, views,\n" +
			"policies, timers and sagas, across contexts; what happens before the caller is answered, and what eventually.\n" +
			"COMMAND is any form of its name: PlaceOrder, Order.PlaceOrder, front.Order.PlaceOrder.",
		Args: oneAndMaybe("command", "model"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := textOrJSON(format); err != nil {
				return err
			}
			sys, err := t.model(args[1:])
			if err != nil {
				return err
			}
			node, err := causeNamed(sys, args[0])
			if err != nil {
				return err
			}
			told := chain.From(sys, node)
			if format == formatText {
				return chain.Print(t.out, told)
			}
			return t.printJSON(told)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "how to print: text or json")
	return cmd
}

// causeNamed finds the one command or event that a name means.
func causeNamed(sys *model.System, name string) (any, error) {
	var causes []any
	var names []string
	for _, x := range sys.Find(nil, name) {
		switch x.(type) {
		case *model.Command, *model.Event:
			causes, names = append(causes, x), append(names, sys.NameOf(x))
		}
	}
	switch len(causes) {
	case 1:
		return causes[0], nil
	case 0:
		return nil, usage("there is no command "+name, diag.DidYouMean(name, causesOf(sys)))
	}
	return nil, usage(fmt.Sprintf("%s can mean %d things", name, len(causes)), "write one of "+strings.Join(names, ", "))
}

// causesOf lists the names of all commands and events.
func causesOf(sys *model.System) []string {
	var names []string
	for _, x := range sys.Externals {
		for _, e := range x.Events {
			names = append(names, sys.NameOf(e))
		}
	}
	for _, c := range sys.Contexts {
		for _, a := range c.Aggregates {
			for _, m := range a.Commands {
				names = append(names, sys.NameOf(m))
			}
			for _, e := range a.Events {
				names = append(names, sys.NameOf(e))
			}
		}
	}
	return names
}
