package devrun

import "syscall"

// dieWithUs lets the kernel end a process when the thread that started it is
// gone, as after kill -9: nobody would ever end it else.
func dieWithUs(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
