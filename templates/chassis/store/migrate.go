package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

//go:embed migrations
var chassisMigrations embed.FS

// Migrate brings the chassis' own tables, and then those of the service's
// migrations, to their newest version. The service's files are in the
// directories postgres and sqlite of its fs; nil or an empty one: there are none. Replicas
// that start at the same time wait for one another.
func (db *DB) Migrate(ctx context.Context, service fs.FS) error {
	lock, err := db.Lock(ctx, "migrate")
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer lock.Release()
	if db.schema != "" {
		if _, err := db.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+Quote(db.schema)); err != nil {
			return fmt.Errorf("migrate: create schema %s: %w", db.schema, err)
		}
	}
	chassis, err := fs.Sub(chassisMigrations, "migrations")
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := db.migrate(ctx, chassis, "platform_migrations"); err != nil {
		return fmt.Errorf("migrate the chassis: %w", err)
	}
	if service == nil {
		return nil
	}
	if err := db.migrate(ctx, service, "service_migrations"); err != nil {
		return fmt.Errorf("migrate the service: %w", err)
	}
	return nil
}

func (db *DB) migrate(ctx context.Context, files fs.FS, table string) error {
	files, err := fs.Sub(files, db.dialect.String())
	if err != nil {
		return err
	}
	dialect := database.DialectPostgres
	if db.dialect == SQLite {
		dialect = database.DialectSQLite3
	}
	provider, err := goose.NewProvider(dialect, db.Pool(), files,
		goose.WithTableName(table), goose.WithDisableGlobalRegistry(true))
	if errors.Is(err, goose.ErrNoMigrations) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}
