package cli

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/model"
)

// starter is the model init writes.
//
//go:embed starter.yaml
var starter []byte

func newInit(t terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a small model to begin with",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := modelPath(args)
			path := filepath.Join(dir, model.DocumentName)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("%s is there already; nothing was changed", path)
			}
			if err != nil {
				return err
			}
			_, err = f.Write(starter)
			if err := errors.Join(err, f.Close()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(t.out, "wrote %s\n\nnext:\n  esgen check %[2]s     say what is wrong with it\n  esgen run %[2]s       generate, build and run it here\n", path, dir)
			return err
		},
	}
}
