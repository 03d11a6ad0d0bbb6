package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
)

func newCheck(t terminal) *cobra.Command {
	format := string(diag.Text)
	cmd := &cobra.Command{
		Use:   "check [MODEL]",
		Short: "Say everything that is wrong with a model",
		Long: "Check reads a model and says everything that is wrong with it at once, each with its place and the likely fix.\n" +
			"MODEL is a file, or a directory that holds esgen.yaml; without it, the directory you are in.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := diag.ParseFormat(format)
			if err != nil {
				return err
			}
			_, diags := checkModel(modelPath(args))
			opts := diag.Options{Color: colour(t.out), Version: version(), Rule: summary}
			if err := diag.Print(t.out, f, diags, opts); err != nil {
				return err
			}
			if diags.HasErrors() {
				return errNo
			}
			if f == diag.Text && len(diags.Sorted()) == 0 {
				fmt.Fprintln(t.out, "nothing to complain about")
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "how to print: text, json, sarif or github")
	return cmd
}

// summary describes a rule for code scanning.
func summary(id string) (text, url string) {
	for _, r := range check.Rules() {
		if r.ID == id {
			return r.Says, ""
		}
	}
	return "", ""
}
