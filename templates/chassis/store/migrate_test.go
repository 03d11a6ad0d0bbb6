package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/store"
)

// numbered is a migration that says how often it has run.
func numbered(number int, runs *atomic.Int64, steps ...store.Step) store.Migration {
	count := func(_ context.Context, tx *store.Tx) error {
		tx.AfterCommit(func() { runs.Add(1) })
		return nil
	}
	return store.Migration{Number: number, Name: fmt.Sprint("m", number), Steps: append([]store.Step{count}, steps...)}
}

func names(columns ...string) store.TableSpec {
	spec := store.TableSpec{Name: "names", Columns: []store.Column{{Name: "id", Type: store.Text, Key: true}}}
	for _, c := range columns {
		spec.Columns = append(spec.Columns, store.Column{Name: c, Type: store.Text})
		spec.Indexes = append(spec.Indexes, store.Index{Columns: []string{c}})
	}
	return spec
}

func columnsOf(t *testing.T, db *store.DB, table string) (columns []string) {
	t.Helper()
	all, err := store.Columns(t.Context(), db, table)
	must(t, err)
	for name := range all {
		columns = append(columns, name)
	}
	slices.Sort(columns)
	return columns
}

// Replicas that start at once run each migration once, and none on a database that
// holds nothing yet.
func TestReplicasMigrateAtOnce(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return sqliteURL(t) },
		"postgres": func(t *testing.T) string { return testservers.Postgres(t) },
		"postgres schema": func(t *testing.T) string {
			return testservers.Postgres(t) + "&search_path=front"
		},
	} {
		t.Run(name, func(t *testing.T) {
			url := url(t)
			var first, second atomic.Int64
			start := func(migrations ...store.Migration) {
				t.Helper()
				var wg sync.WaitGroup
				errs := make([]error, 4)
				for i := range errs {
					wg.Go(func() {
						db, err := store.Open(t.Context(), url)
						if err == nil {
							defer func() { _ = db.Close() }()
							err = errors.Join(db.Migrate(t.Context(), migrations...), db.Ensure(t.Context(), names("a", "b")))
						}
						errs[i] = err
					})
				}
				wg.Wait()
				must(t, errors.Join(errs...))
			}
			start(numbered(1, &first))
			start(numbered(1, &first), numbered(2, &second))
			start(numbered(1, &first), numbered(2, &second))
			if first.Load() != 0 || second.Load() != 1 { // the first is only noted: there was nothing that it could be about
				t.Errorf("they ran %d and %d times", first.Load(), second.Load())
			}
		})
	}
}

// What fails half-way, as a process does that dies, has done nothing, and runs again.
func TestMigrationsRunWholeOrNotAtAll(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		must(t, db.Ensure(ctx, names("a", "b")))
		dies := errors.New("dies")
		died := false
		var runs atomic.Int64
		m := numbered(1, &runs, store.DropColumn("names", "a"), func(context.Context, *store.Tx) error {
			if !died {
				died = true
				return dies
			}
			return nil
		}, store.DropColumn("names", "never there"), store.DropColumn("never there", "a"), store.DropTable("never there"))
		if err := db.Migrate(ctx, m); !errors.Is(err, dies) {
			t.Fatalf("%v", err)
		}
		if got := fmt.Sprint(columnsOf(t, db, "names")); got != "[a b id]" || runs.Load() != 0 {
			t.Errorf("there are %s after %d runs", got, runs.Load())
		}
		for range 2 {
			must(t, db.Migrate(ctx, m))
		}
		if got := fmt.Sprint(columnsOf(t, db, "names")); got != "[b id]" || runs.Load() != 1 {
			t.Errorf("there are %s after %d runs", got, runs.Load())
		}
		m.Name = "another"
		if err := db.Migrate(ctx, m); err == nil {
			t.Error("another migration of the same number is taken for it")
		}
	})
}

// dyingURL names the database on which a process dies while it migrates.
const dyingURL = "ESGEN_TEST_DYING"

// dying is a migration in which whoever runs it is killed, as the kernel or an
// operator does, if it is to.
func dying(die bool) store.Migration {
	return store.Migration{Number: 1, Name: "dying", Steps: []store.Step{store.DropColumn("names", "a"), store.LeaveColumn("names", "b"), func(ctx context.Context, tx *store.Tx) error {
		if _, err := store.Columns(ctx, tx, "names"); err != nil || !die { // what was put off is done by now
			return err
		}
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		return self.Kill()
	}}}
}

func TestAProcessThatDiesWhileItMigrates(t *testing.T) {
	if url := os.Getenv(dyingURL); url != "" {
		db, err := store.Open(t.Context(), url)
		must(t, err)
		must(t, db.Migrate(t.Context(), dying(true)))
		<-t.Context().Done()
	}
	testservers.OnBoth(t, func(t *testing.T, url string) {
		db := open(t, url)
		ctx := t.Context()
		must(t, db.Ensure(ctx, names("a", "b")))
		other := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+strings.Split(t.Name(), "/")[0]+"$")
		other.Env = append(os.Environ(), dyingURL+"="+url)
		said, err := other.CombinedOutput()
		if killed := (*exec.ExitError)(nil); !errors.As(err, &killed) || killed.Exited() {
			t.Fatalf("it was not killed: %v\n%s", err, said)
		}
		if got := fmt.Sprint(columnsOf(t, db, "names")); got != "[a b id]" {
			t.Errorf("half of it is done: %s", got)
		}
		if db.Dialect() == store.SQLite { // where it would be known to be dead when its lease is over
			_, err := db.Exec(ctx, "DELETE FROM platform_leases")
			must(t, err)
		}
		must(t, db.Migrate(ctx, dying(false)))
		if got := fmt.Sprint(columnsOf(t, db, "names")); got != "[b id]" {
			t.Errorf("there are %s", got)
		}
	})
}

// What only the release before writes stays for a while.
func TestLeftoversStayForAWhile(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		must(t, db.Ensure(ctx, names("a", "b")))
		_, err := db.Exec(ctx, "INSERT INTO names (id, a, b) VALUES ('1', 'x', 'y')")
		must(t, err)
		must(t, db.Migrate(ctx, store.Migration{Number: 1, Name: "leave", Steps: []store.Step{store.LeaveColumn("names", "a"), store.LeaveColumn("names", "b"), store.LeaveTable("gone")}}))
		must(t, db.Ensure(ctx, names()))
		must(t, db.DropLeftovers(ctx, 60_000_000_000))
		if got := fmt.Sprint(columnsOf(t, db, "names")); got != "[a b id]" {
			t.Errorf("there are %s", got)
		}
		// One that is wanted again begins anew.
		must(t, db.Ensure(ctx, names("b")))
		var b *string
		must(t, db.QueryRow(ctx, "SELECT b FROM names").Scan(&b))
		if b != nil {
			t.Errorf("it holds %q, which is of long ago", *b)
		}
		must(t, db.DropLeftovers(ctx, -1))
		if got := fmt.Sprint(columnsOf(t, db, "names")); got != "[b id]" {
			t.Errorf("there are %s", got)
		}
	})
}
