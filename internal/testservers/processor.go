package testservers

import (
	"syscall"
	"testing"
	"time"
)

// Processor is how long processors have worked for this process, and for the kernel on its
// behalf; 0: that is not known. It tells more than time by the clock where a machine
// has other things to do.
func Processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Rate reports how many of what a benchmark does were done each second, and for how
// long processors worked for one: since the timer was reset, when Processor said since.
func Rate(b *testing.B, what string, since time.Duration) {
	b.Helper()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), what+"s/s")
	b.ReportMetric(float64((Processor()-since).Microseconds())/float64(b.N), "cpu-µs/"+what)
}
