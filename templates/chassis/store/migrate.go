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

// Migration brings what older releases of a service have stored to what this one
// reads: once, whole or not at all.
type Migration struct {
	Number int // in the order in which they run
	Name   string
	Steps  []Step
}

// Step is a part of a Migration. What it is about may be gone already, or not be
// there yet.
type Step func(ctx context.Context, tx *Tx) error

// Migrate brings the chassis' own tables to their newest version, and then has the
// service's migrations run that have not. Replicas that start at the same time wait
// for one another.
func (db *DB) Migrate(ctx context.Context, service ...Migration) error {
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
	if err := db.migrateChassis(ctx); err != nil {
		return fmt.Errorf("migrate the chassis: %w", err)
	}
	empty, err := db.Empty(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, m := range service {
		if empty {
			m.Steps = nil // there is nothing that it could be about
		}
		if err := db.InTx(ctx, func(tx *Tx) error { return m.run(ctx, tx) }); err != nil {
			return fmt.Errorf("migration %d, %s: %w", m.Number, m.Name, err)
		}
	}
	return nil
}

func (db *DB) migrateChassis(ctx context.Context) error {
	files, err := fs.Sub(chassisMigrations, "migrations/"+db.dialect.String())
	if err != nil {
		return err
	}
	dialect := database.DialectPostgres
	if db.dialect == SQLite {
		dialect = database.DialectSQLite3
	}
	provider, err := goose.NewProvider(dialect, db.Pool(), files,
		goose.WithTableName("platform_migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// run notes a migration first: a replica that has lost the lock waits here for the
// one that runs it, and finds that it is done.
func (m Migration) run(ctx context.Context, tx *Tx) error {
	n, err := tx.Exec(ctx, "INSERT INTO service_migrations (number, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", m.Number, m.Name)
	if err != nil {
		return err
	}
	if n == 0 {
		return m.same(ctx, tx)
	}
	for _, step := range m.Steps {
		if err := step(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// same refuses a database in which another migration of that number has run, of
// another branch perhaps.
func (m Migration) same(ctx context.Context, tx *Tx) error {
	var name string
	err := tx.QueryRow(ctx, "SELECT name FROM service_migrations WHERE number = $1", m.Number).Scan(&name)
	if err == nil && name != m.Name {
		err = errors.New("another one of that number has run here: " + name)
	}
	return err
}

// Empty tells whether nothing of a service is stored yet: there are no tables but
// those that all services have.
func (db *DB) Empty(ctx context.Context) (bool, error) {
	tables := "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema()"
	if db.dialect == SQLite {
		tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
	}
	var n int64
	err := db.QueryRow(ctx, "SELECT COUNT(*) FROM ("+tables+`) AS tables
		WHERE name <> 'service_migrations' AND name NOT LIKE 'platform!_%' ESCAPE '!' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'`).Scan(&n)
	return n == 0, err
}
