//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package devrun

import (
	"errors"
	"os"
	"syscall"
)

// attributes puts a process into a group of its own: Ctrl-C in the terminal is
// ours to pass on, in our order.
func attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true}
	dieWithUs(a)
	return a
}

// terminate asks a process to end.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// lock takes a file for this process alone, until unlock or until the process
// is gone.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errRunning
		}
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// unlock gives a locked file back. Closing it is not enough: a process that is
// being started has it open for a moment.
func unlock(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}
