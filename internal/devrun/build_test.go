package devrun_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/devrun"
)

// tiny is a system that builds at once.
func tiny(t *testing.T) devrun.Options {
	t.Helper()
	opts := devrun.Options{Dir: t.TempDir(), System: shop()}
	for path, text := range map[string]string{
		"go.work":                        "go 1.26.0\n\nuse (\n\t./platform\n\t./gateway\n\t./services/front\n\t./services/pay\n\t./standins\n)\n",
		"platform/go.mod":                "module example.com/shop/platform\n\ngo 1.26.0\n",
		"platform/platform.go":           "package platform\n",
		"services/front/go.mod":          "module example.com/shop/services/front\n\ngo 1.26.0\n",
		"services/front/cmd/front/m.go":  "package main\n\nfunc main() {}\n",
		"services/pay/go.mod":            "module example.com/shop/services/pay\n\ngo 1.26.0\n",
		"services/pay/cmd/pay/main.go":   "package main\n\nfunc main() {}\n",
		"gateway/go.mod":                 "module example.com/shop/gateway\n\ngo 1.26.0\n",
		"gateway/main.go":                "package main\n\nfunc main() {}\n",
		"standins/go.mod":                "module example.com/shop/standins\n\ngo 1.26.0\n",
		"standins/main.go":               "package main\n\nfunc main() {}\n",
		"services/front/cmd/front/.keep": "",
	} {
		file := filepath.Join(opts.Dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return opts
}

func TestBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles")
	}
	opts := tiny(t)
	var built []string
	names := make(chan string, 8)
	err := devrun.Build(t.Context(), opts, func(name string, _ time.Duration) { names <- name })
	close(names)
	for name := range names {
		built = append(built, name)
	}
	if err != nil || built[0] != "packages" {
		t.Fatalf("built %v: %v", built, err)
	}
	if slices.Sort(built); !slices.Equal(built, []string{"_gateway", "_standins", "front", "packages", "pay"}) {
		t.Errorf("built %v", built)
	}
	for _, name := range []string{"front", "pay", "_standins", "_gateway"} {
		if found, err := filepath.Glob(filepath.Join(opts.Dir, ".esgen", "bin", name+"*")); len(found) != 1 {
			t.Errorf("%s is not there (%v)", name, err)
		}
	}
}

func TestBuildFails(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles")
	}
	opts := tiny(t)
	wrong := filepath.Join(opts.Dir, "services", "pay", "cmd", "pay", "main.go")
	if err := os.WriteFile(wrong, []byte("package main\n\nfunc main() { pay() }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var failed *devrun.BuildError
	if err := devrun.Build(t.Context(), opts, nil); !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	if failed.Name != "pay" || !strings.Contains(failed.Output, "main.go:3:15: undefined: pay") || !strings.HasPrefix(failed.Error(), "pay does not build:\n") {
		t.Errorf("got %v", failed)
	}
	opts.Only = []string{"front"}
	if err := devrun.Build(t.Context(), opts, nil); err != nil {
		t.Errorf("front does not need pay to build: %v", err)
	}
	opts.Only = []string{"nobody"}
	if err := devrun.Build(t.Context(), opts, nil); err == nil {
		t.Error("nobody was built")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := devrun.Build(ctx, tiny(t), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

// Where a system will be is told before it is built, and each step of that.
func TestStartBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles")
	}
	opts := tiny(t)
	opts.Gateway = way()
	var said []string
	opts.Located = func(page string) {
		line, _, _ := strings.Cut(page, "\n")
		said = append(said, strings.Join(strings.Fields(line)[:4], " "))
	}
	built := make(chan string, 8)
	opts.Built = func(name string, _ time.Duration) { built <- name }
	_, err := devrun.Start(t.Context(), opts) // whose programs end at once
	var failed *devrun.StartError
	if !errors.As(err, &failed) {
		t.Errorf("it starts: %v", err)
	}
	close(built)
	if first := <-built; first != "packages" || len(built) != 4 || !slices.Equal(said, []string{"The <Shop> will run"}) {
		t.Errorf("%q, built %s and %d more", said, first, len(built))
	}
}
