package devrun

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/plan/services"
)

// inPython reports whether a service is written in Python.
func (o Options) inPython(service string) bool {
	return slices.ContainsFunc(o.System.InPython(), func(v *services.Service) bool { return v.Dir == service })
}

func serviceDir(dir, service string) string { return filepath.Join(dir, "services", service) }

// requirements is the file that says what a service is built on.
const requirements = "requirements.txt"

// installedIn is where what a service is built on is installed: services that are
// built on the same share it, and it stays for the next run.
func installedIn(dir, service string) string {
	data, _ := os.ReadFile(filepath.Join(serviceDir(dir, service), requirements)) // install says what is wrong with it
	sum := sha256.Sum256(data)
	return filepath.Join(dir, ".esgen", "python", hex.EncodeToString(sum[:6]))
}

// interpreter is the Python of an environment.
func interpreter(dir, service string) string {
	return inEnvironment(installedIn(dir, service), "python")
}

func inEnvironment(env, program string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(env, "Scripts", program+".exe")
	}
	return filepath.Join(env, "bin", program)
}

// The oldest Python that services run on.
const oldestMajor, oldestMinor = 3, 11

// install installs what a service is built on, unless that was done before.
func install(ctx context.Context, dir, service string) error {
	env := installedIn(dir, service)
	whole := filepath.Join(env, "installed")
	if _, err := os.Stat(whole); err == nil {
		return nil
	}
	python, err := findPython(ctx, service)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(env); err != nil { // half of one that was begun
		return err
	}
	steps := [][]string{
		{python, "-m", "venv", env},
		{inEnvironment(env, "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r", filepath.Join(serviceDir(dir, service), requirements)},
	}
	for _, step := range steps {
		if err := said(ctx, service, step); err != nil {
			return err
		}
	}
	return os.WriteFile(whole, nil, 0o600)
}

// findPython finds an interpreter that is new enough.
func findPython(ctx context.Context, service string) (string, error) {
	for _, name := range []string{"python3", "python"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		var major, minor int
		out, err := exec.CommandContext(ctx, path, "-c", "import sys; print(*sys.version_info[:2])").Output()
		if err != nil {
			continue
		}
		if _, err := fmt.Sscan(string(out), &major, &minor); err != nil {
			continue
		}
		if major == oldestMajor && minor >= oldestMinor {
			return path, nil
		}
		return "", fmt.Errorf("%s is written in Python, and needs version %d.%d or newer; %s is %d.%d", service, oldestMajor, oldestMinor, path, major, minor)
	}
	return "", fmt.Errorf("%s is written in Python, and there is no python3 command here; see https://www.python.org/downloads", service)
}

// said runs a step; when it fails, what it said is the error.
func said(ctx context.Context, service string, step []string) error {
	cmd := exec.CommandContext(ctx, step[0], step[1:]...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(*exec.ExitError)):
		return &BuildError{Name: service, Output: strings.Join(step, " ") + "\n" + string(bytes.TrimSpace(out.Bytes()))}
	}
	return fmt.Errorf("build %s: %w", service, err)
}
