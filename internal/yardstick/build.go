package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// contexts of the model: the same aggregate, without a view and with one.
var contexts = []string{"counter", "shop"}

// programs are paths by "service/<context>" and "twin".
type programs map[string]string

// build generates and compiles what is measured, all as the image of a
// generated service is.
func build(ctx context.Context, dir string, o options) (programs, error) {
	esgen := o.esgen
	if esgen == "" {
		esgen = filepath.Join(dir, "esgen")
		if err := goBuild(ctx, "../..", esgen, "./cmd/esgen"); err != nil {
			return nil, err
		}
	}
	out := filepath.Join(dir, "out")
	if err := command(ctx, ".", esgen, "generate", "model", "--out", out); err != nil {
		return nil, err
	}
	built := programs{"twin": filepath.Join(dir, "twin")}
	if err := goBuild(ctx, ".", built["twin"], "./twin"); err != nil {
		return nil, err
	}
	for _, context := range contexts {
		program := filepath.Join(dir, context)
		if err := goBuild(ctx, filepath.Join(out, "services", context), program, "./cmd/"+context); err != nil {
			return nil, err
		}
		built["service/"+context] = program
	}
	return built, nil
}

func goBuild(ctx context.Context, dir, program, path string) error {
	return command(ctx, dir, "go", "build", "-trimpath", "-tags=grpcnotrace", "-ldflags=-s -w", "-o", program, path)
}

func command(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stderr, cmd.Env = dir, os.Stderr, append(os.Environ(), "CGO_ENABLED=0")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %v: %w", name, args, err)
	}
	return nil
}
