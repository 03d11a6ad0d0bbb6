package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/format"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

func newFmt(t terminal) *cobra.Command {
	f := formatting{terminal: t}
	cmd := &cobra.Command{
		Use:   "fmt [FILE...]",
		Short: "Write the files of a model the canonical way",
		Long: "Fmt puts the keys of a model in the order of the language, indents by two blanks, and writes quotes only where they\n" +
			"are needed. Comments, blank lines and the order of what has names stay.\n\n" +
			"FILE is a file, or a directory that holds esgen.yaml: then that document and what it includes, as for the directory\n" +
			"you are in when there is none. - is the standard input. Without a flag, the result is printed.",
		RunE: func(_ *cobra.Command, args []string) error { return f.run(args) },
	}
	cmd.Flags().BoolVar(&f.write, "write", false, "write the files anew")
	cmd.Flags().BoolVar(&f.check, "check", false, "only list the files that are not canonical; exit 1 if there is one")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "only show what would change; exit 1 if anything would")
	return cmd
}

// formatting is one run of fmt.
type formatting struct {
	terminal
	write, check, diff bool
}

func (f formatting) run(args []string) error {
	if f.write && f.check || f.check && f.diff || f.diff && f.write {
		return usage("--write, --check and --diff exclude one another", "")
	}
	files, err := f.files(args)
	if err != nil {
		return err
	}
	diags, changed := &diag.List{}, 0
	for _, file := range files {
		out, faults := format.File(file)
		if len(faults) > 0 {
			diag.FromSource(diags, faults)
			continue
		}
		if bytes.Equal(out, file.Data) && (f.write || f.check || f.diff) {
			continue
		}
		changed++
		if err := f.show(file, out); err != nil {
			return err
		}
	}
	if err := f.told(diags); err != nil {
		return err
	}
	if diags.HasErrors() || changed > 0 && (f.check || f.diff) {
		return errNo
	}
	return nil
}

// show does with a canonical text what was asked for.
func (f formatting) show(file *source.File, out []byte) error {
	var err error
	switch {
	case f.write && file.Path != stdin:
		err = rewrite(file.Path, out)
		if err == nil {
			_, err = fmt.Fprintln(f.out, file.Path)
		}
	case f.check:
		_, err = fmt.Fprintln(f.out, file.Path)
	case f.diff:
		_, err = fmt.Fprintf(f.out, "--- %s\n+++ %s\n%s", file.Path, file.Path, tree.Change{Old: file.Data, New: out}.Diff())
	default:
		_, err = f.out.Write(out)
	}
	return err
}

// rewrite replaces what a file holds, whole or not at all, and nothing else
// about it.
func rewrite(path string, data []byte) (err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(path), ".esgen-fmt-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(next.Name())
		}
	}()
	_, err = next.Write(data)
	err = errors.Join(err, next.Chmod(info.Mode().Perm()), next.Close())
	if err != nil {
		return err
	}
	return os.Rename(next.Name(), path)
}

// stdin is how the standard input is named, as a file.
const stdin = "-"

// files reads the files that were named, each once.
func (f formatting) files(args []string) ([]*source.File, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var files []*source.File
	seen := map[string]bool{}
	for _, arg := range args {
		found, err := f.named(arg)
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			if !seen[file.Path] {
				seen[file.Path] = true
				files = append(files, file)
			}
		}
	}
	return files, nil
}

func (f formatting) named(arg string) ([]*source.File, error) {
	if arg == stdin {
		data, err := io.ReadAll(f.in)
		return []*source.File{{Path: stdin, Data: data}}, err
	}
	info, err := os.Stat(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage(fmt.Sprintf("there is no file %s", arg), "")
	case err != nil:
		return nil, err
	case !info.IsDir():
		data, err := os.ReadFile(arg)
		return []*source.File{{Path: arg, Data: data}}, err
	}
	path, err := findModel([]string{arg})
	if err != nil {
		return nil, err
	}
	sys, _ := model.Load(path)
	return sys.Files, nil
}
