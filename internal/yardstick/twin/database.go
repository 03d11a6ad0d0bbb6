package main

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed schema.sql
var schema string

const maxConnections = 16 // as the generated service

func openDatabase(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = maxConnections
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if _, err := pool.Exec(ctx, schema); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// count is how many rows a table has.
func count(pool *pgxpool.Pool, table string) func(context.Context) (int64, error) {
	return func(ctx context.Context) (n int64, err error) {
		return n, pool.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n)
	}
}
