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
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

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
	yours, err := tree.Yours(output)
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.FromSlash(f.Path)
		own, err := os.ReadFile(filepath.Join(output, path))
		if f.Owner != artifact.Seeded && !yours[f.Path] || errors.Is(err, fs.ErrNotExist) {
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
	Workers   int    // processes that histories share; 0: one for each core
	Out       io.Writer
	Verbose   bool // services' logs are printed; there is one worker then
	Quick     bool // what goes wrong is not cut down
}

// ErrWrong says that a history went wrong.
var ErrWrong = errors.New("a history went wrong")

// few is how many histories are not worth a process.
const few = 10

// Run lets histories happen, until one goes wrong: ErrWrong.
func (p *Program) Run(ctx context.Context, o Options) error {
	if o.Seed == 0 {
		o.Seed = 1 + rand.Uint64N(1_000_000) //nolint:gosec // no secret
	}
	if o.Workers == 0 {
		o.Workers = min(runtime.NumCPU(), o.Histories/few)
	}
	if o.Verbose {
		o.Workers = 1
	}
	dir, err := os.MkdirTemp("", "prove")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fmt.Fprintf(o.Out, "PROVE_SEED=%d\n", o.Seed)
	began := time.Now()
	if o.Workers <= 1 {
		err = p.work(ctx, o, filepath.Join(dir, "0"))
	} else {
		err = p.share(ctx, o, dir)
	}
	if err != nil {
		return err
	}
	sums := make([]summary, max(o.Workers, 1))
	for i := range sums {
		if sums[i], err = readSummary(filepath.Join(dir, strconv.Itoa(i))); err != nil {
			return err
		}
	}
	fmt.Fprint(o.Out, together(sums, time.Since(began)))
	return nil
}

// share has workers share histories. What one says of a history that goes wrong is
// told, and the others end.
func (p *Program) share(ctx context.Context, o Options, dir string) error {
	said := make([]bytes.Buffer, o.Workers)
	working, ctx := errgroup.WithContext(ctx)
	for i := range o.Workers {
		working.Go(func() error {
			own := o
			from, to := i*o.Histories/o.Workers, (i+1)*o.Histories/o.Workers
			own.Seed, own.Histories, own.Out = o.Seed+uint64(from), to-from, &said[i] //nolint:gosec // not negative
			err := p.work(ctx, own, filepath.Join(dir, strconv.Itoa(i)))
			if errors.Is(err, ErrWrong) {
				return wrong{&said[i]}
			}
			return err
		})
	}
	err := working.Wait()
	var found wrong
	if errors.As(err, &found) {
		_, _ = found.said.WriteTo(o.Out)
		return ErrWrong
	}
	return err
}

// wrong is what a worker says of a history that goes wrong.
type wrong struct{ said *bytes.Buffer }

func (w wrong) Error() string { return ErrWrong.Error() }

// work lets histories happen in one process, which leaves a summary.
func (p *Program) work(ctx context.Context, o Options, summary string) error {
	cmd := exec.CommandContext(ctx, p.path, "-test.run=^TestHistories$", "-test.timeout=0")
	cmd.Dir = filepath.Dir(p.path)
	cmd.Env = append(os.Environ(), "PROVE_SUMMARY="+summary, "PROVE_HISTORIES="+strconv.Itoa(o.Histories), "PROVE_SEED="+strconv.FormatUint(o.Seed, 10), "GOMAXPROCS=1")
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
