//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package devrun

import (
	"os"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

// terminate ends a process: here it cannot be asked.
func terminate(p *os.Process) error { return p.Kill() }
