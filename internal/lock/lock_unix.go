//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package lock

import (
	"errors"
	"os"
	"syscall"
)

// hold takes an open file, until letGo or until the process is gone: a lock
// cannot outlive who has it.
func hold(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errHeld
	}
	return err
}

// letGo gives a file back. Closing it is not enough: a process that is being
// started has it open for a moment.
func letGo(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}

// discard removes the file of a lock that is still held.
func discard(f *os.File) error { return os.Remove(f.Name()) }
