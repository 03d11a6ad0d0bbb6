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
	"slices"
	"strings"
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

// Build compiles what Start starts with the same options: first all packages,
// each once and as many at a time as there are processors, then a program for
// each service. Done is told of each step; nil: nobody is.
func Build(ctx context.Context, opts Options, done func(name string, took time.Duration)) error {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return err
	}
	locked, err := lockDir(dir) // the binaries of a running system are not replaced
	if err != nil {
		return err
	}
	defer func() { _ = locked.Release() }() // Start takes it again, and says what is wrong with it
	return compile(ctx, dir, opts, done)
}

// compile is Build in a directory that is ours.
func compile(ctx context.Context, dir string, opts Options, done func(name string, took time.Duration)) error {
	if _, err := exec.LookPath("go"); err != nil {
		return errors.New("the services are built with Go, and there is no go command here; see https://go.dev/dl")
	}
	names, err := opts.names()
	if err != nil {
		return err
	}
	c := compiler{dir: dir, flags: []string{"-buildvcs=false"}} // whether the output lies in somebody's repository is nothing to it
	if tags := opts.tags(); len(tags) > 0 {
		c.flags = append(c.flags, "-tags="+strings.Join(tags, ","))
	}
	build := func(ctx context.Context, name string, args ...string) error {
		began := time.Now()
		if _, err := c.run(ctx, name, append([]string{"build"}, args...)...); err != nil {
			return err
		}
		if done != nil {
			done(name, time.Since(began))
		}
		return nil
	}
	packages, err := c.packages(ctx, names)
	if err != nil {
		return err
	}
	if err := build(ctx, allPackages, packages...); err != nil {
		return err
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for _, name := range names {
		work.Go(func() error { return build(ctx, name, "-o", binary(dir, name), packageOf(name)) })
	}
	return work.Wait()
}

// allPackages is how the step before the programs is called.
const allPackages = "packages"

// tags leave out of services what they do not need on this machine. Whoever has
// tags of their own in GOFLAGS keeps those: the go command takes one list.
func (o Options) tags() []string {
	own := func(flag string) bool { return strings.HasPrefix(strings.TrimLeft(flag, "-"), "tags") }
	if !o.Lean || slices.ContainsFunc(strings.Fields(os.Getenv("GOFLAGS")), own) {
		return nil
	}
	var tags []string
	if o.DB == "" {
		tags = append(tags, "nopostgres")
	}
	if os.Getenv(collector) == "" {
		tags = append(tags, "nootlp")
	}
	return tags
}

// collector is the variable that says where traces go.
const collector = "OTEL_EXPORTER_OTLP_ENDPOINT"

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

// compiler is the go command, on a generated system.
type compiler struct {
	dir   string
	flags []string
}

// packages lists what the programs of processes are made of, without the
// programs: nothing that is only for tests.
func (c compiler) packages(ctx context.Context, names []string) ([]string, error) {
	args := []string{"list", "-deps", `-f={{if ne .Name "main"}}{{.ImportPath}}{{end}}`}
	for _, name := range names {
		args = append(args, packageOf(name))
	}
	out, err := c.run(ctx, allPackages, args...)
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(out)), nil
}

func (c compiler) run(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", slices.Insert(args, 1, c.flags...)...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(c.dir, "go.work"))
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	switch {
	case err == nil:
		return out, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, new(*exec.ExitError)):
		return nil, &BuildError{Name: name, Output: string(bytes.TrimSpace(said.Bytes()))}
	}
	return nil, fmt.Errorf("build %s: %w", name, err)
}
