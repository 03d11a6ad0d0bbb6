-- +goose Up

-- The service's own migrations that have run.
CREATE TABLE service_migrations (
    number INTEGER NOT NULL PRIMARY KEY,
    name   TEXT NOT NULL,
    run_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
);

-- Tables, and columns of tables, that only replicas of a release before write.
CREATE TABLE platform_leftovers (
    table_name  TEXT NOT NULL,
    column_name TEXT NOT NULL,
    left_at     TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    PRIMARY KEY (table_name, column_name)
);

-- +goose Down
DROP TABLE platform_leftovers;
DROP TABLE service_migrations;
