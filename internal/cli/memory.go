package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// What generating takes of memory before garbage is looked for, as far as that is
// more than what stays: a model and its plan stay to the end, and looking through
// them again and again is a fifth of the work.
const plentyBytes = 1_400 << 20

// How much garbage may lie beside what stays, in percent of it.
const (
	mostPercent  = 400
	leastPercent = 50
)

// plenty lets garbage lie for a while, unless whoever runs esgen has said how it
// is to be.
func plenty() (done func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	var over atomic.Bool
	percent := debug.SetGCPercent(mostPercent)
	afterEachCollection(func() (again bool) {
		if over.Load() {
			return false
		}
		debug.SetGCPercent(roomBeside(stays()))
		return true
	})
	return func() {
		over.Store(true)
		debug.SetGCPercent(percent)
	}
}

// roomBeside is the percentage that makes the best of plentyBytes.
func roomBeside(bytes uint64) int {
	if bytes == 0 {
		return mostPercent
	}
	return max(leastPercent, min(int(plentyBytes*100/bytes)-100, mostPercent))
}

// stays is what the last collection of garbage has left.
func stays() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// afterEachCollection calls a function whenever garbage has been collected, as
// long as it wants to be called again. A finalizer of garbage is what Go has for
// that.
func afterEachCollection(do func() (again bool)) {
	runtime.SetFinalizer(&struct{ garbage [16]byte }{}, func(any) {
		if do() {
			afterEachCollection(do)
		}
	})
}
