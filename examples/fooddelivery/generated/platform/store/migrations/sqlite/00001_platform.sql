-- +goose Up

-- Events and commands on their way to the broker, in the order they were decided.
-- The number is taken while the database is locked, so that it orders the
-- messages of one instance.
CREATE TABLE platform_outbox (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    topic      TEXT        NOT NULL,
    key        TEXT        NOT NULL,
    headers    TEXT        NOT NULL,
    data       TEXT        NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
);

-- What a consumer has handled.
CREATE TABLE platform_inbox (
    consumer   TEXT        NOT NULL,
    message_id TEXT        NOT NULL,
    handled_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX platform_inbox_handled_at ON platform_inbox (handled_at);

-- Commands by their key: one effect, one reply.
CREATE TABLE platform_commands (
    scope       TEXT        NOT NULL,
    id          TEXT        NOT NULL,
    state       TEXT        NOT NULL,
    hash        TEXT        NOT NULL,
    owner       TEXT,
    lease_until TEXT,
    instance    TEXT,
    version     BIGINT,
    created     INTEGER,
    reply       TEXT,
    rejection   TEXT,
    handled_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    PRIMARY KEY (scope, id)
);
CREATE INDEX platform_commands_handled_at ON platform_commands (handled_at);

-- Calls to other contexts that may have to be compensated.
CREATE TABLE platform_intents (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    key          TEXT        NOT NULL UNIQUE,
    run          TEXT        NOT NULL,
    command      TEXT        NOT NULL,
    instance     TEXT        NOT NULL,
    name         TEXT        NOT NULL,
    compensation TEXT        NOT NULL,
    target       TEXT        NOT NULL,
    payload      TEXT        NOT NULL,
    correlation  TEXT        NOT NULL,
    state        TEXT        NOT NULL,
    claimable_at TEXT NOT NULL,
    attempts     INTEGER     NOT NULL DEFAULT 0,
    last_error   TEXT        NOT NULL DEFAULT '',
    created_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
);
CREATE INDEX platform_intents_run ON platform_intents (run);
CREATE INDEX platform_intents_claimable_at ON platform_intents (claimable_at);

-- Records that a handler could not take, and the later ones of their keys.
CREATE TABLE platform_parked (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    handler       TEXT        NOT NULL,
    topic         TEXT        NOT NULL,
    partition     INTEGER     NOT NULL,
    record_offset INTEGER     NOT NULL,
    key           TEXT        NOT NULL,
    headers       TEXT        NOT NULL,
    data          BLOB       NOT NULL,
    reason        TEXT        NOT NULL,
    error         TEXT        NOT NULL,
    attempts      INTEGER     NOT NULL DEFAULT 0,
    retry_at      TEXT,
    claimed_until TEXT,
    parked_at     TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    UNIQUE (handler, topic, partition, record_offset)
);
CREATE INDEX platform_parked_key ON platform_parked (handler, topic, key, id);

-- Generations of views: the one that is read, and the one that is being built beside it.
CREATE TABLE platform_views (
    name     TEXT NOT NULL PRIMARY KEY,
    live     INTEGER NOT NULL DEFAULT 0,
    building INTEGER
);

-- +goose Down
DROP TABLE platform_views;
DROP TABLE platform_parked;
DROP TABLE platform_intents;
DROP TABLE platform_commands;
DROP TABLE platform_inbox;
DROP TABLE platform_outbox;
