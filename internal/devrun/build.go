package devrun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
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
	for _, name := range names {
		if opts.inPython(name) {
			began := time.Now()
			if err := install(ctx, dir, name); err != nil {
				return err
			}
			if done != nil {
				done(name, time.Since(began))
			}
		}
	}
	names = slices.DeleteFunc(names, opts.inPython)
	c := compiler{dir: dir, alone: opts.System.Layout.Standalone, flags: []string{"-buildvcs=false"}} // whether the output lies in somebody's repository is nothing to it
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
	if !c.alone {
		packages, err := c.packages(ctx, names)
		if err != nil {
			return err
		}
		if err := build(ctx, allPackages, packages...); err != nil {
			return err
		}
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for _, name := range names {
		work.Go(func() error {
			in, pkg := packageOf(name)
			args := []string{"-o", binary(dir, name), "./" + path.Join(in, pkg)}
			if c.alone {
				args = []string{"-C", in, "-o", binary(dir, name), "./" + pkg}
			}
			return build(ctx, name, args...)
		})
	}
	return work.Wait()
}

// allPackages is how the step before the programs is called.
const allPackages = "packages"

// tags leave out of services what they do not need on this machine, and add doors.
// Whoever has tags of their own in GOFLAGS keeps those: the go command takes one list.
func (o Options) tags() []string {
	var tags []string
	own := slices.IndexFunc(strings.Fields(os.Getenv("GOFLAGS")), func(flag string) bool { return strings.HasPrefix(strings.TrimLeft(flag, "-"), "tags") })
	switch {
	case own >= 0 && !o.Doors:
		return nil
	case own >= 0:
		_, list, _ := strings.Cut(strings.Fields(os.Getenv("GOFLAGS"))[own], "=")
		tags = strings.Split(list, ",")
	case o.Lean:
		if o.DB == "" {
			tags = append(tags, "nopostgres")
		}
		if os.Getenv(collector) == "" {
			tags = append(tags, "nootlp")
		}
	}
	if o.Doors {
		tags = append(tags, "e2e")
	}
	return tags
}

// collector is the variable that says where traces go.
const collector = "OTEL_EXPORTER_OTLP_ENDPOINT"

// packageOf is the directory of a module, and the program of it.
func packageOf(name string) (module, program string) {
	switch name {
	case standins:
		return "standins", ""
	case Gateway:
		return "gateway", ""
	}
	return "services/" + name, "cmd/" + name
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
	alone bool // each module is built as a repository of its own
	flags []string
}

// packages lists what the programs of processes are made of, without the
// programs: nothing that is only for tests.
func (c compiler) packages(ctx context.Context, names []string) ([]string, error) {
	args := []string{"list", "-deps", `-f={{if ne .Name "main"}}{{.ImportPath}}{{end}}`}
	for _, name := range names {
		module, program := packageOf(name)
		args = append(args, "./"+path.Join(module, program))
	}
	out, err := c.run(ctx, allPackages, args...)
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(out)), nil
}

func (c compiler) run(ctx context.Context, name string, args ...string) ([]byte, error) {
	flags := c.flags
	if len(args) > 2 && args[1] == "-C" { // go wants it first
		flags, args = append([]string{"-C", args[2]}, flags...), slices.Delete(args, 1, 3)
	}
	cmd := exec.CommandContext(ctx, "go", slices.Insert(args, 1, flags...)...)
	cmd.Dir = c.dir
	work := "off"
	if !c.alone {
		work = filepath.Join(c.dir, "go.work")
	}
	cmd.Env = append(os.Environ(), "GOWORK="+work)
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
