"""Conditions on the rows of a table, which the database decides.

What a column is compared with is always bound; no comparison with what is absent holds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .store import SQLITE, quote

Clause = Callable[["Sql"], str]


class Sql:
    """Collects the values that a clause binds."""

    def __init__(self, dialect: str):
        self.dialect = dialect
        self.args: list[Any] = []

    def bind(self, value: Any) -> str:
        self.args.append(value)
        return "?"

    def operand(self, value: Any) -> str:
        return quote(value.name) if isinstance(value, Col) else self.bind(value)

    def as_text(self, value: Any) -> str:
        """Where PostgreSQL could not tell the type of a parameter."""
        return f"CAST({self.operand(value)} AS TEXT)"


@dataclass(frozen=True)
class Col:
    """A column, by its trusted name."""

    name: str


def _compared(sign: str, a: Any, b: Any) -> Clause:
    if a is None or b is None:
        return holds(False)
    return lambda sql: f"{sql.operand(a)} {sign} {sql.operand(b)}"


def eq(a, b) -> Clause:
    return _compared("=", a, b)


def ne(a, b) -> Clause:
    return _compared("<>", a, b)


def lt(a, b) -> Clause:
    return _compared("<", a, b)


def le(a, b) -> Clause:
    return _compared("<=", a, b)


def gt(a, b) -> Clause:
    return _compared(">", a, b)


def ge(a, b) -> Clause:
    return _compared(">=", a, b)


def is_null(c: Col) -> Clause:
    return lambda sql: f"{sql.operand(c)} IS NULL"


def not_null(c: Col) -> Clause:
    return lambda sql: f"{sql.operand(c)} IS NOT NULL"


def is_true(c: Any) -> Clause:
    return eq(c, True)


def holds(always: bool) -> Clause:
    """A condition on no column."""
    return lambda _: "1 = 1" if always else "1 = 0"


def is_in(a: Any, choices: Iterable) -> Clause:
    choices = [c for c in choices if c is not None]
    if not choices:
        return holds(False)
    return lambda sql: f"{sql.operand(a)} IN ({', '.join(sql.bind(c) for c in choices)})"


def all_of(*clauses: Clause) -> Clause:
    return _joined(" AND ", "1 = 1", clauses)


def any_of(*clauses: Clause) -> Clause:
    return _joined(" OR ", "1 = 0", clauses)


def _joined(sign: str, none: str, clauses: tuple[Clause, ...]) -> Clause:
    return lambda sql: sign.join(f"({c(sql)})" for c in clauses) or none


def no(clause: Clause) -> Clause:
    """Holds where the condition does not; unlike in SQL, also where what is absent left it open."""
    return lambda sql: f"NOT COALESCE(({clause(sql)}), FALSE)"


def _position(a: Any, part: Any, found: str) -> Clause:
    if part is None:
        return holds(False)
    return lambda sql: f"{'instr' if sql.dialect == SQLITE else 'strpos'}({sql.operand(a)}, {sql.as_text(part)}){found}"


def contains(a, part) -> Clause:
    return _position(a, part, " > 0")


def starts_with(a, part) -> Clause:
    return _position(a, part, " = 1")


def ends_with(a, part) -> Clause:
    if part is None:
        return holds(False)
    return lambda sql: f"substr({sql.operand(a)}, length({sql.operand(a)}) - length({sql.as_text(part)}) + 1) = {sql.as_text(part)}"


def search(words: str, columns: Iterable[Col]) -> Clause:
    """Holds where one of the columns has the words in it, in any case."""
    escaped = words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = [lambda sql, c=c: f"LOWER({sql.operand(c)}) LIKE {sql.bind('%' + escaped + '%')} ESCAPE '\\'" for c in columns]
    return any_of(*like)


@dataclass(frozen=True)
class Order:
    """A column of a sort. What is absent comes before all values, after them when descending."""

    column: str
    descending: bool = False

    def __str__(self) -> str:
        return quote(self.column) + (" DESC NULLS LAST" if self.descending else " ASC NULLS FIRST")


def behind(orders: list[Order], last: list) -> Clause:
    """Holds for the rows that come behind the one with these values in the order."""
    alternatives: list[Clause] = []
    equal: list[Clause] = []
    for order, value in zip(orders, last, strict=True):
        c = Col(order.column)
        alternatives.append(all_of(*equal, _behind(c, order.descending, value)))
        equal.append(is_null(c) if value is None else eq(c, value))
    return any_of(*alternatives)


def _behind(c: Col, descending: bool, value: Any) -> Clause:
    if value is None:
        return holds(False) if descending else not_null(c)
    return any_of(lt(c, value), is_null(c)) if descending else gt(c, value)


def spelled(clause: Clause | None, dialect: str) -> tuple[str, list]:
    """The clause as SQL, and what it binds."""
    if clause is None:
        return "", []
    sql = Sql(dialect)
    return " WHERE " + clause(sql), sql.args
