"""Read models: tables with a column for each field of a row, filled from events."""

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from . import forms, where
from .envelope import Meta, Missing
from .forms import Member
from .store import Column, Database, Session, Table, Tx, column_value, ensure, from_column, instant, quote
from .where import Clause


class NotFound(Exception):
    """There is no such row, or not for who asks."""


class BadQuery(Exception):
    """A cursor, a filter or a sort does not fit the view."""

    def __init__(self, pointer: str, message: str):
        super().__init__(message)
        self.pointer = pointer


CREATE, SKIP, RETRY = "create", "skip", "retry"  # what a change does whose row is not there


@dataclass(frozen=True, kw_only=True)
class Change:
    """What an event does to the rows of a view."""

    key: tuple | None = None  # of the row; None: those of where
    where: Clause | None = None
    missing: str = CREATE
    set: Callable[[Any], dict[str, Any]] | None = None  # the new values, by the row before; None: the rows are removed


def upsert(key: tuple, set: Callable) -> Change:
    """Changes a row, and makes it where it is missing."""
    return Change(key=key, set=set)


def update(key: tuple, set: Callable) -> Change:
    """Changes a row, and does nothing where it is missing."""
    return Change(key=key, set=set, missing=SKIP)


def await_row(key: tuple, set: Callable) -> Change:
    """Changes a row; where it is missing, the event comes again later."""
    return Change(key=key, set=set, missing=RETRY)


def update_where(clause: Clause, set: Callable) -> Change:
    return Change(where=clause, set=set)


def delete(key: tuple) -> Change:
    return Change(key=key)


def delete_where(clause: Clause) -> Change:
    return Change(where=clause)


@dataclass(frozen=True)
class Stamps:
    """When and by whom a row was created and last changed, as its events say."""

    created_at: datetime | None = None
    created_by: str | None = None
    changed_at: datetime | None = None
    changed_by: str | None = None

    def after(self, meta: Meta) -> "Stamps":
        """Events of several instances come in any order: the earliest and the latest count."""
        by = meta.actor.subject or None
        out = self
        if out.created_at is None or meta.time < out.created_at:
            out = replace(out, created_at=meta.time, created_by=by)
        if out.changed_at is None or meta.time >= out.changed_at:
            out = replace(out, changed_at=meta.time, changed_by=by)
        return out

    def json(self) -> dict[str, Any] | None:
        if self.created_at is None:
            return None  # of a row that is older than the service's knowledge
        told = {"createdAt": self.created_at, "createdBy": self.created_by, "changedAt": self.changed_at, "changedBy": self.changed_by}
        return {k: forms.TIME.write(v) if isinstance(v, datetime) else v for k, v in told.items() if v is not None}


@dataclass(frozen=True)
class Page:
    rows: list
    next: str = ""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Asks for a page of a view."""

    where: Clause | None = None
    filter: dict[str, Any] = field(default_factory=dict)  # by attribute
    search: str = ""
    sort: Sequence[str] = ()  # attributes, "-" before descending ones
    default_sort: Sequence[str] = ()
    cursor: str = ""
    limit: int = 50


_STAMPS = {"_created_at": "time", "_created_by": "text", "_updated_at": "time", "_updated_by": "text"}
_SOURCE = "_source_version"  # of the instance whose event changed the row last: how one sees that a view has followed


class View:
    """The rows of a read model."""

    def __init__(
        self, name: str, table: str, row: type, key: Sequence[str], columns: dict[str, str], searched: Sequence[str] = (), stamped: bool = True
    ):
        """Columns are those of the attributes of a row, in their order."""
        self.name, self.table, self.row, self.stamped = name, table, row, stamped
        self.members: dict[str, Member] = {m.attribute: m for m in row.MEMBERS}  # type: ignore[attr-defined]
        self.key, self.columns, self.searched = list(key), columns, list(searched)
        self.stored = [columns[a] for a in self.members] + ([*_STAMPS] if stamped else [])
        self.live = 0  # the generation that is read
        self.changed = threading.Condition()  # somebody may wait for a row

    def prepare(self, database: Database, generation: int | None = None) -> None:
        """Makes the table of a generation what the model wants; None: that which is read."""
        if generation is None:
            rows = database.query("SELECT live FROM platform_views WHERE name = ?", self.name)
            generation = self.live = rows[0][0] if rows else 0
        columns = []
        for a, m in self.members.items():
            default = column_value(m.form, m.default()) if m.default else None
            columns.append(Column(self.columns[a], m.form.column, a in self.key, default))
        if self.stamped:
            columns += [Column(name, kind) for name, kind in _STAMPS.items()]
        ensure(database, Table(of_generation(self.table, generation), [*columns, Column(_SOURCE, "int")]))

    # Changing

    def apply(self, tx: Tx, generation: int, meta: Meta, change: Change) -> None:
        """Does to the rows what an event does."""
        table = quote(of_generation(self.table, generation))
        clause = change.where if change.key is None else self._by_key(change.key)
        if change.set is None:
            condition, args = where.spelled(clause, tx.dialect)
            tx.execute(f"DELETE FROM {table}{condition}", *args)
        elif change.key is None:
            for row, version in self._find(tx, table, clause, [where.Order(self.columns[k]) for k in self.key], lock=True):
                self._put(tx, table, meta, row, change, version)
        else:
            self._change(tx, table, meta, change)
        tx.afterwards.append(self._wake)

    def _change(self, tx: Tx, table: str, meta: Meta, change: Change) -> None:
        assert change.key is not None
        clause = self._by_key(change.key)
        found = self._find(tx, table, clause, lock=True)
        if not found:
            if change.missing == SKIP:
                return
            if change.missing == RETRY:
                raise Missing(f"view {self.name} {change.key}: row not there")
            # An empty one first: who comes at the same time waits for it, and goes on from it.
            blank = replace(forms.empty(self.row), **dict(zip(self.key, change.key, strict=True)))
            values = [*self._values(blank), 0]
            names = ", ".join(map(quote, [*self.stored, _SOURCE]))
            keys = ", ".join(quote(self.columns[k]) for k in self.key)
            tx.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))}) ON CONFLICT ({keys}) DO NOTHING", *values)
            found = self._find(tx, table, clause, lock=True)
        for row, version in found:
            self._put(tx, table, meta, row, change, version)

    def _put(self, tx: Tx, table: str, meta: Meta, row: Any, change: Change, version: int) -> None:
        assert change.set is not None
        if self.stamped and row.meta.created_at is None:
            row = replace(row, meta=row.meta.after(meta))  # it begins with this event, and what is set may look at that
        row = replace(row, **change.set(row))
        if self.stamped:
            row = replace(row, meta=row.meta.after(meta))
        names = [*self.stored, _SOURCE]
        values = [*self._values(row), max(version, meta.version)]
        condition, args = where.spelled(self._by_key(tuple(getattr(row, k) for k in self.key)), tx.dialect)
        tx.execute(f"UPDATE {table} SET {', '.join(f'{quote(n)} = ?' for n in names)}{condition}", *values, *args)

    def _values(self, row: Any) -> list:
        out = [column_value(m.form, getattr(row, a)) for a, m in self.members.items()]
        if self.stamped:
            m = row.meta
            out += [m.created_at, m.created_by, m.changed_at, m.changed_by]
        return out

    def _wake(self) -> None:
        with self.changed:
            self.changed.notify_all()

    # Reading

    def get(self, database: Session, key: tuple, min_version: int = 0, wait: float = 0) -> Any:
        """The row of a key. It waits a moment for the version that a command answered with, and returns what it has by then."""
        until = time.monotonic() + wait
        while True:
            found = self._find(database, self._live(), self._by_key(key))
            left = until - time.monotonic()
            if found and found[0][1] >= min_version or left <= 0:
                break
            with self.changed:
                self.changed.wait(min(left, 0.025))  # another replica's changes wake nobody here
        if not found:
            raise NotFound
        return found[0][0]

    def page(self, database: Session, ask: Ask) -> Page:
        """Pages neither repeat nor skip a row that stays as it is."""
        orders = self._orders(ask)
        clauses = [c for c in [ask.where] if c is not None]
        clauses += [where.eq(where.Col(self.columns[a]), v) for a, v in sorted(ask.filter.items())]
        if ask.search:
            if not self.searched:
                raise BadQuery("", "the query does not fit the view")
            clauses.append(where.search(ask.search, [where.Col(self.columns[a]) for a in self.searched]))
        if ask.cursor:
            clauses.append(where.behind([o for o, _ in orders], self._last(ask, orders)))
        clause = where.all_of(*clauses) if clauses else None
        rows = [r for r, _ in self._find(database, self._live(), clause, [o for o, _ in orders], ask.limit + 1)]
        if len(rows) <= ask.limit:
            return Page(rows)
        rows = rows[: ask.limit]
        return Page(rows, self._cursor(ask, orders, rows[-1]))

    def _live(self) -> str:
        return quote(of_generation(self.table, self.live))

    def _find(
        self, session: Session, table: str, clause: Clause | None, orders: Sequence[where.Order] = (), limit: int = 0, lock: bool = False
    ) -> list[tuple[Any, int]]:
        """The rows, and the version that each shows."""
        condition, args = where.spelled(clause, session.dialect)
        sql = f"SELECT {', '.join(map(quote, [*self.stored, _SOURCE]))} FROM {table}{condition}"
        if orders:
            sql += " ORDER BY " + ", ".join(map(str, orders))
        if limit:
            sql += f" LIMIT {limit}"
        return [self._read(raw) for raw in session.query(sql + (session.for_update if lock else ""), *args)]

    def _read(self, raw: tuple) -> tuple[Any, int]:
        members = list(self.members.values())
        values = {m.attribute: from_column(m.form, v) for m, v in zip(members, raw, strict=False)}
        if self.stamped:
            created, created_by, changed, changed_by = raw[len(members) : -1]
            values["meta"] = Stamps(created and instant(created), created_by, changed and instant(changed), changed_by)
        return self.row(**values), raw[-1] or 0

    def _by_key(self, key: tuple) -> Clause:
        return where.all_of(*(where.eq(where.Col(self.columns[k]), v) for k, v in zip(self.key, key, strict=True)))

    def _orders(self, ask: Ask) -> list[tuple[where.Order, str]]:
        sort = list(ask.sort or ask.default_sort)
        named = {s.removeprefix("-") for s in sort}
        sort += [k for k in self.key if k not in named]  # which makes every order total
        orders = []
        for s in sort:
            attribute = s.removeprefix("-")
            if self.members[attribute].form.column == "json":
                raise BadQuery("/sort", f"it cannot be sorted by {attribute!r}")
            orders.append((where.Order(self.columns[attribute], s.startswith("-")), attribute))
        return orders

    def _fingerprint(self, ask: Ask) -> str:
        """Tells questions apart: a cursor goes on with its own only."""
        filters = {a: self.members[a].form.text(v) for a, v in sorted(ask.filter.items())}
        data = forms.dumps([self.name, list(ask.sort), list(ask.default_sort), filters, ask.search])
        return base64.urlsafe_b64encode(hashlib.sha256(data.encode()).digest()[:9]).decode()

    def _cursor(self, ask: Ask, orders: list[tuple[where.Order, str]], row: Any) -> str:
        last = [self.members[a].form.write(getattr(row, a)) for _, a in orders]
        return base64.urlsafe_b64encode(forms.dumps({"q": self._fingerprint(ask), "l": last}).encode()).decode().rstrip("=")

    def _last(self, ask: Ask, orders: list[tuple[where.Order, str]]) -> list:
        """The row that a cursor names, by what it was sorted by."""
        try:
            data = forms.loads(base64.urlsafe_b64decode(ask.cursor + "=" * (-len(ask.cursor) % 4)))
            if data["q"] != self._fingerprint(ask) or len(data["l"]) != len(orders):
                raise ValueError
            return [None if v is None else self.members[a].form.read(v) for v, (_, a) in zip(data["l"], orders, strict=True)]
        except (ValueError, TypeError, KeyError, forms.Problems):
            raise BadQuery("/cursor", "the cursor is not of this query") from None


def of_generation(name: str, generation: int) -> str:
    """The name of something that each generation of a view has its own of; the first has the plain name."""
    return name if generation == 0 else f"{name}__{generation}"
