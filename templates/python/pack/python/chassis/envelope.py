"""Messages: CloudEvents 1.0 in Kafka's binary mode."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote

from . import values


class Missing(Exception):
    """What a message refers to is not there yet; it may come."""


class Unavailable(Exception):
    """Somebody else who is needed does not answer; they may again."""


class Undecodable(Exception):
    """A record cannot be read here, now or later."""


class NoEvent(Exception):
    """A record has no value: it says nothing."""


@dataclass(frozen=True)
class Record:
    """A record of the broker."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who gives a command or asks."""

    subject: str = ""
    roles: list[str] = field(default_factory=list)
    system: bool = False
    claims: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Meta:
    """What is known of an event beside its fields."""

    id: str
    time: datetime
    version: int
    type: str
    actor: Actor


@dataclass(frozen=True, kw_only=True)
class Envelope:
    id: str
    source: str
    type: str  # <context>.<aggregate>.<event>
    subject: str
    time: datetime
    sequence: int = 0  # the version of the instance that the event made
    data_version: int = 1
    correlation: str = ""
    causation: str = ""
    traceparent: str = ""
    tracestate: str = ""
    actor: Actor = field(default_factory=Actor)
    topic: str = ""
    key: str = ""
    data: bytes = b""

    @property
    def event(self) -> str:
        return self.type.rpartition(".")[2]

    @property
    def meta(self) -> Meta:
        return Meta(id=self.id, time=self.time, version=self.sequence, type=self.event, actor=self.actor)


_TEXTS = [
    "ce_id", "ce_source", "ce_type", "ce_subject", "ce_correlationid", "ce_causationid", "ce_actorid", "ce_actorroles", "traceparent", "tracestate",
]  # fmt: skip
_LONGEST = 2048


def read(record: Record) -> Envelope:
    """Reads a record strictly: one that is no message is Undecodable."""
    if record.value is None:
        raise NoEvent
    try:
        return _envelope(record)
    except (ValueError, values.Fault) as e:
        raise Undecodable(str(e)) from None


def named(record: Record) -> tuple[str, str]:
    """The type and the id of a record, as far as they can be read."""
    header = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
    return header.get("ce_type", ""), header.get("ce_id", "")


def _envelope(record: Record) -> Envelope:
    header = {name: (value or b"").decode() for name, value in record.headers}
    if header.get("ce_specversion") != "1.0":
        raise ValueError(f"header ce_specversion is {header.get('ce_specversion', '')!r}, want 1.0")
    for name in ("ce_id", "ce_source", "ce_type"):
        if not header.get(name):
            raise ValueError(f"header {name} is missing")
    for name in _TEXTS:
        text = header.get(name, "")
        if len(text.encode()) > _LONGEST or not values.is_text(text):
            raise ValueError(f"header {name} is no text, or too long")
    if problem := values.id_problem(header["ce_id"]):
        raise ValueError(f"header ce_id: {problem}")
    key, subject = (record.key or b"").decode(), header.get("ce_subject", "")
    if not values.is_text(key):
        raise ValueError("the key is no text")
    if subject and key and subject != key:
        raise ValueError("header ce_subject differs from the key")
    return Envelope(
        id=header["ce_id"],
        source=header["ce_source"],
        type=header["ce_type"],
        subject=subject,
        time=values.parse_time(header.get("ce_time", "")),
        sequence=_whole(header, "ce_sequence", 0),
        data_version=_whole(header, "ce_dataversion", 1),
        correlation=header.get("ce_correlationid", ""),
        causation=header.get("ce_causationid", ""),
        traceparent=header.get("traceparent", ""),
        tracestate=header.get("tracestate", ""),
        actor=Actor(subject=header.get("ce_actorid", ""), roles=roles(header.get("ce_actorroles", "")), system=header.get("ce_actorsystem") == "true"),
        topic=record.topic,
        key=key,
        data=record.value or b"",
    )


def _whole(header: dict[str, str], name: str, default: int) -> int:
    text = header.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or not text.isascii():
        raise ValueError(f"header {name} is no whole number")
    return values.whole(int(text[:20]))


def roles(text: str) -> list[str]:
    """Reads a list of roles, each escaped."""
    return [unquote(part, errors="strict") for part in text.split(",")] if text else []
