package cli

import (
	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/coverage"
)

func newCoverage(t terminal) *cobra.Command {
	format, least := formatText, 0
	cmd := &cobra.Command{
		Use:   "coverage [MODEL]",
		Short: "Say which requirements and notes the scenarios cover",
		Long: "Coverage holds requirements, sticky notes and scenarios against one another: which scenarios cover a requirement,\n" +
			"which notes no scenario touches, and slice by slice (a command, the view its actor sees) what is played.",
		Args: atMostOne("model"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOfFormats(format, formatText, formatJSON, formatMarkdown); err != nil {
				return err
			}
			if least < 0 || least > 100 {
				return usage("--fail-under is a percentage, from 0 to 100", "")
			}
			sys, err := t.model(args)
			if err != nil {
				return err
			}
			return t.cover(coverage.Of(sys), format, least)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "how to print: text, json or markdown")
	cmd.Flags().IntVar(&least, "fail-under", least, "exit 1 if fewer `percent` of the requirements, of the slices or of the notes are covered")
	return cmd
}

// cover prints a report; with less than the least that is asked for, the answer
// is no.
func (t terminal) cover(r *coverage.Report, format string, least int) error {
	var err error
	switch format {
	case formatText:
		err = r.Text(t.out)
	case formatMarkdown:
		err = r.Markdown(t.out)
	default:
		err = t.printJSON(r)
	}
	if err == nil && r.Covered.Percent() < least {
		err = errNo
	}
	return err
}
