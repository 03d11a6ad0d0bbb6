package given

import (
	"context"
	"fmt"

	"github.com/esgen/esgen/templates/chassis/store"
)

// wipe deletes all that a service knows. The tables stay, and what is noted of
// migrations and of the generations of views, which are about tables.
func wipe(ctx context.Context, db *store.DB) error {
	return db.InTx(ctx, func(tx *store.Tx) error {
		names, err := tables(ctx, tx)
		if err != nil {
			return fmt.Errorf("forget what was before: %w", err)
		}
		for _, name := range names {
			if _, err := tx.Exec(ctx, "DELETE FROM "+store.Quote(name)); err != nil {
				return fmt.Errorf("forget what was before: %w", err)
			}
		}
		return nil
	})
}

func tables(ctx context.Context, tx *store.Tx) ([]string, error) {
	query := "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
	if tx.Dialect() == store.SQLite {
		query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
	}
	rows, err := tx.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		switch name {
		case "platform_migrations", "service_migrations", "platform_leftovers", "platform_views":
		default:
			names = append(names, name)
		}
	}
	return names, rows.Err()
}
