"""The life of a service: it is told by its environment, starts, is ready, and stops so that nothing is lost."""

import importlib
import logging
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import waitress.server
import waitress.wasyncore
from confluent_kafka.admin import AdminClient, NewTopic

from . import forms, identity, store, values, web
from .client import Dependency
from .consumer import Consumer, Handler
from .envelope import Actor
from .reading import Reading
from .rebuild import Rebuilder
from .telemetry import Telemetry, log_to_stderr

log = logging.getLogger("service")


class Misconfigured(Exception):
    """A variable of the environment is missing, or wrong. Its value is not repeated: it may be secret."""


class Settings:
    """What a service is told by its environment."""

    def __init__(self, environment: Mapping[str, str] = os.environ):
        self._environment = environment
        self.database_url = self.required("DATABASE_URL")
        if self.database_url.partition(":")[0] not in ("postgres", "postgresql", "sqlite"):
            raise Misconfigured("DATABASE_URL must begin with postgres:// or sqlite:")
        self.http_addr = self._address("HTTP_ADDR", ":8080")
        self.internal_addr = self._address("INTERNAL_ADDR", ":8081")
        self.log_level = environment.get("LOG_LEVEL") or "info"
        if self.log_level not in ("debug", "info", "warn", "error"):
            raise Misconfigured("LOG_LEVEL must be debug, info, warn or error")
        self.log_level = {"warn": "warning"}.get(self.log_level, self.log_level)
        self.grace = self._seconds("SHUTDOWN_GRACE", "25s")
        self.delay = self._seconds("SHUTDOWN_DELAY", "0s")
        self.most_requests = self._whole("MAX_IN_FLIGHT", 512)
        self.largest_body = self._whole("MAX_BODY_BYTES", 1 << 20)

    def required(self, name: str) -> str:
        text = self._environment.get(name, "")
        if not text:
            raise Misconfigured(f"{name} is not set")
        return text

    def get(self, name: str) -> str:
        return self._environment.get(name, "")

    def _seconds(self, name: str, default: str) -> float:
        try:
            return values.parse_duration(self._environment.get(name) or default).total_seconds()
        except ValueError:
            raise Misconfigured(f"{name} must be a duration such as 25s") from None

    def _whole(self, name: str, default: int) -> int:
        text = self._environment.get(name) or str(default)
        if not text.isdecimal() or int(text) < 1:
            raise Misconfigured(f"{name} must be a whole number greater than zero")
        return int(text)

    def _address(self, name: str, default: str) -> tuple[str, int]:
        host, _, port = (self._environment.get(name) or default).rpartition(":")
        if not port.isdecimal():
            raise Misconfigured(f"{name} must be host:port")
        return host.strip("[]") or "0.0.0.0", int(port)

    def kafka(self) -> dict[str, Any]:
        """How clients of the broker connect."""
        session = self._seconds("KAFKA_SESSION_TIMEOUT", "15s")
        if session < 6:
            raise Misconfigured("KAFKA_SESSION_TIMEOUT must be at least 6s")
        out: dict[str, Any] = {
            "bootstrap.servers": self.required("KAFKA_BROKERS"),
            "session.timeout.ms": int(session * 1000),
            "heartbeat.interval.ms": int(session * 200),
            "reconnect.backoff.max.ms": 2000,
        }
        name, password, authority = self.get("KAFKA_USERNAME"), self.get("KAFKA_PASSWORD"), self.get("KAFKA_CA_FILE")
        if bool(name) != bool(password):
            raise Misconfigured("KAFKA_USERNAME and KAFKA_PASSWORD belong together")
        if name:
            out |= {"sasl.mechanism": "SCRAM-SHA-512", "sasl.username": name, "sasl.password": password}
        if authority:
            out["ssl.ca.location"] = authority
        if name or authority:
            out["security.protocol"] = ("SASL_" if name else "") + ("SSL" if authority else "PLAINTEXT")
        return out

    def authenticator(self, claims: Sequence[str], complete: Mapping[str, Callable]) -> identity.DenyAll:
        """How actors are recognised: by tokens, by headers that are believed, or not at all."""
        match self.get("AUTH"):
            case "":
                return identity.DenyAll()
            case "dev":
                by: identity.DenyAll = identity.DevHeaders(claims)
            case "jwt":
                issuer, audience = self.get("OIDC_ISSUER"), self.get("OIDC_AUDIENCE")
                try:
                    by = identity.Tokens(issuer, audience, self.get("JWKS_URL"), self.get("ROLES_CLAIM") or "roles", claims)
                except ValueError as e:
                    raise Misconfigured(str(e)) from None
            case _:
                raise Misconfigured("AUTH must be dev or jwt, or not be set")
        return identity.Claiming(by, complete) if complete else by


@dataclass(kw_only=True)
class Parts:
    """What a service is made of."""

    name: str
    group: str  # of its consumers: <system>.<context>
    topics: list[str]  # that it reads
    handlers: list[Handler]
    readings: list[Reading] = field(default_factory=list)
    dependencies: list[Dependency] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    complete: dict[str, Callable] = field(default_factory=dict)  # of roles: whether their claims are there
    document: Path | None = None  # what it offers actors, as OpenAPI


def main(make: Callable[[Settings, Telemetry], Parts]) -> None:
    """Runs a service until it is told to stop."""
    try:
        settings = Settings()
        telemetry = Telemetry()
        parts = make(settings, telemetry)
        log_to_stderr(parts.name, settings.log_level)
        service = Service(settings, telemetry, parts)
    except (Misconfigured, ValueError) as e:
        sys.exit(f"configuration: {e}")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: service.told.set())
    sys.exit(service.run())


STARTING, UP, STOPPING = "starting", "up", "stopping"

_FORGET_EVERY, _REMEMBER_DAYS = 3600.0, 3
_PARTITIONS = 4  # of a topic that is made here


class Service:
    def __init__(self, settings: Settings, telemetry: Telemetry, parts: Parts):
        self.settings, self.telemetry, self.parts = settings, telemetry, parts
        self.told = threading.Event()  # to stop
        self.phase = STARTING
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.kafka = settings.kafka()
        self.database = store.connect(settings.database_url)
        views = [r.view for r in parts.readings]
        consuming = ("session.timeout.ms", "heartbeat.interval.ms")
        self._admin = AdminClient({k: v for k, v in self.kafka.items() if k not in consuming} | {"enable.metrics.push": False}, logger=log)
        self.consumer = Consumer(parts.group, self.kafka, self._admin, self.database, telemetry, parts.handlers)
        self.rebuilder = Rebuilder(self.consumer, parts.handlers, [v for v in views if any(h.project and h.name == v.name for h in parts.handlers)])
        self.by = settings.authenticator(parts.claims, parts.complete)
        bounds = (settings.largest_body, settings.most_requests)
        self.public, self.internal = web.Router(telemetry, self.by, False, *bounds), web.Router(telemetry, self.by, True, *bounds)
        self._health = _Health(self)
        self._routes()
        self._gauges()

    # Life

    def run(self) -> int:
        """The exit code."""
        servers = [_Server(self.internal, self.settings.internal_addr), _Server(self.public, self.settings.http_addr)]
        doors = _doors(self)
        for what, do in (("migrations", lambda: store.migrate(self.database)), ("tables", self._prepare), ("topics", self._topics)):
            if not self._insist(what, do):
                return self._stop(servers, [])
        workers = [
            self._work("consumer", self.consumer.run),
            self._work("rebuilder", self.rebuilder.run),
            self._work("housekeeping", self._forget),
        ]
        self.phase = UP
        if doors:
            doors.open()
        log.info("service is up", extra={"http": self.settings.http_addr[1], "internal": self.settings.internal_addr[1]})
        self.told.wait()
        log.info("service is told to stop")
        return self._stop(servers, workers)

    def _insist(self, what: str, do: Callable[[], None]) -> bool:
        """Does what must be done before the first request, until it succeeds. False: the service is told to stop."""
        pause = 0.1
        while not self.told.is_set():
            try:
                do()
                return True
            except Exception as e:
                log.warning("not up yet", extra={"step": what, "error": repr(e), "again": pause})
            self.told.wait(pause * random.uniform(0.75, 1.25))
            pause = min(2 * pause, 5)
        return False

    def _prepare(self) -> None:
        for r in self.parts.readings:
            r.view.prepare(self.database)
            if r.view.live:
                self.consumer.left.add(r.view.name)

    def _topics(self) -> None:
        """Makes the topics that are not there yet: a service may be up before those that write to them."""
        there = self._admin.list_topics(timeout=5).topics
        new = [NewTopic(t, _PARTITIONS, -1, config={"retention.ms": "-1"}) for t in self.parts.topics if t not in there]
        for topic, made in self._admin.create_topics(new).items() if new else []:
            try:
                made.result(10)
            except Exception:
                if topic not in self._admin.list_topics(timeout=5).topics:  # else somebody else was faster
                    raise

    def _work(self, name: str, work: Callable[[], None]) -> threading.Thread:
        """Keeps a worker at work as long as the service runs."""

        def run() -> None:
            pause = 0.1
            while True:
                began = time.monotonic()
                try:
                    work()
                except Exception:
                    log.exception("a worker ended and is started again", extra={"worker": name})
                if self.phase == STOPPING or self.consumer.stopping.is_set():
                    return
                pause = 0.1 if time.monotonic() - began > 5 else min(2 * pause, 5)
                self.told.wait(pause)

        thread = threading.Thread(target=run, name=name)
        thread.start()
        return thread

    def _forget(self) -> None:
        while not self.consumer.stopping.wait(_FORGET_EVERY):
            self.consumer.forget(_REMEMBER_DAYS)

    def _stop(self, servers: list["_Server"], workers: list[threading.Thread]) -> int:
        until = time.monotonic() + self.settings.grace
        was_up, self.phase = self.phase == UP, STOPPING
        if was_up:
            time.sleep(self.settings.delay)  # until load balancers have noticed
        for server in servers:
            server.stop((until - time.monotonic()) / 2)
        self.consumer.stop()
        for worker in workers:
            worker.join(max(0.0, until - time.monotonic()))
        left = [w.name for w in workers if w.is_alive()]
        if left:
            log.error("service stopped, not all in order", extra={"workers": left})
            os._exit(1)  # they would be waited for
        self.database.close()
        log.info("service stopped")
        return 0

    # What it answers beside its views

    def _routes(self) -> None:
        for r in self.parts.readings:
            r.add_to(self.public, self.internal, self.database, lambda: self.clock())
        if document := self.parts.document:
            self.public.add("GET /openapi.yaml", lambda q, a: web.Response(body=document.read_bytes(), type="application/yaml"))
        self.public.open = self.internal.open = self._gate
        self.internal.add("GET /livez", lambda q, a: web.answer({"status": "live"}))
        self.internal.add("GET /readyz", lambda q, a: self._health.answer())
        self.internal.add("GET /metrics", lambda q, a: web.Response(body=self.telemetry.metrics(), type="text/plain; version=0.0.4; charset=utf-8"))
        if not self.parts.handlers:
            return
        self.internal.add("GET /internal/parked", self._parked)
        self.internal.add("POST /internal/parked/replay", lambda q, a: self._decide(q, self.consumer.parked.replay))
        self.internal.add("POST /internal/parked/skip", lambda q, a: self._decide(q, self.consumer.parked.skip))
        self.internal.add("POST /views/{view}/rebuild", self._rebuild)

    def _gate(self, path: str) -> None:
        if self.phase == STARTING and path not in ("/livez", "/readyz", "/metrics"):
            raise web.later("unavailable", "the service is starting")

    def _parked(self, request: web.Request, actor: Actor) -> web.Response:
        filters = _filters(request)
        filters.pop("all", None)
        return web.answer({"items": [r.json() for r in self.consumer.parked.listed(**filters)]})

    def _decide(self, request: web.Request, do: Callable[..., int]) -> web.Response:
        filters = _filters(request)
        everything = filters.pop("all", False)
        filters.pop("limit", None)
        if not filters and not everything:
            raise web.Refused(400, "invalid", "say which records, or all=true")
        return web.answer({"count": do(**filters)})

    def _rebuild(self, request: web.Request, actor: Actor) -> web.Response:
        if not self.rebuilder.ask(request.names["view"]):
            raise web.Refused(404, "NoSuchView", f"there is no view {request.names['view']} to rebuild")
        return web.Response(202)

    def _gauges(self) -> None:
        gauge = self.telemetry.gauge
        gauge("service_ready", "1: the service can do its work; 0: it cannot.", lambda: 1 if self._health.is_ready() else 0)
        gauge("consumer_stuck_partitions", "Partitions where a message can neither be handled nor parked.", lambda: len(self.consumer.stuck))
        gauge("consumer_empty_messages", "Messages without a value that were passed over since the start.", lambda: self.consumer.empty)
        gauge("consumer_lag_messages", "Messages that the service has not handled yet.", lambda: self.consumer.behind(committed_only=True))
        gauge("parked_messages", "Messages that wait for somebody to decide about them.", self.consumer.parked.count)

    # Health

    def checks(self) -> dict[str, Callable[[], Any]]:
        return {
            "database": self.database.ping,
            "broker": lambda: self._admin.list_topics(timeout=1.5),
            "identity": self.by.check,
            "consumer": self.consumer.check,
        }


def _filters(request: web.Request) -> dict[str, Any]:
    params = web.Params(request)
    known = {"id": forms.INT, "handler": forms.TEXT, "topic": forms.TEXT, "key": forms.TEXT, "limit": forms.INT, "all": forms.BOOL}
    found = {name: params.parse(name, form, params.take(name)) for name, form in known.items() if name in params.rest}
    params.done()
    return found


class _Health:
    """Whether the service can do its work. Breakers are shown and do not count: a service that can answer partly is better than none."""

    def __init__(self, service: Service):
        self._service, self._lock = service, threading.Lock()  # one looks, the others wait for what it finds
        self._looked = 0.0
        self._found: dict[str, str] = {}
        self._pool = ThreadPoolExecutor(4, "health")

    def is_ready(self) -> bool:
        return self._service.phase == UP and all(r == "ok" for r in self._look().values())

    def answer(self) -> web.Response:
        body: dict[str, Any] = {"status": self._service.phase}
        status = 503
        if self._service.phase == UP:
            body["checks"] = checks = self._look()
            status = 200 if all(r == "ok" for r in checks.values()) else 503
            body["status"] = "ready" if status == 200 else "not ready"
        if self._service.parts.dependencies:
            body["dependencies"] = {d.name: d.breaker.state for d in self._service.parts.dependencies}
        return web.answer(body, status)

    def _look(self) -> dict[str, str]:
        with self._lock:
            if self._found and time.monotonic() - self._looked < 1:
                return self._found
            asked = {name: self._pool.submit(check) for name, check in self._service.checks().items()}
            before, self._found = self._found, {}
            for name, result in asked.items():
                try:
                    result.result(2)
                    self._found[name] = "ok"
                except Exception as e:
                    self._found[name] = "failed"
                    if before.get(name) != "failed":
                        log.warning("not ready", extra={"check": name, "error": repr(e)})
            self._looked = time.monotonic()
            return self._found


class _Server:
    """Serves a router at an address."""

    def __init__(self, router: web.Router, address: tuple[str, int]):
        self._server = waitress.server.create_server(
            router, host=address[0], port=address[1], threads=8, ident="", channel_timeout=75, max_request_header_size=1 << 16,
            max_request_body_size=16 << 20, asyncore_use_poll=True, clear_untrusted_proxy_headers=False, _start=True,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._server.run, name=f"http {address[1]}", daemon=True)
        self._thread.start()

    def stop(self, within: float) -> None:
        """Takes no more requests; those under way are answered."""
        # In the server's thread, and no more than the listener: answers are still on their way.
        self._server.trigger.pull_trigger(lambda: waitress.wasyncore.dispatcher.close(self._server))
        self._server.task_dispatcher.shutdown(cancel_pending=False, timeout=max(0.1, within))


def _doors(service: Service):
    """The ways in that tests have; none where they are not installed, as in images."""
    address = service.settings.get("E2E_ADDR")
    if not address:
        return None
    return importlib.import_module("chassis.doors").Doors(service, service.settings._address("E2E_ADDR", ""))
