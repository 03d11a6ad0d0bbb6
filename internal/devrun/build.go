package devrun

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/esgen/esgen/internal/plan"
)

// Build compiles the services of a generated system, several at a time. Done
// is told of each as it is finished; nil: nobody is.
func Build(ctx context.Context, dir string, sys *plan.System, done func(name string, took time.Duration)) error {
	bin, err := filepath.Abs(filepath.Join(dir, ".esgen", "bin"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	packages := map[string]string{}
	for _, s := range sys.Services {
		packages[s.Dir] = "./services/" + s.Dir + "/cmd/" + s.Dir
	}
	if sys.Standins() {
		packages[standins] = "./standins"
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for name, pkg := range packages {
		work.Go(func() error {
			began := time.Now()
			cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(bin, name), pkg)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("build %s: %w\n%s", name, err, out)
			}
			if done != nil {
				done(name, time.Since(began))
			}
			return nil
		})
	}
	return work.Wait()
}
