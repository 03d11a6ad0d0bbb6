//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package devrun

import (
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
