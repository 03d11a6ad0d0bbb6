"""Records that handlers could not take, in the order of their keys, until they are handled after all or skipped."""

import base64
import logging
import random
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import envelope, forms
from .envelope import Missing, Record, Unavailable, Undecodable
from .store import Outage, Tx, instant, seconds
from .values import time_text

if TYPE_CHECKING:
    from .consumer import Consumer

log = logging.getLogger("parked")

# Why a record is parked
FAILED = "failed"  # its handler failed at every attempt
UNDECODABLE = "undecodable"  # it cannot be read here
MISSING = "missing"  # what it refers to is not there yet; tried again by itself
UNAVAILABLE = "unavailable"  # another service did not answer; tried again by itself
BEHIND = "behind"  # an earlier record of its key is parked


def reason(error: BaseException) -> str:
    match error:
        case Undecodable():
            return UNDECODABLE
        case Missing():
            return MISSING
        case Unavailable():
            return UNAVAILABLE
    return FAILED


Queue = tuple[str, str, str]  # handler, topic, key


@dataclass
class ParkedRecord:
    id: int
    handler: str  # empty: it is no message at all
    record: Record
    key: str
    reason: str
    error: str
    attempts: int
    parked_at: datetime
    retry_at: datetime | None

    @property
    def queue(self) -> Queue:
        return self.handler, self.record.topic, self.key

    @property
    def ordered(self) -> bool:
        """Whether it waits in the queue of its key."""
        return bool(self.handler and self.key)

    def json(self) -> dict[str, Any]:
        type, id = envelope.named(self.record)
        told = {
            "id": self.id, "handler": self.handler, "topic": self.record.topic, "partition": self.record.partition, "offset": self.record.offset,
            "key": self.key, "type": type or None, "messageId": id or None, "reason": self.reason, "error": self.error, "attempts": self.attempts,
            "parkedAt": time_text(self.parked_at), "retryAt": time_text(self.retry_at) if self.retry_at else None,
        }  # fmt: skip
        return {k: v for k, v in told.items() if v is not None}


def _clean(data: bytes | str) -> str:
    """Text that every database takes."""
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data.encode("utf-8", "replace").decode()
    return text.replace("\0", "\ufffd")


_CLAIM = 60.0  # seconds for which a replay is believed to be alive
_RETRY, _RETRY_PART, _RETRY_LIMIT = 5.0, 10, 300.0  # the pause: at least, a part of how long it has waited, at most
_POLL = 0.5


class Parked:
    def __init__(self, consumer: "Consumer"):
        self._consumer, self._database = consumer, consumer.database
        self._lock = threading.Lock()
        # Which queues have parked records: maybe too many, never too few, for only who has a partition parks its records.
        self._known: set[Queue] | None = None

    def forget(self) -> None:
        with self._lock:
            self._known = None

    def _knows(self, q: Queue) -> bool:
        with self._lock:
            if self._known is None:
                self._known = set(self._database.query("SELECT DISTINCT handler, topic, key FROM platform_parked"))
            return q in self._known

    # Parking

    def park(self, handler: str, record: Record, reason: str, cause: BaseException, attempts: int) -> None:
        """Stores a record for somebody to decide about."""
        self._database.transact(lambda tx: self._insert(tx, handler, record, reason, str(cause) or repr(cause), attempts))
        with self._lock:
            if self._known is not None:
                self._known.add((handler, record.topic, _clean(record.key or b"")))
        log.error("record is parked", extra={"handler": handler, "topic": record.topic, "offset": record.offset, "reason": reason, "error": str(cause)})

    def _insert(self, tx: Tx, handler: str, record: Record, reason: str, cause: str, attempts: int) -> None:
        headers = forms.dumps([{"Key": k, "Value": base64.b64encode(v or b"").decode()} for k, v in record.headers])
        retry = [seconds(_RETRY)] if reason in (MISSING, UNAVAILABLE) else []
        # There already: delivered again after a crash, before its offset was committed.
        tx.execute(
            f"""INSERT INTO platform_parked
            (handler, topic, partition, record_offset, key, headers, data, reason, error, attempts, retry_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {tx.later if retry else "NULL"})
            ON CONFLICT (handler, topic, partition, record_offset) DO NOTHING""",
            handler, record.topic, record.partition, record.offset, _clean(record.key or b""), headers, record.value or b"", reason,
            _clean(cause), attempts, *retry,
        )  # fmt: skip

    def park_behind(self, handler: str, record: Record) -> bool:
        """Parks a record for a handler that has an earlier one of its key parked."""
        q = (handler, record.topic, _clean(record.key or b""))
        if not q[2] or not self._knows(q):
            return False

        def work(tx: Tx) -> bool:
            # Locked: whoever replays the last one deletes it either before this, or sees this one behind it.
            if not tx.query("SELECT id FROM platform_parked WHERE handler = ? AND topic = ? AND key = ? LIMIT 1" + tx.for_update, *q):
                return False
            self._insert(tx, handler, record, BEHIND, "an earlier record of the same key is parked", 0)
            return True

        behind = self._database.transact(work)
        if not behind:
            with self._lock:
                if self._known is not None:
                    self._known.discard(q)
        return behind

    # Deciding

    def listed(self, id: int = 0, handler: str = "", topic: str = "", key: str = "", limit: int = 100) -> list[ParkedRecord]:
        filters = {"id": id or None, "handler": handler or None, "topic": topic or None, "key": key or None}
        given = {k: v for k, v in filters.items() if v is not None}
        return self._select(" AND ".join(f"{k} = ?" for k in given) or "1 = 1", *given.values(), limit=limit)

    def count(self) -> int:
        return self._database.query("SELECT COUNT(*) FROM platform_parked")[0][0]

    def replay(self, **filters: Any) -> int:
        """Gives parked records to their handlers again, in the order of their keys; returns how many were handled. The others say why not."""
        handled, failures = self._replay_all(lambda after: [r for r in self.listed(**filters, limit=2**31) if r.id > after][:100])
        for e in failures:
            if isinstance(e, Outage):
                raise e
        return handled

    def skip(self, **filters: Any) -> int:
        """Drops parked records unhandled. What was behind them goes on by itself."""
        skipped = 0
        while records := self.listed(**filters):
            for r in records:
                self._unpark(r)
                skipped += 1
        return skipped

    def _select(self, condition: str, *args: Any, limit: int = 100) -> list[ParkedRecord]:
        rows = self._database.query(
            f"""SELECT id, handler, topic, partition, record_offset, key, headers, data, reason, error, attempts, parked_at, retry_at
            FROM platform_parked WHERE {condition} ORDER BY id LIMIT {limit}""",
            *args,
        )
        return [_parked(row) for row in rows]

    def _replay_all(self, following: Any, waits: Any = lambda r: False) -> tuple[int, list[Exception]]:
        handled, last = 0, 0
        failures: list[Exception] = []
        stuck: set[Queue] = set()
        while records := following(last):
            for r in records:
                last = r.id
                if r.ordered and r.queue in stuck:
                    continue
                if waits(r):
                    stuck.add(r.queue)
                    continue
                try:
                    handled += self._replay(r)
                except Exception as e:
                    stuck.add(r.queue)
                    failures.append(e)
        return handled, failures

    def _replay(self, r: ParkedRecord) -> int:
        """Handles the queue of a record from its head up to the record."""
        handled = 0
        while True:
            if r.ordered:
                head = self._select("handler = ? AND topic = ? AND key = ?", *r.queue, limit=1)
            else:
                head = self._select("id = ?", r.id, limit=1)
            if not head or head[0].id > r.id or not self._claim(head[0].id):
                return handled
            try:
                self._again(head[0])
            except Exception as e:
                self._failed_again(head[0], e)
                raise
            self._unpark(head[0])
            handled += 1

    def _claim(self, id: int) -> bool:
        d = self._database
        return d.execute(
            f"UPDATE platform_parked SET claimed_until = {d.later} WHERE id = ? AND (claimed_until IS NULL OR claimed_until <= {d.now})",
            seconds(_CLAIM), id,
        ) == 1  # fmt: skip

    def _again(self, r: ParkedRecord) -> None:
        """Gives a parked record to its handler once."""
        e = envelope.read(r.record)
        name, _, generation = r.handler.partition("__")
        found = [h for h in self._consumer.handlers.get((r.record.topic, e.type), []) if not r.handler or h.name in (name, r.handler)]
        for h in found:
            self._consumer.give(h, int(generation) if h.project and generation.isdecimal() else 0, e)
        if not found and r.handler:
            raise RuntimeError(f"{r.handler} handles no {e.type} any more")

    def _failed_again(self, r: ParkedRecord, cause: Exception) -> None:
        d = self._database
        if isinstance(cause, Outage):
            d.execute("UPDATE platform_parked SET claimed_until = NULL WHERE id = ?", r.id)
            return
        why = reason(cause)
        retry = [seconds(self._pause_after(r))] if why in (MISSING, UNAVAILABLE) else []
        d.execute(
            f"""UPDATE platform_parked SET retry_at = {d.later if retry else "NULL"}, reason = ?, error = ?, attempts = attempts + 1,
            claimed_until = NULL WHERE id = ?""",
            *retry, why, _clean(str(cause) or repr(cause)), r.id,
        )  # fmt: skip

    def _pause_after(self, r: ParkedRecord) -> float:
        """A part of the time for which it has waited: a minute's outage is over for it after seconds."""
        waited = (datetime.now(UTC) - r.parked_at).total_seconds()
        return min(_RETRY_LIMIT, max(_RETRY, waited / _RETRY_PART)) * random.uniform(0.5, 1.5)

    def _unpark(self, r: ParkedRecord) -> None:
        """Deletes a record, and has the one behind it tried."""

        def work(tx: Tx) -> None:
            tx.execute("DELETE FROM platform_parked WHERE id = ?", r.id)
            if r.ordered:
                tx.execute(
                    f"""UPDATE platform_parked SET retry_at = {tx.now} WHERE reason = ? AND id =
                    (SELECT MIN(id) FROM platform_parked WHERE handler = ? AND topic = ? AND key = ?)""",
                    BEHIND, *r.queue,
                )  # fmt: skip

        self._database.transact(work)

    # By itself

    def retry_by_itself(self, over: threading.Event) -> None:
        """Tries again what was parked because something was missing or unavailable, until it is over."""
        while not over.wait(_POLL):
            try:
                while self._retry_due() and not over.is_set():
                    pass  # what was behind is due now
            except Exception as e:
                log.warning("parked records cannot be read", extra={"error": repr(e)})

    def _retry_due(self) -> bool:
        useful, tried = False, set()
        for r in self._select(f"retry_at <= {self._database.now}"):
            of = (r.record.topic, r.key)
            if r.ordered and of in tried:
                continue
            tried.add(of)
            useful = self._retry(r) or useful
        return useful

    def _retry(self, r: ParkedRecord) -> bool:
        """Tries a record again, and whatever is parked of its key and tried by itself: all come in their order."""

        def following(after: int) -> list[ParkedRecord]:
            if r.ordered:
                return self._select("topic = ? AND key = ? AND id > ?", r.record.topic, r.key, after)
            return self._select("id = ? AND id > ?", r.id, after)

        handled, failures = self._replay_all(following, lambda r: r.reason in (FAILED, UNDECODABLE))
        if failures:
            log.warning("parked records failed again", extra={"topic": r.record.topic, "error": repr(failures[0])})
        return handled > 0


def _parked(row: tuple) -> ParkedRecord:
    id, handler, topic, partition, offset, key, headers, data, why, error, attempts, parked_at, retry_at = row
    listed: list[tuple[str, bytes | None]] = [(h["Key"], base64.b64decode(h["Value"] or "")) for h in forms.loads(headers)]
    record = Record(topic, partition, offset, key.encode(), bytes(data), listed)
    return ParkedRecord(id, handler, record, key, why, error, attempts, instant(parked_at), retry_at and instant(retry_at))
