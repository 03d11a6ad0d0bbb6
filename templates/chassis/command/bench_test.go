package command

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

func BenchmarkExecute(b *testing.B) {
	for name, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "bench.db") },
		"postgres": func() string { return testservers.Postgres(b) },
	} {
		for way, spec := range map[string]Spec[account, event]{"state": accounts(), "events": sourced(accounts())} {
			b.Run(name+"/"+way, func(b *testing.B) {
				db := open(b, url())
				benchmarkExecute(b, db, spec)
			})
		}
	}
}

func benchmarkExecute(b *testing.B, db *store.DB, spec Spec[account, event]) {
	spec.Private = nil
	r := prepare(b, db, spec)
	const instances = 64
	for i := range instances {
		openAccount(b, r, values.ID(fmt.Sprint("a", i)), fmt.Sprint("n", i))
	}
	var n atomic.Int64
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			_, err := Execute(b.Context(), r, Request{Name: "Deposit", ID: values.ID(fmt.Sprint("a", i%instances)), Key: Key{"http", fmt.Sprint(i)}}, deposits("1"))
			if err != nil {
				b.Error(err)
			}
		}
	})
}
