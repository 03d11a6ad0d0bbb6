package table

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/templates/chassis/store"
)

// Generations of a view: it is read in one, while another may be built from
// all events that there were.
type Generations struct {
	Live     int64 // negative: the first that can be read is being built
	Building int64 // 0: none
}

// unread is the live generation of a view of which nothing can be read yet.
const unread = -1

// ReadGenerations returns the generations of the views that were ever rebuilt.
func ReadGenerations(ctx context.Context, q store.Querier) (map[string]Generations, error) {
	rows, err := q.Query(ctx, "SELECT name, live, COALESCE(building, 0) FROM platform_views")
	if err != nil {
		return nil, fmt.Errorf("generations of views: %w", err)
	}
	defer func() { _ = rows.Close() }()
	generations := map[string]Generations{}
	for rows.Next() {
		var name string
		var g Generations
		if err := rows.Scan(&name, &g.Live, &g.Building); err != nil {
			return nil, fmt.Errorf("generations of views: %w", err)
		}
		generations[name] = g
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("generations of views: %w", err)
	}
	return generations, nil
}

// Build asks for the next generation of a view. One that is being built
// already goes on.
func Build(ctx context.Context, db *store.DB, name string) error {
	_, err := db.Exec(ctx, `INSERT INTO platform_views (name, live, building) VALUES ($1, 0, 1)
		ON CONFLICT (name) DO UPDATE SET building = platform_views.live + 1 WHERE platform_views.building IS NULL`, name)
	if err != nil {
		return fmt.Errorf("rebuild view %s: %w", name, err)
	}
	return nil
}

// Switch has the generation read that was being built. It says no when another
// replica has done so.
func Switch(ctx context.Context, q store.Querier, name string, generation int64) (bool, error) {
	n, err := q.Exec(ctx, "UPDATE platform_views SET live = building, building = NULL WHERE name = $1 AND building = $2", name, generation)
	if err != nil {
		return false, fmt.Errorf("switch view %s: %w", name, err)
	}
	return n == 1, nil
}

func liveGeneration(ctx context.Context, q store.Querier, name string) (int64, error) {
	var live int64
	err := q.QueryRow(ctx, "SELECT live FROM platform_views WHERE name = $1", name).Scan(&live)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return live, err
}

// Kept is a view that a service keeps; a *Table is one.
type Kept interface {
	Name() string
	// Stands tells whether there is a table of its rows.
	Stands(ctx context.Context) (bool, error)
}

// Register notes which views a service keeps. A view that was not known before,
// though something is stored already, is one of a newer release: its rows are made
// from all events that there were, and it is read once they are.
func Register(ctx context.Context, db *store.DB, views ...Kept) error {
	if len(views) == 0 {
		return nil
	}
	empty, err := db.Empty(ctx)
	if err != nil {
		return fmt.Errorf("register views: %w", err)
	}
	begun := map[string]bool{}
	for _, v := range views {
		stands, err := v.Stands(ctx) // from a release that registered none
		if err != nil {
			return fmt.Errorf("register view %s: %w", v.Name(), err)
		}
		begun[v.Name()] = empty || stands
	}
	return db.InTx(ctx, func(tx *store.Tx) error {
		for _, name := range slices.Sorted(maps.Keys(begun)) {
			live, building := int64(0), any(nil)
			if !begun[name] {
				live, building = unread, 1
			}
			tx.Later(nil, "INSERT INTO platform_views (name, live, building) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", name, live, building)
		}
		return nil
	})
}

// OfVersion is the name of something that each version of a view has its own of,
// replicas of two releases at a time. The first version has the plain name.
func OfVersion(name string, version int) string {
	if version <= 1 {
		return name
	}
	return name + "__v" + strconv.Itoa(version)
}

// IsVersionOf tells whether a view of some version is the one of a name.
func IsVersionOf(known, name string) bool {
	plain, _, _ := strings.Cut(known, "__v")
	return plain == name
}

// Leave is the step that leaves the rows of a version of a view to replicas that still
// read them.
func Leave(name, table string, version int) store.Step {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := leave(ctx, tx, name, table, version)
		return err
	}
}

// LeaveColumn is the step that leaves a column of a view.
func LeaveColumn(name, table, column string, version int) store.Step {
	return func(ctx context.Context, tx *store.Tx) error {
		last, err := lastGeneration(ctx, tx, name, version)
		for generation := range last + 1 {
			if err == nil {
				err = store.LeaveColumn(OfGeneration(OfVersion(table, version), generation), column)(ctx, tx)
			}
		}
		return err
	}
}

// leave tells the last generation that the view had.
func leave(ctx context.Context, tx *store.Tx, name, table string, version int) (last int64, err error) {
	last, err = lastGeneration(ctx, tx, name, version)
	for generation := range last + 1 {
		if err == nil {
			err = store.LeaveTable(OfGeneration(OfVersion(table, version), generation))(ctx, tx)
		}
	}
	return last, err
}

// lastGeneration is the newest of a version of a view, built or being built.
func lastGeneration(ctx context.Context, tx *store.Tx, name string, version int) (last int64, err error) {
	err = tx.QueryRow(ctx, "SELECT COALESCE(building, live) FROM platform_views WHERE name = $1", OfVersion(name, version)).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return last, err
}

// Supersede is the step that has the rows of a view made anew, in a version of their
// own, from all events that there were. Those of the version before are left.
func Supersede(name, table string, version int) store.Step {
	return func(ctx context.Context, tx *store.Tx) error {
		last, err := leave(ctx, tx, name, table, version-1)
		if err != nil {
			return err
		}
		// Its generations go on counting: who follows changes is told that they are others.
		_, err = tx.Exec(ctx, "INSERT INTO platform_views (name, live, building) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
			OfVersion(name, version), unread, last+1)
		return err
	}
}

type generationKey struct{}

// WithGeneration returns a context in which views are those of a generation:
// a rebuild fills the next one beside the one that is read.
func WithGeneration(ctx context.Context, generation int64) context.Context {
	return context.WithValue(ctx, generationKey{}, generation)
}

// Generation is the generation of views that the context asks for, if it does.
func Generation(ctx context.Context) (generation int64, ok bool) {
	generation, ok = ctx.Value(generationKey{}).(int64)
	return generation, ok
}

// OfGeneration is the name of something that each generation has its own of.
// The first generation, which is 0, has the plain name.
func OfGeneration(name string, generation int64) string {
	if generation == 0 {
		return name
	}
	return name + "__" + strconv.FormatInt(generation, 10)
}
