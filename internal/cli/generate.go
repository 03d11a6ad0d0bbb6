package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/tree"
)

// generateFlags are what generate is told.
type generateFlags struct {
	out     string
	check   bool
	diff    bool
	dryRun  bool
	force   bool
	context string
}

func newGenerate(t terminal) *cobra.Command {
	var f generateFlags
	cmd := &cobra.Command{
		Use:   "generate [MODEL]",
		Short: "Write the services of a model",
		Long: "Generate checks a model and writes its services: all files or, when something is wrong, none.\n" +
			"Files that are right already are not touched; generated files whose sticky note is gone are removed;\n" +
			"files that are yours are left alone. A generated file that was edited stops the run.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := modelPath(args)
			_, files, err := compile(cmd.Context(), t, path)
			if err != nil {
				return err
			}
			if f.out == "" {
				f.out = filepath.Join(directoryOf(path), "generated")
			}
			return f.apply(t, files)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "directory to write to (default: generated, beside the model)")
	flags.BoolVar(&f.check, "check", false, "write nothing; exit with 1 when something would change")
	flags.BoolVar(&f.diff, "diff", false, "write nothing; show what would change, line by line")
	flags.BoolVar(&f.dryRun, "dry-run", false, "write nothing; list what would change")
	flags.BoolVar(&f.force, "force", false, "rewrite generated files even if they were edited")
	flags.StringVar(&f.context, "context", "", "touch the service of this context only")
	return cmd
}

// directoryOf is the directory of a model that is named by its file or by its
// directory.
func directoryOf(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path
	}
	return filepath.Dir(path)
}

func (f generateFlags) apply(t terminal, files []artifact.File) error {
	c, err := tree.Compare(f.out, files)
	if err != nil {
		return err
	}
	if f.context != "" {
		if err := f.narrow(c); err != nil {
			return err
		}
	}
	if f.check || f.diff || f.dryRun {
		return f.preview(t, c)
	}
	return f.write(t, c, len(files))
}

// write brings the directory into line and says what was done.
func (f generateFlags) write(t terminal, c *tree.Comparison, total int) error {
	if err := c.Apply(f.force); err != nil {
		var edited *tree.EditedError
		if errors.As(err, &edited) {
			tellEdited(t, f.out, edited.Paths)
			return errNo
		}
		return err
	}
	return f.report(t, c, total)
}

// narrow leaves only the changes to one service.
func (f generateFlags) narrow(c *tree.Comparison) error {
	prefix := "services/" + f.context + "/"
	if !c.Narrow(func(path string) bool { return strings.HasPrefix(path, prefix) }) {
		return fmt.Errorf("there is no service %q", f.context)
	}
	return nil
}

// preview shows what a run would do. It is drift, exit code 1, only when
// --check asked for it.
func (f generateFlags) preview(t terminal, c *tree.Comparison) error {
	for _, ch := range c.Changes {
		if ch.Kind == tree.Orphan {
			continue
		}
		fmt.Fprintf(t.out, "%s %s\n", ch.Kind, filepath.Join(f.out, filepath.FromSlash(ch.Path)))
		if f.diff {
			fmt.Fprint(t.out, ch.Diff())
		}
	}
	if c.Clean() {
		fmt.Fprintln(t.out, "nothing to change")
		return nil
	}
	if f.check {
		fmt.Fprintf(t.err, "%s is not what the model says; run esgen generate\n", f.out)
		return errNo
	}
	return nil
}

// tellEdited names the edited files and the ways out.
func tellEdited(t terminal, out string, paths []string) {
	fmt.Fprintln(t.err, "these generated files were edited, and nothing was written:")
	for _, p := range paths {
		fmt.Fprintln(t.err, "  "+filepath.Join(out, filepath.FromSlash(p)))
	}
	fmt.Fprintln(t.err, "run again with --diff to see the edits undone, and with --force to undo them;\n"+
		"what should stay belongs into the model, or into a file of your own beside them")
}

// report says what was done, in a line, and which files of the user's have
// lost their sticky note.
func (f generateFlags) report(t terminal, c *tree.Comparison, total int) error {
	for _, p := range c.Of(tree.Orphan) {
		fmt.Fprintf(t.out, "%s is yours, and its sticky note is gone: delete it when you need it no more\n",
			filepath.Join(f.out, filepath.FromSlash(p)))
	}
	written, removed := 0, 0
	for _, ch := range c.Changes {
		switch {
		case ch.Kind == tree.Orphan:
		case ch.New == nil:
			removed++
		default:
			written++
		}
	}
	_, err := fmt.Fprintf(t.out, "%s: %d files, %d written, %d removed, %d unchanged\n", f.out, total, written, removed, total-written)
	return err
}
