package kafka

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
	"github.com/esgen/esgen/templates/chassis/view"
)

// release is a process of a release whose view is of a version.
func (p *place) release(spec table.Spec[sum], migrations ...store.Migration) *replica {
	p.t.Helper()
	r := &replica{table: table.New(p.db, spec), key: func(key string) view.Key { return keyOf(spec, key) }}
	subscribe := func(c *Consumer) {
		Project(c, Projection[noted]{Name: r.table.Name(), Topic: p.topic, Type: noteType, Do: func(ctx context.Context, tx *store.Tx, e noted, env message.Envelope) error {
			return r.table.Apply(ctx, tx, env.Meta(), view.Upsert(keyOf(spec, env.Key), func(s *sum) { s.N += int64(e.N) }))
		}})
	}
	r.main = NewConsumer(p.config())
	subscribe(r.main)
	r.rebuilder = NewRebuilder(r.main, subscribe, r.table)
	r.rebuilder.poll = 50 * time.Millisecond
	must(p.t, p.db.Migrate(p.t.Context(), migrations...))
	must(p.t, r.rebuilder.Register(p.t.Context()))
	must(p.t, r.table.Prepare(p.t.Context()))
	stopMain, stopRebuilder := run(p.t, r.main.Run), run(p.t, r.rebuilder.Run)
	r.stop = func() {
		stopMain()
		stopRebuilder()
	}
	return r
}

func sumSpec(name string) table.Spec[sum] {
	return table.Spec[sum]{
		Name: name, Table: "view_" + name,
		Columns: []store.Column{{Name: "key", Type: store.Text, Key: true}, {Name: "n", Type: store.Int}},
		Bind:    func(s *sum) []any { return []any{&s.Key, &s.N} },
	}
}

// inParts is the view with a key that its table could not have.
func inParts(name string) table.Spec[sum] {
	return table.Spec[sum]{
		Name: name, Table: "view_" + name, Version: 2,
		Columns: []store.Column{{Name: "part", Type: store.Text, Key: true}, {Name: "key", Type: store.Text, Key: true}, {Name: "n", Type: store.Int}},
		Bind:    func(s *sum) []any { return []any{&s.Part, &s.Key, &s.N} },
	}
}

func keyOf(spec table.Spec[sum], key string) view.Key {
	if spec.Version > 1 {
		return view.Key{"all", key}
	}
	return view.Key{key}
}

// A release whose view is another one, or new, makes it of all events, beside replicas
// of the release before, which go on with theirs.
func TestANewerReleaseMakesItsViewOfAllEvents(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		older := p.release(sumSpec("sums"))
		defer older.stop()
		must(t, older.rebuilder.Ready(t.Context()))
		for n := range 10 {
			p.publishAll(p.envelope("a", n+1), p.envelope("b", 1))
		}
		eventually(t, "the view is there", func() bool { return older.sum(p, "a") == 55 && older.sum(p, "b") == 10 })

		changed := inParts("sums")
		m := store.Migration{Number: 1, Name: "sums", Steps: []store.Step{table.Supersede("sums", "view_sums", 2)}}
		newer := p.release(changed, m)
		again := p.release(changed, m)
		added := p.release(sumSpec("more"), m)
		for _, r := range []*replica{newer, again, added} {
			eventually(t, "the newer view is whole", func() bool {
				row, err := r.table.Get(t.Context(), r.key("a")...)
				if err != nil && !errors.Is(err, view.ErrBuilding) {
					t.Fatal(err)
				}
				if ready := r.rebuilder.Ready(t.Context()); (err == nil) != (ready == nil) && r.rebuilder.Ready(t.Context()) != nil {
					t.Fatalf("it answers %v, and is ready: %v", err, ready)
				}
				return err == nil && row.N == 55
			})
		}
		p.publishAll(p.envelope("a", 100))
		eventually(t, "all go on", func() bool {
			return newer.sum(p, "a") == 155 && again.sum(p, "a") == 155 && added.sum(p, "a") == 155
		})

		must(t, newer.rebuilder.Rebuild(t.Context(), "sums"))
		eventually(t, "it is rebuilt", func() bool {
			all, err := table.ReadGenerations(t.Context(), p.db)
			must(t, err)
			return all["sums__v2"] == table.Generations{Live: 2} && again.sum(p, "a") == 155
		})
		older.stop()
		must(t, p.db.DropLeftovers(t.Context(), -1))
		if stands, err := older.table.Stands(t.Context()); err != nil || stands {
			t.Errorf("the table of the release before is there: %t, %v", stands, err)
		}
		if newer.sum(p, "a") != 155 {
			t.Error("rows are gone")
		}
		if n := p.count("platform_parked"); n != 0 {
			t.Errorf("%d parked", n)
		}
	})
}
