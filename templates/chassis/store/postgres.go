//go:build !nopostgres

package store

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

func openPostgres(rawURL string) (*DB, error) {
	config, err := pgx.ParseConfig(rawURL)
	if err != nil {
		// pgx's text holds no password, unlike the URL.
		return nil, fmt.Errorf("open database: %w", err)
	}
	config.RuntimeParams["timezone"] = "UTC"
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(maxConnections)
	pool.SetMaxIdleConns(maxConnections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	schema, _, _ := strings.Cut(config.RuntimeParams["search_path"], ",")
	return &DB{pool: pool, dialect: Postgres, schema: strings.Trim(schema, `" `)}, nil
}

// asPostgres is what a PostgreSQL server says in an error; nil: it says nothing.
func asPostgres(err error) *postgresError {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return nil
	}
	return &postgresError{pg.Code, pg.ConstraintName}
}

// isUnconnected tells that there is no connection to a PostgreSQL server.
func isUnconnected(err error) bool {
	var connect *pgconn.ConnectError
	return errors.As(err, &connect)
}

// isRolledBack tells whether the server answered a commit by rolling back,
// because a statement before had failed.
func isRolledBack(err error) bool { return errors.Is(err, pgx.ErrTxCommitRollback) }
