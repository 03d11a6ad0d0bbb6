"""The database of the service: PostgreSQL, or a file of SQLite.

Statements are written once, with "?" where a value stands.
"""

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.parse import quote as escape

import psycopg
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout

from . import forms, values


class Outage(Exception):
    """The database is down or out of reach: what failed is nobody's fault."""


class Contention(Exception):
    """A transaction lost against another one, and may win when it runs again."""


SQLITE, POSTGRES = "sqlite", "postgres"

T = TypeVar("T")


class Session:
    """What statements are run on: a transaction, or the database, where each is one of its own."""

    dialect: str

    def query(self, sql: str, *args: Any) -> list[tuple]:
        raise NotImplementedError

    def execute(self, sql: str, *args: Any) -> int:
        """Runs a statement, and tells how many rows it was about."""
        raise NotImplementedError

    @property
    def now(self) -> str:
        """The database's clock: those of replicas differ."""
        return "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')" if self.dialect == SQLITE else "clock_timestamp()"

    @property
    def later(self) -> str:
        """So many seconds from now; see seconds."""
        if self.dialect == SQLITE:
            return "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', ? || ' seconds')"
        return "clock_timestamp() + make_interval(secs => CAST(? AS double precision))"

    @property
    def for_update(self) -> str:
        return "" if self.dialect == SQLITE else " FOR UPDATE"  # SQLite has one writer at a time


def seconds(n: float) -> str:
    return f"{n:+.6f}"


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class Tx(Session):
    """A transaction."""

    def __init__(self, database: "Database", cursor: Any):
        self.dialect, self._database, self._cursor = database.dialect, database, cursor
        self.afterwards: list[Callable[[], None]] = []  # done when it is committed

    def query(self, sql, *args):
        self._cursor.execute(self._database.spelled(sql), self._database.bound(args))
        return self._cursor.fetchall() if self._cursor.description else []

    def execute(self, sql, *args):
        self._cursor.execute(self._database.spelled(sql), self._database.bound(args))
        return self._cursor.rowcount


_ATTEMPTS = 10


class Database(Session):
    schema = ""

    def query(self, sql, *args):
        return self.transact(lambda tx: tx.query(sql, *args))

    def execute(self, sql, *args):
        return self.transact(lambda tx: tx.execute(sql, *args))

    def transact(self, work: Callable[[Tx], T]) -> T:
        """Runs work in a transaction, again where it lost against another one: work touches nothing else."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self.begin() as tx:
                    result = work(tx)
            except Contention:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(random.uniform(0.5, 1) * min(0.005 * 2**attempt, 0.2))
                continue
            for then in tx.afterwards:
                then()
            return result
        raise AssertionError

    def begin(self):
        raise NotImplementedError

    def ping(self) -> None:
        self.query("SELECT 1")

    def spelled(self, sql: str) -> str:
        return sql

    def bound(self, args: tuple) -> list:
        return [bind(self.dialect, a) for a in args]

    def close(self) -> None:
        raise NotImplementedError


def bind(dialect: str, value: Any) -> Any:
    """A value as the database keeps it."""
    if isinstance(value, timedelta):
        return values.micros(value)
    if isinstance(value, str):
        return str(value)  # also of a value of an enum
    if dialect == POSTGRES:
        return value
    match value:
        case bool():
            return int(value)
        case Decimal():
            return values.decimal_text(value)
        case datetime():
            return f"{value.year:04}-{value:%m-%dT%H:%M:%S}.{value.microsecond:06}Z"  # of fixed width: instants sort as text
        case date():
            return value.isoformat()
    return value


def connect(url: str) -> Database:
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite":
        return _Sqlite(rest)
    return _Postgres(url)


class _Sqlite(Database):
    dialect = SQLITE

    def __init__(self, path: str):
        if not path:
            raise ValueError("DATABASE_URL: sqlite: needs a path")
        self.path = path
        self._writing = threading.Lock()  # who waits here is served in turn; who waits for the file is not
        self._idle: list[sqlite3.Connection] = []

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=5)
        connection.create_collation("DECIMAL", _compare_decimals)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=1"):
            connection.execute("PRAGMA " + pragma)
        return connection

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        with self._writing, _sqlite_errors():
            connection = self._idle.pop() if self._idle else self._connect()
            try:
                connection.execute("BEGIN IMMEDIATE")  # who reads first and writes later would be refused at once
                tx = Tx(self, connection.cursor())
                yield tx
                connection.execute("COMMIT")
                self._idle.append(connection)
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.rollback()
                connection.close()
                raise

    def close(self):
        while self._idle:
            self._idle.pop().close()


@contextmanager
def _sqlite_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as e:
        match getattr(e, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                raise Contention(str(e)) from e
            case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_FULL | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY:
                raise Outage(str(e)) from e
        raise


def _compare_decimals(a: str, b: str) -> int:
    x, y = Decimal(a), Decimal(b)
    return (x > y) - (x < y)


class _Postgres(Database):
    dialect = POSTGRES

    def __init__(self, url: str):
        parts = urlsplit(url)
        query = parse_qsl(parts.query)
        self.schema = next((v for k, v in query if k == "search_path"), "").partition(",")[0].strip('" ')
        options = "-c timezone=UTC" + (f" -c search_path={self.schema}" if self.schema else "")
        # Replaced, not added: libpq does not know search_path as a word of its own.
        rest = [(k, v) for k, v in query if k not in ("search_path", "options") and not k.startswith("pool_")]
        url = parts._replace(query=urlencode([*rest, ("options", options)], quote_via=escape)).geturl()
        self._pool = ConnectionPool(url, min_size=0, max_size=10, open=True, timeout=10, max_idle=300, configure=_configure)

    def spelled(self, sql):
        return sql.replace("%", "%%").replace("?", "%s")

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        with _postgres_errors(), self._pool.connection() as connection, connection.cursor() as cursor:
            yield Tx(self, cursor)

    def close(self):
        self._pool.close()


def _configure(connection: psycopg.Connection) -> None:
    set_json_loads(lambda data: data.decode() if isinstance(data, bytes) else data, connection)  # forms read it exactly


@contextmanager
def _postgres_errors() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as e:
        raise Outage("no connection to the database") from e
    except psycopg.Error as e:
        code = e.sqlstate or ""
        if code in ("40001", "40P01", "55P03"):
            raise Contention(str(e)) from e
        lost = not code and isinstance(e, psycopg.OperationalError | psycopg.InterfaceError)
        if lost or code[:2] in ("08", "53", "58") or code in ("57P01", "57P02", "57P03", "25006"):
            raise Outage(str(e)) from e
        raise


# Tables

@dataclass(frozen=True)
class Column:
    """A column of a table, of a kind that both databases have: text is sorted by code point, decimals as numbers."""

    name: str
    kind: str  # text, bool, int, decimal, date, time, duration, json
    key: bool = False
    default: Any = None  # what rows have that were there before the column


@dataclass(frozen=True)
class Table:
    name: str
    columns: list[Column]
    indexes: list[list[str]] = field(default_factory=list)


_TYPES = {
    SQLITE: {
        "text": "TEXT", "bool": "INTEGER", "int": "INTEGER", "decimal": "TEXT COLLATE DECIMAL",
        "date": "TEXT", "time": "TEXT", "duration": "INTEGER", "json": "TEXT",
    },
    POSTGRES: {
        "text": 'TEXT COLLATE "C"', "bool": "BOOLEAN", "int": "BIGINT", "decimal": "NUMERIC",
        "date": "DATE", "time": "TIMESTAMPTZ", "duration": "BIGINT", "json": "JSONB",
    },
}  # fmt: skip


def ensure(database: Database, table: Table) -> None:
    """Makes a table what the model wants: what is missing is added."""
    database.transact(lambda tx: _ensure(tx, database.schema, table))


def _ensure(tx: Tx, schema: str, table: Table) -> None:
    _one_at_a_time(tx, schema)
    types = _TYPES[tx.dialect]
    there = _columns(tx, table.name)
    if not there:
        lines = [f"{quote(c.name)} {types[c.kind]}{' NOT NULL' if c.key else ''}" for c in table.columns]
        keys = ", ".join(quote(c.name) for c in table.columns if c.key)
        tx.execute(f"CREATE TABLE {quote(table.name)} ({', '.join(lines)}, PRIMARY KEY ({keys}))")
    for c in table.columns if there else []:
        wanted = _reported(tx.dialect, c.kind)
        if c.name not in there:
            tx.execute(f"ALTER TABLE {quote(table.name)} ADD COLUMN {quote(c.name)} {types[c.kind]}")
            if c.default is not None:
                tx.execute(f"UPDATE {quote(table.name)} SET {quote(c.name)} = ?", c.default)
        elif there[c.name] != wanted:
            raise RuntimeError(f"table {table.name}: column {c.name} is a {there[c.name]} and would have to be a {wanted}: write a migration")
    for columns in table.indexes:
        tx.execute(f"CREATE INDEX IF NOT EXISTS {quote(_index(table.name, columns))} ON {quote(table.name)} ({', '.join(map(quote, columns))})")


def _one_at_a_time(tx: Tx, schema: str) -> None:
    """Replicas prepare their tables one after the other: IF NOT EXISTS alone fails when two create at once."""
    if tx.dialect == POSTGRES:
        tx.query("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", "ensure " + schema)


def _columns(tx: Tx, table: str) -> dict[str, str]:
    if tx.dialect == SQLITE:
        return dict(tx.query("SELECT name, type FROM pragma_table_info(?)", table))
    return dict(
        tx.query("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?", table)
    )


def _reported(dialect: str, kind: str) -> str:
    name = _TYPES[dialect][kind].partition(" COLLATE ")[0]
    if dialect == SQLITE:
        return name
    return "timestamp with time zone" if kind == "time" else name.lower()


def _index(table: str, columns: list[str]) -> str:
    name = "__".join([table, *columns])
    if len(name.encode()) <= 59:
        return name + "_idx"
    return name.encode()[:46].decode(errors="ignore") + "_" + values.derive_id(name)[:8] + "_idx"


def column_value(form: forms.Form, value: Any) -> Any:
    """A value of a record as its column keeps it."""
    if form.column == "json":
        return None if value is None else forms.dumps(form.write(value))
    return value


def from_column(form: forms.Form, raw: Any) -> Any:
    """What column_value and the database made of a value, undone."""
    if raw is None:
        return None if isinstance(form, forms.Optional) else form.empty()
    match form.column:
        case "json":
            return form.read(forms.loads(raw))
        case "bool":
            return bool(raw)
        case "decimal":
            return values.fits(Decimal(raw))
        case "duration":
            return timedelta(microseconds=raw)
        case "date":
            return values.parse_date(raw) if isinstance(raw, str) else raw
        case "time":
            return instant(raw)
    return raw


def instant(raw: Any) -> datetime:
    return values.parse_time(raw) if isinstance(raw, str) else raw.astimezone(values.UTC)


# What the platform itself keeps, called as in all services

_PLATFORM = """
CREATE TABLE IF NOT EXISTS platform_inbox (
    consumer   TEXT NOT NULL,
    message_id TEXT NOT NULL,
    handled_at {time} NOT NULL DEFAULT {now},
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX IF NOT EXISTS platform_inbox_handled_at ON platform_inbox (handled_at);
CREATE TABLE IF NOT EXISTS platform_parked (
    id            {serial} PRIMARY KEY{increment},
    handler       TEXT NOT NULL,
    topic         TEXT NOT NULL,
    partition     {int} NOT NULL,
    record_offset {int} NOT NULL,
    key           TEXT NOT NULL,
    headers       TEXT NOT NULL,
    data          {bytes} NOT NULL,
    reason        TEXT NOT NULL,
    error         TEXT NOT NULL,
    attempts      {int} NOT NULL DEFAULT 0,
    retry_at      {time},
    claimed_until {time},
    parked_at     {time} NOT NULL DEFAULT {now},
    UNIQUE (handler, topic, partition, record_offset)
);
CREATE INDEX IF NOT EXISTS platform_parked_key ON platform_parked (handler, topic, key, id);
CREATE TABLE IF NOT EXISTS platform_views (
    name     TEXT NOT NULL PRIMARY KEY,
    live     {int} NOT NULL DEFAULT 0,
    building {int}
)
"""

_SPELLINGS = {
    SQLITE: {"time": "TEXT", "serial": "INTEGER", "increment": " AUTOINCREMENT", "int": "INTEGER", "bytes": "BLOB"},
    POSTGRES: {"time": "TIMESTAMPTZ", "serial": "BIGINT GENERATED ALWAYS AS IDENTITY", "increment": "", "int": "BIGINT", "bytes": "BYTEA"},
}


def migrate(database: Database) -> None:
    """Makes the tables of the platform."""
    if database.schema:
        database.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(database.schema)}")

    def work(tx: Tx) -> None:
        _one_at_a_time(tx, database.schema)
        now = f"({tx.now})" if tx.dialect == SQLITE else tx.now
        for statement in _PLATFORM.split(";"):
            tx.execute(statement.format(now=now, **_SPELLINGS[tx.dialect]))

    database.transact(work)
