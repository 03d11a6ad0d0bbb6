"""Takes records from the broker to handlers: in order for each partition, at least once, with one effect.

What a handler cannot take is parked, with what is behind it of its key; everything else goes on.
"""

import builtins
import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from functools import partial
from typing import Any

from confluent_kafka import Consumer as Client
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from . import envelope, forms, parked
from .envelope import Envelope, Meta, Record, Undecodable
from .store import Database, Outage, Tx
from .table import Change, View, of_generation
from .telemetry import Telemetry

log = logging.getLogger("consumer")


@dataclass(frozen=True)
class Handler:
    """Reacts to one type of event: by itself, or in a transaction that has noted the message."""

    name: str  # of the policy or view; handlers of one name park together
    topic: str
    type: str
    do: Callable[[Envelope], None] | None = None
    project: Callable[[Tx, int, Envelope], None] | None = None


def reaction(name: str, topic: str, type: str, event: builtins.type, needs: Set[str], do: Callable[[Any, Envelope], None]) -> Handler:
    """A policy: its effects have keys that derive from the message, so that a second delivery has none."""
    return Handler(name, topic, type, do=lambda e: do(_read(event, needs, e), e))


def projection(view: View, topic: str, type: str, event: builtins.type, needs: Set[str], change: Callable[[Any, Meta], Change]) -> Handler:
    """What an event does to a view."""

    def project(tx: Tx, generation: int, e: Envelope) -> None:
        view.apply(tx, generation, e.meta, change(_read(event, needs, e), e.meta))

    return Handler(view.name, topic, type, project=project)


def _read(event: builtins.type, needs: Set[str], e: Envelope) -> Any:
    """Reads what a message says: its fields that nobody looks at may be missing."""
    if e.data_version != 1:
        raise Undecodable(f"it is of version {e.data_version}, known up to 1")
    try:
        return forms.read(event, forms.loads(e.data), needs)
    except forms.Problems as problems:
        raise Undecodable(f"{e.type}: {problems}") from None


_ATTEMPTS = 5
_FIRST_PAUSE = 0.1  # doubled after each failure
_OUTAGES = 10  # so often in a row a record may fail as if the database were away while it answers
_FIRST_PROBE, _LAST_PROBE = 0.1, 5.0
_HIGH, _LOW = 1000, 500  # records of a partition that wait: then no more are fetched, and again


def jitter(first: float, attempt: int) -> float:
    """A random pause around one that doubles with every attempt."""
    pause = first * 2 ** min(attempt - 1, 10)
    return random.uniform(pause / 2, pause * 3 / 2)


class Consumer:
    def __init__(
        self, group: str, kafka: dict, admin: AdminClient, database: Database, telemetry: Telemetry, handlers: Iterable[Handler], generation: int = 0
    ):
        """A consumer of a generation fills that of one view; 0: it has all handlers."""
        self.group, self.kafka, self.database, self.telemetry = group, kafka, database, telemetry
        self.admin = admin
        self.handlers: dict[tuple[str, str], list[Handler]] = {}
        self.topics: list[str] = []
        self.generation = generation
        for h in handlers:
            self.handlers.setdefault((h.topic, h.type), []).append(h)
            if h.topic not in self.topics:
                self.topics.append(h.topic)
        self.stopping = threading.Event()  # no more is to be fetched or begun
        self.first_pause = _FIRST_PAUSE
        self.parked = parked.Parked(self)
        self.left: set[str] = set()  # views whose later generations others keep
        self.stuck: dict[tuple[str, int], Exception] = {}  # why partitions do not go on
        self.empty = 0  # records without a value that were passed over
        self.done: dict[tuple[str, int], int] = {}  # of partitions at hand: the place behind what is handled
        self._marks: dict[tuple[str, int], int] = {}  # of those, what the client does not know yet
        self._marking = threading.Lock()
        self._workers: dict[tuple[str, int], _Worker] = {}
        self._asking: Client | None = None
        self._one_asks = threading.Lock()

    # Fetching

    def run(self) -> None:
        """Consumes until stop is called. Neither the database nor the broker being down is a reason to give up."""
        if not self.topics:
            self.stopping.wait()
            return
        client = Client(
            {
                **self.kafka,
                "enable.metrics.push": False,
                "group.id": self.group,
                "auto.offset.reset": "earliest",
                "enable.auto.offset.store": False,  # what is handled is stored, and what is stored committed
                "auto.commit.interval.ms": 1000,
                "topic.metadata.refresh.interval.ms": 10_000,
                "fetch.wait.max.ms": 250,
                "fetch.message.max.bytes": 1 << 20,
                "queued.max.messages.kbytes": 8 << 10,
            },
            logger=log,
        )
        over = threading.Event()
        retrying = threading.Thread(target=self.parked.retry_by_itself, args=[over], name="retrying")
        if self.generation == 0:  # for all generations
            retrying.start()
        try:
            client.subscribe(self.topics, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost)
            while not self.stopping.is_set():
                message = client.poll(0.25)
                more = client.consume(200, timeout=0) if message else []
                for m in [message, *more] if message else []:
                    self._hand(m)
                self._mark(client)
                for w in self._workers.values():
                    w.hold_back(client)
            self._finish(None)
            self._commit(client)
        finally:
            over.set()
            self._finish(None)
            client.close()
            with self._one_asks:
                if self._asking:
                    self._asking.close()
                    self._asking = None
            if self.generation == 0:
                retrying.join()

    def _hand(self, message) -> None:
        if error := message.error():
            if error.code() != KafkaError._PARTITION_EOF:
                log.warning("records cannot be fetched", extra={"topic": message.topic(), "error": str(error)})
            return
        worker = self._workers.get((message.topic(), message.partition()))
        if worker:
            worker.enqueue(
                Record(message.topic(), message.partition(), message.offset(), message.key(), message.value(), list(message.headers() or []))
            )

    def _assigned(self, client: Client, partitions: list[TopicPartition]) -> None:
        self.parked.forget()  # who had the partitions before may have parked keys of theirs
        for p in partitions:
            at = (p.topic, p.partition)
            self._workers[at] = _Worker(self, at)

    def _revoked(self, client: Client, partitions: list[TopicPartition]) -> None:
        """Finishes what is in flight and commits what is handled, before others get the partitions."""
        self._finish(partitions)
        self._commit(client)

    def _lost(self, client: Client, partitions: list[TopicPartition]) -> None:
        self._finish(partitions)

    def _finish(self, partitions: list[TopicPartition] | None) -> None:
        ending = [(p.topic, p.partition) for p in partitions] if partitions is not None else list(self._workers)
        workers = [w for at in ending if (w := self._workers.pop(at, None))]
        for w in workers:
            w.end()
        for w in workers:
            w.thread.join()
            self.done.pop(w.at, None)

    def _mark(self, client: Client) -> None:
        """Has what is handled committed before long. One thread asks the client: others would wait for its polls."""
        with self._marking:
            marks, self._marks = self._marks, {}
        for (topic, number), offset in marks.items():
            try:
                client.store_offsets(offsets=[TopicPartition(topic, number, offset)])
            except KafkaException:
                continue  # the partition is somebody else's by now

    def _commit(self, client: Client) -> None:
        self._mark(client)
        try:
            client.commit(asynchronous=False)
        except KafkaException as e:
            if e.args[0].code() != KafkaError._NO_OFFSET:
                # The records are delivered again, without a second effect.
                log.warning("offsets cannot be committed", extra={"error": str(e)})

    def handled(self, record: Record) -> None:
        at = (record.topic, record.partition)
        with self._marking:
            self.done[at] = self._marks[at] = record.offset + 1

    # Handling

    def of(self, record: Record, e: Envelope) -> list[Handler]:
        return [h for h in self.handlers.get((record.topic, e.type), []) if not self._leaves(h)]

    def _leaves(self, h: Handler) -> bool:
        return h.project is not None and self.generation == 0 and h.name in self.left

    def parks_as(self, h: Handler) -> str:
        return of_generation(h.name, self.generation) if h.project else h.name

    def give(self, h: Handler, generation: int, e: Envelope) -> None:
        """Gives a message to a handler once."""
        with self.telemetry.delivery(h.name, e):
            if h.do:
                h.do(e)
            elif h.project:
                self.database.transact(lambda tx: self._project(tx, h, generation, e))

    def _project(self, tx: Tx, h: Handler, generation: int, e: Envelope) -> None:
        """Notes the message and makes its effect, in one transaction: a second delivery waits for the end of the first, and has none."""
        assert h.project
        name = of_generation(h.name, generation)
        if tx.execute("INSERT INTO platform_inbox (consumer, message_id) VALUES (?, ?) ON CONFLICT DO NOTHING", name, e.id) == 1:
            h.project(tx, generation, e)

    def forget(self, before_days: int) -> None:
        """Forgets messages that were handled long ago: the broker does not bring them again."""
        d = self.database
        d.execute(f"DELETE FROM platform_inbox WHERE handled_at < {d.later}", f"{-before_days * 86400:+d}")

    # Telling

    def check(self) -> None:
        """Tells why a partition does not go on: what came there can neither be handled nor parked."""
        for (topic, number), why in list(self.stuck.items()):
            raise RuntimeError(f"partition {number} of {topic} does not go on: {why}")

    def behind(self, committed_only: bool = False) -> int:
        """How many records are not handled yet."""
        return sum(max(0, end - at) for end, at in self.positions(committed_only).values())

    def positions(self, committed_only: bool = False) -> dict[tuple[str, int], tuple[int, int]]:
        """Of each partition, where it ends and how far its records are handled."""
        if not self.topics:
            return {}
        with self._one_asks:
            if self._asking is None:  # apart from the one that fetches, which may be gone
                self._asking = Client({**self.kafka, "enable.metrics.push": False, "group.id": self.group, "enable.auto.commit": False}, logger=log)
            there = self._asking.list_topics(timeout=5).topics
            places = [TopicPartition(t, number) for t in self.topics if t in there for number in there[t].partitions]
            done = {(p.topic, p.partition): p.offset for p in self._asking.committed(places, timeout=5)}
        if not committed_only:
            done |= {at: max(offset, done.get(at, 0)) for at, offset in list(self.done.items())}
        ends = self._offsets(places, OffsetSpec.latest())
        firsts = self._offsets([p for p in places if done[p.topic, p.partition] < 0], OffsetSpec.earliest())  # nothing before is there any more
        return {at: (end, done[at] if done[at] >= 0 else firsts[at]) for at, end in ends.items()}

    def _offsets(self, places: list[TopicPartition], spec: OffsetSpec) -> dict[tuple[str, int], int]:
        found = self.admin.list_offsets({p: spec for p in places}, request_timeout=5) if places else {}
        return {(p.topic, p.partition): f.result().offset for p, f in found.items()}

    def stop(self) -> None:
        """Fetches no more; what is in flight is finished."""
        self.stopping.set()


class _Worker:
    """Handles the records of one partition, one after the other."""

    def __init__(self, consumer: Consumer, at: tuple[str, int]):
        self.consumer, self.at = consumer, at
        self._queue: deque[Record] = deque()
        self._some = threading.Condition()
        self._paused = False
        self._ending = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"{at[0]}/{at[1]}")
        self.thread.start()

    def enqueue(self, record: Record) -> None:
        with self._some:
            self._queue.append(record)
            self._some.notify()

    def hold_back(self, client: Client) -> None:
        """Has no more fetched while there is much to do."""
        waiting, place = len(self._queue), [TopicPartition(*self.at)]
        if waiting >= _HIGH and not self._paused:
            client.pause(place)
            self._paused = True
        elif waiting <= _LOW and self._paused:
            client.resume(place)
            self._paused = False

    def end(self) -> None:
        """Begins no more records, and retries none."""
        self._ending.set()
        with self._some:
            self._some.notify()

    def _take(self) -> Record | None:
        with self._some:
            while not self._queue and not self._ending.is_set():
                self._some.wait()
            if self._ending.is_set():
                return None
            return self._queue.popleft()

    def _run(self) -> None:
        while record := self._take():
            while True:
                try:
                    if not self._handle(record):
                        return
                    break
                except Exception as error:  # a fault of this code: nobody else goes on with the partition
                    log.exception("a record can neither be handled nor parked", extra={"topic": record.topic, "offset": record.offset})
                    self.consumer.stuck[self.at] = error
                if self._ending.wait(_LAST_PROBE):
                    return
            self.consumer.handled(record)

    def _handle(self, record: Record) -> bool:
        """Gives a record to all its handlers. False: it has to stop before; the record comes again."""
        c = self.consumer
        try:
            e = envelope.read(record)
        except envelope.NoEvent:
            c.empty += 1
            log.warning("a record without a value is passed over", extra={"topic": record.topic, "offset": record.offset})
            return True
        except Undecodable as error:
            return self._insist(partial(c.parked.park, "", record, parked.UNDECODABLE, error, 0)) is not None
        return all(self._deliver(h, record, e) for h in c.of(record, e))

    def _deliver(self, h: Handler, record: Record, e: Envelope) -> bool:
        """Gives a record to one handler until it takes it, or parks it."""
        c, name = self.consumer, self.consumer.parks_as(h)
        behind = self._insist(lambda: c.parked.park_behind(name, record))
        if behind is None or behind:
            return bool(behind)
        attempt, outages = 1, 0
        while True:
            try:
                c.give(h, c.generation, e)
                return True
            except Exception as error:
                if self._ending.is_set():
                    return False
                if isinstance(error, Outage) and (outages < _OUTAGES or not self._up()):
                    # It would have failed for every record: no attempt.
                    log.warning("database is out of reach; consuming pauses", extra={"handler": h.name, "error": str(error)})
                    outages += 1
                    if not self._await_database(outages):
                        return False
                    continue
                if attempt >= _ATTEMPTS or isinstance(error, Undecodable):
                    park = partial(c.parked.park, name, record, parked.reason(error), error, attempt)
                    return self._insist(park) is not None
                log.warning("record failed", extra={"handler": h.name, "type": e.type, "messageId": e.id, "attempt": attempt, "error": repr(error)})
            if self._ending.wait(jitter(c.first_pause, attempt)):
                return False
            attempt += 1

    def _insist(self, do: Callable[[], bool | None]) -> bool | None:
        """Repeats what only the database can refuse, more and more slowly; None: it has to stop before."""
        attempt = 1
        while True:
            try:
                done = bool(do())
                self.consumer.stuck.pop(self.at, None)
                return done
            except Exception as error:
                if self._ending.is_set():
                    return None
                log.warning("record cannot be parked; consuming pauses", extra={"topic": self.at[0], "partition": self.at[1], "error": repr(error)})
                self.consumer.stuck[self.at] = error
            if not self._await_database(attempt):
                return None
            attempt += 1

    def _await_database(self, attempt: int) -> bool:
        while True:
            if self._ending.wait(min(jitter(_FIRST_PROBE, attempt), _LAST_PROBE)):
                return False
            if self._up():
                return True
            attempt += 1

    def _up(self) -> bool:
        try:
            self.consumer.database.ping()
        except Exception:
            return False
        return True
