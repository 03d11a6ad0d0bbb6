//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package devrun

import (
	"os"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

// terminate ends a process: here it cannot be asked.
func terminate(p *os.Process) error { return p.Kill() }

// lock opens the file; nobody is kept from it.
func lock(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644) }

func unlock(f *os.File) error { return f.Close() }
