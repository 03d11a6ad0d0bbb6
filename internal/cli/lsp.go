package cli

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/lsp"
)

func newLSP(t terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lsp [MODEL]",
		Short: "Help an editor with a model, by the Language Server Protocol",
		Long: "Lsp speaks the Language Server Protocol over its standard input and output, for editors: diagnostics while you type, completion,\n" +
			"what a name means, where it is told and used, renaming, an outline, formatting.\n\n" +
			"Without MODEL, each file belongs to the nearest esgen.yaml above it that reads it.",
		Args: atMostOne("model"),
		RunE: func(cmd *cobra.Command, args []string) error {
			document := ""
			if len(args) > 0 {
				path, err := findModel(args)
				if err != nil {
					return err
				}
				if document, err = filepath.Abs(path); err != nil {
					return err
				}
			}
			defer plenty()()
			return lsp.Serve(cmd.Context(), version(), document, t.in, t.out)
		},
	}
	cmd.Flags().Bool("stdio", true, "for editors that say how they speak: there is no other way")
	return cmd
}
