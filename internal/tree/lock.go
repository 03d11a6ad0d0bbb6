package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/esgen/esgen/internal/lock"
)

// Lock takes a directory for one generation, from comparing until what it
// compared is applied. What a run was doing that was killed is taken back.
func Lock(dir string) (release func() error, err error) {
	if err := Usable(dir); err != nil {
		return nil, err
	}
	release, err = lock.Dir(dir, "generate.lock")
	var held *lock.HeldError
	if errors.As(err, &held) {
		return nil, fmt.Errorf("another esgen, process %d, is writing to %s; try again when it has ended", held.Process, dir)
	}
	if err != nil {
		return nil, err
	}
	if err := heal(dir); err != nil {
		return nil, errors.Join(err, release())
	}
	return release, nil
}

// Usable says what keeps a directory from being one, or from being made.
func Usable(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.IsDir():
		return nil
	case err == nil:
		return fmt.Errorf("%s is a file, and the output is a directory", dir)
	case errors.Is(err, syscall.ENOTDIR):
		parent := filepath.Dir(dir)
		for {
			if _, err := os.Stat(parent); err == nil {
				return fmt.Errorf("%s cannot be made: %s is a file", dir, parent)
			}
			parent = filepath.Dir(parent)
		}
	}
	return err
}
