package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/model"
)

// there reports whether there is a file or a directory of that name.
func there(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// loadRef reads a model as it was at a git reference: the file at the path now,
// or the one that the reference names (origin/main:shop/esgen.yaml). Its places
// are shown with the reference before them. Beside comes the directory that it lay in.
func loadRef(ctx context.Context, ref, now string) (*model.System, fs.FS, *diag.List, error) {
	name, file, named := strings.Cut(ref, ":")
	repo, below, err := repository(ctx, filepath.Dir(now))
	if err != nil {
		return nil, nil, nil, err
	}
	commit, err := repo.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if err != nil {
		return nil, nil, nil, usage(fmt.Sprintf("there is no file, directory or git reference %s", name),
			"a clone of a build server may lack it: git fetch origin, then --against origin/main")
	}
	if !named {
		file = path.Join(below, filepath.Base(now))
	}
	files, file, err := repo.tree(ctx, commit, path.Clean(file), ref)
	if err != nil {
		return nil, nil, nil, err
	}
	sys, diags := model.LoadFS(files, path.Base(file))
	for _, f := range sys.Files {
		f.Path = name + ":" + path.Join(path.Dir(file), f.Path)
	}
	return sys, files, diags, nil
}

// repo is the top of a git repository.
type repo string

// repository finds the repository that holds a directory, and where in it the
// directory is.
func repository(ctx context.Context, dir string) (top repo, below string, err error) {
	if _, err := exec.LookPath("git"); err != nil {
		return "", "", usage("git is not installed, so there are no references to compare with", "name a file or a directory: --against old/esgen.yaml")
	}
	out, err := repo(dir).git(ctx, "rev-parse", "--show-toplevel", "--show-prefix")
	if err != nil {
		return "", "", usage(fmt.Sprintf("%s is in no git repository, so there are no references to compare with", where(dir)), "name a file or a directory: --against old/esgen.yaml")
	}
	root, prefix, _ := strings.Cut(out, "\n")
	return repo(root), prefix, nil
}

// git runs git in the repository and returns what it prints.
func (r repo) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = string(r)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimRight(string(out), "\n"), err
}

// tree is the directory of a file as it was at a commit, and the file: of a
// directory, the document in it.
func (r repo) tree(ctx context.Context, commit, file, ref string) (fs.FS, string, error) {
	kind, err := r.git(ctx, "cat-file", "-t", commit+":"+under(file))
	if err != nil {
		return nil, "", usage(fmt.Sprintf("there is no %s at %s", file, strings.SplitN(ref, ":", 2)[0]),
			fmt.Sprintf("if the model lay elsewhere then, say where: --against %s:old/%s", strings.SplitN(ref, ":", 2)[0], model.DocumentName))
	}
	if kind == "tree" {
		return r.tree(ctx, commit, path.Join(file, model.DocumentName), ref)
	}
	// Not compressed: it is read at once, and thrown away.
	cmd := exec.CommandContext(ctx, "git", "archive", "--format=zip", "-0", commit+":"+under(path.Dir(file)))
	cmd.Dir = string(r)
	data, err := cmd.Output()
	if err != nil {
		return nil, "", fmt.Errorf("git archive: %w", errors.Join(err, exitText(err)))
	}
	files, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	return files, file, err
}

// under is a path as git wants it behind a colon; the top is nothing.
func under(dir string) string {
	if dir == "." {
		return ""
	}
	return dir
}

// exitText is what a command wrote before it failed.
func exitText(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return errors.New(string(bytes.TrimSpace(exit.Stderr)))
	}
	return nil
}
