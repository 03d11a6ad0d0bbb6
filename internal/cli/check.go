package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/docs/rules"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

func newCheck(t terminal) *cobra.Command {
	format := string(diag.Text)
	explain := ""
	all := false
	cmd := &cobra.Command{
		Use:   "check [MODEL]",
		Short: "Say everything that is wrong with a model",
		Long: "Check reads a model and says everything that is wrong with it at once, each with its place and the likely fix.\n" +
			"MODEL is a file, or a directory that holds esgen.yaml; without it, the directory you are in.\n\n" +
			"rules on the model, or in a file .esgen.yaml beside it, says how much a rule matters: off, note, warning or error.\n" +
			"A comment `# esgen:ignore RULE reason` silences a rule for the node it stands at.",
		Args: atMostOne("model"),
		RunE: func(_ *cobra.Command, args []string) error {
			if explain != "" {
				return t.explainRule(explain)
			}
			f, err := parseFormat(format)
			if err != nil {
				return err
			}
			path, err := findModel(args)
			if err != nil {
				return err
			}
			return t.check(path, f, all)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "how to print: text, json, sarif or github")
	cmd.Flags().BoolVarP(&all, "all", "v", all, "show each warning and note, also those that one rule has of many places")
	cmd.Flags().StringVar(&explain, "explain", explain, "print the page of a rule: why it is there, and how to mend what breaks it")
	return cmd
}

// explainRule prints the page of a rule.
func (t terminal) explainRule(id string) error {
	if page := rules.Page(id); page != "" {
		_, err := fmt.Fprint(t.out, page)
		return err
	}
	var ids, like []string
	for _, r := range rule.All() {
		ids = append(ids, string(r.ID))
		if strings.Contains(string(r.ID), id) {
			like = append(like, string(r.ID))
		}
	}
	if near := diag.Nearest(id, ids); near != "" && !slices.Contains(like, near) {
		like = append([]string{near}, like...)
	}
	help := "the rules are " + strings.Join(ids, ", ")
	if len(like) > 0 {
		help = "did you mean " + strings.Join(like, ", ") + "?"
	}
	return usage(fmt.Sprintf("there is no page about %q", id), help)
}

// check prints what there is to say about a model: all of it, or folded.
func (t terminal) check(path string, f diag.Format, all bool) error {
	checked, diags := load(path, t.progress)
	t.progress("")
	if err := tellPacks(checked.System, diags); err != nil {
		return err
	}
	opts := diag.Options{Color: colours(t.out), Version: version(), Rule: describe, Page: rules.Page}
	if !all {
		opts.Fold = "--all shows each"
	}
	if err := diag.Print(t.out, f, diags, opts); err != nil {
		return err
	}
	if diags.HasErrors() {
		return errNo
	}
	if f == diag.Text {
		fmt.Fprintf(t.out, "%s is fine: %s\n", checked.Name, inventory(checked.System))
	}
	return nil
}

// describe describes a rule for code scanning.
func describe(id string) (text, url string) {
	r, _ := rule.Find(rule.ID(id))
	return r.Says, ""
}

// inventory counts the sticky notes: "1 context, 2 commands".
func inventory(sys *model.System) string {
	var aggregates, commands, events, policies, sagas, views int
	for _, c := range sys.Contexts {
		aggregates += len(c.Aggregates)
		policies += len(c.Policies)
		sagas += len(c.Sagas)
		views += len(c.Views)
		for _, a := range c.Aggregates {
			commands += len(a.Commands)
			events += len(a.Events)
		}
	}
	var out []string
	for _, x := range []struct {
		n         int
		one, many string
	}{
		{len(sys.Contexts), "context", ""}, {aggregates, "aggregate", ""}, {commands, "command", ""},
		{events + len(sys.Events), "event", ""}, {policies, "policy", "policies"}, {sagas, "saga", ""}, {views, "view", ""},
		{len(sys.Scenarios), "scenario", ""},
	} {
		switch {
		case x.n == 1:
			out = append(out, "1 "+x.one)
		case x.n > 1:
			out = append(out, fmt.Sprintf("%d %s", x.n, cmp.Or(x.many, x.one+"s")))
		}
	}
	return strings.Join(out, ", ")
}
