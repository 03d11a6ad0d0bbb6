package cli

import (
	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/schema"
)

func newSchema(t terminal) *cobra.Command {
	included := false
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the language, for editors",
		Long: "Schema prints the JSON Schema (2020-12) of the model language. An editor that knows it completes keys, explains\n" +
			"them and marks what cannot stand where it does. With yaml-language-server, the first line of a model says so:\n\n" +
			"  # yaml-language-server: $schema=esgen.schema.json",
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			write := schema.Document
			if included {
				write = schema.Included
			}
			data, err := write()
			if err != nil {
				return err
			}
			_, err = t.out.Write(data)
			return err
		},
	}
	cmd.Flags().BoolVar(&included, "included", false, "the schema of a file that a document includes")
	return cmd
}
