//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package devrun

import "syscall"

// dieWithUs cannot be asked for everywhere: after kill -9 of esgen its
// processes stay.
func dieWithUs(*syscall.SysProcAttr) {}
