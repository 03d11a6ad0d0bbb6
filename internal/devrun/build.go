package devrun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"
)

// BuildError says that code of the system does not build; Output is what the
// compiler said.
type BuildError struct {
	Name   string
	Output string
}

func (e *BuildError) Error() string { return fmt.Sprintf("%s does not build:\n%s", e.Name, e.Output) }

// Build compiles what Start starts with the same options: first what the
// services share, so that it is compiled once, then several services at a
// time. Done is told of each as it is finished; nil: nobody is.
func Build(ctx context.Context, opts Options, done func(name string, took time.Duration)) error {
	if _, err := exec.LookPath("go"); err != nil {
		return errors.New("the services are built with Go, and there is no go command here; see https://go.dev/dl")
	}
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return err
	}
	names, err := opts.names()
	if err != nil {
		return err
	}
	locked, err := lockDir(dir) // the binaries of a running system are not replaced
	if err != nil {
		return err
	}
	defer func() { _ = locked.Release() }() // Start takes it again, and says what is wrong with it
	build := func(ctx context.Context, name string, args ...string) error {
		began := time.Now()
		if err := goBuild(ctx, dir, name, args...); err != nil {
			return err
		}
		if done != nil {
			done(name, time.Since(began))
		}
		return nil
	}
	if err := build(ctx, "platform", "./platform/..."); err != nil {
		return err
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for _, name := range names {
		work.Go(func() error { return build(ctx, name, "-o", binary(dir, name), packageOf(name)) })
	}
	return work.Wait()
}

func packageOf(name string) string {
	switch name {
	case standins:
		return "./standins"
	case Gateway:
		return "./gateway/cmd/gateway"
	}
	return "./services/" + name + "/cmd/" + name
}

// binary is where the program of a service is put.
func binary(dir, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(dir, ".esgen", "bin", name)
}

func goBuild(ctx context.Context, dir, name string, args ...string) error {
	// Whether the output lies in somebody's repository is nothing to it.
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-buildvcs=false"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(dir, "go.work"))
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(*exec.ExitError)):
		return &BuildError{Name: name, Output: string(bytes.TrimSpace(out))}
	}
	return fmt.Errorf("build %s: %w", name, err)
}
