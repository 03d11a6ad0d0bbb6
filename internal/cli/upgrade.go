package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/docs/upgrading"
	"github.com/esgen/esgen/internal/tree"
)

func newUpgradeNotes(t terminal) *cobra.Command {
	since := -1
	cmd := &cobra.Command{
		Use:   "upgrade-notes [DIR]",
		Short: "Show what this esgen writes otherwise than the one before, and why",
		Long: "Upgrade-notes shows what this esgen writes otherwise than the one that has written an output, why, and what to do\n" +
			"about it. DIR is the output; without it, generated below the directory you are in. Where there is none, all notes are shown.",
		Args: atMostOne("directory"),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := besides(".")
			if len(args) > 0 {
				dir = args[0]
			}
			if since >= 0 {
				return writeNotes(t.out, upgrading.Since(since))
			}
			edition, known, err := tree.EditionOf(dir)
			switch {
			case err != nil:
				return err
			case !known && len(args) > 0:
				return usage(fmt.Sprintf("esgen has written nothing into %s", dir), "DIR is the output of a generate, with .esgen/manifest.json in it")
			}
			return writeNotes(t.out, upgrading.Since(edition))
		},
	}
	cmd.Flags().IntVar(&since, "since", since, "show the notes after this `edition`, whatever has written the output")
	return cmd
}

func writeNotes(w io.Writer, notes []upgrading.Note) error {
	if len(notes) == 0 {
		return lines(w, "this esgen writes what the one before has written")
	}
	for i, n := range notes {
		if i > 0 {
			if err := lines(w, ""); err != nil {
				return err
			}
		}
		if err := lines(w, fmt.Sprintf("%d. %s\n\n%s", n.Number, n.Title, n.Text)); err != nil {
			return err
		}
	}
	return nil
}

// tellUpgrade tells whoever generates with a newer esgen what it writes otherwise.
func (g generation) tellUpgrade(before int) {
	notes := upgrading.Since(before)
	if before > upgrading.Edition() {
		fmt.Fprintf(g.err, "%s %s was written by a newer esgen, of edition %d; this one is of edition %d\n", paint(g.err, red, "warning:"), g.dir, before, upgrading.Edition())
	}
	if len(notes) == 0 {
		return
	}
	fmt.Fprintf(g.err, "an older esgen has written %s; this one writes otherwise:\n", g.dir)
	for _, n := range notes {
		fmt.Fprintf(g.err, "  %d. %s\n", n.Number, n.Title)
	}
	fmt.Fprintf(g.err, "%s what that is, and why: esgen upgrade-notes --since %d\n", paint(g.err, green, "help:"), before)
}
