"""How values are written: in JSON, in URLs and in columns of a database.

A record is a dataclass whose fields say their form:

    @record
    class OrderPlaced:
        order_id: str = member("orderId", ID)
        total: Decimal = member("total", DECIMAL)
        note: str | None = member("note", Optional(TEXT))
"""

import dataclasses
import json
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, dataclass_transform

from . import values
from .values import Fault


@dataclass(frozen=True)
class Problem:
    """What is wrong with a value, and where, as a JSON pointer."""

    pointer: str
    code: str
    message: str


class Problems(Exception):
    def __init__(self, *problems: Problem):
        super().__init__("; ".join(f"{p.pointer or 'it'} {p.message}" for p in problems))
        self.list = list(problems)


def wrong(code: str, message: str) -> Problems:
    return Problems(Problem("", code, message))


def _below(name: str, read: Callable[[], Any], into: list[Problem], otherwise: Any = None) -> Any:
    """Reads a part; what is wrong with it is told by its place."""
    try:
        return read()
    except Problems as e:
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")
        into.extend(Problem(pointer + p.pointer, p.code, p.message) for p in e.list)
        return otherwise


class Form:
    """How values of a type are written."""

    column = "text"  # kind of a column that keeps them: see store.Column
    zero: Any = None

    def read(self, data: Any, strict: bool = False) -> Any:
        """Reads what JSON has. Strictly: what a request says must be whole; a message may be newer than this service."""
        raise NotImplementedError

    def write(self, value: Any) -> Any:
        return value

    def parse(self, text: str) -> Any:
        """Reads what stands in a URL."""
        raise wrong("type", "cannot be given in a URL")

    def text(self, value: Any) -> str | None:
        """The value as it stands in a URL; None: there is none."""
        return str(value)

    def empty(self) -> Any:
        """What a row has before anything is said."""
        return self.zero


class _Text(Form):
    zero = ""

    def read(self, data, strict=False):
        if data is None:
            raise wrong("null", "must not be null")
        if not isinstance(data, str):
            raise wrong("type", "must be a string")
        return self.parse(data)

    def parse(self, text):
        if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
            raise wrong("text", "must be text that can be stored")
        return text


class _Id(_Text):
    def parse(self, text):
        if text in (".", "..") or values.id_problem(text):
            raise wrong("format", "must be an id: text of 1 to 200 bytes without control characters")
        return text

    def read(self, data, strict=False):
        if isinstance(data, str) and not strict:
            return super().parse(data)  # whoever made it knows best
        return super().read(data, strict)


class _Bool(Form):
    column, zero = "bool", False

    def read(self, data, strict=False):
        if data is None:
            raise wrong("null", "must not be null")
        if not isinstance(data, bool):
            raise wrong("type", "must be true or false")
        return data

    def parse(self, text):
        if text not in ("true", "false"):
            raise wrong("type", "must be true or false")
        return text == "true"

    def text(self, value):
        return "true" if value else "false"


class _Int(Form):
    column, zero = "int", 0

    def read(self, data, strict=False):
        if data is None:
            raise wrong("null", "must not be null")
        if isinstance(data, bool) or not isinstance(data, int):
            raise wrong("type", "must be a whole number")
        try:
            return values.whole(data)
        except Fault:
            raise wrong("range", "is too large a number") from None

    def parse(self, text):
        if not text.removeprefix("-").isdecimal() or not text.isascii() or len(text) > 40:
            raise wrong("type", "must be a whole number")
        return self.read(int(text))


class _Spelled(Form):
    """A value that is a text in JSON."""

    def __init__(self, column: str, zero: Any, what: str, parse: Callable[[str], Any], text: Callable[[Any], str], number: bool = False):
        self.column, self.zero, self.what, self._parse, self._text, self.number = column, zero, what, parse, text, number

    def read(self, data, strict=False):
        if data is None:
            raise wrong("null", "must not be null")
        if self.number and isinstance(data, int | Decimal) and not isinstance(data, bool):
            data = str(data)
        if not isinstance(data, str):
            raise wrong("type", "must be " + self.what)
        return self.parse(data)

    def parse(self, text):
        try:
            return self._parse(text)
        except ValueError:
            raise wrong("format", "must be " + self.what) from None

    def write(self, value):
        return self._text(value)

    def text(self, value):
        return self._text(value)


TEXT, ID, BOOL, INT = _Text(), _Id(), _Bool(), _Int()
DECIMAL = _Spelled("decimal", Decimal(0), "a decimal number", values.parse_decimal, values.decimal_text, number=True)
DATE = _Spelled("date", date(1, 1, 1), 'a date, such as "2026-12-01"', values.parse_date, date.isoformat)
TIME = _Spelled("time", datetime(1, 1, 1, tzinfo=UTC), 'a time with its zone, such as "2026-12-01T09:00:00+09:00"', values.parse_time, values.time_text)
DURATION = _Spelled("duration", timedelta(), 'a duration, such as "15m" or "8d"', values.parse_duration, values.duration_text)


class Enum(_Text):
    """One of some texts. A message may have another one, which is new."""

    def __init__(self, known: Iterable[str]):
        self.known = frozenset(known)

    def read(self, data, strict=False):
        text = super().read(data, strict)
        if strict and text not in self.known:
            raise wrong("enum", "is none of the values there are")
        return text

    def parse(self, text):
        return super().parse(text)


class Checked(Form):
    """A scalar for which a condition holds. Who heard of one of another believes it."""

    def __init__(self, of: Form, holds: Callable[[Any], bool], condition: str):
        self.of, self.holds, self.condition, self.column, self.zero = of, holds, condition, of.column, of.zero

    def _check(self, value):
        try:
            holds = self.holds(value)
        except Fault:
            raise wrong("check", "cannot be checked") from None
        if not holds:
            raise wrong("check", "must hold: " + self.condition)
        return value

    def read(self, data, strict=False):
        value = self.of.read(data, strict)
        return self._check(value) if strict else value

    def write(self, value):
        return self.of.write(value)

    def parse(self, text):
        return self._check(self.of.parse(text))

    def text(self, value):
        return self.of.text(value)


class Optional(Form):
    def __init__(self, of: Form):
        self.of, self.column = of, of.column

    def read(self, data, strict=False):
        return None if data is None else self.of.read(data, strict)

    def write(self, value):
        return None if value is None else self.of.write(value)

    def parse(self, text):
        return self.of.parse(text)

    def text(self, value):
        return None if value is None else self.of.text(value)


class List(Form):
    column = "json"

    def __init__(self, of: Form):
        self.of = of

    def read(self, data, strict=False):
        if data is None:
            if strict:
                raise wrong("null", "must not be null")
            return []
        if not isinstance(data, list):
            raise wrong("type", "must be a list")
        problems: list[Problem] = []
        out = [_below(str(i), lambda item=item: self.of.read(item, strict), problems) for i, item in enumerate(data)]
        if problems:
            raise Problems(*problems)
        return out

    def write(self, value):
        return [self.of.write(v) for v in value]

    def empty(self):
        return []


class Map(Form):
    column = "json"

    def __init__(self, of: Form):
        self.of = of

    def read(self, data, strict=False):
        if data is None:
            if strict:
                raise wrong("null", "must not be null")
            return {}
        if not isinstance(data, dict):
            raise wrong("type", "must be an object")
        problems: list[Problem] = []
        out = {k: _below(k, lambda v=v: self.of.read(v, strict), problems) for k, v in data.items()}
        if problems:
            raise Problems(*problems)
        return out

    def write(self, value):
        return {k: self.of.write(value[k]) for k in sorted(value)}

    def empty(self):
        return {}


class Record(Form):
    """The fields of a dataclass that record made."""

    column = "json"

    def __init__(self, of: type | Callable[[], type]):
        """Of a class that is yet to be declared, a function that returns it."""
        self._of = of

    @property
    def of(self) -> type:
        return self._of if isinstance(self._of, type) else self._of()

    def read(self, data, strict=False):
        return read(self.of, data, strict=strict)

    def write(self, value):
        return write(value)

    def empty(self):
        return empty(self.of)


@dataclass(frozen=True)
class Member:
    """What a field of a record is called, and how it is written."""

    attribute: str
    name: str  # in JSON
    form: Form
    check: Callable[[Any], bool] | None = None
    condition: str = ""
    default: Callable[[], Any] | None = None

    def judge(self, value: Any) -> Any:
        """The value, which must meet the condition of its field."""
        if self.check is not None and value is not None:
            Checked(self.form, self.check, self.condition)._check(value)
        return value


def member(name: str, form: Form, *, default: Any = MISSING, check: Callable | None = None, condition: str = "") -> Any:
    """A field of a record. A default is a value, or a function that makes one."""
    make = None if default is MISSING else default if callable(default) else lambda: default
    about = {"name": name, "form": form, "default": make, "check": check, "condition": condition}
    if make is not None:
        return field(default_factory=make, metadata=about)
    return field(default=None, metadata=about) if isinstance(form, Optional) else field(metadata=about)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(member,))
def record(cls):
    """A dataclass whose fields are members; they are given by name."""
    cls = dataclass(frozen=True, kw_only=True)(cls)
    cls.MEMBERS = tuple(
        Member(f.name, m["name"], m["form"], m["check"], m["condition"], m["default"])
        for f in dataclasses.fields(cls)
        if (m := f.metadata)
    )
    return cls


def read(cls, data: Any, needs: Iterable[str] | None = None, strict: bool = False):
    """Reads a record of what JSON has. Needs are the fields that somebody looks at; the others may be missing."""
    if not isinstance(data, dict):
        raise wrong("null" if data is None else "type", "must be an object")
    problems: list[Problem] = []
    found = {}
    for m in cls.MEMBERS:
        if m.name in data:
            found[m.attribute] = _below(m.name, lambda m=m: _part(m, data[m.name], strict), problems)
        elif m.default is not None:
            found[m.attribute] = m.default()
        elif isinstance(m.form, Optional | List | Map) and not strict or needs is not None and m.name not in needs:
            found[m.attribute] = m.form.empty()
        elif isinstance(m.form, Optional):
            found[m.attribute] = None
        else:
            problems.append(Problem("/" + m.name, "required", "is missing"))
    if strict:
        known = {m.name for m in cls.MEMBERS}
        problems.extend(Problem("/" + name[:64], "unknown", "is not known here") for name in data if name not in known)
    if problems:
        raise Problems(*problems)
    return cls(**found)


def _part(m: Member, data: Any, strict: bool) -> Any:
    value = m.form.read(data, strict)
    return m.judge(value) if strict else value


def write(value: Any) -> dict[str, Any]:
    """A record as JSON has it. What is absent is left out."""
    return {m.name: written for m in value.MEMBERS if (written := m.form.write(getattr(value, m.attribute))) is not None}


def empty(cls) -> Any:
    """A record of which nothing is said yet: with its defaults."""
    return cls(**{m.attribute: m.default() if m.default else m.form.empty() for m in cls.MEMBERS})


# JSON

def loads(data: bytes | str, depth: int = 64) -> Any:
    """Reads JSON exactly: decimals stay decimals, and no name is there twice."""
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, ArithmeticError, RecursionError) as e:
        raise wrong("syntax", f"is no JSON: {str(e)[:100]}") from None
    if _deeper(value, depth):
        raise wrong("depth", "is too deep")
    return value


def _no_constant(text: str):
    raise ValueError(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name is there twice")
    return members


def _deeper(value: Any, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    return depth == 0 or any(_deeper(v, depth - 1) for v in (value.values() if isinstance(value, dict) else value))


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return values.decimal_text(value)
    raise TypeError(f"a {type(value).__name__} cannot be written as JSON")
