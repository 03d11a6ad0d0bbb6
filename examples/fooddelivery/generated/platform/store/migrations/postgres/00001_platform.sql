-- +goose Up

-- Events and commands on their way to the broker, in the order they were decided.
-- A sequence, not the transaction's number: it is taken while the instance's row
-- is locked, so that it orders the messages of one instance.
CREATE TABLE platform_outbox (
    seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic      TEXT        NOT NULL,
    key        TEXT        NOT NULL,
    headers    TEXT        NOT NULL,
    data       TEXT        NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
);

-- What a consumer has handled.
CREATE TABLE platform_inbox (
    consumer   TEXT        NOT NULL,
    message_id TEXT        NOT NULL,
    handled_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
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
    lease_until TIMESTAMPTZ,
    instance    TEXT,
    version     BIGINT,
    created     BOOLEAN,
    reply       TEXT,
    rejection   TEXT,
    handled_at  TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (scope, id)
);
CREATE INDEX platform_commands_handled_at ON platform_commands (handled_at);

-- Calls to other contexts that may have to be compensated.
CREATE TABLE platform_intents (
    seq          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
    claimable_at TIMESTAMPTZ NOT NULL,
    attempts     BIGINT      NOT NULL DEFAULT 0,
    last_error   TEXT        NOT NULL DEFAULT '',
    created_at   TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX platform_intents_run ON platform_intents (run);
CREATE INDEX platform_intents_claimable_at ON platform_intents (claimable_at);

-- Records that a handler could not take, and the later ones of their keys.
CREATE TABLE platform_parked (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    handler       TEXT        NOT NULL,
    topic         TEXT        NOT NULL,
    partition     BIGINT      NOT NULL,
    record_offset BIGINT      NOT NULL,
    key           TEXT        NOT NULL,
    headers       TEXT        NOT NULL,
    data          BYTEA       NOT NULL,
    reason        TEXT        NOT NULL,
    error         TEXT        NOT NULL,
    attempts      BIGINT      NOT NULL DEFAULT 0,
    retry_at      TIMESTAMPTZ,
    claimed_until TIMESTAMPTZ,
    parked_at     TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (handler, topic, partition, record_offset)
);
CREATE INDEX platform_parked_key ON platform_parked (handler, topic, key, id);

-- Generations of views: the one that is read, and the one that is being built beside it.
CREATE TABLE platform_views (
    name     TEXT NOT NULL PRIMARY KEY,
    live     BIGINT NOT NULL DEFAULT 0,
    building BIGINT
);

-- +goose Down
DROP TABLE platform_views, platform_parked, platform_intents, platform_commands, platform_inbox, platform_outbox;
