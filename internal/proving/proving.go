// Package proving builds a generated system as one program in which all its
// services run in virtual time, and has it prove itself.
package proving

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/tree"
)

// Program is a system that proves itself.
type Program struct{ path string }

// Write writes a system, with what proves it, to a directory of its own. The plan
// is that of the zero layout. What people have written is that of their own
// output; "": they have none.
func Write(ctx context.Context, p *plan.Plan, pack *render.Pack, dir, output string) error {
	if err := p.AddProof(); err != nil {
		return err
	}
	files, err := render.Render(ctx, p, pack)
	if err != nil {
		return err
	}
	changes, err := tree.Compare(dir, files)
	if err != nil {
		return err
	}
	if err := changes.Apply(true); err != nil {
		return err
	}
	if output == "" {
		return nil
	}
	for _, f := range files {
		path := filepath.FromSlash(f.Path)
		own, err := os.ReadFile(filepath.Join(output, path))
		if f.Owner != artifact.Seeded || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, path), own, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Build compiles what was written to a directory. The error can be a
// *devrun.BuildError.
func Build(ctx context.Context, dir string) (*Program, error) {
	dir, err := filepath.Abs(filepath.Join(dir, plan.ProveDir))
	if err != nil {
		return nil, err
	}
	p := &Program{filepath.Join(dir, "prove.test")}
	over, err := overlay(ctx, filepath.Join(dir, "runtime"))
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-buildvcs=false", "-overlay="+over, "-tags=nopostgres,nootlp", "-o", p.path, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(dir, "go.work"))
	said, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, new(*exec.ExitError)):
		return nil, &devrun.BuildError{Name: plan.ProveDir, Output: string(bytes.TrimSpace(said))}
	case err != nil:
		return nil, fmt.Errorf("build: %w", err)
	}
	return p, nil
}

// Options say how much is proved.
type Options struct {
	Histories int
	Seed      uint64 // of the first; 0: by chance
	Out       io.Writer
	Verbose   bool // services' logs are printed
	Quick     bool // what goes wrong is not cut down
}

// ErrWrong says that a history went wrong.
var ErrWrong = errors.New("a history went wrong")

// Run lets histories happen, until one goes wrong: ErrWrong.
func (p *Program) Run(ctx context.Context, o Options) error {
	cmd := exec.CommandContext(ctx, p.path, "-test.run=^TestHistories$", "-test.timeout=0")
	cmd.Dir = filepath.Dir(p.path)
	cmd.Env = append(os.Environ(), "PROVE_HISTORIES="+strconv.Itoa(o.Histories), "GOMAXPROCS=1")
	if o.Seed != 0 {
		cmd.Env = append(cmd.Env, "PROVE_SEED="+strconv.FormatUint(o.Seed, 10))
	}
	if o.Verbose {
		cmd.Env = append(cmd.Env, "PROVE_VERBOSE=1")
	}
	if o.Quick {
		cmd.Env = append(cmd.Env, "PROVE_QUICK=1")
	}
	if dir := memory; isDir(dir) {
		cmd.Env = append(cmd.Env, "PROVE_DIR="+dir)
	}
	cmd.Stdout, cmd.Stderr = o.Out, o.Out
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(*exec.ExitError)):
		return ErrWrong
	}
	return err
}

// memory is a file system in memory, where there is one: databases of histories
// are forgotten with them.
const memory = "/dev/shm"

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
