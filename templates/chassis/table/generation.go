package table

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/esgen/esgen/templates/chassis/store"
)

// Generations of a view: it is read in one, while another may be built from
// all events that there were.
type Generations struct {
	Live     int64
	Building int64 // 0: none
}

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
