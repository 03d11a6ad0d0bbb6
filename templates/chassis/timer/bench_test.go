package timer

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// BenchmarkRing has timers ring that are due, as one replica does. Beside it is
// what somebody would write by hand: rows that are claimed, deleted and put into the
// outbox.
func BenchmarkRing(b *testing.B) {
	for name, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "bench.db") },
		"postgres": func() string { return testservers.Postgres(b) },
	} {
		for way, ring := range map[string]func(ctx context.Context, t *Timers) (int, error){
			"timers": func(ctx context.Context, t *Timers) (int, error) { return t.ring(ctx, nil) },
			"twin":   ringByHand,
		} {
			b.Run(name+"/"+way, func(b *testing.B) {
				db, err := store.Open(b.Context(), url())
				if err != nil {
					b.Fatal(err)
				}
				defer func() { _ = db.Close() }()
				benchmarkRing(b, New(db, "/test/here", "test.here.timers"), ring)
			})
		}
	}
}

func benchmarkRing(b *testing.B, t *Timers, ring func(ctx context.Context, t *Timers) (int, error)) {
	if err := t.db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := t.Prepare(b.Context()); err != nil {
		b.Fatal(err)
	}
	for set := 0; set < b.N; set += batch {
		err := t.db.InTx(b.Context(), func(tx *store.Tx) error {
			for n := set; n < min(set+batch, b.N); n++ {
				if err := t.set(b.Context(), tx, "Remind", placed(fmt.Sprint("o", n), 0), begin.Add(-time.Hour)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	since := testservers.Processor()
	for rung := 0; rung < b.N; {
		n, err := ring(b.Context(), t)
		if err != nil || n == 0 {
			b.Fatal(rung, err)
		}
		rung += n
	}
	testservers.Rate(b, "timer", since)
}

func ringByHand(ctx context.Context, t *Timers) (rung int, err error) {
	err = t.db.InTx(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, "SELECT id, message FROM "+waiting+" WHERE due_at <= "+tx.Dialect().Now()+fmt.Sprintf(" ORDER BY due_at LIMIT %d", batch)+tx.Dialect().SkipLocked())
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id values.ID
			var text string
			if err := rows.Scan(&id, &text); err != nil {
				return err
			}
			var e message.Envelope
			if err := json.Unmarshal([]byte(text), &e); err != nil {
				return err
			}
			rung++
			tx.Later(nil, "DELETE FROM "+waiting+" WHERE policy = 'Remind' AND id = $1", id)
			if err := outbox.Append(tx, e); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return rung, err
}
