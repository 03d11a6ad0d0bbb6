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
		Long:  "Init writes a small model with comments, esgen.yaml, into DIR or the directory you are in. It never writes over one.",
		Args:  atMostOne("directory"),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return t.init(dir)
		},
	}
}

func (t terminal) init(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, model.DocumentName)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usage(fmt.Sprintf("%s is there already; nothing was changed", path), "")
	}
	if err != nil {
		return err
	}
	_, err = f.Write(starter)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	argument := ""
	if dir != "." {
		argument = " " + dir
	}
	_, err = fmt.Fprintf(t.out, `wrote %s

next:
  esgen check%[2]s      says what is wrong with it
  esgen generate%[2]s   writes the services
  esgen run%[2]s        generates, builds and runs them here
`, path, argument)
	return err
}
