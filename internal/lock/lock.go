// Package lock keeps a directory for one process at a time. The file of a lock
// names the process that has it; that of a process that is gone keeps nobody.
package lock

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Lock is a lock that is held.
type Lock struct{ file *os.File }

// HeldError says that another process has a lock.
type HeldError struct {
	Path    string
	Process int // 0 when it is not known
}

func (e *HeldError) Error() string {
	if e.Process == 0 {
		return e.Path + " is held by another esgen"
	}
	return fmt.Sprintf("%s is held by another esgen, process %d", e.Path, e.Process)
}

// Take takes the lock of a path, whose directory is there; a HeldError says that
// somebody else has it.
func Take(path string) (*Lock, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, err
		}
		err = hold(f)
		if errors.Is(err, errHeld) {
			process := holder(f)
			return nil, errors.Join(&HeldError{path, process}, f.Close())
		}
		if err == nil && !isAt(f, path) { // whoever had it has removed the file meanwhile
			if err = letGo(f); err == nil {
				continue
			}
		}
		if err == nil {
			err = sign(f)
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return &Lock{f}, nil
	}
}

// Release gives the lock back, and removes its file.
func (l *Lock) Release() error {
	return errors.Join(discard(l.file), letGo(l.file))
}

// errHeld says that a file is held by another process.
var errHeld = errors.New("held")

// holder is the process that has signed a file; 0: none.
func holder(f *os.File) int {
	data, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return 0
	}
	return n
}

// sign says in a file whose it is.
func sign(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// isAt reports whether an open file is the one at a path.
func isAt(f *os.File, path string) bool {
	mine, err := f.Stat()
	there, more := os.Stat(path)
	return err == nil && more == nil && os.SameFile(mine, there)
}

// tries bounds how often a directory is made that others take away: whoever had
// the lock took it with them.
const tries = 100

// Dir takes a lock of a directory that need not be there yet, by a file of the
// name in its part that is esgen's. What was made for it goes with it, where
// nothing else came.
func Dir(dir, name string) (release func() error, err error) {
	home := filepath.Join(dir, ".esgen")
	var l *Lock
	for range tries {
		if err = os.MkdirAll(home, 0o755); err == nil {
			l, err = Take(filepath.Join(home, name))
		}
		if err == nil || errors.As(err, new(*HeldError)) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return func() error {
		err := l.Release()
		if os.Remove(home) == nil { // it was empty
			_ = os.Remove(dir)
		}
		return err
	}, nil
}
