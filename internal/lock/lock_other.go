//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package lock

import (
	"os"
)

// hold takes an open file unless the process that has signed it is still there.
func hold(f *os.File) error {
	process := holder(f)
	if process == 0 || process == os.Getpid() {
		return nil
	}
	if p, err := os.FindProcess(process); err == nil { // an error where there is no such process
		_ = p.Release()
		return errHeld
	}
	return nil
}

// letGo gives a file back, signed by nobody.
func letGo(f *os.File) error { return f.Close() }

// discard takes the signature out: an open file cannot be removed.
func discard(f *os.File) error { return f.Truncate(0) }
