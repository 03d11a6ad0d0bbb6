package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/importer"
)

// largestBoard bounds the file of a board, in bytes.
const largestBoard = 64 << 20

func newImport(t terminal) *cobra.Command {
	var format, out, into string
	var colours []string
	runnable := false
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Make a model of a board that was made elsewhere",
		Long: "Import reads a board of another tool (" + strings.Join(importer.Formats(), ", ") + ")\n" +
			"and prints a model that passes check. What is unsure becomes a hotspot of the model; the report says what was taken,\n" +
			"inferred, asked and left out.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("import takes one file", "")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := boardFile(args[0])
			if err != nil {
				return err
			}
			said, err := importer.ParseColours(colours)
			if err != nil {
				return usage(fmt.Sprintf("--map: %v", err), "")
			}
			s, err := importer.Read(filepath.Base(args[0]), data, said)
			if format != "" {
				s, err = importer.ReadAs(format, data, said)
			}
			if err != nil {
				return usage(fmt.Sprintf("%s: %v", args[0], err), "--format says what it is")
			}
			if into != "" {
				return t.mergeInto(into, out, s, runnable)
			}
			m, err := importer.Build(s, runnable)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if err := t.keepNew(out, []byte(m.Text)); err != nil {
				return err
			}
			return m.Report.Print(t.err)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "what the file is, if its name and what is in it do not tell: "+strings.Join(importer.Formats(), ", "))
	cmd.Flags().StringVarP(&out, "out", "o", out, "write the model to a `file`, which must not be there yet, in place of the standard output")
	cmd.Flags().StringVar(&into, "into", into, "add what is new on the board to a model `file` that people have gone on with, and report what differs; with --out, write that to another file")
	cmd.Flags().StringArrayVar(&colours, "map", colours, "what a `colour=kind` of the board means, before its legend and the standard palette: orange=policy, #ffb570=event; can be repeated")
	cmd.Flags().BoolVar(&runnable, "runnable", runnable, "add what it takes to give a command: fields, somebody who asks, one command of each aggregate that creates")
	return cmd
}

// mergeInto adds what is new on a board to a model.
func (t terminal) mergeInto(file, out string, s *importer.Sketch, runnable bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return usage(fmt.Sprintf("there is no model at %s", file), "--into is a file that import has written before")
	}
	m, err := importer.Merge(file, text, s, runnable)
	if err != nil {
		return fmt.Errorf("import --into: %w", err)
	}
	if out != "" {
		err = t.keepNew(out, []byte(m.Text))
	} else if m.Text != string(text) {
		err = rewrite(file, []byte(m.Text))
	}
	if err != nil {
		return err
	}
	return m.Report.Print(t.err)
}

// boardFile reads a file of a size that a board can have.
func boardFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, usage(fmt.Sprintf("there is no board at %s", path), "")
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, usage(path+" is no file", "")
	}
	data, err := io.ReadAll(io.LimitReader(file, largestBoard+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(data) > largestBoard {
		return nil, usage(fmt.Sprintf("%s is larger than %d MiB: no board is", path, largestBoard>>20), "")
	}
	return data, nil
}

// keepNew writes a file that is not there yet, or prints when there is none.
func (t terminal) keepNew(file string, data []byte) error {
	if file == "" {
		return t.keep(file, data)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // a model is for everybody
	if errors.Is(err, os.ErrExist) {
		return usage(file+" is there already", "choose another file: what people have written is not overwritten")
	}
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
