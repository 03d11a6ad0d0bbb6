"""The values of the model, and what expressions do with them.

They are what they are everywhere in the system: an int has 64 bits, a decimal at most 38 digits, a duration lasts
10,000 years at most, days and times are those of the years 1 to 9999. What cannot be computed is a Fault.
"""

import hashlib
import os
import re
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
)


class Fault(Exception):
    """An expression has no value: a mistake of the model, not of whoever asks."""


# Numbers

_MOST, _LEAST = 2**63 - 1, -(2**63)
_DIGITS = 38
_EXACT = Context(prec=400, Emin=-9999, Emax=9999)  # more than any operation needs
_LONGEST = timedelta(seconds=315_576_000_000)
_MICROSECOND = timedelta(microseconds=1)

ROUNDINGS = {
    "half-up": ROUND_HALF_UP,  # halves away from zero
    "half-even": ROUND_HALF_EVEN,
    "down": ROUND_DOWN,
    "up": ROUND_UP,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
}


def whole(n: int) -> int:
    """The int, which must fit into 64 bits."""
    if not _LEAST <= n <= _MOST:
        raise Fault("the number is too large")
    return n


def fits(d: Decimal) -> Decimal:
    """The decimal without zeros at its end, which must not be too long."""
    if not d.is_finite():
        raise Fault(f"the decimal has more than {_DIGITS} digits")
    if not d:
        return Decimal(0)
    d = d.normalize(_EXACT)
    _, digits, exponent = d.as_tuple()
    if len(digits) > _DIGITS or not -_DIGITS <= int(exponent) <= _DIGITS:
        raise Fault(f"the decimal has more than {_DIGITS} digits")
    return d


def lasting(d: timedelta) -> timedelta:
    """The duration, which must not be too long."""
    if not -_LONGEST <= d <= _LONGEST:
        raise Fault("the duration is too long")
    return d


def micros(d: timedelta) -> int:
    return d // _MICROSECOND


def _whole_days(d: timedelta) -> timedelta:
    return timedelta(days=days(d))


def add(a, b):
    """a + b of numbers, durations, days and times."""
    match a, b:
        case int(), int():
            return whole(a + b)
        case Decimal(), Decimal():
            return fits(_EXACT.add(a, b))
        case timedelta(), timedelta():
            return lasting(a + b)
        case timedelta(), _:
            a, b = b, a
    if isinstance(a, datetime):
        return _within("the time", lambda: a + b)
    return _within("the day", lambda: a + _whole_days(b))


def sub(a, b):
    """a - b of numbers, durations, days and times."""
    match a, b:
        case int(), int():
            return whole(a - b)
        case Decimal(), Decimal():
            return fits(_EXACT.subtract(a, b))
        case timedelta(), timedelta():
            return lasting(a - b)
        case datetime(), datetime():
            return a - b
        case datetime(), _:
            return _within("the time", lambda: a - b)
        case date(), date():
            return a - b
    return _within("the day", lambda: a - _whole_days(b))


def mul(a, b):
    """a * b of numbers, and of a number and a duration."""
    match a, b:
        case int(), int():
            return whole(a * b)
        case Decimal(), Decimal():
            return fits(_EXACT.multiply(a, b))
        case timedelta(), int():
            a, b = b, a
    length = whole(a * micros(b))
    return lasting(timedelta(microseconds=length)) if abs(length) <= micros(_LONGEST) else lasting(_LONGEST + _MICROSECOND)


def div(a: int, b: int) -> int:
    """a / b without the fraction."""
    if b == 0:
        raise Fault("division by zero")
    quotient = abs(a) // abs(b)
    return whole(quotient if (a < 0) == (b < 0) else -quotient)


def mod(a: int, b: int) -> int:
    """What a / b leaves; its sign is that of a."""
    if b == 0:
        raise Fault("division by zero")
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def neg(x):
    if isinstance(x, int):
        return whole(-x)
    return fits(_EXACT.minus(x)) if isinstance(x, Decimal) else -x


def absolute(x):
    """The number without its sign."""
    zero = timedelta() if isinstance(x, timedelta) else 0
    return neg(x) if x < zero else x


def total(values: Iterable, zero):
    """The sum; of nothing it is zero."""
    for value in values:
        zero = add(zero, value)
    return zero


def smallest(values: Iterable):
    return min(_some(values))


def largest(values: Iterable):
    return max(_some(values))


def _some(values: Iterable) -> list:
    values = list(values)
    if not values:
        raise Fault("an empty list has no smallest or largest element")
    return values


def quotient(a: Decimal, b: Decimal, places: int, how: str) -> Decimal:
    """a / b, rounded once: the remainder is exact."""
    if not b:
        raise Fault("division by zero")
    if not -_DIGITS <= places <= _DIGITS:
        raise Fault(f"a decimal has no {places} decimal places")
    # In whole numbers: a / b in units of the last place is p / q.
    (p, q), (r, s) = a.as_integer_ratio(), b.as_integer_ratio()
    p, q = p * s, q * r
    p, q = (p * 10**places, q) if places >= 0 else (p, q * 10**-places)
    sign = 1 if (p < 0) == (q < 0) else -1
    units, rest = divmod(abs(p), abs(q))
    twice = 2 * rest
    away = {
        "half-up": twice >= abs(q),
        "half-even": twice > abs(q) or twice == abs(q) and units % 2 == 1,
        "down": False,
        "up": True,
        "floor": sign < 0,
        "ceiling": sign > 0,
    }[how]
    if rest and away:
        units += 1
    return fits(Decimal(sign * units).scaleb(-places, _EXACT))


def rounded(d: Decimal, places: int, how: str) -> Decimal:
    return quotient(d, Decimal(1), places, how)


def parse_decimal(text: str) -> Decimal:
    """Reads a decimal: 12.50, -3, 1e3."""
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text, re.ASCII) or len(text) > 4 * _DIGITS:
        raise ValueError(f"{text[:80]!r} is no decimal")
    try:
        return fits(Decimal(text))
    except (InvalidOperation, Fault):
        raise ValueError(f"{text[:80]!r} is no decimal of at most {_DIGITS} digits") from None


def decimal_text(d: Decimal) -> str:
    """The digits, without zeros at the end and without an exponent."""
    return format(fits(d), "f")


# Lengths of time

_UNITS = [
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("m", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
    ("ms", timedelta(milliseconds=1)),
    ("us", _MICROSECOND),
]


def parse_duration(text: str) -> timedelta:
    """Reads 8d, 1h30m, -15m: whole numbers of ever smaller units."""
    pattern = "".join(rf"(?:(\d+){unit})?" for unit, _ in _UNITS)
    found = re.fullmatch("-?" + pattern, text, re.ASCII)
    if not found or text in ("", "-"):
        raise ValueError(f"{text[:80]!r} is no duration")
    try:
        length = sum((int(n) * size for n, (_, size) in zip(found.groups(), _UNITS, strict=True) if n), timedelta())
        length = lasting(length)
    except (Fault, OverflowError):
        raise ValueError(f"{text[:80]!r} is too long") from None
    return -length if text.startswith("-") else length


def duration_text(d: timedelta) -> str:
    if not d:
        return "0s"
    parts, rest = [], abs(d)
    for unit, size in _UNITS:
        n, rest = divmod(rest, size)
        if n:
            parts.append(f"{n}{unit}")
    return ("-" if d < timedelta() else "") + "".join(parts)


def days(d: timedelta) -> int:
    """The whole days of a duration."""
    return _towards_zero(d, timedelta(days=1))


def hours(d: timedelta) -> int:
    """The whole hours of a duration."""
    return _towards_zero(d, timedelta(hours=1))


def _towards_zero(d: timedelta, size: timedelta) -> int:
    return d // size if d >= timedelta() else -(-d // size)


def days_of(n: int) -> timedelta:
    return mul(timedelta(days=1), n)


def hours_of(n: int) -> timedelta:
    return mul(timedelta(hours=1), n)


# Days and times

def _within(what: str, compute: Callable):
    try:
        return compute()
    except (OverflowError, ValueError):
        raise Fault(f"{what} is out of range") from None


_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def parse_time(text: str) -> datetime:
    """Reads an instant as RFC 3339 writes it, to the microsecond, in UTC."""
    found = _RFC3339.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:80]!r} is no time")
    day, clock, fraction, zone = found.groups()
    text = f"{day}T{clock}.{(fraction or '')[:6]:0<6}{'+00:00' if zone == 'Z' else zone}"
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:80]!r} is no time") from None


def time_text(t: datetime) -> str:
    t = t.astimezone(UTC)
    fraction = f".{t.microsecond:06}".rstrip("0") if t.microsecond else ""
    return f"{t.year:04}-{t:%m-%dT%H:%M:%S}{fraction}Z"


def parse_date(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError(f"{text[:80]!r} is no day")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:80]!r} is no day") from None


def date_of(t: datetime, zone: tzinfo) -> date:
    """The day of an instant in a zone."""
    return _within("the day", lambda: t.astimezone(zone).date())


def _instant(local: datetime, zone: tzinfo) -> datetime:
    """The instant of a local time; where clocks leave it out or show it twice, the one that Go would choose."""
    local = local.replace(tzinfo=UTC)
    guess = local - (local.astimezone(zone).utcoffset() or timedelta())
    return local - (guess.astimezone(zone).utcoffset() or timedelta())


def start_of(day: date, zone: tzinfo) -> datetime:
    """The instant a day begins in a zone."""
    return _within("the time", lambda: _instant(datetime(day.year, day.month, day.day), zone))


def hour_of(t: datetime, zone: tzinfo) -> int:
    return _within("the time", lambda: t.astimezone(zone).hour)


def add_months(day: date, n: int) -> date:
    """So many months later; where that month is too short, its last day."""
    if abs(n) > 12 * 10_000:
        raise Fault("the day is out of range")
    years, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    first = _within("the day", lambda: date(years, month + 1, 1))
    last = 31 if month == 11 else (date(years, month + 2, 1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


def add_months_in(t: datetime, n: int, zone: tzinfo) -> datetime:
    """So many months later at the same time of day in a zone."""
    local = _within("the time", lambda: t.astimezone(zone))
    there = datetime.combine(add_months(local.date(), n), local.time())
    return _within("the time", lambda: _instant(there, zone))


# Texts. Python's own upper(), lower(), strip() and split() know a little more than other languages do.

def upper(text: str) -> str:
    return "".join(_one(c, c.upper(), c.title()) for c in text)


def lower(text: str) -> str:
    return "".join(_one(c, c.lower(), c.lower()[:1]) for c in text)


def _one(letter: str, *candidates: str) -> str:
    """Of a letter one letter becomes: "ß" has none that is large."""
    return next((c for c in candidates if len(c) == 1), letter)


_BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def trim(text: str) -> str:
    return text.strip(_BLANKS)


def substring(text: str, start: int, end: int) -> str:
    """The characters from one place to before another; what lies outside is left out."""
    return text[max(start, 0) : max(end, 0)]


def split(text: str, separator: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def matches(text: str, pattern: str) -> bool:
    """Whether a pattern is found in a text."""
    return re.search(pattern, text) is not None


def bool_text(holds: bool) -> str:
    return "true" if holds else "false"


# Lists and maps, none of which is ever changed

def at(values: list, i: int):
    if not 0 <= i < len(values):
        raise Fault(f"there is no element {i} in a list of {len(values)}")
    return values[i]


def lookup(values: dict, key: str):
    if key not in values:
        raise Fault(f'there is no "{key}" in the map')
    return values[key]


def with_element(values: list, i: int, value) -> list:
    at(values, i)
    return [*values[:i], value, *values[i + 1 :]]


def remove_at(values: list, i: int) -> list:
    at(values, i)
    return values[:i] + values[i + 1 :]


def without(values: dict, key: str) -> dict:
    return {k: v for k, v in values.items() if k != key}


def checked(value, holds: Callable[[object], bool], name: str):
    """A value that becomes one of a type with a condition."""
    if not holds(value):
        raise Fault(f"is no {name}")
    return value


# Ids

def new_id() -> str:
    """An id that nobody else makes; later ones sort behind earlier ones (UUID version 7)."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=number))


def derive_id(*parts: str) -> str:
    """An id of what it is for: the same parts give the same id, in every service."""
    h = hashlib.sha256()
    for part in parts:
        data = part.encode()
        h.update(len(data).to_bytes(8) + data)
    raw = bytearray(h.digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


class Ids:
    """The new ids of one piece of work: work that is done again has the same ones."""

    def __init__(self, *of: str):
        self.of, self.made = of, 0

    def new(self) -> str:
        self.made += 1
        return derive_id(*self.of, str(self.made - 1))


def id_problem(text: str) -> str | None:
    """What is wrong with an id from outside."""
    if not text:
        return "the id is empty"
    if len(text.encode("utf-8", "surrogatepass")) > 200:
        return "the id is too long"
    return None if is_text(text) else "the id has a control character"


def is_text(text: str) -> bool:
    return not any(c < " " or "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff" for c in text)
