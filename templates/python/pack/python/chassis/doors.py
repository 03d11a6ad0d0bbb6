"""Ways into a running service that tests have and nobody else: images come without this file.

What the service knew is forgotten, something else has happened, and it is another time, which stands still until it
is told to go on.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import forms, values
from .envelope import Actor, Envelope, Record, Undecodable
from .store import SQLITE, Tx, quote
from .web import Request

if TYPE_CHECKING:
    from .service import Service


class Doors:
    def __init__(self, service: "Service", address: tuple[str, int]):
        self._service, self._address = service, address
        self._now: datetime | None = None
        if now := service.settings.get("E2E_NOW"):
            self._set(values.parse_time(now))
        service.consumer.first_pause = 0.001  # where time stands still, nothing comes of waiting

    def open(self) -> None:
        server = ThreadingHTTPServer(self._address, _handler(self))
        threading.Thread(target=server.serve_forever, name="doors", daemon=True).start()

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, Any]:
        path = urlsplit(target).path
        if path.startswith("/internal/"):
            return self._inside(method, target)
        told = forms.loads(body) if body else {}
        routes: dict[tuple[str, str], Callable[[], Any]] = {
            ("POST", "/_begin"): lambda: self._begin(told.get("history") or [], values.parse_time(told["now"])),
            ("POST", "/_states"): lambda: self._state(told),
            ("POST", "/_events"): lambda: self._deliver(told),
            ("PUT", "/_clock"): lambda: self._go_on(values.parse_time(told["now"])),
            ("POST", "/_undo"): lambda: {},
            ("GET", "/_rest"): self._rest,
        }
        if (method, path) not in routes:
            return 404, {"detail": "there is no such door here"}
        return 200, routes[method, path]() or {}

    # A new life

    def _begin(self, history: list[dict], now: datetime) -> None:
        self._service.database.transact(self._wipe)
        self._service.consumer.parked.forget()
        for d in self._service.parts.dependencies:
            d.breaker.reset()
        for i, event in enumerate(history):
            self._remember(_event(event, f"given-{i + 1}"))
        self._set(now)

    def _state(self, told: dict) -> None:
        """Has a state be so, as Pact's verifiers ask; from then on nothing comes from the broker."""
        if told.get("action") == "teardown":
            return
        self._service.consumer.stop()
        params = told.get("params") or {}
        self._begin(params.get("history") or [], values.parse_time(params["now"]) if params.get("now") else self._service.clock())

    def _wipe(self, tx: Tx) -> None:
        sql = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        if tx.dialect == SQLITE:
            sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        for (name,) in tx.query(sql):
            if name != "platform_views":
                tx.execute(f"DELETE FROM {quote(name)}")

    def _remember(self, e: Envelope) -> None:
        """Tells the views of an event of the past. Policies do not react."""
        for (_, type), handlers in self._service.consumer.handlers.items():
            for h in handlers if type == e.type else []:
                if h.project:
                    self._service.consumer.give(h, 0, e)

    def _deliver(self, told: dict) -> None:
        """Brings an event as the broker would."""
        e = _event(told, told["id"], told["topic"])
        handlers = self._service.consumer.of(Record(e.topic, 0, 0, None, e.data, []), e)
        if not handlers:
            raise Undecodable(f"nobody waits for {e.type} on the topic {e.topic}")
        for h in handlers:
            self._service.consumer.give(h, 0, e)

    def _set(self, now: datetime) -> None:
        self._now = now
        self._service.clock = lambda: now

    def _go_on(self, now: datetime) -> None:
        passed = (now - self._now).total_seconds() if self._now else 0.0
        self._set(now)
        for d in self._service.parts.dependencies:
            d.breaker.passed(passed)

    def _rest(self) -> dict[str, int]:
        """What is under way. What is handled leaves its traces before it counts as handled."""
        busy = self._service.consumer.behind()
        shut = sum(d.breaker.state != "closed" for d in self._service.parts.dependencies)
        return {"busy": busy, "parked": self._service.consumer.parked.count(), "shut": shut}

    def _inside(self, method: str, target: str) -> tuple[int, Any]:
        """What the service answers other services."""
        parts = urlsplit(target)
        request = Request(method, parts.path, parts.query, {}, lambda: b"")
        _, response = self._service.internal._serve(request)
        return response.status, forms.loads(response.body) if response.body else {}


def _event(told: dict, id: str, topic: str = "") -> Envelope:
    by = told.get("actor") or {}
    return Envelope(
        id=id,
        source="/given",
        type=told["type"],
        subject=told["subject"],
        time=values.parse_time(told["time"]),
        sequence=told.get("sequence") or 0,
        data_version=told.get("dataversion") or 1,
        correlation="given",
        actor=Actor(subject=by.get("subject", ""), roles=by.get("roles") or [], system=by.get("system", False)),
        topic=topic,
        key=told["subject"],
        data=forms.dumps(told["data"]).encode(),
    )


def _handler(doors: Doors) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                status, told = doors.answer(self.command, self.path, body)
            except Exception as e:  # the test's own business, and told in words
                status, told = 400, {"detail": repr(e)}
            data = forms.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
