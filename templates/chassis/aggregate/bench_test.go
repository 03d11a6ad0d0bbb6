package aggregate

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

func BenchmarkRun(b *testing.B) {
	for name, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "bench.db") },
		"postgres": func() string { return testservers.Postgres(b) },
	} {
		for way, spec := range map[string]Spec[account, event]{"state": accounts(), "events": sourced(accounts())} {
			b.Run(name+"/"+way, func(b *testing.B) {
				db := open(b, url())
				benchmarkRun(b, db, spec)
			})
		}
	}
}

func benchmarkRun(b *testing.B, db *store.DB, spec Spec[account, event]) {
	spec.OwnTopic = ""
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
			_, err := r.Run(b.Context(), command.Request{Name: "Deposit", ID: values.ID(fmt.Sprint("a", i%instances)), Key: command.Key{Scope: "http", ID: fmt.Sprint(i)}}, deposits("1"))
			if err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkAppend appends to instances all over a table that has so many events already.
func BenchmarkAppend(b *testing.B) {
	for _, events := range []int{10_000, 100_000, 1_000_000} {
		for name, url := range map[string]func() string{
			"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "bench.db") },
			"postgres": func() string { return testservers.Postgres(b) },
		} {
			b.Run(fmt.Sprintf("%s/events=%d", name, events), func(b *testing.B) {
				benchmarkAppend(b, open(b, url()), events)
			})
		}
	}
}

func benchmarkAppend(b *testing.B, db *store.DB, events int) {
	const each = 100
	spec := accounts()
	spec.OwnTopic, spec.Sourced = "", bySourcing(each)
	r := prepare(b, db, spec)
	openAccount(b, r, "a0", "a0")
	_, err := r.Run(b.Context(), command.Request{Name: "Deposit", ID: "a0"}, deposits("1"))
	must(b, err)
	instances := events / each
	json := "TEXT"
	if db.Dialect() == store.Postgres {
		json = "JSONB"
	}
	number := func(n int) string {
		return fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", n-1)
	}
	for _, fill := range []string{
		number(events) + fmt.Sprintf(`INSERT INTO accounts_events (instance, version, message, name, data_version, data, at, actor)
			SELECT 'p' || (i / %d), i %% %d + 1, 'm' || i, name, data_version, data, at, actor FROM accounts_events, n WHERE instance = 'a0' AND version = 2`, each, each),
		number(instances) + fmt.Sprintf(`INSERT INTO accounts (_id, _version, _doc, _snapshot, _base, _deleted, _shape, _created_at, _created_by, _updated_at, _updated_by, owner, number, balance)
			SELECT 'p' || i, %d, CAST('{"owner":"o","number":"p' || i || '","balance":"1"}' AS %s), %d, 0, _deleted, _shape, _created_at, _created_by, _updated_at, _updated_by, owner, 'p' || i, balance FROM accounts, n WHERE _id = 'a0'`, each, json, each),
	} {
		_, err := db.Exec(b.Context(), fill)
		must(b, err)
	}
	var n atomic.Int64
	b.SetParallelism(4)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := values.ID(fmt.Sprint("p", n.Add(7919)%int64(instances)))
			if _, err := r.Run(b.Context(), command.Request{Name: "Deposit", ID: id}, deposits("1")); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}
