-- +goose Up

-- The service's own migrations that have run.
CREATE TABLE service_migrations (
    number BIGINT NOT NULL PRIMARY KEY,
    name   TEXT NOT NULL,
    run_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
);

-- Tables, and columns of tables, that only replicas of a release before write.
CREATE TABLE platform_leftovers (
    table_name  TEXT NOT NULL,
    column_name TEXT NOT NULL,
    left_at     TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (table_name, column_name)
);

-- +goose Down
DROP TABLE platform_leftovers, service_migrations;
