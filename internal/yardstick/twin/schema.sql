-- The tables of the generated service, letter by letter, so that the database has the same work.
CREATE TABLE IF NOT EXISTS "order" (
    _id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    _version    BIGINT,
    _doc        JSONB,
    _snapshot   BIGINT,
    _base       BIGINT,
    _deleted    BOOLEAN,
    _shape      TEXT COLLATE "C",
    _created_at TIMESTAMPTZ,
    _created_by TEXT COLLATE "C",
    _updated_at TIMESTAMPTZ,
    _updated_by TEXT COLLATE "C",
    customer_id TEXT COLLATE "C"
);
CREATE INDEX IF NOT EXISTS order___shape_idx ON "order" (_shape);
CREATE INDEX IF NOT EXISTS order__customer_id_idx ON "order" (customer_id);

CREATE TABLE IF NOT EXISTS view_orders (
    order_id        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    customer_id     TEXT COLLATE "C",
    total           NUMERIC,
    status          TEXT COLLATE "C",
    _created_at     TIMESTAMPTZ,
    _created_by     TEXT COLLATE "C",
    _updated_at     TIMESTAMPTZ,
    _updated_by     TEXT COLLATE "C",
    _source_version BIGINT
);

CREATE TABLE IF NOT EXISTS platform_outbox (
    seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic      TEXT        NOT NULL,
    key        TEXT        NOT NULL,
    headers    TEXT        NOT NULL,
    data       TEXT        NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE IF NOT EXISTS platform_inbox (
    consumer   TEXT        NOT NULL,
    message_id TEXT        NOT NULL,
    handled_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX IF NOT EXISTS platform_inbox_handled_at ON platform_inbox (handled_at);

CREATE TABLE IF NOT EXISTS platform_commands (
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
CREATE INDEX IF NOT EXISTS platform_commands_handled_at ON platform_commands (handled_at);

-- Records that cannot be handled wait here, and the later ones of their keys behind them.
CREATE TABLE IF NOT EXISTS platform_parked (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic         TEXT   NOT NULL,
    partition     BIGINT NOT NULL,
    record_offset BIGINT NOT NULL,
    key           TEXT   NOT NULL,
    data          BYTEA  NOT NULL,
    error         TEXT   NOT NULL,
    UNIQUE (topic, partition, record_offset)
);
