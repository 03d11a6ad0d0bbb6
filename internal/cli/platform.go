package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func newPlatform(t terminal) *cobra.Command {
	dir, of := "", "module"
	cmd := &cobra.Command{
		Use:   "platform",
		Short: "Write what services have in common as modules, to be released",
		Long: "Platform writes the modules that systems require which are generated with --platform: PATH/platform, and\n" +
			"PATH/testkit, which only their tests import. The files are those of a module proxy: any server of files\n" +
			"can offer them, and GOPROXY=file://DIR reads them. A version is never written over.",
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			r, err := release(of)
			if err != nil {
				return err
			}
			files, err := r.Publish()
			if err != nil {
				return err
			}
			for _, f := range files {
				at := filepath.Join(dir, filepath.FromSlash(f.Path))
				if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
					return err
				}
				if filepath.Base(at) == "list" {
					err = addTo(at, f.Data)
				} else {
					err = writeNew(at, f.Data)
				}
				if err != nil {
					return err
				}
			}
			_, err = fmt.Fprintf(t.out, "%s/platform and %s/testkit at %s in %s\n", r.Path, r.Path, r.Version, dir)
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "out", "modules", "directory of the proxy's files")
	cmd.Flags().StringVar(&of, "platform", of, "PATH@VERSION of the modules; module: the version of this esgen")
	return cmd
}

// writeNew writes a file that must not be there already.
func writeNew(at string, data []byte) error {
	f, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if os.IsExist(err) {
		return usage(at+" is there already: a version that was released stays as it is", "choose another version with --platform PATH@VERSION")
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// addTo adds a line to a list.
func addTo(at string, line []byte) error {
	f, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(line)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
