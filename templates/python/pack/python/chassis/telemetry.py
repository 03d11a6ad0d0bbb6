"""How a service is watched: its log, its metrics, and the traces that go through it."""

import json
import logging
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from .envelope import Envelope
from .values import time_text

# The trace that this thread works for: traceparent and tracestate, as W3C has them.
_trace: ContextVar[tuple[str, str]] = ContextVar("trace", default=("", ""))

_PARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})", re.ASCII)


def trace_id() -> str:
    found = _PARENT.fullmatch(_trace.get()[0])
    return found[1] if found else ""


@contextmanager
def traced(parent: str, state: str = "") -> Iterator[None]:
    """Goes on with a trace, or begins one."""
    found = _PARENT.fullmatch(parent)
    trace, flags = (found[1], found[2]) if found else (os.urandom(16).hex(), "00")
    token = _trace.set((f"00-{trace}-{os.urandom(8).hex()}-{flags}", state if found else ""))
    try:
        yield
    finally:
        _trace.reset(token)


def trace_headers() -> dict[str, str]:
    """What others are told of the trace."""
    parent, state = _trace.get()
    return {k: v for k, v in (("traceparent", parent), ("tracestate", state)) if v}


class _Json(logging.Formatter):
    def __init__(self, service: str):
        super().__init__()
        self._service = service
        self._usual = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": time_text(datetime.fromtimestamp(record.created, UTC)),
            "level": "WARN" if record.levelno == logging.WARNING else record.levelname,
            "msg": record.getMessage(),
            "service": self._service,
        }
        line |= {k: v for k, v in vars(record).items() if k not in self._usual}
        if trace := trace_id():
            line["traceId"] = trace
        if record.exc_info and record.exc_info[0]:
            line["stack"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def log_to_stderr(service: str, level: str) -> None:
    """Logs a line of JSON for each thing that is told."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json(service))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


class Telemetry:
    """The metrics of a service, called as those of all services are."""

    def __init__(self) -> None:
        disable_created_metrics()
        self.registry = CollectorRegistry()
        PlatformCollector(registry=self.registry)
        ProcessCollector(registry=self.registry)
        self._gauges: dict[str, tuple[str, list[tuple[dict[str, str], Callable[[], float]]]]] = {}
        self.registry.register(_Gauges(self._gauges))
        of = ["handler", "event", "result"]
        self._took = Histogram("message_handling_seconds", "Time to handle a message.", of, registry=self.registry)
        self._age = Histogram("message_age_seconds", "Age of a message when it was handled.", of, registry=self.registry)
        self.calls = Counter("dependency_calls", "Calls to a dependency by their results.", ["dependency", "result"], registry=self.registry)
        self.requests = Histogram(
            "http_server_request_duration_seconds",
            "Duration of HTTP server requests.",
            ["http_request_method", "http_response_status_code", "http_route"],
            registry=self.registry,
        )

    def gauge(self, name: str, description: str, observe: Callable[[], float], **labels: str) -> None:
        """Has a value observed whenever metrics are read. Where it cannot be, there is a gap."""
        self._gauges.setdefault(name, (description, []))[1].append((labels, observe))

    @contextmanager
    def delivery(self, handler: str, e: Envelope) -> Iterator[None]:
        """Goes on with the trace of a message while it is handled, and measures that."""
        began, result = time.monotonic(), "failed"
        try:
            with traced(e.traceparent, e.tracestate):
                yield
            result = "ok"
        finally:
            of = (handler, e.event, result)
            self._took.labels(*of).observe(time.monotonic() - began)
            self._age.labels(*of).observe((datetime.now(UTC) - e.time).total_seconds())

    def metrics(self) -> bytes:
        return generate_latest(self.registry)


class _Gauges:
    def __init__(self, gauges: dict) -> None:
        self._gauges = gauges

    def collect(self):
        for name, (description, list) in self._gauges.items():
            family = GaugeMetricFamily(name, description, labels=[*list[0][0]])
            for labels, observe in list:
                try:
                    family.add_metric([*labels.values()], float(observe()))
                except Exception:
                    continue  # why is what readiness tells
            yield family
