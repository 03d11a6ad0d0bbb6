// Command pins works out the pinned dependencies of generated modules: it lays
// out a scratch platform module and two scratch services that import all of
// it, one of them without gRPC, with the versions of this repository's own
// go.mod, tidies them, and keeps the requirements and checksums in
// templates/pins, from where generation copies them. Run it whenever the
// chassis or its dependencies change:
//
//	go run ./internal/pins
package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/esgen/esgen/templates"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pins:", err)
		os.Exit(1)
	}
}

const scratchModule = "pins.invalid/system"

func run() error {
	dir, err := os.MkdirTemp("", "pins")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	own, err := os.ReadFile("go.mod")
	if err != nil {
		return fmt.Errorf("run me in the root of the repository: %w", err)
	}
	packages, err := copyChassis(filepath.Join(dir, "platform"))
	if err != nil {
		return err
	}
	if err := pin(filepath.Join(dir, "platform"), scratchModule+"/platform", own, "platform", false); err != nil {
		return err
	}
	// A service without gRPC shall not need what only gRPC needs.
	const grpc = scratchModule + "/platform/grpc"
	without := slices.DeleteFunc(slices.Clone(packages), func(p string) bool { return strings.HasPrefix(p, grpc) })
	for name, imports := range map[string][]string{"service": without, "service-grpc": packages} {
		service := filepath.Join(dir, name)
		if err := writeImports(service, imports); err != nil {
			return err
		}
		if err := pin(service, scratchModule+"/"+name, own, name, true); err != nil {
			return err
		}
	}
	return nil
}

// copyChassis lays out the platform module and lists its packages.
func copyChassis(to string) ([]string, error) {
	var packages []string
	chassis := templates.Chassis()
	err := fs.WalkDir(chassis, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := fs.ReadFile(chassis, path)
		if err != nil {
			return err
		}
		data = bytes.ReplaceAll(data, []byte(`"`+templates.ChassisImport+"/"), []byte(`"`+scratchModule+"/platform/"))
		file := filepath.Join(to, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		pkg := scratchModule + "/platform/" + filepath.ToSlash(filepath.Dir(path))
		if len(packages) == 0 || packages[len(packages)-1] != pkg {
			packages = append(packages, pkg)
		}
		return os.WriteFile(file, data, 0o644)
	})
	return packages, err
}

func writeImports(dir string, packages []string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("package service\n\nimport (\n")
	for _, p := range packages {
		fmt.Fprintf(&b, "\t_ %q\n", p)
	}
	b.WriteString(")\n")
	return os.WriteFile(filepath.Join(dir, "imports.go"), []byte(b.String()), 0o644)
}

// pin tidies a module and keeps what it requires.
func pin(dir, module string, own []byte, name string, usesPlatform bool) error {
	mod, err := modfile.Parse("go.mod", own, nil)
	if err != nil {
		return err
	}
	if err := mod.AddModuleStmt(module); err != nil {
		return err
	}
	if usesPlatform {
		platform := scratchModule + "/platform"
		if err := mod.AddRequire(platform, "v0.0.0"); err != nil {
			return err
		}
		if err := mod.AddReplace(platform, "", "../platform", ""); err != nil {
			return err
		}
	}
	data, err := mod.Format()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), data, 0o644); err != nil {
		return err
	}
	tidy := exec.CommandContext(context.Background(), "go", "mod", "tidy")
	tidy.Dir, tidy.Stderr = dir, os.Stderr
	tidy.Env = append(os.Environ(), "GOWORK=off")
	if err := tidy.Run(); err != nil {
		return fmt.Errorf("go mod tidy of the %s: %w", name, err)
	}
	if data, err = os.ReadFile(filepath.Join(dir, "go.mod")); err != nil {
		return err
	}
	if mod, err = modfile.Parse("go.mod", data, nil); err != nil {
		return err
	}
	var requires strings.Builder
	for _, r := range mod.Require {
		if r.Mod.Path == scratchModule+"/platform" {
			continue
		}
		fmt.Fprintf(&requires, "\t%s %s", r.Mod.Path, r.Mod.Version)
		if r.Indirect {
			requires.WriteString(" // indirect")
		}
		requires.WriteByte('\n')
	}
	if err := os.WriteFile(filepath.Join("templates/pins", name+".require"), []byte(requires.String()), 0o644); err != nil {
		return err
	}
	sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("templates/pins", name+".sum"), sum, 0o644)
}
